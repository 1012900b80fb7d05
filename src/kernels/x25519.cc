#include "src/kernels/x25519.h"

#include <array>
#include <cstddef>
#include <cstring>

#include "src/kernels/simd.h"
#include "src/kernels/wipe.h"

namespace wasm_tls::kernels {
namespace {

// Two elements of the field of 2^255 - 19, in lanes a and b, as ten limbs of 26 and 25 bits in turn: a vector has limb
// 2 i of both, then limb 2 i + 1 of both. Limbs are below 2^26 and 2^25, and what a carry leaves above, times a
// `width`: products have a width of 1, sums of two 2, and differences 3. Factors may have widths of up to 3: 19
// times a limb then fits into 32 bits, and a column, of at most 2^52 (1 + 19 * 9) 3^2, into 64.
struct Pair {
  U32x4 limbs[5];

  Pair() = default;
  // Vector by vector: the compiler would call memcpy(), which takes as long as half a square.
  Pair(const Pair& from) { *this = from; }
  // NOLINTNEXTLINE(bugprone-unhandled-self-assignment): nothing happens.
  Pair& operator=(const Pair& from) {
    for (size_t i = 0; i < 5; ++i) limbs[i] = from.limbs[i];
    return *this;
  }
};

constexpr size_t kVectors = 5;
constexpr size_t kLimbs = 10;
using Columns = std::array<U64x2, kLimbs>;

constexpr size_t Bits(size_t limb) { return limb % 2 == 0 ? 26 : 25; }

U32x4 SwapLimbs(U32x4 v) { return __builtin_shufflevector(v, v, 2, 3, 0, 1); }

Pair Add(const Pair& p, const Pair& q) {
  Pair sum;
  for (size_t i = 0; i < kVectors; ++i) sum.limbs[i] = p.limbs[i] + q.limbs[i];
  return sum;
}

// `q` must be of width 1: 2 (2^255 - 19) is added, whose limbs are larger than its.
Pair Subtract(const Pair& p, const Pair& q) {
  constexpr U32x4 kRest = {0x7ff'fffe, 0x7ff'fffe, 0x3ff'fffe, 0x3ff'fffe};
  constexpr U32x4 kFirst = {0x7ff'ffda, 0x7ff'ffda, 0x3ff'fffe, 0x3ff'fffe};
  Pair difference;
  for (size_t i = 0; i < kVectors; ++i) difference.limbs[i] = p.limbs[i] + (i == 0 ? kFirst : kRest) - q.limbs[i];
  return difference;
}

// Lanes of `p` and `q` in the places that are named: 0 and 1 are p's a and b, 2 and 3 are q's.
template <int kA, int kB>
Pair Lanes(const Pair& p, const Pair& q) {
  constexpr auto index = [](int lane, int limb) { return lane / 2 * 4 + limb * 2 + lane % 2; };
  Pair result;
  for (size_t i = 0; i < kVectors; ++i) {
    result.limbs[i] =
        __builtin_shufflevector(p.limbs[i], q.limbs[i], index(kA, 0), index(kB, 0), index(kA, 1), index(kB, 1));
  }
  return result;
}

// `p` if the mask is all ones, `q` if it is 0.
Pair Select(uint32_t mask, const Pair& p, const Pair& q) {
  const U32x4 masks = {mask, mask, mask, mask};
  Pair result;
  for (size_t i = 0; i < kVectors; ++i) result.limbs[i] = q.limbs[i] ^ (masks & (p.limbs[i] ^ q.limbs[i]));
  return result;
}

[[gnu::always_inline]] inline U64x2 TakeAbove(U64x2& column, size_t bits) {
  const U64x2 above = column >> bits;
  column &= (U64x2{1, 1} << bits) - 1;
  return above;
}

[[gnu::always_inline]] inline void Carry(Pair& result, Columns& h) {
  // Two chains at once, from limbs 0 and 5; the end of the second comes round to limb 0, times 19.
  for (const size_t i : {0, 5, 1, 6, 2, 7, 3, 8, 4}) h[i + 1] += TakeAbove(h[i], Bits(i));
  const U64x2 above = TakeAbove(h[9], 25);
  h[0] += above + (above << 1) + (above << 4);
  h[6] += TakeAbove(h[5], 25);
  h[1] += TakeAbove(h[0], 26);
  for (size_t i = 0; i < kVectors; ++i) {
    result.limbs[i] =
        __builtin_shufflevector(reinterpret_cast<U32x4>(h[2 * i]), reinterpret_cast<U32x4>(h[2 * i + 1]), 0, 2, 4, 6);
  }
}

// The product of limb `i` of one and limb `j` of the other, whose limbs are swapped in every vector in `swapped`.
[[gnu::always_inline]] inline U64x2 Term(const U32x4* p, size_t i, const U32x4* q, const U32x4* swapped, size_t j) {
  const U32x4 factor = i % 2 == j % 2 ? q[j / 2] : swapped[j / 2];
  return i % 2 == 0 ? MultiplyLow(p[i / 2], factor) : MultiplyHigh(p[i / 2], factor);
}

// Two odd limbs are at a bit above the column of their product: it counts twice. What is above 2^255 counts 19 times.
// Of two neighbours each, even and odd, the middle product is that of their sums without the other two, so three do for
// four; for the 32 bits of 19 such sums `q` must be of width 2.
[[gnu::always_inline]] inline void MultiplyInto(Pair& product, const Pair& p, const Pair& q) {
  U32x4 p_sums[kVectors], q_sums[kVectors], times_19[kVectors], sums_times_19[kVectors];
  for (size_t i = 0; i < kVectors; ++i) {
    p_sums[i] = p.limbs[i] + SwapLimbs(p.limbs[i]);
    q_sums[i] = q.limbs[i] + SwapLimbs(q.limbs[i]);
    times_19[i] = q.limbs[i] * 19;
    sums_times_19[i] = times_19[i] + SwapLimbs(times_19[i]);
  }
  Columns columns = {};
#pragma clang loop unroll(full)
  for (size_t d = 0; d < kVectors; ++d) {
    U64x2 even = {}, odd = {}, both = {};
#pragma clang loop unroll(full)
    for (size_t i = 0; i < kVectors; ++i) {
      const size_t j = (d + kVectors - i) % kVectors;
      even += MultiplyLow(p.limbs[i], i <= d ? q.limbs[j] : times_19[j]);
      odd += MultiplyHigh(p.limbs[i], i <= d ? q.limbs[j] : times_19[j]);
      both += MultiplyLow(p_sums[i], i <= d ? q_sums[j] : sums_times_19[j]);
    }
    columns[2 * d] += even;
    columns[2 * d + 1] = both - even - odd;
    if (d + 1 < kVectors) {
      columns[2 * d + 2] = odd + odd;
    } else {
      // Nothing of this counts 19 times yet.
      columns[0] += (odd << 5) + (odd << 2) + (odd << 1);
    }
  }
  Carry(product, columns);
}

Pair Multiply(const Pair& p, const Pair& q) {
  Pair product;
  MultiplyInto(product, p, q);
  return product;
}

// `square` may be `p`.
[[gnu::always_inline]] inline void SquareInto(Pair& square, const Pair& p) {
  U32x4 twice[kVectors], four_times[kVectors], swapped[kVectors], times_19[kVectors], swapped_19[kVectors];
  for (size_t i = 0; i < kVectors; ++i) {
    twice[i] = p.limbs[i] + p.limbs[i];
    four_times[i] = twice[i] + twice[i];
    swapped[i] = SwapLimbs(p.limbs[i]);
    times_19[i] = p.limbs[i] * 19;
    swapped_19[i] = SwapLimbs(times_19[i]);
  }
  Columns columns;
#pragma clang loop unroll(full)
  for (size_t k = 0; k < kLimbs; ++k) {
    U64x2 sum = {};
#pragma clang loop unroll(full)
    for (size_t i = 0; i < kLimbs; ++i) {
      const size_t j = (k + kLimbs - i) % kLimbs;
      if (i > j) continue;
      const bool both_odd = i % 2 == 1 && j % 2 == 1;
      const U32x4* factor = i == j ? (both_odd ? twice : p.limbs) : (both_odd ? four_times : twice);
      sum += Term(factor, i, i <= k ? p.limbs : times_19, i <= k ? swapped : swapped_19, j);
    }
    columns[k] = sum;
  }
  Carry(square, columns);
}

Pair Square(const Pair& p) {
  Pair square;
  SquareInto(square, p);
  return square;
}

// p * factors + addend, where lane a has its small factor in element 0 of `factors` and lane b in element 1.
void MultiplySmall(Pair& result, const Pair& p, U32x4 factors, const Pair& addend) {
  Columns columns;
#pragma clang loop unroll(full)
  for (size_t i = 0; i < kVectors; ++i) {
    columns[2 * i] = MultiplyLow(p.limbs[i], factors) + MultiplyLow(addend.limbs[i], U32x4{1, 1, 1, 1});
    columns[2 * i + 1] = MultiplyHigh(p.limbs[i], factors) + MultiplyHigh(addend.limbs[i], U32x4{1, 1, 1, 1});
  }
  Carry(result, columns);
}

using Element = std::array<uint64_t, kLimbs>;

// Where limb `i` starts: 25.5 i, rounded up.
constexpr size_t Start(size_t i) { return (51 * i + 1) / 2; }

Element ElementOf(const uint8_t (&bytes)[32]) {
  uint64_t words[5] = {};
  std::memcpy(words, bytes, sizeof(bytes));
  Element element;
  for (size_t i = 0; i < kLimbs; ++i) {
    const size_t word = Start(i) / 64;
    const size_t shift = Start(i) % 64;
    const uint64_t above = shift == 0 ? 0 : words[word + 1] << (64 - shift);
    // Bit 255 does not count (section 5 of RFC 7748).
    element[i] = ((words[word] >> shift) | above) & ((uint64_t{1} << Bits(i)) - 1);
  }
  return element;
}

[[gnu::always_inline]] inline uint64_t TakeAbove(uint64_t& column, size_t bits) {
  const uint64_t above = column >> bits;
  column &= (uint64_t{1} << bits) - 1;
  return above;
}

[[gnu::always_inline]] inline void Carry(Element& h) {
#pragma clang loop unroll(full)
  for (const size_t i : {0, 5, 1, 6, 2, 7, 3, 8, 4}) h[i + 1] += TakeAbove(h[i], Bits(i));
  h[0] += 19 * TakeAbove(h[9], 25);
  h[6] += TakeAbove(h[5], 25);
  h[1] += TakeAbove(h[0], 26);
}

// The same for one element alone. The results may be operands.
[[gnu::noinline]] void MultiplyInto(Element& product, const Element& p, const Element& q) {
  Element times_19;
  for (size_t i = 0; i < kLimbs; ++i) times_19[i] = 19 * q[i];
  uint64_t p_sums[kVectors], q_sums[kVectors], sums_times_19[kVectors];
  for (size_t i = 0; i < kVectors; ++i) {
    p_sums[i] = p[2 * i] + p[2 * i + 1];
    q_sums[i] = q[2 * i] + q[2 * i + 1];
    sums_times_19[i] = times_19[2 * i] + times_19[2 * i + 1];
  }
  Element columns = {};
#pragma clang loop unroll(full)
  for (size_t d = 0; d < kVectors; ++d) {
    uint64_t even = 0, odd = 0, both = 0;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < kVectors; ++i) {
      const size_t j = (d + kVectors - i) % kVectors;
      even += p[2 * i] * (i <= d ? q : times_19)[2 * j];
      odd += p[2 * i + 1] * (i <= d ? q : times_19)[2 * j + 1];
      both += p_sums[i] * (i <= d ? q_sums : sums_times_19)[j];
    }
    columns[2 * d] += even;
    columns[2 * d + 1] = both - even - odd;
    if (d + 1 < kVectors) {
      columns[2 * d + 2] = 2 * odd;
    } else {
      columns[0] += 38 * odd;
    }
  }
  Carry(columns);
  for (size_t i = 0; i < kLimbs; ++i) product[i] = columns[i];
}

[[gnu::noinline]] void SquareInto(Element& square, const Element& p) {
  Element times_19;
  for (size_t i = 0; i < kLimbs; ++i) times_19[i] = 19 * p[i];
  Element columns;
#pragma clang loop unroll(full)
  for (size_t k = 0; k < kLimbs; ++k) {
    uint64_t sum = 0;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < kLimbs; ++i) {
      const size_t j = (k + kLimbs - i) % kLimbs;
      if (i <= j) sum += (p[i] << ((i % 2 & j % 2) + (i < j ? 1 : 0))) * (i <= k ? p[j] : times_19[j]);
    }
    columns[k] = sum;
  }
  Carry(columns);
  for (size_t i = 0; i < kLimbs; ++i) square[i] = columns[i];
}

