// ChaCha20-Poly1305, beside OpenSSL's: texts and additional data of any length, in pieces, in place or not, at any
// alignment, with shorter tags and with counters that wrap.

#include <algorithm>
#include <cstring>
#include <iterator>

#include "src/kernels/chacha20_poly1305.h"
#include "test/fuzz/choices.h"

extern "C" {
#include <crypto/chacha.h>
#include <crypto/poly1305.h>
}

namespace wasm_tls::fuzz {
namespace {

using kernels::ChaCha20;
using kernels::ChaCha20Poly1305;
using kernels::Poly1305;

void RunCipher(Choices& choices) {
  const Octets key = choices.Text(ChaCha20::kKeySize);
  const Octets nonce = choices.Text(ChaCha20::kNonceSize);
  const Octets text = choices.Text(choices.Length());
  const auto counter = static_cast<uint32_t>(choices.Flag() ? 0 - choices.UpTo(kLongest / ChaCha20::kBlockSize)
                                                            : choices.UpTo(0xffffffff));
  uint32_t key_words[8];
  uint32_t counter_and_nonce[4] = {counter};
  std::memcpy(key_words, key.data(), sizeof(key_words));
  std::memcpy(counter_and_nonce + 1, nonce.data(), ChaCha20::kNonceSize);
  Octets expected(text.size());
  if (!text.empty()) ChaCha20_ctr32(expected.data(), text.data(), text.size(), key_words, counter_and_nonce);

  ChaCha20 cipher;
  cipher.SetKey(key.data());
  cipher.Start(nonce.data(), counter);
  Buffers buffers(choices, text);
  InPieces(choices, text.size(),
           [&](size_t begin, size_t size) { cipher.Process(buffers.in() + begin, buffers.out() + begin, size); });
  Require(buffers.Became(expected));
}

void RunMac(Choices& choices) {
  const Octets key = choices.Text(Poly1305::kKeySize);
  const Octets text = choices.Text(choices.Length());
  uint8_t expected[Poly1305::kTagSize];
  POLY1305 openssl;
  Poly1305_Init(&openssl, key.data());
  Poly1305_Update(&openssl, text.data(), text.size());
  Poly1305_Final(&openssl, expected);
  uint8_t tag[Poly1305::kTagSize];
  Poly1305 mac;
  mac.Start(key.data());
  const Buffers buffers(choices, text);
  InPieces(choices, text.size(), [&](size_t begin, size_t size) { mac.Update(buffers.in() + begin, size); });
  mac.Finish(tag);
  Require(std::memcmp(tag, expected, sizeof(tag)) == 0);
}

void RunAead(Choices& choices) {
  test::AeadInput input;
  input.key = choices.Text(ChaCha20::kKeySize);
  input.iv = choices.Text(ChaCha20::kNonceSize);
  CompareAeads(choices, "ChaCha20-Poly1305", std::move(input), 1);
}

// What was sealed in pieces is opened in others.
void RunRoundTrip(Choices& choices) {
  ChaCha20Poly1305 cipher;
  cipher.SetKey(choices.Text(ChaCha20::kKeySize).data());
  const Octets nonce = choices.Text(ChaCha20::kNonceSize);
  const Octets header = choices.Text(choices.Length());
  const Octets text = choices.Text(choices.Length());
  Octets bytes(text.size());
  const auto begin = [&] {
    cipher.Start(nonce.data());
    cipher.Authenticate(header.data(), header.size());
  };
  uint8_t sealed[Poly1305::kTagSize];
  uint8_t opened[Poly1305::kTagSize];
  begin();
  InPieces(choices, text.size(),
           [&](size_t at, size_t size) { cipher.Seal(text.data() + at, bytes.data() + at, size); });
  cipher.Finish(sealed);
  begin();
  InPieces(choices, text.size(),
           [&](size_t at, size_t size) { cipher.Open(bytes.data() + at, bytes.data() + at, size); });
  cipher.Finish(opened);
  Require(bytes == text && std::memcmp(sealed, opened, sizeof(sealed)) == 0);
}

}  // namespace
}  // namespace wasm_tls::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  wasm_tls::fuzz::Init();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr void (*kRuns[])(wasm_tls::fuzz::Choices&) = {wasm_tls::fuzz::RunCipher, wasm_tls::fuzz::RunMac,
                                                         wasm_tls::fuzz::RunAead, wasm_tls::fuzz::RunRoundTrip};
  wasm_tls::fuzz::Choices choices({data, size});
  kRuns[choices.UpTo(std::size(kRuns) - 1)](choices);
  return 0;
}
