// What numbers of signed limbs of 13 bits are computed with: see montgomery.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "src/kernels/montgomery.h"
#include "src/kernels/simd.h"

namespace wasm_tls::kernels {

inline constexpr int kLimbBits = 13;
inline constexpr int kHalf = 1 << (kLimbBits - 1);
inline constexpr int kLimbMask = (1 << kLimbBits) - 1;

// Limbs 0 and 1 in each lane.
inline I16x8 Spread(const int16_t* limbs) {
  int32_t pair;
  std::memcpy(&pair, limbs, sizeof(pair));
  return reinterpret_cast<I16x8>(I32x4{pair, pair, pair, pair});
}

// The lanes of `now` one and two up; those of `before` come in below.
inline I32x4 UpByOne(I32x4 before, I32x4 now) { return __builtin_shufflevector(before, now, 3, 4, 5, 6); }
inline I16x8 UpByOne(I16x8 before, I16x8 now) {
  return __builtin_shufflevector(before, now, 7, 8, 9, 10, 11, 12, 13, 14);
}
inline I32x4 UpByTwo(I32x4 before, I32x4 now) { return __builtin_shufflevector(before, now, 2, 3, 4, 5); }

// Makes pairs, eight at a time.
class PairWriter {
 public:
  explicit PairWriter(int32_t* pairs) : out_(pairs) {}

  void Put(I16x8 limbs) {
    const I16x8 lower = UpByOne(before_, limbs);
    Store(out_, __builtin_shufflevector(limbs, lower, 0, 8, 1, 9, 2, 10, 3, 11));
    Store(out_ + 4, __builtin_shufflevector(limbs, lower, 4, 12, 5, 13, 6, 14, 7, 15));
    out_ += 8;
    before_ = limbs;
  }

 private:
  int32_t* out_;
  I16x8 before_ = {};
};

// Writes all forms of a number, eight limbs at a time.
class NumberWriter {
 public:
  explicit NumberWriter(MontgomeryNumber to) : limbs_(to.limbs), twice_(to.twice), pairs_(to.pairs) {}

  void Put(I16x8 limbs) {
    Store(limbs_, limbs);
    Store(twice_, limbs + limbs);
    limbs_ += 8;
    twice_ += 8;
    pairs_.Put(limbs);
  }

 private:
  int16_t* limbs_;
  int16_t* twice_;
  PairWriter pairs_;
};

}  // namespace wasm_tls::kernels
