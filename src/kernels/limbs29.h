// Numbers of 256 bits as nine limbs of 29 bits, for a machine whose widest product has 64 bits.
//
// Nine products of such limbs, or of limbs a little wider, fit into 64 bits together; so columns of a product are
// summed without a carry.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/kernels/masks.h"

namespace wasm_tls::kernels {

constexpr size_t kLimbs29 = 9;
constexpr uint64_t kMask29 = (uint64_t{1} << 29) - 1;

using Limbs29 = std::array<uint64_t, kLimbs29>;

// 64 bits a word, the lowest first.
using Words256 = std::array<uint64_t, 4>;

constexpr Limbs29 LimbsOf(const Words256& words) {
  Limbs29 limbs = {};
  for (size_t i = 0; i < kLimbs29; ++i) {
    const size_t word = i * 29 / 64;
    const size_t shift = i * 29 % 64;
    limbs[i] = words[word] >> shift;
    if (shift > 35 && word < 3) limbs[i] |= words[word + 1] << (64 - shift);
    limbs[i] &= kMask29;
  }
  return limbs;
}

// The limbs must have no more than 29 bits each, and 256 together.
constexpr Words256 WordsOf(const Limbs29& limbs) {
  Words256 words = {};
  for (size_t i = 0; i < kLimbs29; ++i) {
    const size_t word = i * 29 / 64;
    const size_t shift = i * 29 % 64;
    words[word] |= limbs[i] << shift;
    if (shift > 35 && word < 3) words[word + 1] |= limbs[i] >> (64 - shift);
  }
  return words;
}

inline uint64_t Select(uint64_t mask, uint64_t if_ones, uint64_t if_zeros) {
  return if_zeros ^ (mask & (if_ones ^ if_zeros));
}

// a - modulus if that is not negative, else a. `a` must be below twice the modulus.
inline Limbs29 SubtractOnce(const Limbs29& a, const Limbs29& modulus) {
  Limbs29 result;
  uint64_t borrow = 0;
  for (size_t i = 0; i < kLimbs29; ++i) {
    const uint64_t difference = a[i] - modulus[i] - borrow;
    result[i] = difference & kMask29;
    borrow = difference >> 63;
  }
  const uint64_t below = EqualMask(borrow, 1);
  for (size_t i = 0; i < kLimbs29; ++i) result[i] = Select(below, a[i], result[i]);
  return result;
}

}  // namespace wasm_tls::kernels