// Carries through all limbs. Returns what is above 2^255.
uint64_t CarryThrough(Element& element) {
  uint64_t carry = 0;
  for (size_t i = 0; i < kLimbs; ++i) {
    element[i] += carry;
    carry = element[i] >> Bits(i);
    element[i] &= (uint64_t{1} << Bits(i)) - 1;
  }
  return carry;
}

// The residue below 2^255 - 19, of an element of width 1.
void WriteBytes(uint8_t (&bytes)[32], Element element) {
  // The second time it is below 2^255 or just above it, so that 19 more fit into the lowest limb.
  for (int i = 0; i < 2; ++i) element[0] += 19 * CarryThrough(element);
  Element larger = element;
  larger[0] += 19;
  element[0] += 19 * CarryThrough(larger);
  CarryThrough(element);
  uint64_t words[5] = {};
  for (size_t i = 0; i < kLimbs; ++i) {
    const size_t word = Start(i) / 64;
    const size_t shift = Start(i) % 64;
    words[word] |= element[i] << shift;
    if (shift != 0) words[word + 1] |= element[i] >> (64 - shift);
  }
  std::memcpy(bytes, words, sizeof(bytes));
}

Pair PairOf(const Element& a, const Element& b) {
  Pair pair;
  for (size_t i = 0; i < kVectors; ++i) {
    pair.limbs[i] = U32x4{static_cast<uint32_t>(a[2 * i]), static_cast<uint32_t>(b[2 * i]),
                          static_cast<uint32_t>(a[2 * i + 1]), static_cast<uint32_t>(b[2 * i + 1])};
  }
  return pair;
}

