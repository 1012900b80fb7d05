// Modular exponentiation against OpenSSL's that needs no Montgomery form.
#include <openssl/bn.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "src/kernels/exponentiation.h"
#include "src/openssl_ptr.h"
#include "test/fuzz/fuzzing.h"

namespace wasm_tls {
namespace {

using kernels::ExponentKind;
using Words = std::vector<uint64_t>;
using BnCtxPtr = OpensslPtr<BN_CTX, BN_CTX_free>;

// Takes so many words from the input, which may end before.
Words Take(BytesView& bytes, size_t size) {
  Words words(size);
  const size_t taken = std::min(bytes.size(), size * sizeof(uint64_t));
  std::memcpy(words.data(), bytes.data(), taken);
  bytes = bytes.subspan(taken);
  return words;
}

BignumPtr ToBignum(const Words& words) {
  return BignumPtr(BN_lebin2bn(reinterpret_cast<const unsigned char*>(words.data()),
                               static_cast<int>(words.size() * sizeof(uint64_t)), nullptr));
}

Words ToWords(const BIGNUM* number, size_t size) {
  Words words(size);
  fuzz::Require(BN_bn2lebinpad(number, reinterpret_cast<unsigned char*>(words.data()),
                               static_cast<int>(size * sizeof(uint64_t))) >= 0);
  return words;
}

void Compare(BytesView bytes) {
  const BnCtxPtr context(BN_CTX_new());
  const size_t size = kernels::kLeastModulusWords + bytes[0] % 43;
  const size_t exponent_size = 1 + bytes[1] % 2;
  bytes = bytes.subspan(2);
  const Words exponent = Take(bytes, exponent_size);
  Words modulus = Take(bytes, size);
  modulus.front() |= 1;
  if (modulus.back() == 0) modulus.back() = 1;
  const BignumPtr divisor = ToBignum(modulus);
  const BignumPtr base = ToBignum(Take(bytes, size));
  BN_mod(base.get(), base.get(), divisor.get(), context.get());
  const BignumPtr radix_squared(BN_new());
  BN_set_bit(radix_squared.get(), static_cast<int>(128 * size));
  BN_mod(radix_squared.get(), radix_squared.get(), divisor.get(), context.get());

  const BignumPtr expected(BN_new());
  BN_mod_exp_simple(expected.get(), base.get(), ToBignum(exponent).get(), divisor.get(), context.get());
  const Words radix_words = ToWords(radix_squared.get(), size);
  for (const ExponentKind kind : {ExponentKind::kSecret, ExponentKind::kPublic}) {
    std::vector<std::byte> memory(kernels::ExponentiationMemory(size, exponent_size));
    Words result(size);
    kernels::Exponentiate(result, ToWords(base.get(), size), exponent, kind, {modulus, radix_words}, memory.data());
    fuzz::Require(result == ToWords(expected.get(), size));
  }
}

}  // namespace
}  // namespace wasm_tls

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size >= 2) wasm_tls::Compare({data, size});
  return 0;
}
