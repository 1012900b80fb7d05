// RSA's private exponentiations: base, exponent and modulus are secret (the modulus is a prime), their sizes are not.
#include "src/kernels/exponentiation.h"

#include <array>
#include <cstdint>
#include <cstdlib>

#include "test/constant_time/secret.h"

namespace wasm_tls::test {
namespace {

template <size_t kSize>
using Words = std::array<uint64_t, kSize>;

template <size_t kSize>
void Fill(Words<kSize>& words, uint64_t word) {
  words.fill(word);
  MakeSecret(words);
}

// Nothing of it is in memory that is freed: free() would look at what was left there.
template <size_t kSize>
void Exponentiate() {
  static Words<kSize> base, exponent, modulus, radix_squared, result;
  static std::array<std::byte, 40'000> memory;
  Fill(base, 0x0123456789abcdef);
  Fill(exponent, 0xfedcba9876543210);
  Fill(modulus, 0xffffffffffffff61);
  // Anything below the modulus does.
  Fill(radix_squared, 0x5555555555555555);
  if (kernels::ExponentiationMemory(kSize, kSize) > memory.size()) std::abort();
  kernels::Exponentiate(result, base, exponent, kernels::ExponentKind::kSecret, {modulus, radix_squared},
                        memory.data());
}

WASM_TLS_CONSTANT_TIME(Exponentiation1024) { Exponentiate<16>(); }
// The sums of larger numbers are carried in other ways.
WASM_TLS_CONSTANT_TIME(Exponentiation2048) { Exponentiate<32>(); }
WASM_TLS_CONSTANT_TIME(Exponentiation4096) { Exponentiate<64>(); }

}  // namespace
}  // namespace wasm_tls::test