template <size_t kLane>
Element LaneOf(const Pair& pair) {
  Element element;
  for (size_t i = 0; i < kLimbs; ++i) element[i] = pair.limbs[i / 2][i % 2 * 2 + kLane];
  return element;
}

// square = p^(2^count)
void SquareOften(Element& square, const Element& p, int count) {
  SquareInto(square, p);
#pragma clang loop unroll(disable)
  for (; count > 1; --count) SquareInto(square, square);
}

// p^(2^255 - 21), that is 1 / p.
Element Invert(const Element& p) {
  Element p_11, power, ones_5, ones_10, ones_50, ones_100;
  SquareInto(p_11, p);
  SquareOften(power, p_11, 2);
  MultiplyInto(power, power, p);    // p^9
  MultiplyInto(p_11, p_11, power);  // p^11
  SquareInto(ones_5, p_11);
  MultiplyInto(ones_5, ones_5, power);  // From here ones_N is p^(2^N - 1).
  SquareOften(power, ones_5, 5);
  MultiplyInto(ones_10, power, ones_5);
  SquareOften(power, ones_10, 10);
  MultiplyInto(ones_50, power, ones_10);  // As yet ones_20, then 40.
  SquareOften(power, ones_50, 20);
  MultiplyInto(ones_50, power, ones_50);
  SquareOften(power, ones_50, 10);
  MultiplyInto(ones_50, power, ones_10);
  SquareOften(power, ones_50, 50);
  MultiplyInto(ones_100, power, ones_50);
  SquareOften(power, ones_100, 100);
  MultiplyInto(power, power, ones_100);
  SquareOften(power, power, 50);
  MultiplyInto(power, power, ones_50);
  SquareOften(power, power, 5);
  MultiplyInto(power, power, p_11);
  return power;
}

