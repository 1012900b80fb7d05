// What is of public input only: digests, signatures and the keys that verify them.
#include <array>
#include <span>

#include "src/kernels/p256.h"
#include "src/kernels/p256_group.h"
#include "src/kernels/p256_order.h"

namespace wasm_tls::kernels::p256 {
namespace {

// A sum in variable time: of any points, the one at infinity included.
struct Sum {
  Jacobian point;
  bool infinite = true;

  void Double() {
    if (!infinite) point = p256::Double(point);
  }

  template <class Q>
  void Add(const Q& q) {
    if (infinite) {
      point = Promote(q);
      infinite = false;
      return;
    }
    const Difference difference = Compare(point, q);
    if (!p256::IsZero(difference.h)) {
      point = Finish(difference);
    } else if (p256::IsZero(difference.r)) {
      Double();
    } else {
      infinite = true;
    }
  }

 private:
  static Jacobian Promote(const Jacobian& q) { return q; }
  static Jacobian Promote(const Affine& q) { return JacobianOf(q); }
};

// 1, 3, 5, … times the point.
void ComputeOddMultiples(std::span<Jacobian> multiples, const Point& point) {
  multiples[0] = JacobianOf(point);
  const Jacobian twice = Double(multiples[0]);
  for (size_t i = 1; i < multiples.size(); ++i) multiples[i] = AddDistinct(multiples[i - 1], twice);
}

struct GeneratorMultiple {
  Element<1, 63> x;
  Element<1, 63> y;
};

// The odd ones that digits of 7 bits ask for.
constexpr size_t kGeneratorMultiples = 32;
using GeneratorMultiples = std::array<GeneratorMultiple, kGeneratorMultiples>;

GeneratorMultiples ComputeGeneratorMultiples() {
  Jacobian multiples[kGeneratorMultiples];
  ComputeOddMultiples(multiples, MultiplyGenerator({1, 0, 0, 0}));
  // One inverse does for all: that of the product of all z.
  Residue products[kGeneratorMultiples];
  products[0] = multiples[0].z;
  for (size_t i = 1; i < kGeneratorMultiples; ++i) products[i] = Compute(Product{products[i - 1], multiples[i].z});
  Residue inverse = Invert(products[kGeneratorMultiples - 1]);
  GeneratorMultiples result;
  for (size_t i = kGeneratorMultiples; i-- > 0;) {
    const auto& [x, y, z] = multiples[i];
    const auto [z_inverse, next_inverse] =
        Compute(Product{inverse, i > 0 ? products[i - 1] : Residue(kOne)}, Product{inverse, z});
    const auto square = Compute(SquareOf{z_inverse});
    const auto [affine_x, y_z_inverse] = Compute(Product{x, square}, Product{y, z_inverse});
    result[i] = {affine_x, Compute(Product{y_z_inverse, square})};
    inverse = next_inverse;
  }
  return result;
}

struct SparseDigit {
  uint8_t multiple = 0;
  bool negative = false;
};

// The scalar as a sum of digits times 2^i: each is 0 or odd and below 2^(bits - 1), and of as many neighbours as it has
// bits only one is not 0.
std::array<SparseDigit, 257> SparseDigits(const Words256& scalar, size_t bits) {
  std::array<SparseDigit, 257> digits;
  const uint64_t limit = uint64_t{1} << bits;
  uint64_t carry = 0;
  for (size_t i = 0; i < digits.size();) {
    uint64_t window = carry;
    if (i < 256) {
      uint64_t above = scalar[i / 64] >> (i % 64);
      if (i % 64 > 64 - bits && i < 192) above |= scalar[i / 64 + 1] << (64 - i % 64);
      window += above & (limit - 1);
    }
    if (window % 2 == 0) {
      ++i;
      continue;
    }
    carry = window > limit / 2 ? 1 : 0;
    digits[i] = {.multiple = static_cast<uint8_t>(carry == 1 ? limit - window : window), .negative = carry == 1};
    i += bits;
  }
  return digits;
}

Sum SumVariableTime(const Words256& generator_scalar, const Point& point, const Words256& point_scalar) {
  // Computed when they are first needed: the module would be two kilobytes larger with them.
  static const GeneratorMultiples generator_multiples = ComputeGeneratorMultiples();
  const auto generator_digits = SparseDigits(generator_scalar, 7);
  Jacobian multiples[8];
  ComputeOddMultiples(multiples, point);
  const auto digits = SparseDigits(point_scalar, 5);
  Sum sum;
  for (size_t i = digits.size(); i-- > 0;) {
    sum.Double();
    if (const auto [multiple, negative] = digits[i]; multiple != 0) {
      const Jacobian& term = multiples[multiple / 2];
      sum.Add(negative ? NegateIf(~uint64_t{0}, term) : term);
    }
    if (const auto [multiple, negative] = generator_digits[i]; multiple != 0) {
      const auto& [x, y] = generator_multiples[multiple / 2];
      sum.Add(negative ? Affine{x, Negate(y)} : Affine{x, y});
    }
  }
  return sum;
}

}  // namespace

bool MultiplyAddVariableTime(Point& sum, const Words256& generator_scalar, const Point& point,
                             const Words256& point_scalar) {
  const Sum jacobian = SumVariableTime(generator_scalar, point, point_scalar);
  if (jacobian.infinite) return false;
  sum = PointOf(jacobian.point);
  return true;
}

bool VerifyVariableTime(const Point& point, const Words256& digest, const Words256& r, const Words256& s) {
  if (IsZero(r) || !IsBelow(r, kOrder) || IsZero(s) || !IsBelow(s, kOrder)) return false;
  const Words256 inverse = InvertScalar(s);
  const Sum sum = SumVariableTime(MultiplyScalars(digest, inverse), point, MultiplyScalars(r, inverse));
  if (sum.infinite) return false;
  // Is x / z^2 modulo n the same as r? It is below p, so it must be r or r + n.
  const auto zz = Compute(SquareOf{sum.point.z});
  const auto is_x = [&](const auto& candidate) { return IsZero(Compute(Product{candidate, zz, Negate(sum.point.x)})); };
  const Residue residue = ResidueOf(r);
  constexpr Words256 kLeftAboveOrder = {0x0c46'353d'039c'daae, 0x4319'0553'58e8'617b, 0, 0};  // p - n
  return is_x(residue) || (IsBelow(r, kLeftAboveOrder) && is_x(Add(residue, ResidueOf(kOrder))));
}

}  // namespace wasm_tls::kernels::p256
