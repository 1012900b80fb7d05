#include "src/kernels/p256.h"

#include "src/kernels/p256_comb.h"
#include "src/kernels/p256_field.h"
#include "src/kernels/p256_order.h"
#include "src/kernels/simd.h"
#include "src/kernels/wipe.h"

namespace wasm_tls::kernels::p256 {
namespace {

// Jacobian coordinates: (x / z^2, y / z^3). The bounds are those that Double() keeps to.
struct Jacobian {
  Element<1, 232> x;
  Element<1, 150> y;
  Element<1, 48> z;
};

struct Affine {
  Residue x;
  Element<2, 64> y;
};

constexpr Element<1, 32> kOne{LimbsOf(kOneInForm)};
constexpr Element<1, 32> kThree{LimbsOf(kThreeInForm)};
constexpr Element<1, 32> kB{LimbsOf(kBInForm)};

// "dbl-2001-b" of the Explicit-Formulas Database. No point of this group has order two.
[[gnu::noinline]] Jacobian Double(const Jacobian& p) {
  const auto delta = Square(p.z);
  const auto gamma = Square(p.y);
  const auto beta_4 = Multiply(Scale<4>(gamma), p.x);
  const auto alpha = Reduce(Scale<3>(Multiply(Subtract(p.x, delta), Add(p.x, delta))));
  const auto x = SquareAdd(alpha, Negate(Scale<2>(beta_4)));
  const auto y = MultiplyAdd(alpha, Subtract(beta_4, x), Negate(Scale<2>(Square(Scale<2>(gamma)))));
  return {x, y, Multiply(Scale<2>(p.y), p.z)};
}

// What an addition computes first: with z the common denominator, the sum of (x, y) and (x + h, y + r). The points are
// the same if h and r are 0, and opposite if h alone is.
struct Difference {
  Element<1, 232> x;
  Element<1, 150> y;
  Element<1, 48> z;
  Element<1, 291> h;
  Element<1, 195> r;
};

[[gnu::noinline]] Difference Compare(const Jacobian& p, const Affine& q) {
  const auto zz = Square(p.z);
  const auto h = MultiplyAdd(q.x, zz, Negate(p.x));
  const auto r = MultiplyAdd(q.y, Multiply(p.z, zz), Negate(p.y));
  return {p.x, p.y, p.z, h, r};
}

[[gnu::noinline]] Difference Compare(const Jacobian& p, const Jacobian& q) {
  const auto p_zz = Square(p.z);
  const auto q_zz = Square(q.z);
  const auto x = Multiply(p.x, q_zz);
  const auto y = Multiply(p.y, Multiply(q.z, q_zz));
  const auto h = MultiplyAdd(q.x, p_zz, Negate(x));
  const auto r = MultiplyAdd(q.y, Multiply(p.z, p_zz), Negate(y));
  return {x, y, Multiply(p.z, q.z), h, r};
}

// The sum, unless h is 0.
[[gnu::noinline]] Jacobian Finish(const Difference& d) {
  const auto hh = Square(d.h);
  const auto hhh = Multiply(d.h, hh);
  const auto v = Multiply(d.x, hh);
  const auto x = Reduce(SquareAdd(d.r, Negate(Add(hhh, Scale<2>(v)))));
  const auto y = MultiplyAdd(d.r, Subtract(v, x), Negate(Multiply(d.y, hhh)));
  return {x, y, Multiply(d.z, d.h)};
}

// The sum of two points that are neither the same nor opposite.
template <class Q>
[[gnu::noinline]] Jacobian AddDistinct(const Jacobian& p, const Q& q) {
  return Finish(Compare(p, q));
}

[[gnu::noinline]] Point PointOf(const Jacobian& p) {
  const Residue inverse = Invert(p.z);
  const Residue square = Square(inverse);
  return {WordsOf(Multiply(p.x, square)), WordsOf(Multiply(p.y, Multiply(inverse, square)))};
}

[[gnu::noinline]] Jacobian JacobianOf(const Point& p) { return {ResidueOf(p.x), ResidueOf(p.y), kOne}; }

// An odd digit of five bits, from -31 to 31, as it stands in a table of the 16 positive ones.
struct Digit {
  uint64_t index;
  uint64_t negative;  // a mask
};

// The digit 2 * bits - 31.
Digit DigitOf(uint64_t bits) {
  const uint64_t negative = EqualMask(bits >> 4, 0);
  return {(bits ^ negative) & 15, negative};
}

// The scalar, or n - scalar if `negate` is all ones.
Words256 OddOf(const Words256& scalar, uint64_t negate) {
  Words256 odd = NegateScalar(scalar);
  for (size_t i = 0; i < odd.size(); ++i) odd[i] = kernels::Select(negate, odd[i], scalar[i]);
  return odd;
}

// Copies entry `index` of 16, all of which are read.
template <size_t kWords>
void LookUp(uint64_t (&entry)[kWords], const uint64_t (&table)[16][kWords], uint64_t index) {
  U64x2 found[kWords / 2] = {};
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < 16; ++i) {
    const uint64_t mask = EqualMask(i, index);
    for (size_t j = 0; j < kWords / 2; ++j) found[j] |= Load<U64x2>(&table[i][2 * j]) & U64x2{mask, mask};
  }
  std::memcpy(entry, found, sizeof(entry));
}

// The comb. An odd scalar below 2^260 is a sum of all of +-2^i, i < 260: of a digit each for 26 rows and two combs,
// whose teeth are at 52 j + row and at 52 j + 26 + row, j < 5.
//
// Rows are processed from the highest. Each sum of a row is one of distinct points: with `sum` the multiple so far,
// twice `sum` is 2 modulo 4, the odd comb's digit a multiple of 2^26, the even comb's odd. And all are below n until
// the last row, of which a test has every case in which they would be the same modulo n.
constexpr size_t kRows = 26;

// The scalar, or n - scalar where that is the odd one, with a bit for each +2^i in place of those for 2^i.
struct CombScalar {
  Words256 bits;
  uint64_t negated;

