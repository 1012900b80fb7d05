// SHA-256, beside OpenSSL's: any blocks, at any alignment, into any state.

#include <cstring>

#include "src/kernels/sha256.h"
#include "test/fuzz/choices.h"

extern "C" void sha256_block_data_order(void* context, const void* in, size_t blocks);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  wasm_tls::fuzz::Choices choices({data, size});
  uint32_t ours[8];
  uint32_t theirs[8];
  std::memcpy(ours, choices.Text(sizeof(ours)).data(), sizeof(ours));
  std::memcpy(theirs, ours, sizeof(theirs));
  const size_t blocks = choices.Length() / 64;
  const wasm_tls::fuzz::Buffers buffers(choices, choices.Text(64 * blocks));
  wasm_tls::kernels::Sha256Blocks(ours, buffers.in(), blocks);
  if (blocks > 0) sha256_block_data_order(theirs, buffers.in(), blocks);
  wasm_tls::fuzz::Require(std::memcmp(ours, theirs, sizeof(ours)) == 0);
  return 0;
}
