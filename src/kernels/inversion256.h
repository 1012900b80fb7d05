// 1 / a modulo an odd number of 256 bits, in constant time.
#pragma once

#include "src/kernels/limbs29.h"

namespace wasm_tls::kernels {

// A number as limbs of 30 bits: what is divided by 2 thirty times at once.
constexpr size_t kLimbs30 = 9;
using Limbs30 = std::array<int64_t, kLimbs30>;

struct Modulus256 {
  Limbs30 limbs;
  // 1 / modulus modulo 2^30.
  uint64_t inverse;
};

consteval Modulus256 Modulus256Of(const Words256& words) {
  Modulus256 modulus = {};
  for (size_t bit = 0; bit < 256; ++bit) {
    if ((words[bit / 64] >> (bit % 64) & 1) != 0) modulus.limbs[bit / 30] |= int64_t{1} << (bit % 30);
  }
  // Each step doubles the bits that are right. Of an odd number itself those are three.
  modulus.inverse = words[0];
  for (int i = 0; i < 4; ++i) modulus.inverse *= 2 - words[0] * modulus.inverse;
  return modulus;
}

// For a below the modulus; 0 for 0.
Words256 Invert256(const Words256& a, const Modulus256& modulus);

}  // namespace wasm_tls::kernels