  explicit CombScalar(const Words256& scalar) : negated(EqualMask(scalar[0] & 1, 0)) {
    Words256 odd = OddOf(scalar, negated);
    // (scalar + 2^260 - 1) / 2, but for bit 259, which is always set.
    for (size_t i = 0; i < bits.size(); ++i) bits[i] = (odd[i] >> 1) | (i < 3 ? odd[i + 1] << 63 : 0);
    Wipe(&odd, sizeof(odd));
  }
  ~CombScalar() { Wipe(&bits, sizeof(bits)); }

  [[nodiscard]] [[gnu::noinline]] Digit At(size_t row, size_t odd) const {
    uint64_t digit = 0;
#pragma clang loop unroll(disable)
    for (size_t tooth = 0; tooth < 5; ++tooth) {
      const size_t position = 52 * tooth + 26 * odd + row;
      const uint64_t bit = position < 256 ? (bits[position / 64] >> (position % 64)) & 1 : position == 259;
      digit |= bit << tooth;
    }
    return DigitOf(digit);
  }
};

[[gnu::noinline]] Affine AffineOf(const uint64_t (&entry)[8], uint64_t negative) {
  const Residue x(LimbsOf({entry[0], entry[1], entry[2], entry[3]}));
  const Element<1, 32> y(LimbsOf({entry[4], entry[5], entry[6], entry[7]}));
  return {x, Select(negative, Negate(y), y)};
}

[[gnu::noinline]] Affine CombEntry(size_t odd, Digit digit) {
  uint64_t entry[8];
  LookUp(entry, kComb[odd], digit.index);
  return AffineOf(entry, digit.negative);
}

// A point in a table, two limbs to a word.
using Packed = uint64_t[14];

[[gnu::noinline]] void Pack(Packed& words, const Jacobian& p) {
  uint64_t limbs[28] = {};
  for (size_t i = 0; i < kLimbs29; ++i) {
    limbs[i] = p.x.limbs[i];
    limbs[9 + i] = p.y.limbs[i];
    limbs[18 + i] = p.z.limbs[i];
  }
  for (size_t i = 0; i < 14; ++i) words[i] = limbs[2 * i] | limbs[2 * i + 1] << 32;
}

[[gnu::noinline]] Jacobian Unpack(const Packed& words) {
  uint64_t limbs[28];
  for (size_t i = 0; i < 14; ++i) {
    limbs[2 * i] = words[i] & 0xffff'ffff;
    limbs[2 * i + 1] = words[i] >> 32;
  }
  Jacobian p;
  for (size_t i = 0; i < kLimbs29; ++i) {
    p.x.limbs[i] = limbs[i];
    p.y.limbs[i] = limbs[9 + i];
    p.z.limbs[i] = limbs[18 + i];
  }
  return p;
}

[[gnu::noinline]] Jacobian NegateIf(uint64_t mask, const Jacobian& p) {
  return {p.x, Reduce(Select(mask, Negate(p.y), p.y)), p.z};
}

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
  static Jacobian Promote(const Affine& q) { return {q.x, Reduce(q.y), kOne}; }
};

struct SparseDigit {
  uint8_t multiple = 0;
  bool negative = false;
};

// The scalar as a sum of digits times 2^i: each is 0 or odd and below 16, and of five neighbours only one is not 0.
std::array<SparseDigit, 257> SparseDigits(const Words256& scalar) {
  std::array<SparseDigit, 257> digits;
  uint64_t carry = 0;
  for (size_t i = 0; i < digits.size();) {
    uint64_t window = carry;
    if (i < 256) {
      uint64_t bits = scalar[i / 64] >> (i % 64);
      if (i % 64 > 59 && i < 192) bits |= scalar[i / 64 + 1] << (64 - i % 64);
      window += bits & 31;
    }
    if (window % 2 == 0) {
      ++i;
      continue;
    }
    carry = window > 15 ? 1 : 0;
    digits[i] = {.multiple = static_cast<uint8_t>(carry == 1 ? 32 - window : window), .negative = carry == 1};
    i += 5;
  }
  return digits;
}

