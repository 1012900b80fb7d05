// The field of 2^255 - 19, for X25519 and Ed25519: two products at once where there are two, else one. In constant
// time.
//
// An element has ten limbs of 26 and 25 bits in turn. How large limbs are is told as a `width`, in 2^26 and 2^25:
// products and what Settle() returns are of width 1 and what a carry leaves above it, a sum has the width of both of
// its terms, and a difference that of the first and of what is added lest it becomes negative.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/kernels/simd.h"

namespace wasm_tls::kernels::field25519 {

constexpr size_t kVectors = 5;
constexpr size_t kLimbs = 10;

constexpr size_t Bits(size_t limb) { return limb % 2 == 0 ? 26 : 25; }

// Two elements, in lanes a and b: a vector has limb 2 i of both, then limb 2 i + 1 of both.
struct Pair {
  U32x4 limbs[kVectors];

  Pair() = default;
  // Vector by vector: the compiler would call memcpy(), which takes as long as half a square.
  Pair(const Pair& from) { *this = from; }
  // NOLINTNEXTLINE(bugprone-unhandled-self-assignment): nothing happens.
  Pair& operator=(const Pair& from) {
    for (size_t i = 0; i < kVectors; ++i) limbs[i] = from.limbs[i];
    return *this;
  }
};

inline U32x4 SwapLimbs(U32x4 v) { return __builtin_shufflevector(v, v, 2, 3, 0, 1); }

inline Pair Add(const Pair& p, const Pair& q) {
  Pair sum;
  for (size_t i = 0; i < kVectors; ++i) sum.limbs[i] = p.limbs[i] + q.limbs[i];
  return sum;
}

// `q` must be narrower than kTimes, a power of two: as many times 2^255 - 19 are added, whose limbs are larger than
// its.
template <uint32_t kTimes = 2>
Pair Subtract(const Pair& p, const Pair& q) {
  constexpr uint32_t kEven = kTimes * 0x3ff'ffff, kOdd = kTimes * 0x1ff'ffff, kLowest = kTimes * 0x3ff'ffed;
  constexpr U32x4 kRest = {kEven, kEven, kOdd, kOdd};
  constexpr U32x4 kFirst = {kLowest, kLowest, kOdd, kOdd};
  Pair difference;
  for (size_t i = 0; i < kVectors; ++i) difference.limbs[i] = p.limbs[i] + (i == 0 ? kFirst : kRest) - q.limbs[i];
  return difference;
}

// Lanes of `p` and `q` in the places that are named: 0 and 1 are p's a and b, 2 and 3 are q's.
template <int kA, int kB>
Pair Lanes(const Pair& p, const Pair& q) {
  constexpr auto index = [](int lane, int limb) { return lane / 2 * 4 + limb * 2 + lane % 2; };
  Pair result;
  for (size_t i = 0; i < kVectors; ++i) {
    result.limbs[i] =
        __builtin_shufflevector(p.limbs[i], q.limbs[i], index(kA, 0), index(kB, 0), index(kA, 1), index(kB, 1));
  }
  return result;
}

inline Pair SwapLanes(const Pair& p) { return Lanes<1, 0>(p, p); }

// `p` if the mask is all ones, `q` if it is 0.
inline Pair Select(uint32_t mask, const Pair& p, const Pair& q) {
  const U32x4 masks = {mask, mask, mask, mask};
  Pair result;
  for (size_t i = 0; i < kVectors; ++i) result.limbs[i] = q.limbs[i] ^ (masks & (p.limbs[i] ^ q.limbs[i]));
  return result;
}

// The same elements with a width of 1.
inline Pair Settle(const Pair& p) {
  constexpr U32x4 kMasks = {0x3ff'ffff, 0x3ff'ffff, 0x1ff'ffff, 0x1ff'ffff};
  Pair result;
  // What is above 2^255 comes round times 19.
  U32x4 below = (p.limbs[kVectors - 1] >> 25) * 19;
  for (size_t i = 0; i < kVectors; ++i) {
    const U32x4 v = p.limbs[i];
    result.limbs[i] = (v & kMasks) + __builtin_shufflevector(below, v >> 26, 2, 3, 4, 5);
    below = v >> 25;
  }
  return result;
}

// `p` may be up to 8 wide, `q` up to 2. The result may be one of them.
void MultiplyInto(Pair& product, const Pair& p, const Pair& q);
// `p` may be up to 3 wide.
void SquareInto(Pair& square, const Pair& p);

inline Pair Multiply(const Pair& p, const Pair& q) {
  Pair product;
  MultiplyInto(product, p, q);
  return product;
}

inline Pair Square(const Pair& p) {
  Pair square;
  SquareInto(square, p);
  return square;
}

// p * factors + addend, where lane a has its small factor in element 0 of `factors` and lane b in element 1.
Pair MultiplySmallAdd(const Pair& p, U32x4 factors, const Pair& addend);

using Element = std::array<uint64_t, kLimbs>;

// Bit 255 does not count, and what is not below 2^255 - 19 counts as what it is modulo that.
Element ElementOf(const uint8_t (&bytes)[32]);
// The one below 2^255 - 19, of an element that is up to 8 wide.
void WriteBytes(uint8_t (&bytes)[32], const Element& element);

// The same for one element alone. Factors may be up to 4 wide, and the results may be among them.
void MultiplyInto(Element& product, const Element& p, const Element& q);
void SquareInto(Element& square, const Element& p);

inline Element Add(const Element& p, const Element& q) {
  Element sum;
  for (size_t i = 0; i < kLimbs; ++i) sum[i] = p[i] + q[i];
  return sum;
}

// `q` must be of width 1.
inline Element Subtract(const Element& p, const Element& q) {
  Element difference;
  for (size_t i = 0; i < kLimbs; ++i) difference[i] = p[i] + (i == 0 ? 0x7ff'ffda : (2U << Bits(i)) - 2) - q[i];
  return difference;
}

// p^(2^252 - 3). The result must not be `p`.
void PowerOf252(Element& power, const Element& p);
// 1 / p, of an element that is up to 8 wide; 0 for 0.
void Invert(Element& inverse, const Element& p);

inline Pair PairOf(const Element& a, const Element& b) {
  Pair pair;
  for (size_t i = 0; i < kVectors; ++i) {
    pair.limbs[i] = U32x4{static_cast<uint32_t>(a[2 * i]), static_cast<uint32_t>(b[2 * i]),
                          static_cast<uint32_t>(a[2 * i + 1]), static_cast<uint32_t>(b[2 * i + 1])};
  }
  return pair;
}

template <size_t kLane>
Element LaneOf(const Pair& pair) {
  Element element;
  for (size_t i = 0; i < kLimbs; ++i) element[i] = pair.limbs[i / 2][i % 2 * 2 + kLane];
  return element;
}

}  // namespace wasm_tls::kernels::field25519