constexpr uint32_t kA24 = 121665;

// The ladder's two points: lane a has the multiple, lane b the next.
struct Points {
  Pair x;
  Pair z;
};

// A step of the ladder in RFC 7748, section 5, whose names these are, before they are swapped if the mask says so. DA
// and CB only change places when the points do, and their difference its sign, which is squared; so only A and B have
// to be chosen. `factors` is x_1 and a24.
void Step(Points& points, uint32_t swap, const Element& x_1) {
  const Pair sums = Add(points.x, points.z);              // A, C
  const Pair differences = Subtract(points.x, points.z);  // B, D
  const Pair aa_bb = Square(Select(swap, Lanes<1, 3>(sums, differences), Lanes<0, 2>(sums, differences)));
  const Pair da_cb = Multiply(Lanes<1, 0>(differences, differences), sums);
  const Pair bb_aa = Lanes<1, 0>(aa_bb, aa_bb);
  const Pair e = Subtract(bb_aa, aa_bb);  // in lane b
  Pair factor;
  MultiplySmall(factor, e, U32x4{0, kA24, 0, kA24}, bb_aa);  // BB, AA + a24 * E
  const Pair cb_da = Lanes<1, 0>(da_cb, da_cb);
  const Pair squares = Square(Lanes<0, 3>(Add(da_cb, cb_da), Subtract(cb_da, da_cb)));  // x_3, (DA - CB)^2
  const Pair doubled = Multiply(Lanes<0, 3>(aa_bb, e), factor);                         // x_2, z_2
  Element z_3 = LaneOf<1>(squares);
  MultiplyInto(z_3, z_3, x_1);
  points.x = Lanes<0, 2>(doubled, squares);
  for (size_t i = 0; i < kVectors; ++i) {
    U32x4 limbs = __builtin_shufflevector(doubled.limbs[i], doubled.limbs[i], 1, 1, 3, 3);
    limbs[1] = static_cast<uint32_t>(z_3[2 * i]);
    limbs[3] = static_cast<uint32_t>(z_3[2 * i + 1]);
    points.z.limbs[i] = limbs;
  }
}

}  // namespace

void X25519(uint8_t (&out)[32], const uint8_t (&scalar)[32], const uint8_t (&u)[32]) {
  constexpr Element kZero = {0};
  constexpr Element kOne = {1};
  const Element x_1 = ElementOf(u);
  Points points = {PairOf(kOne, x_1), PairOf(kZero, kOne)};
  uint32_t previous = 0;
  for (size_t i = 255; i-- > 0;) {
    // As section 5 decodes a scalar: bit 254 is set, and the lowest three are not. So nothing is left to swap in the
    // end.
    uint32_t bit = i == 254 ? 1 : (scalar[i / 8] >> (i % 8)) & 1;
    if (i < 3) bit = 0;
    uint32_t swap = 0 - (bit ^ previous);
    // The compiler shall not know that it is one of two, and branch.
    asm("" : "+r"(swap));
    Step(points, swap, x_1);
    previous = bit;
  }
  Element quotient = Invert(LaneOf<0>(points.z));
  MultiplyInto(quotient, quotient, LaneOf<0>(points.x));
  WriteBytes(out, quotient);
  Wipe(&quotient, sizeof(quotient));
  Wipe(&points, sizeof(points));
}

}  // namespace wasm_tls::kernels
