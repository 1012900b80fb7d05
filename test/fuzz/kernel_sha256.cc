// SHA-256, beside OpenSSL's: any blocks, at any alignment, into any state.

#include <fuzzer/FuzzedDataProvider.h>

#include <cstring>
#include <vector>

#include "src/kernels/sha256.h"
#include "test/fuzz/fuzzing.h"

extern "C" void sha256_block_data_order(void* context, const void* in, size_t blocks);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  uint32_t ours[8];
  for (uint32_t& word : ours) word = input.ConsumeIntegral<uint32_t>();
  uint32_t theirs[8];
  std::memcpy(theirs, ours, sizeof(theirs));
  const size_t offset = input.ConsumeIntegralInRange<size_t>(0, 15);
  const auto text = input.ConsumeRemainingBytes<uint8_t>();
  const size_t blocks = text.size() / 64;
  std::vector<uint8_t> in(offset + blocks * 64);
  if (blocks > 0) std::memcpy(in.data() + offset, text.data(), blocks * 64);
  wasm_tls::kernels::Sha256Blocks(ours, in.data() + offset, blocks);
  if (blocks > 0) sha256_block_data_order(theirs, in.data() + offset, blocks);
  wasm_tls::fuzz::Require(std::memcmp(ours, theirs, sizeof(ours)) == 0);
  return 0;
}
