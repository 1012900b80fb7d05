#include "src/kernels/p256_field.h"

namespace wasm_tls::kernels::p256 {
namespace {

// (columns + q p) / 2^261 + addend, where q is such that the division leaves no rest. As p is -1 modulo 2^96, each limb
// of q is the column itself, and q p is a sum of shifts.
[[gnu::always_inline]] inline void ReduceColumns(Limbs29& result, const Columns29& columns, const Limbs29& addend) {
  // What keeps the columns above 0 from which q 2^224 is subtracted; the column after each pays for it.
  constexpr uint64_t kBias = uint64_t{1} << 50;
  constexpr uint64_t kPayment = kBias >> 29;
  Limbs29 q;
  uint64_t carry = 0;
#pragma clang loop unroll(full)
  for (size_t k = 0; k < 2 * kLimbs29; ++k) {
    uint64_t sum = columns[k];
    if (k >= 3 && k < 12) sum += q[k - 3] << 9;   // 2^96
    if (k >= 6 && k < 15) sum += q[k - 6] << 18;  // 2^192
    if (k >= 7 && k < 16) sum -= q[k - 7] << 21;  // 2^224
    if (k >= 8 && k < 17) sum += q[k - 8] << 24;  // 2^256
    if (k >= 7 && k < 16) sum += kBias;
    if (k >= 8 && k < 17) sum -= kPayment;
    if (k >= 9) sum += addend[k - 9];
    sum += carry;
    carry = sum >> 29;
    if (k < 9) {
      q[k] = sum & kMask29;
    } else {
      result[k - 9] = k < 17 ? sum & kMask29 : sum;
    }
  }
}

// a^(2^count) * b
[[gnu::noinline]] Residue SquareOftenAndMultiply(Residue a, int count, const Residue& b) {
#pragma clang loop unroll(disable)
  for (; count > 0; --count) SquareAddLimbs(a.limbs, a.limbs, kNothing.limbs);
  return Multiply(a, b);
}

// 2^522 modulo p.
constexpr Words256 kIntoForm = {0x0000'0000'0000'0c00, 0xffff'efff'ffff'fc00, 0xffff'ffff'ffff'fbff,
                                0x0000'13ff'ffff'f7ff};

}  // namespace

void MultiplyAddLimbs(Limbs29& result, const Limbs29& a, const Limbs29& b, const Limbs29& c) {
  Columns29 columns;
  Multiply29(columns, a, b);
  ReduceColumns(result, columns, c);
}

void SquareAddLimbs(Limbs29& result, const Limbs29& a, const Limbs29& c) {
  Columns29 columns;
  Square29(columns, a);
  ReduceColumns(result, columns, c);
}

Residue ResidueOf(const Words256& words) {
  // 2^256 is below 33 / 32 of p.
  return Multiply(Element<1, 33>(LimbsOf(words)), Element<1, 32>(LimbsOf(kIntoForm)));
}

Words256 WordsOf(const Residue& a) {
  constexpr Element<1, 1> kOne{Limbs29{1}};
  return kernels::WordsOf(SubtractOnce(Multiply(a, kOne).limbs, kP));
}

bool IsZero(const Element<1, 320>& a) {
  // The lowest limb of m p is -m, and m at most 10.
  if (a.limbs[0] != 0 && a.limbs[0] < kMask29 - 10) return false;
  const Residue residue = Reduce(a);
  return residue.limbs == Limbs29{} || residue.limbs == kP;
}

Residue Invert(const Residue& a) {
  // a^(p - 2). ones_N is a^(2^N - 1).
  const Residue ones_2 = SquareOftenAndMultiply(a, 1, a);
  const Residue ones_3 = SquareOftenAndMultiply(ones_2, 1, a);
  const Residue ones_6 = SquareOftenAndMultiply(ones_3, 3, ones_3);
  const Residue ones_12 = SquareOftenAndMultiply(ones_6, 6, ones_6);
  const Residue ones_15 = SquareOftenAndMultiply(ones_12, 3, ones_3);
  const Residue ones_30 = SquareOftenAndMultiply(ones_15, 15, ones_15);
  const Residue ones_32 = SquareOftenAndMultiply(ones_30, 2, ones_2);
  // The exponent in words of 32 bits: ffffffff 00000001 00000000 00000000 00000000 ffffffff ffffffff fffffffd.
  Residue power = SquareOftenAndMultiply(ones_32, 32, a);
  power = SquareOftenAndMultiply(power, 128, ones_32);
  power = SquareOftenAndMultiply(power, 32, ones_32);
  power = SquareOftenAndMultiply(power, 30, ones_30);
  return SquareOftenAndMultiply(power, 2, a);
}

}  // namespace wasm_tls::kernels::p256
