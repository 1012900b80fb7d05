// The field of P-256, p = 2^256 - 2^224 + 2^192 + 2^96 - 1, in Montgomery's form: x stands for x / 2^261.
//
// Sums are not carried and differences have a multiple of p added, so limbs may exceed 29 bits and values p. How far is
// part of an element's type, and the compiler checks that nothing overflows: each formula is its own proof.
#pragma once

#include <algorithm>

#include "src/kernels/limbs29.h"

namespace wasm_tls::kernels::p256 {

// result = a * b + c. Each limb of the result has 29 bits, but for the highest.
void MultiplyAddLimbs(Limbs29& result, const Limbs29& a, const Limbs29& b, const Limbs29& c);
// result = a * a + c.
void SquareAddLimbs(Limbs29& result, const Limbs29& a, const Limbs29& c);

// Every limb but the highest is at most kLimb * (2^29 - 1); the value is below kValue * p / 32.
template <int kLimb, int kValue>
struct Element {
  Limbs29 limbs;

  Element() = default;
  constexpr explicit Element(const Limbs29& from) : limbs(Copy(from)) {}
  constexpr Element(const Element& from) : limbs(Copy(from.limbs)) {}
  constexpr Element& operator=(const Element& from) {
    for (size_t i = 0; i < kLimbs29; ++i) limbs[i] = from.limbs[i];
    return *this;
  }

  // An element of stricter bounds.
  template <int kOtherLimb, int kOtherValue>
    requires(kOtherLimb <= kLimb && kOtherValue <= kValue)
  // NOLINTNEXTLINE(google-explicit-constructor): as a double is of a float.
  constexpr Element(const Element<kOtherLimb, kOtherValue>& from) : limbs(Copy(from.limbs)) {}

 private:
  // Limb by limb: memcpy(), which the compiler would call, takes as long as a multiplication.
  [[gnu::always_inline]] static constexpr Limbs29 Copy(const Limbs29& from) {
    return {from[0], from[1], from[2], from[3], from[4], from[5], from[6], from[7], from[8]};
  }
};

constexpr Limbs29 kP = LimbsOf({0xffff'ffff'ffff'ffff, 0x0000'0000'ffff'ffff, 0, 0xffff'ffff'0000'0001});
constexpr Element<0, 0> kNothing{Limbs29{}};

template <int kA, int kB, int kValueA, int kValueB>
constexpr Element<kA + kB, kValueA + kValueB> Add(const Element<kA, kValueA>& a, const Element<kB, kValueB>& b) {
  Limbs29 sum;
  for (size_t i = 0; i < kLimbs29; ++i) sum[i] = a.limbs[i] + b.limbs[i];
  return Element<kA + kB, kValueA + kValueB>(sum);
}

template <int kFactor, int kLimb, int kValue>
constexpr Element<kFactor * kLimb, kFactor * kValue> Scale(const Element<kLimb, kValue>& a) {
  Limbs29 product;
  for (size_t i = 0; i < kLimbs29; ++i) product[i] = a.limbs[i] * kFactor;
  return Element<kFactor * kLimb, kFactor * kValue>(product);
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

template <int kLimb, int kValue>
constexpr Element<kLimb + 1, 32 * BiasMultiple(kLimb, kValue)> Negate(const Element<kLimb, kValue>& a) {
  static_assert(kLimb <= 16 && kValue <= 32 * 200);
  constexpr Limbs29 kBias = Bias(BiasMultiple(kLimb, kValue), kLimb);
  Limbs29 negative;
  for (size_t i = 0; i < kLimbs29; ++i) negative[i] = kBias[i] - a.limbs[i];
  return Element<kLimb + 1, 32 * BiasMultiple(kLimb, kValue)>(negative);
}

template <class A, class B>
constexpr auto Subtract(const A& a, const B& b) {
  return Add(a, Negate(b));
}

// What a Montgomery reduction leaves of a product: a * b / 2^261, below a * b / (32 p), and as much of p as 2^261 parts
// of 2^261.
consteval int ProductValue(int a, int b) { return (a * b + 1023) / 1024 + 32; }

template <int kA, int kB, int kC, int kValueA, int kValueB, int kValueC>
auto MultiplyAdd(const Element<kA, kValueA>& a, const Element<kB, kValueB>& b, const Element<kC, kValueC>& c) {
  // Nine products of 58 bits, and the reduction's terms of less than 2^55. The highest limb is below value / 2^232.
  static_assert(9 * kA * kB <= 63 && kC <= 16);
  static_assert(kValueA < 1024 * kA && kValueB < 1024 * kB && kValueC <= 32 * 200);
  Element<1, ProductValue(kValueA, kValueB) + kValueC> result;
  MultiplyAddLimbs(result.limbs, a.limbs, b.limbs, c.limbs);
  return result;
}

template <class A, class B>
auto Multiply(const A& a, const B& b) {
  return MultiplyAdd(a, b, kNothing);
}

template <int kA, int kC, int kValueA, int kValueC>
auto SquareAdd(const Element<kA, kValueA>& a, const Element<kC, kValueC>& c) {
  static_assert(9 * kA * kA <= 63 && kC <= 16);
  static_assert(kValueA < 1024 * kA && kValueC <= 32 * 200);
  Element<1, ProductValue(kValueA, kValueA) + kValueC> result;
  SquareAddLimbs(result.limbs, a.limbs, c.limbs);
  return result;
}

template <class A>
auto Square(const A& a) {
  return SquareAdd(a, kNothing);
}

// The same residue, below 2 p and with limbs of 29 bits: what is above 2^256 is folded, and all is carried.
template <int kLimb, int kValue>
Element<1, 64> Reduce(const Element<kLimb, kValue>& a) {
  static_assert(kLimb <= 16 && kValue <= 32 * 200);
  constexpr Limbs29 kBias = Bias(1, 1);
  Limbs29 sum;
  for (size_t i = 0; i < kLimbs29; ++i) sum[i] = a.limbs[i] + kBias[i];
  // 2^256 is 2^224 - 2^192 - 2^96 + 1.
  const uint64_t high = sum[8] >> 24;
  sum[8] &= 0xff'ffff;
  sum[0] += high;
  sum[3] -= high << 9;
  sum[6] -= high << 18;
  sum[7] += high << 21;
  for (size_t i = 0; i + 1 < kLimbs29; ++i) {
    sum[i + 1] += sum[i] >> 29;
    sum[i] &= kMask29;
  }
  return Element<1, 64>(sum);
}

// a if `mask` is all ones, b if it is 0.
template <int kA, int kB, int kValueA, int kValueB>
auto Select(uint64_t mask, const Element<kA, kValueA>& a, const Element<kB, kValueB>& b) {
  Element<std::max(kA, kB), std::max(kValueA, kValueB)> result;
  for (size_t i = 0; i < kLimbs29; ++i) result.limbs[i] = kernels::Select(mask, a.limbs[i], b.limbs[i]);
  return result;
}

// Into Montgomery's form and out of it; the words that come out are below p.
using Residue = Element<1, 64>;
Residue ResidueOf(const Words256& words);
Words256 WordsOf(const Residue& a);

// Whether it is a multiple of p. Takes longer where it might be one: for what is public.
bool IsZero(const Element<1, 320>& a);

// 1 / a, in constant time; 0 for 0.
Residue Invert(const Residue& a);

}  // namespace wasm_tls::kernels::p256
