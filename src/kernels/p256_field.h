// The field of P-256, p = 2^256 - 2^224 + 2^192 + 2^96 - 1, in Montgomery's form: x stands for x / 2^261.
//
// Products are computed two at once, in the two lanes of vectors: that takes 1.4 times as long as one without vectors.
//
// Sums are not carried and differences have a multiple of p added, so limbs may exceed 29 bits and values p. How far is
// part of an element's type, and the compiler checks that nothing overflows: each formula is its own proof.
#pragma once

#include <algorithm>
#include <array>

#include "src/kernels/limbs29.h"
#include "src/kernels/simd.h"

namespace wasm_tls::kernels::p256 {

// Limbs 0 to 3, 4 to 7, and 8; beside that one is 0.
constexpr size_t kVectors = 3;
using Vectors29 = std::array<U32x4, kVectors>;

constexpr Vectors29 VectorsOf(const Limbs29& limbs) {
  constexpr auto low = [](uint64_t limb) { return static_cast<uint32_t>(limb); };
  return {U32x4{low(limbs[0]), low(limbs[1]), low(limbs[2]), low(limbs[3])},
          U32x4{low(limbs[4]), low(limbs[5]), low(limbs[6]), low(limbs[7])}, U32x4{low(limbs[8]), 0, 0, 0}};
}

inline Limbs29 LimbsOf(const Vectors29& vectors) {
  Limbs29 limbs;
  for (size_t i = 0; i < kLimbs29; ++i) limbs[i] = vectors[i / 4][i % 4];
  return limbs;
}

// first = a1 * b1 + addend, and second = a2 * b2. Each limb of a result has 29 bits, but for the highest.
void MultiplyAddLimbs(Vectors29& first, Vectors29& second, const Vectors29& a1, const Vectors29& b1,
                      const Vectors29& addend, const Vectors29& a2, const Vectors29& b2);
// first = a1 * a1 + addend, and second = a2 * a2.
void SquareAddLimbs(Vectors29& first, Vectors29& second, const Vectors29& a1, const Vectors29& addend,
                    const Vectors29& a2);

// Every limb but the highest is at most limb * (2^29 - 1); the value is below value * p / 32.
template <int limb, int value>
struct Element {
  static_assert(limb <= 8 && value < 32 * 256, "no limb has more than 32 bits");
  static constexpr int kLimb = limb;
  static constexpr int kValue = value;

  Vectors29 limbs;

  Element() = default;
  constexpr explicit Element(const Limbs29& from) : limbs(VectorsOf(from)) {}
  constexpr explicit Element(const Vectors29& from) : limbs(Copy(from)) {}
  constexpr Element(const Element& from) : limbs(Copy(from.limbs)) {}
  constexpr Element& operator=(const Element& from) {
    for (size_t i = 0; i < kVectors; ++i) limbs[i] = from.limbs[i];
    return *this;
  }

  // An element of stricter bounds.
  template <int other_limb, int other_value>
    requires(other_limb <= limb && other_value <= value)
  // NOLINTNEXTLINE(google-explicit-constructor): as a double is of a float.
  constexpr Element(const Element<other_limb, other_value>& from) : limbs(Copy(from.limbs)) {}

