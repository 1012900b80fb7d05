// ChaCha20-Poly1305, beside OpenSSL's: any pieces at any alignment, in place or not, and a tag that is right or wrong.

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "src/kernels/chacha20_poly1305.h"
#include "test/fuzz/fuzzing.h"

extern "C" {
#include <crypto/chacha.h>
#include <crypto/poly1305.h>
}

namespace wasm_tls {
namespace {

using kernels::ChaCha20;
using kernels::ChaCha20Poly1305;
using kernels::Poly1305;
using Buffer = std::vector<uint8_t>;

constexpr size_t kLargest = 70000;

Buffer Some(FuzzedDataProvider& input, size_t size) {
  Buffer bytes = input.ConsumeBytes<uint8_t>(size);
  // What the input does not give is made up of what it gives.
  const size_t given = bytes.size();
  bytes.resize(size);
  for (size_t i = given; i < size; ++i) bytes[i] = static_cast<uint8_t>(given == 0 ? 0xff : bytes[i % given] + i);
  return bytes;
}

void FuzzCipher(FuzzedDataProvider& input) {
  const Buffer key = Some(input, ChaCha20::kKeySize);
  const auto counter = input.ConsumeIntegral<uint32_t>();
  uint32_t key_words[8];
  uint32_t counter_and_nonce[4] = {counter};
  std::memcpy(key_words, key.data(), sizeof(key_words));
  std::memcpy(counter_and_nonce + 1, Some(input, 12).data(), 12);
  ChaCha20 cipher;
  cipher.SetKey(key.data());
  cipher.Start(reinterpret_cast<const uint8_t*>(counter_and_nonce + 1), counter);
  const size_t size = input.ConsumeIntegralInRange<size_t>(0, kLargest);
  const size_t offset = input.ConsumeIntegralInRange<size_t>(0, 15);
  const bool in_place = input.ConsumeBool();
  std::vector<size_t> pieces(input.ConsumeIntegralInRange<size_t>(0, 8));
  for (size_t& piece : pieces) piece = input.ConsumeIntegralInRange<size_t>(0, size);
  const Buffer text = Some(input, offset + size);
  Buffer expected(size);
  if (size > 0) ChaCha20_ctr32(expected.data(), text.data() + offset, size, key_words, counter_and_nonce);
  Buffer out = in_place ? text : Buffer(offset + size);
  const uint8_t* const from = in_place ? out.data() : text.data();
  size_t done = 0;
  pieces.push_back(size);
  for (const size_t piece : pieces) {
    const size_t part = std::min(piece, size - done);
    cipher.Process(from + offset + done, out.data() + offset + done, part);
    done += part;
  }
  fuzz::Require(std::equal(expected.begin(), expected.end(), out.begin() + static_cast<ptrdiff_t>(offset)));
}

void FuzzMac(FuzzedDataProvider& input) {
  const Buffer key = Some(input, Poly1305::kKeySize);
  const size_t size = input.ConsumeIntegralInRange<size_t>(0, kLargest);
  const size_t offset = input.ConsumeIntegralInRange<size_t>(0, 15);
  const size_t first = input.ConsumeIntegralInRange<size_t>(0, size);
  const Buffer text = Some(input, offset + size);
  uint8_t expected[Poly1305::kTagSize];
  POLY1305 openssl;
  Poly1305_Init(&openssl, key.data());
  Poly1305_Update(&openssl, text.data() + offset, size);
  Poly1305_Final(&openssl, expected);
  uint8_t tag[Poly1305::kTagSize];
  Poly1305 mac;
  mac.Start(key.data());
  mac.Update(text.data() + offset, first);
  mac.Update(text.data() + offset + first, size - first);
  mac.Finish(tag);
  fuzz::Require(std::memcmp(tag, expected, sizeof(tag)) == 0);
}

// What was sealed in pieces is opened in others.
void FuzzRoundTrip(FuzzedDataProvider& input) {
  ChaCha20Poly1305 cipher;
  cipher.SetKey(Some(input, ChaCha20::kKeySize).data());
  const Buffer nonce = Some(input, ChaCha20::kNonceSize);
  const Buffer header = Some(input, input.ConsumeIntegralInRange<size_t>(0, 100));
  const size_t size = input.ConsumeIntegralInRange<size_t>(0, kLargest);
  const size_t sealed_first = input.ConsumeIntegralInRange<size_t>(0, size);
  const size_t opened_first = input.ConsumeIntegralInRange<size_t>(0, size);
  const Buffer text = Some(input, size);
  Buffer bytes = text;
  uint8_t sealed[Poly1305::kTagSize];
  uint8_t opened[Poly1305::kTagSize];
  cipher.Start(nonce.data());
  cipher.Authenticate(header.data(), header.size());
  cipher.Seal(text.data(), bytes.data(), sealed_first);
  cipher.Seal(text.data() + sealed_first, bytes.data() + sealed_first, size - sealed_first);
  cipher.Finish(sealed);
  cipher.Start(nonce.data());
  cipher.Authenticate(header.data(), header.size());
  cipher.Open(bytes.data(), bytes.data(), opened_first);
  cipher.Open(bytes.data() + opened_first, bytes.data() + opened_first, size - opened_first);
  cipher.Finish(opened);
  fuzz::Require(bytes == text && std::memcmp(sealed, opened, sizeof(sealed)) == 0);
}

}  // namespace
}  // namespace wasm_tls

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  switch (input.ConsumeIntegralInRange(0, 2)) {
    case 0:
      wasm_tls::FuzzCipher(input);
      break;
    case 1:
      wasm_tls::FuzzMac(input);
      break;
    default:
      wasm_tls::FuzzRoundTrip(input);
  }
  return 0;
}
