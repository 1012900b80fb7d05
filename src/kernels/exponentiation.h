// Modular exponentiation for RSA and finite-field Diffie-Hellman.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wasm_tls::kernels {

// An odd number of `words.size()` words, the least significant first, the topmost of which is not zero.
struct OddModulus {
  std::span<const uint64_t> words;
  // 2^(128 words.size()) modulo it, as long.
  std::span<const uint64_t> radix_squared;
};

enum class ExponentKind {
  // All of its bits are worked on in the same way, leading zeros too.
  kSecret,
  kPublic,
};

// Shorter moduli are too short for the way to Montgomery's form.
inline constexpr size_t kLeastModulusWords = 4;

// The memory that is needed, in bytes.
size_t ExponentiationMemory(size_t modulus_words, size_t exponent_words);

// result = base^exponent modulo `modulus`. `base` is below the modulus; it, the result and the modulus have the same
// length. The exponent has a word at least. `memory` is aligned to 16 bytes; afterwards it holds secrets, which its
// owner wipes.
void Exponentiate(std::span<uint64_t> result, std::span<const uint64_t> base, std::span<const uint64_t> exponent,
                  ExponentKind kind, const OddModulus& modulus, std::byte* memory);

}  // namespace wasm_tls::kernels