 private:
  // Vector by vector: the compiler would call memcpy().
  [[gnu::always_inline]] static constexpr Vectors29 Copy(const Vectors29& from) { return {from[0], from[1], from[2]}; }
};

constexpr Limbs29 kP = kernels::LimbsOf({0xffff'ffff'ffff'ffff, 0x0000'0000'ffff'ffff, 0, 0xffff'ffff'0000'0001});
constexpr Element<0, 0> kNothing{Limbs29{}};

template <class A, class B>
auto Add(const A& a, const B& b) {
  Element<A::kLimb + B::kLimb, A::kValue + B::kValue> sum;
  for (size_t i = 0; i < kVectors; ++i) sum.limbs[i] = a.limbs[i] + b.limbs[i];
  return sum;
}

template <int kFactor, class A>
auto Scale(const A& a) {
  Element<kFactor * A::kLimb, kFactor * A::kValue> product;
  for (size_t i = 0; i < kVectors; ++i) product.limbs[i] = a.limbs[i] * kFactor;
  return product;
}

// `multiple` times p, each limb but the highest raised by `limb` times 2^29, which the next one pays: so no limb gets
// negative when one of up to limb * (2^29 - 1) is subtracted from it.
consteval Limbs29 Bias(uint64_t multiple, uint64_t limb) {
  Limbs29 bias = {};
  uint64_t carry = 0;
  for (size_t i = 0; i < kLimbs29; ++i) {
    carry += kP[i] * multiple;
    bias[i] = i + 1 < kLimbs29 ? carry & kMask29 : carry;
    carry >>= 29;
  }
  for (size_t i = 0; i + 1 < kLimbs29; ++i) {
    bias[i] += limb << 29;
    bias[i + 1] -= limb;
  }
  return bias;
}

// The multiple of p that Negate() adds. It is above the value by p / 32 at the least, which the highest limb has left
// for the one below it; and above `limb`, so that the lowest limb, 2^29 - multiple before it is raised, keeps to its
// bound.
consteval int BiasMultiple(int limb, int value) { return std::max(value / 32, limb) + 1; }

template <class A>
auto Negate(const A& a) {
  constexpr int kMultiple = BiasMultiple(A::kLimb, A::kValue);
  constexpr Vectors29 kBias = VectorsOf(Bias(kMultiple, A::kLimb));
  Element<A::kLimb + 1, 32 * kMultiple> negative;
  for (size_t i = 0; i < kVectors; ++i) negative.limbs[i] = kBias[i] - a.limbs[i];
  return negative;
}

template <class A, class B>
auto Subtract(const A& a, const B& b) {
  return Add(a, Negate(b));
}

// What a Montgomery reduction leaves of a product: a * b / 2^261, below a * b / (32 p), and as much of p as 2^261 parts
// of 2^261.
consteval int ProductValue(int a, int b) { return (a * b + 1023) / 1024 + 32; }

// a * b + addend, to be computed beside another product, which has no addend.
template <class A, class B, class C = Element<0, 0>>
struct Product {
  // Nine products of 58 bits, and the reduction's terms of less than 2^55. Two neighbouring limbs are added in 32 bits.
  // The highest limb is below value / 2^232.
  static_assert(9 * A::kLimb * B::kLimb <= 63 && A::kLimb <= 4 && B::kLimb <= 4);
  static_assert(A::kValue < 1024 * A::kLimb && B::kValue < 1024 * B::kLimb);
  using Result = Element<1, ProductValue(A::kValue, B::kValue) + C::kValue>;

  const A& a;
  const B& b;
  const C& addend = kNothing;
};

// a * a + addend.
template <class A, class C = Element<0, 0>>
struct SquareOf {
  using Result = typename Product<A, A, C>::Result;

  const A& a;
  const C& addend = kNothing;
};

template <class First, class Second>
struct Both {
  First first;
  Second second;
};

template <class A1, class B1, class C, class A2, class B2>
auto Compute(const Product<A1, B1, C>& one, const Product<A2, B2>& other) {
  Both<typename Product<A1, B1, C>::Result, typename Product<A2, B2>::Result> both;
  MultiplyAddLimbs(both.first.limbs, both.second.limbs, one.a.limbs, one.b.limbs, one.addend.limbs, other.a.limbs,
                   other.b.limbs);
  return both;
}

template <class A1, class C, class A2>
auto Compute(const SquareOf<A1, C>& one, const SquareOf<A2>& other) {
  Both<typename SquareOf<A1, C>::Result, typename SquareOf<A2>::Result> both;
  SquareAddLimbs(both.first.limbs, both.second.limbs, one.a.limbs, one.addend.limbs, other.a.limbs);
  return both;
}

// One alone.
template <class A, class B, class C>
auto Compute(const Product<A, B, C>& product) {
  return Compute(product, Product{product.a, product.b}).first;
}

template <class A>
auto Compute(const SquareOf<A>& square) {
  return Compute(square, square).first;
}

// What is below 2 p and the same residue: p is added, and what is above 2^256 then is folded, as 2^256 is 2^224 - 2^192
// - 2^96 + 1.
template <class A>
[[gnu::always_inline]] inline Vectors29 Fold(const A& a) {
  static_assert(A::kLimb <= 5 && A::kValue <= 32 * 128);
  constexpr Vectors29 kBias = VectorsOf(Bias(1, 1));
  const uint32_t high = (a.limbs[2][0] + kBias[2][0]) >> 24;
  return {a.limbs[0] + kBias[0] + U32x4{high, 0, 0, 0 - (high << 9)},
          a.limbs[1] + kBias[1] + U32x4{0, 0, 0 - (high << 18), high << 21}, (a.limbs[2] + kBias[2]) & 0xff'ffff};
}

// The same residue, below 2 p, for a factor: each limb is carried into the next one only.
template <class A>
Element<2, 64> ReduceRoughly(const A& a) {
  const Vectors29 sum = Fold(a);
  const U32x4 carry[] = {sum[0] >> 29, sum[1] >> 29};
  constexpr auto mask = static_cast<uint32_t>(kMask29);
  return Element<2, 64>(Vectors29{(sum[0] & mask) + __builtin_shufflevector(U32x4{}, carry[0], 0, 4, 5, 6),
                                  (sum[1] & mask) + __builtin_shufflevector(carry[0], carry[1], 3, 4, 5, 6),
                                  sum[2] + __builtin_shufflevector(carry[1], U32x4{}, 3, 4, 4, 4)});
}

// The same residue, below 2 p and with limbs of 29 bits.
template <class A>
Element<1, 64> Reduce(const A& a) {
  Limbs29 sum = LimbsOf(Fold(a));
  for (size_t i = 0; i + 1 < kLimbs29; ++i) {
    sum[i + 1] += sum[i] >> 29;
    sum[i] &= kMask29;
  }
  return Element<1, 64>(sum);
}

// a if `mask` is all ones, b if it is 0.
template <class A, class B>
auto Select(uint64_t mask, const A& a, const B& b) {
  Element<std::max(A::kLimb, B::kLimb), std::max(A::kValue, B::kValue)> result;
  const auto masks = reinterpret_cast<U32x4>(U64x2{mask, mask});
  for (size_t i = 0; i < kVectors; ++i) result.limbs[i] = b.limbs[i] ^ (masks & (a.limbs[i] ^ b.limbs[i]));
  return result;
}

// Into Montgomery's form and out of it; the words that come out are below p.
using Residue = Element<1, 64>;
Both<Residue, Residue> ResiduesOf(const Words256& first, const Words256& second);
Residue ResidueOf(const Words256& words);
Words256 WordsOf(const Residue& a);

// Whether it is a multiple of p. Takes longer where it might be one: for what is public.
bool IsZero(const Element<1, 320>& a);

// 1 / a, in constant time; 0 for 0.
Residue Invert(const Residue& a);

}  // namespace wasm_tls::kernels::p256
