// The multiples by secrets: see p256_verify.cc for those by what is public.
#include "src/kernels/p256.h"

#include "src/kernels/p256_comb.h"
#include "src/kernels/p256_group.h"
#include "src/kernels/p256_order.h"
#include "src/kernels/wipe.h"

namespace wasm_tls::kernels::p256 {
namespace {

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

// Entry `index` of 16, all of which are read.
template <size_t kSize, class Entry>
void LookUp(U32x4 (&entry)[kSize], const Entry (&table)[16], uint64_t index) {
  static_assert(sizeof(entry) == sizeof(Entry));
  U32x4 found[kSize] = {};
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < 16; ++i) {
    const uint64_t mask = EqualMask(i, index);
    const auto masks = reinterpret_cast<U32x4>(U64x2{mask, mask});
    const auto* const candidate = reinterpret_cast<const uint8_t*>(&table[i]);
    for (size_t j = 0; j < kSize; ++j) found[j] |= Load<U32x4>(candidate + 16 * j) & masks;
  }
  for (size_t j = 0; j < kSize; ++j) entry[j] = found[j];
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
  }

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

[[gnu::noinline]] Affine CombEntry(size_t odd, Digit digit) {
  U32x4 vectors[4];
  LookUp(vectors, kComb[odd], digit.index);
  uint64_t entry[8];
  std::memcpy(entry, vectors, sizeof(entry));
  const Residue x(kernels::LimbsOf({entry[0], entry[1], entry[2], entry[3]}));
  const Element<1, 32> y(kernels::LimbsOf({entry[4], entry[5], entry[6], entry[7]}));
  return {x, Select(digit.negative, Negate(y), y)};
}

using Packed = U32x4[3 * kVectors];

void Pack(Packed& vectors, const Jacobian& p) {
  for (size_t i = 0; i < kVectors; ++i) {
    vectors[i] = p.x.limbs[i];
    vectors[kVectors + i] = p.y.limbs[i];
    vectors[2 * kVectors + i] = p.z.limbs[i];
  }
}

Jacobian Unpack(const Packed& vectors) {
  Jacobian p;
  for (size_t i = 0; i < kVectors; ++i) {
    p.x.limbs[i] = vectors[i];
    p.y.limbs[i] = vectors[kVectors + i];
    p.z.limbs[i] = vectors[2 * kVectors + i];
  }
  return p;
}

[[gnu::noinline]] Point MultiplyGeneratorUnwiped(const Words256& scalar) {
  const CombScalar comb(scalar);
  const Affine first = CombEntry(1, comb.At(kRows - 1, 1));
  Jacobian sum = JacobianOf(first);
  sum = AddDistinct(sum, CombEntry(0, comb.At(kRows - 1, 0)));
  for (size_t row = kRows - 1; row-- > 0;) {
    sum = Double(sum);
    sum = AddDistinct(sum, CombEntry(1, comb.At(row, 1)));
    sum = AddDistinct(sum, CombEntry(0, comb.At(row, 0)));
  }
  return PointOf(NegateIf(comb.negated, sum));
}

[[gnu::noinline]] Point MultiplyUnwiped(const Point& point, const Words256& scalar) {
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
  return PointOf(NegateIf(negated, sum));
}

// Room for the frames of the two above and of what they call.
constexpr size_t kFrames = 8192;

}  // namespace

Point MultiplyGenerator(const Words256& scalar) {
  const Point product = MultiplyGeneratorUnwiped(scalar);
  WipeFrames<kFrames>();
  return product;
}

Point Multiply(const Point& point, const Words256& scalar) {
  const Point product = MultiplyUnwiped(point, scalar);
  WipeFrames<kFrames>();
  return product;
}

}  // namespace wasm_tls::kernels::p256
