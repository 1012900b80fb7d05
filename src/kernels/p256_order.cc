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

// a * b / 2^261 modulo n, below n. `a` may be as large as 2^256; `b` must be below n.
[[gnu::noinline]] Limbs29 MontgomeryProduct(const Limbs29& a, const Limbs29& b) {
  Columns29 columns;
  Multiply29(columns, a, b);
  for (size_t k = 0; k < kLimbs29; ++k) {
    const uint64_t q = (columns[k] * kFactor) & kMask29;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < kLimbs29; ++i) columns[k + i] += q * kN[i];
    columns[k + 1] += columns[k] >> 29;
  }
  Limbs29 result;
  for (size_t i = 0; i < kLimbs29; ++i) {
    result[i] = columns[kLimbs29 + i] & kMask29;
    if (i + 1 < kLimbs29) columns[kLimbs29 + i + 1] += columns[kLimbs29 + i] >> 29;
  }
  return SubtractOnce(result, kN);
}

// a - b and whether that is negative, 1 or 0.
uint64_t SubtractWords(Words256& difference, const Words256& a, const Words256& b) {
  uint64_t borrow = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const uint64_t word = a[i] - b[i];
    difference[i] = word - borrow;
    borrow = static_cast<uint64_t>(a[i] < b[i]) | static_cast<uint64_t>(word < borrow);
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
