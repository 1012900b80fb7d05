#include "src/kernels/field25519.h"

#include <cstring>

#include "src/kernels/inversion256.h"

namespace wasm_tls::kernels::field25519 {
namespace {

using Columns = std::array<U64x2, kLimbs>;

[[gnu::always_inline]] inline U64x2 TakeAbove(U64x2& column, size_t bits) {
  const U64x2 above = column >> bits;
  column &= (U64x2{1, 1} << bits) - 1;
  return above;
}

U32x4 PackLow(U64x2 even, U64x2 odd) {
  return __builtin_shufflevector(reinterpret_cast<U32x4>(even), reinterpret_cast<U32x4>(odd), 0, 2, 4, 6);
}

[[gnu::always_inline]] inline void Carry(Pair& result, Columns& h) {
  // Two chains at once, from limbs 0 and 5; the end of the second comes round to limb 0, times 19.
  for (const size_t i : {0, 5, 1, 6, 2, 7, 3, 8, 4}) h[i + 1] += TakeAbove(h[i], Bits(i));
  const U64x2 above = TakeAbove(h[9], 25);
  h[0] += above + (above << 1) + (above << 4);
  h[6] += TakeAbove(h[5], 25);
  h[1] += TakeAbove(h[0], 26);
  for (size_t i = 0; i < kVectors; ++i) {
    result.limbs[i] = PackLow(h[2 * i], h[2 * i + 1]);
  }
}

// The product of limb `i` of one and limb `j` of the other, whose limbs are swapped in every vector in `swapped`.
[[gnu::always_inline]] inline U64x2 Term(const U32x4* p, size_t i, const U32x4* q, const U32x4* swapped, size_t j) {
  const U32x4 factor = i % 2 == j % 2 ? q[j / 2] : swapped[j / 2];
  return i % 2 == 0 ? MultiplyLow(p[i / 2], factor) : MultiplyHigh(p[i / 2], factor);
}

// Where limb `i` starts: 25.5 i, rounded up.
constexpr size_t Start(size_t i) { return (51 * i + 1) / 2; }

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

}  // namespace

// Two odd limbs are at a bit above the column of their product: it counts twice. What is above 2^255 counts 19 times.
// Of two neighbours each, even and odd, the middle product is that of their sums without the other two, so three do for
// four; for the 32 bits of 19 such sums `q` must be of width 2.
void MultiplyInto(Pair& product, const Pair& p, const Pair& q) {
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

void SquareInto(Pair& square, const Pair& p) {
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

Pair MultiplySmallAdd(const Pair& p, U32x4 factors, const Pair& addend) {
  Pair result;
  U64x2 below = MultiplyHigh(p.limbs[kVectors - 1], factors) >> 25;
  below = below + (below << 1) + (below << 4);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < kVectors; ++i) {
    U64x2 even = MultiplyLow(p.limbs[i], factors);
    U64x2 odd = MultiplyHigh(p.limbs[i], factors);
    const U64x2 above_even = TakeAbove(even, 26);
    const U64x2 above_odd = TakeAbove(odd, 25);
    result.limbs[i] = addend.limbs[i] + PackLow(even + below, odd + above_even);
    below = above_odd;
  }
  return result;
}

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

void WriteBytes(uint8_t (&bytes)[32], const Element& element) {
  Element residue = element;
  // The second time it is below 2^255 or just above it, so that 19 more fit into the lowest limb.
  for (int i = 0; i < 2; ++i) residue[0] += 19 * CarryThrough(residue);
  Element larger = residue;
  larger[0] += 19;
  residue[0] += 19 * CarryThrough(larger);
  CarryThrough(residue);
  uint64_t words[5] = {};
  for (size_t i = 0; i < kLimbs; ++i) {
    const size_t word = Start(i) / 64;
    const size_t shift = Start(i) % 64;
    words[word] |= residue[i] << shift;
    if (shift != 0) words[word + 1] |= residue[i] >> (64 - shift);
  }
  std::memcpy(bytes, words, sizeof(bytes));
}

void MultiplyInto(Element& product, const Element& p, const Element& q) {
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

void SquareInto(Element& square, const Element& p) {
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

// square = p^(2^count)
static void SquareOften(Element& square, const Element& p, int count) {
  SquareInto(square, p);
#pragma clang loop unroll(disable)
  for (; count > 1; --count) SquareInto(square, square);
}

void PowerOf252(Element& power, const Element& p) {
  Element ones, ones_10, ones_50;  // p^(2^N - 1)
  SquareInto(ones, p);
  SquareOften(power, ones, 2);
  MultiplyInto(power, power, p);    // p^9
  MultiplyInto(ones, ones, power);  // p^11
  SquareInto(ones, ones);
  MultiplyInto(ones, ones, power);  // N = 5
  SquareOften(power, ones, 5);
  MultiplyInto(ones_10, power, ones);
  SquareOften(power, ones_10, 10);
  MultiplyInto(ones, power, ones_10);  // 20
  SquareOften(power, ones, 20);
  MultiplyInto(ones, power, ones);  // 40
  SquareOften(power, ones, 10);
  MultiplyInto(ones_50, power, ones_10);
  SquareOften(power, ones_50, 50);
  MultiplyInto(ones, power, ones_50);  // 100
  SquareOften(power, ones, 100);
  MultiplyInto(ones, power, ones);  // 200
  SquareOften(power, ones, 50);
  MultiplyInto(ones, power, ones_50);  // 250
  SquareOften(power, ones, 2);
  MultiplyInto(power, power, p);
}

void Invert(Element& inverse, const Element& p) {
  constexpr Modulus256 kModulus = Modulus256Of({~uint64_t{18}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0} >> 1});
  uint8_t bytes[32];
  Words256 words;
  WriteBytes(bytes, p);
  std::memcpy(words.data(), bytes, sizeof(bytes));
  words = Invert256(words, kModulus);
  std::memcpy(bytes, words.data(), sizeof(bytes));
  inverse = ElementOf(bytes);
}

}  // namespace wasm_tls::kernels::field25519
