#include "src/kernels/p256_order.h"

#include "src/kernels/inversion256.h"

namespace wasm_tls::kernels::p256 {
namespace {

constexpr Limbs29 kN = LimbsOf(kOrder);
// -1 / n modulo 2^29.
constexpr uint64_t kFactor = 0xe00bc4f;
// 2^522 modulo n.
constexpr Limbs29 kIntoForm =
    LimbsOf({0x45e9'cfee'b48d'9ef5, 0x1f11'fc5b'b2d3'1a99, 0x16c8'e4ad'afb1'6586, 0x84b6'556a'6558'7f06});

// a * b / 2^261 modulo n, below n. `a` may be as large as 2^256; `b` must be below n. It is called a few times for a
// signature: small comes first.
[[gnu::noinline]] Limbs29 MontgomeryProduct(const Limbs29& a, const Limbs29& b) {
  Limbs29 sums = {};
#pragma clang loop unroll(disable)
  for (const uint64_t limb : a) {
    const uint64_t lowest = sums[0] + limb * b[0];
    const uint64_t q = (lowest * kFactor) & kMask29;
    const uint64_t carry = (lowest + q * kN[0]) >> 29;
#pragma clang loop unroll(disable)
    for (size_t i = 1; i < kLimbs29; ++i) sums[i - 1] = sums[i] + limb * b[i] + q * kN[i];
    sums[kLimbs29 - 1] = 0;
    sums[0] += carry;
  }
  for (size_t i = 0; i + 1 < kLimbs29; ++i) {
    sums[i + 1] += sums[i] >> 29;
    sums[i] &= kMask29;
  }
  return SubtractOnce(sums, kN);
}

// a - b and whether that is negative, 1 or 0.
uint64_t SubtractWords(Words256& difference, const Words256& a, const Words256& b) {
  uint64_t borrow = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    // Of a comparison V8 would make a branch.
    const uint64_t word = a[i] - b[i] - borrow;
    borrow = ((~a[i] & b[i]) | (~(a[i] ^ b[i]) & word)) >> 63;
    difference[i] = word;
  }
  return borrow;
}

}  // namespace

bool IsBelow(const Words256& a, const Words256& b) {
  Words256 difference;
  return SubtractWords(difference, a, b) != 0;
}

bool IsZero(const Words256& a) { return (a[0] | a[1] | a[2] | a[3]) == 0; }

Words256 ReduceOnce(const Words256& a) {
  Words256 result;
  const uint64_t below = EqualMask(SubtractWords(result, a, kOrder), 1);
  for (size_t i = 0; i < a.size(); ++i) result[i] = Select(below, a[i], result[i]);
  return result;
}

Words256 NegateScalar(const Words256& a) {
  Words256 result;
  SubtractWords(result, kOrder, a);
  return result;
}

Words256 MultiplyScalars(const Words256& a, const Words256& b) {
  return WordsOf(MontgomeryProduct(LimbsOf(a), MontgomeryProduct(LimbsOf(b), kIntoForm)));
}

Words256 InvertScalar(const Words256& a) {
  constexpr Modulus256 kModulus = Modulus256Of(kOrder);
  return Invert256(a, kModulus);
}

}  // namespace wasm_tls::kernels::p256
