#include "src/kernels/edwards25519.h"

#include <cstddef>
#include <cstring>

#include "src/kernels/field25519.h"
#include "src/kernels/masks.h"
#include "src/kernels/wipe.h"

namespace wasm_tls::kernels::edwards25519 {
namespace {

using namespace field25519;  // NOLINT(google-build-using-namespace): its vocabulary is that of this file.

constexpr Element kZero = {0};
constexpr Element kOne = {1};
// The curve is -x^2 + y^2 = 1 + d x^2 y^2, with d = -121665 / 121666.
constexpr Element kD = {0x359'78a3, 0x0d3'7284, 0x315'6ebd, 0x06a'0a0e, 0x001'c029,
                        0x179'e898, 0x3a0'3cbb, 0x1ce'7198, 0x2e2'b6ff, 0x148'0db3};
constexpr Element kRootOfMinusOne = {0x20e'a0b0, 0x186'c9d2, 0x08f'189d, 0x035'697f, 0x0bd'0c60,
                                     0x1fb'd7a7, 0x280'4c9e, 0x1e1'6569, 0x004'fc1d, 0x0ae'0c92};

// Extended coordinates: x = X / Z, y = Y / Z, T = X Y / Z.
struct Point {
  Pair xy;
  Pair zt;
};

// A point as an addition wants it.
struct Summand {
  Pair sums;  // Y + X, Y - X
  Pair zt;    // 2 Z, 2 d T
};

Pair SumAndDifference(const Pair& xy) {
  const Pair yx = SwapLanes(xy);
  return Lanes<0, 2>(Add(yx, xy), Subtract(yx, xy));
}

[[gnu::noinline]] Summand SummandOf(const Point& p) {
  return {Settle(SumAndDifference(p.xy)), Multiply(p.zt, PairOf(Add(kOne, kOne), Add(kD, kD)))};
}

Summand NegateIf(uint32_t mask, const Summand& p) {
  const Pair negative = Lanes<0, 3>(p.zt, Subtract(Pair{}, p.zt));
  return {Select(mask, SwapLanes(p.sums), p.sums), Select(mask, negative, p.zt)};
}

// Where doubling and addition end: x = E / G and y = H / F.
void Finish(Point& sum, const Pair& fe, const Pair& gh) {
  sum.zt = Multiply(gh, fe);
  sum.xy = Multiply(Lanes<1, 2>(fe, gh), Lanes<0, 3>(fe, gh));
}

// "dbl-2008-hwcd" and "add-2008-hwcd-3" of the Explicit-Formulas Database. The latter is right for all points.
[[gnu::noinline]] void Double(Point& p) {
  constexpr U32x4 kOnlyA = {~0U, 0, ~0U, 0};
  const Pair squares = Square(p.xy);
  const Pair swapped = SwapLanes(squares);
  const Pair gh = Lanes<0, 2>(Subtract(swapped, squares), Add(swapped, squares));
  Pair others = Square(Lanes<0, 2>(p.zt, Add(p.xy, SwapLanes(p.xy))));
  for (U32x4& limbs : others.limbs) limbs += limbs & kOnlyA;
  Finish(p, Settle(Subtract<4>(others, gh)), gh);
}

[[gnu::noinline]] void AddTo(Point& p, const Summand& q) {
  const Pair ba = Multiply(SumAndDifference(p.xy), q.sums);
  const Pair dc = Multiply(p.zt, q.zt);
  const Pair db = Lanes<0, 2>(dc, ba);
  const Pair ca = Lanes<1, 3>(dc, ba);
  Finish(p, Settle(Subtract(db, ca)), Add(db, ca));
}

[[gnu::noinline]] bool IsZero(const Element& element) {
  constexpr uint8_t kZeros[32] = {};
  Element product;
  uint8_t bytes[32];
  MultiplyInto(product, element, kOne);
  WriteBytes(bytes, product);
  return std::memcmp(bytes, kZeros, sizeof(bytes)) == 0;
}

// False if there is none. `negate` is 1 for the opposite point.
[[clang::minsize]] bool DecodeVariableTime(Point& point, const uint8_t (&encoded)[32], uint8_t negate) {
  const Element y = ElementOf(encoded);
  Element u, v, x, check, t;
  SquareInto(u, y);
  MultiplyInto(v, u, kD);
  v = Add(v, kOne);
  MultiplyInto(u, Subtract(u, kOne), kOne);
  // x = u (u v)^((p - 5) / 8) is a root of u / v, or that times a root of -1 is, or there is none.
  MultiplyInto(t, u, v);
  PowerOf252(x, t);
  MultiplyInto(x, x, u);
  SquareInto(check, x);
  MultiplyInto(check, check, v);
  if (!IsZero(Subtract(check, u))) {
    if (!IsZero(Add(check, u))) return false;
    MultiplyInto(x, x, kRootOfMinusOne);
  }
  uint8_t bytes[32];
  WriteBytes(bytes, x);
  if ((bytes[0] & 1) != (encoded[31] >> 7 ^ negate)) MultiplyInto(x, Subtract(kZero, x), kOne);
  MultiplyInto(t, x, y);
  point = {PairOf(x, y), PairOf(kOne, t)};
  return true;
}

void Encode(uint8_t (&out)[32], const Point& point) {
  Element inverse, x, y;
  uint8_t x_bytes[32];
  Invert(inverse, LaneOf<0>(point.zt));
  MultiplyInto(x, LaneOf<0>(point.xy), inverse);
  MultiplyInto(y, LaneOf<1>(point.xy), inverse);
  WriteBytes(x_bytes, x);
  WriteBytes(out, y);
  out[31] |= static_cast<uint8_t>(x_bytes[0] << 7);
}

// A scalar is a sum of all of +-2^i, i < 260: of a digit each for 13 rows and four combs, whose five teeth are at
// 52 j + 13 comb + row.
constexpr size_t kRows = 13;
constexpr size_t kCombs = 4;
constexpr size_t kTeeth = 5;
constexpr size_t kEntries = 16;

// 10 KB, which are computed when they are first needed: in the module they would be the larger half of all of this.
struct BaseTable {
  // Entry i is 2^208 and +-2^(52 j) for j < 4, plus where bit j of i is set, times 2^(13 comb).
  Summand combs[kCombs][kEntries];

  [[clang::minsize]] BaseTable() {
    Point base, teeth[kCombs * kTeeth], entries[kEntries];
    uint8_t encoded[32];
    std::memset(encoded, 0x66, sizeof(encoded));
    encoded[0] = 0x58;
    DecodeVariableTime(base, encoded, 0);
    for (Point& tooth : teeth) {
      tooth = base;
      for (size_t i = 0; i < kRows; ++i) Double(base);
    }
    for (size_t comb = 0; comb < kCombs; ++comb) {
      entries[0] = teeth[comb + kCombs * (kTeeth - 1)];
      for (size_t j = 0; j + 1 < kTeeth; ++j) AddTo(entries[0], NegateIf(~0U, SummandOf(teeth[comb + kCombs * j])));
      for (size_t i = 1; i < kEntries; ++i) {
        const auto j = static_cast<size_t>(__builtin_ctzll(i));
        Point twice = teeth[comb + kCombs * j];
        Double(twice);
        entries[i] = entries[i & (i - 1)];
        AddTo(entries[i], SummandOf(twice));
      }
      for (size_t i = 0; i < kEntries; ++i) combs[comb][i] = SummandOf(entries[i]);
    }
  }
};

const BaseTable& TableOfBase() {
  static const BaseTable table;
  return table;
}

// A bit for each +2^i of the scalar.
struct CombScalar {
  uint32_t bits[9];

  explicit CombScalar(const uint8_t (&scalar)[32]) {
    // Only odd numbers are such sums, and the order of the base point is one: so often taken, it is nothing.
    constexpr uint32_t kOrder[9] = {0x5cf5'd3ed, 0x5812'631a, 0xa2f7'9cd6, 0x14de'f9de, 0, 0, 0, 0x1000'0000, 0};
    bits[8] = 0;
    std::memcpy(bits, scalar, sizeof(scalar));
    uint32_t even = (bits[0] & 1) - 1;
    // The compiler shall not know that it is one of two, and branch.
    asm("" : "+r"(even));
    uint64_t carry = 0;
    for (size_t i = 0; i < 9; ++i) {
      carry += uint64_t{bits[i]} + (kOrder[i] & even);
      bits[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    // (odd + 2^260 - 1) / 2
    for (size_t i = 0; i < 8; ++i) bits[i] = bits[i] >> 1 | bits[i + 1] << 31;
    bits[8] = 1U << 3;
  }
  ~CombScalar() { Wipe(bits, sizeof(bits)); }

  [[nodiscard]] uint32_t At(size_t comb, size_t row) const {
    uint32_t digit = 0;
    for (size_t tooth = 0; tooth < kTeeth; ++tooth) {
      const size_t position = kRows * (kCombs * tooth + comb) + row;
      digit |= (bits[position / 32] >> (position % 32) & 1) << tooth;
    }
    return digit;
  }
};

// The entry of five bits, which has the highest for its sign. All entries are read.
[[gnu::noinline]] Summand LookUp(const Summand (&entries)[kEntries], uint32_t bits) {
  uint32_t negative = (bits >> 4) - 1;
  asm("" : "+r"(negative));
  const uint32_t index = (bits ^ negative) & (kEntries - 1);
  Summand found = {};
#pragma clang loop unroll(disable)
  for (uint32_t i = 0; i < kEntries; ++i) {
    const uint64_t mask = EqualMask(i, index);
    const auto masks = reinterpret_cast<U32x4>(U64x2{mask, mask});
    for (size_t j = 0; j < kVectors; ++j) {
      found.sums.limbs[j] |= entries[i].sums.limbs[j] & masks;
      found.zt.limbs[j] |= entries[i].zt.limbs[j] & masks;
    }
  }
  return NegateIf(negative, found);
}

void AddRow(Point& sum, const BaseTable& table, const CombScalar& scalar, size_t row) {
  for (size_t comb = 0; comb < kCombs; ++comb) AddTo(sum, LookUp(table.combs[comb], scalar.At(comb, row)));
}

Point Identity() { return {PairOf(kZero, kOne), PairOf(kOne, kZero)}; }

Point MultiplyBase(const uint8_t (&scalar)[32]) {
  const BaseTable& table = TableOfBase();
  const CombScalar bits(scalar);
  Point sum = Identity();
  for (size_t row = kRows; row-- > 0;) {
    Double(sum);
    AddRow(sum, table, bits, row);
  }
  return sum;
}

// Of a scalar of 253 bits: digits that are odd, below 16 and of which one of four neighbours at most is not 0.
constexpr size_t kDigits = 253;
struct SparseDigits {
  uint8_t digits[kDigits] = {};

  explicit SparseDigits(const uint8_t (&scalar)[32]) {
    const auto bit = [&](size_t i) { return i < kDigits ? scalar[i / 8] >> (i % 8) & 1 : 0; };
    for (size_t i = 0; i < kDigits; ++i) {
      if (bit(i) == 0) continue;
      digits[i] = static_cast<uint8_t>(1 | bit(i + 1) << 1 | bit(i + 2) << 2 | bit(i + 3) << 3);
      i += 3;
    }
  }
};

// The work is done one call below those that the header has, so that they can wipe what is left of it.
[[gnu::noinline]] void EncodeMultiple(uint8_t (&out)[32], const uint8_t (&scalar)[32]) {
  Encode(out, MultiplyBase(scalar));
}

[[gnu::noinline]] void EncodeMultipleToU(uint8_t (&out)[32], const uint8_t (&scalar)[32]) {
  const Point multiple = MultiplyBase(scalar);
  const Element y = LaneOf<1>(multiple.xy);
  const Element z = LaneOf<0>(multiple.zt);
  // u = (1 + y) / (1 - y)
  Element u;
  Invert(u, Subtract(z, y));
  MultiplyInto(u, u, Add(z, y));
  WriteBytes(out, u);
}

}  // namespace

void MultiplyBase(uint8_t (&out)[32], const uint8_t (&scalar)[32]) {
  EncodeMultiple(out, scalar);
  WipeFrames<4096>();
}

void MultiplyBaseToU(uint8_t (&out)[32], const uint8_t (&scalar)[32]) {
  EncodeMultipleToU(out, scalar);
  WipeFrames<4096>();
}

bool IsPointVariableTime(const uint8_t (&encoded)[32]) {
  Point point;
  return DecodeVariableTime(point, encoded, 0);
}

[[clang::minsize]] bool MultiplySubtractVariableTime(uint8_t (&out)[32], const uint8_t (&base_scalar)[32],
                                                     const uint8_t (&point)[32], const uint8_t (&scalar)[32]) {
  Point opposite;
  if (!DecodeVariableTime(opposite, point, 1)) return false;
  // Odd multiples of it.
  Summand multiples[8];
  Point twice = opposite;
  Double(twice);
  const Summand step = SummandOf(twice);
  for (Summand& multiple : multiples) {
    multiple = SummandOf(opposite);
    AddTo(opposite, step);
  }
  const SparseDigits sparse(scalar);
  const CombScalar bits(base_scalar);
  Point sum = Identity();
  for (size_t i = kDigits; i-- > 0;) {
    Double(sum);
    if (const uint8_t digit = sparse.digits[i]; digit != 0) AddTo(sum, multiples[digit / 2]);
    if (i < kRows) AddRow(sum, TableOfBase(), bits, i);
  }
  Encode(out, sum);
  return true;
}

}  // namespace wasm_tls::kernels::edwards25519
