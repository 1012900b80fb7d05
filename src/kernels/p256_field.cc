#include "src/kernels/p256_field.h"

#include "src/kernels/inversion256.h"

namespace wasm_tls::kernels::p256 {
namespace {

// In lane 0 what is computed first, in lane 1 what is computed second.
using Columns = std::array<U64x2, 2 * kLimbs29>;

constexpr size_t kPairs = 5;

// Of two elements limbs 2 i, then limbs 2 i + 1.
[[gnu::always_inline]] inline void Join(U32x4 (&joined)[kPairs], const Vectors29& first, const Vectors29& second) {
  for (size_t i = 0; i < kPairs; ++i) {
    joined[i] = i % 2 == 0 ? __builtin_shufflevector(first[i / 2], second[i / 2], 0, 4, 1, 5)
                           : __builtin_shufflevector(first[i / 2], second[i / 2], 2, 6, 3, 7);
  }
}

// Limbs of 32 bits, of two elements.
[[gnu::always_inline]] inline void Part(Vectors29& first, Vectors29& second, const U64x2* limbs) {
  U64x2 joined[2 * kVectors] = {};
  for (size_t i = 0; i < kPairs; ++i) joined[i] = i + 1 < kPairs ? limbs[2 * i] | limbs[2 * i + 1] << 32 : limbs[2 * i];
  for (size_t i = 0; i < kVectors; ++i) {
    first[i] = reinterpret_cast<U32x4>(__builtin_shufflevector(joined[2 * i], joined[2 * i + 1], 0, 2));
    second[i] = reinterpret_cast<U32x4>(__builtin_shufflevector(joined[2 * i], joined[2 * i + 1], 1, 3));
  }
}

[[gnu::always_inline]] inline U32x4 SwapLimbs(U32x4 v) { return __builtin_shufflevector(v, v, 2, 3, 0, 1); }

// (columns + q p) / 2^261 + addend, where q is such that the division leaves no rest. As p is -1 modulo 2^96, each limb
// of q is the column itself, and q p is a sum of shifts.
[[gnu::always_inline]] inline void ReduceColumns(Vectors29& first, Vectors29& second, const Columns& columns,
                                                 const Vectors29& addend) {
  // What keeps the columns above 0 from which q 2^224 is subtracted; the column after each pays for it.
  constexpr uint64_t kBias = uint64_t{1} << 50;
  constexpr uint64_t kPayment = kBias >> 29;
  U64x2 q[kLimbs29];
  U64x2 result[kLimbs29];
  U64x2 carry = {};
#pragma clang loop unroll(full)
  for (size_t k = 0; k < 2 * kLimbs29; ++k) {
    U64x2 sum = columns[k];
    if (k >= 3 && k < 12) sum += q[k - 3] << 9;   // 2^96
    if (k >= 6 && k < 15) sum += q[k - 6] << 18;  // 2^192
    if (k >= 7 && k < 16) sum -= q[k - 7] << 21;  // 2^224
    if (k >= 8 && k < 17) sum += q[k - 8] << 24;  // 2^256
    if (const uint64_t bias = (k >= 7 && k < 16 ? kBias : 0) - (k >= 8 && k < 17 ? kPayment : 0); bias != 0)
      sum += bias;
    if (k >= 9) sum += U64x2{addend[(k - 9) / 4][(k - 9) % 4], 0};
    sum += carry;
    carry = sum >> 29;
    if (k < 9) {
      q[k] = sum & kMask29;
    } else {
      result[k - 9] = k < 17 ? sum & kMask29 : sum;
    }
  }
  Part(first, second, result);
}

constexpr Modulus256 kModulus = Modulus256Of(kernels::WordsOf(kP));

// 2^522 modulo p.
constexpr Element<1, 32> kIntoForm{
    kernels::LimbsOf({0x0000'0000'0000'0c00, 0xffff'efff'ffff'fc00, 0xffff'ffff'ffff'fbff, 0x0000'13ff'ffff'f7ff})};

}  // namespace

// Of two neighbours each the sum of the middle products is the product of their sums without the other two products,
// so that three do for four.
void MultiplyAddLimbs(Vectors29& first, Vectors29& second, const Vectors29& a1, const Vectors29& b1,
                      const Vectors29& addend, const Vectors29& a2, const Vectors29& b2) {
  U32x4 a[kPairs], b[kPairs], a_sums[kPairs], b_sums[kPairs];
  Join(a, a1, a2);
  Join(b, b1, b2);
  for (size_t i = 0; i < kPairs; ++i) {
    a_sums[i] = a[i] + SwapLimbs(a[i]);
    b_sums[i] = b[i] + SwapLimbs(b[i]);
  }
  Columns columns;
  U64x2 odd_before = {};
#pragma clang loop unroll(full)
  for (size_t d = 0; d < 2 * kPairs - 1; ++d) {
    U64x2 even = {}, odd = {}, both = {};
#pragma clang loop unroll(full)
    for (size_t i = d < kPairs ? 0 : d - kPairs + 1; i <= (d < kPairs ? d : kPairs - 1); ++i) {
      const size_t j = d - i;
      const bool has_odd = i + 1 < kPairs && j + 1 < kPairs;
      even += MultiplyLow(a[i], b[j]);
      if (has_odd) odd += MultiplyHigh(a[i], b[j]);
      both += MultiplyLow(a_sums[i], b_sums[j]);
    }
    columns[2 * d] = even + odd_before;
    columns[2 * d + 1] = both - even - odd;
    odd_before = odd;
  }
  ReduceColumns(first, second, columns, addend);
}

void SquareAddLimbs(Vectors29& first, Vectors29& second, const Vectors29& a1, const Vectors29& addend,
                    const Vectors29& a2) {
  U32x4 a[kPairs], swapped[kPairs];
  Join(a, a1, a2);
  for (size_t i = 0; i < kPairs; ++i) swapped[i] = SwapLimbs(a[i]);
  const auto product = [&](size_t i, size_t j) {
    const U32x4 factor = i % 2 == j % 2 ? a[j / 2] : swapped[j / 2];
    return i % 2 == 0 ? MultiplyLow(a[i / 2], factor) : MultiplyHigh(a[i / 2], factor);
  };
  Columns columns;
#pragma clang loop unroll(full)
  for (size_t k = 0; k < 2 * kLimbs29 - 1; ++k) {
    U64x2 sum = {};
#pragma clang loop unroll(full)
    for (size_t i = k < kLimbs29 ? 0 : k - kLimbs29 + 1; 2 * i < k; ++i) sum += product(i, k - i);
    sum += sum;
    if (k % 2 == 0) sum += product(k / 2, k / 2);
    columns[k] = sum;
  }
  columns[2 * kLimbs29 - 1] = U64x2{};
  ReduceColumns(first, second, columns, addend);
}

Both<Residue, Residue> ResiduesOf(const Words256& first, const Words256& second) {
  // 2^256 is below 33 / 32 of p.
  const Element<1, 33> a(kernels::LimbsOf(first));
  const Element<1, 33> b(kernels::LimbsOf(second));
  const auto both = Compute(Product{a, kIntoForm}, Product{b, kIntoForm});
  return {both.first, both.second};
}

Residue ResidueOf(const Words256& words) { return ResiduesOf(words, words).first; }

Words256 WordsOf(const Residue& a) {
  constexpr Element<1, 1> kOne{Limbs29{1}};
  return kernels::WordsOf(SubtractOnce(LimbsOf(Compute(Product{a, kOne}).limbs), kP));
}

bool IsZero(const Element<1, 320>& a) {
  // The lowest limb of m p is -m, and m at most 10.
  const uint32_t lowest = a.limbs[0][0];
  if (lowest != 0 && lowest < kMask29 - 10) return false;
  const Limbs29 residue = LimbsOf(Reduce(a).limbs);
  return residue == Limbs29{} || residue == kP;
}

Residue Invert(const Residue& a) { return ResidueOf(Invert256(WordsOf(a), kModulus)); }

}  // namespace wasm_tls::kernels::p256