Sum SumVariableTime(const Words256& generator_scalar, const Point& point, const Words256& point_scalar) {
  Jacobian multiples[8];
  multiples[0] = JacobianOf(point);
  const Jacobian twice = Double(multiples[0]);
  for (size_t i = 1; i < 8; ++i) multiples[i] = AddDistinct(multiples[i - 1], twice);

  const std::array<SparseDigit, 257> digits = SparseDigits(point_scalar);
  const bool with_generator = !IsZero(generator_scalar);
  const CombScalar comb(generator_scalar);

  Sum sum;
  for (size_t i = digits.size(); i-- > 0;) {
    sum.Double();
    if (const SparseDigit digit = digits[i]; digit.multiple != 0) {
      const Jacobian& multiple = multiples[digit.multiple / 2];
      sum.Add(digit.negative ? NegateIf(~uint64_t{0}, multiple) : multiple);
    }
    if (!with_generator || i >= kRows) continue;
    for (const size_t odd : {0, 1}) {
      const Digit digit = comb.At(i, odd);
      const auto& entry = kComb[odd][digit.index];
      sum.Add(AffineOf(entry, digit.negative ^ comb.negated));
    }
  }
  return sum;
}

}  // namespace

bool IsOnCurve(const Point& point) {
  constexpr Words256 kModulus = kernels::WordsOf(kP);
  if (!IsBelow(point.x, kModulus) || !IsBelow(point.y, kModulus)) return false;
  const Residue x = ResidueOf(point.x);
  const Residue y = ResidueOf(point.y);
  return IsZero(MultiplyAdd(Subtract(Square(x), kThree), x, Subtract(kB, Square(y))));
}

Point MultiplyGenerator(const Words256& scalar) {
  const CombScalar comb(scalar);
  const Affine first = CombEntry(1, comb.At(kRows - 1, 1));
  Jacobian sum = {first.x, Reduce(first.y), kOne};
  sum = AddDistinct(sum, CombEntry(0, comb.At(kRows - 1, 0)));
  for (size_t row = kRows - 1; row-- > 0;) {
    sum = Double(sum);
    sum = AddDistinct(sum, CombEntry(1, comb.At(row, 1)));
    sum = AddDistinct(sum, CombEntry(0, comb.At(row, 0)));
  }
  return PointOf(NegateIf(comb.negated, sum));
}

Point Multiply(const Point& point, const Words256& scalar) {
  // 1, 3, 5, …, 31 times the point.
  Packed multiples[16];
  Jacobian sum = JacobianOf(point);
  const Jacobian twice = Double(sum);
  Jacobian multiple = sum;
  Pack(multiples[0], multiple);
  for (size_t i = 1; i < 16; ++i) {
    multiple = AddDistinct(multiple, twice);
    Pack(multiples[i], multiple);
  }
  // An odd scalar is the sum of 51 odd digits times 2^(5 i) and of 2^255. The sum so far is odd, so that 32 times it is
  // no odd digit; and it is below n / 16 but for the last digit, where the two are the same modulo n only if the scalar
  // is n - 34 and its digit -17. But that of n - 34 is 15.
  const uint64_t negated = EqualMask(scalar[0] & 1, 0);
  Words256 odd = OddOf(scalar, negated);
  for (size_t position = 255; position > 0; position -= 5) {
    for (int i = 0; i < 5; ++i) sum = Double(sum);
    const size_t above = position - 4;
    uint64_t bits = odd[above / 64] >> (above % 64);
    if (above % 64 > 59 && above < 192) bits |= odd[above / 64 + 1] << (64 - above % 64);
    const Digit digit = DigitOf(bits & 31);
    Packed entry;
    LookUp(entry, multiples, digit.index);
    sum = AddDistinct(sum, NegateIf(digit.negative, Unpack(entry)));
  }
  Wipe(&odd, sizeof(odd));
  return PointOf(NegateIf(negated, sum));
}

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
  const Residue zz = Square(sum.point.z);
  const auto is_x = [&](const auto& candidate) { return IsZero(MultiplyAdd(candidate, zz, Negate(sum.point.x))); };
  const Residue residue = ResidueOf(r);
  constexpr Words256 kLeftAboveOrder = {0x0c46'353d'039c'daae, 0x4319'0553'58e8'617b, 0, 0};  // p - n
  return is_x(residue) || (IsBelow(r, kLeftAboveOrder) && is_x(Add(residue, ResidueOf(kOrder))));
}

}  // namespace wasm_tls::kernels::p256
