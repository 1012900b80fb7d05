#include "poly1305.h"

#include <algorithm>
#include <cstring>

#include "simd.h"
#include "wipe.h"

namespace wasm_tls::kernels {
namespace {

constexpr uint32_t kLimb = (1 << 26) - 1;

// What the vectors cost beforehand and afterwards pays from here on.
constexpr size_t kWorthLanes = 768;
constexpr size_t kStep = 128;

uint32_t Load32(const uint8_t* from) {
  uint32_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

// --- Eight blocks at a time, in two times four lanes.
//
// simd128 multiplies eight pairs of 16 bits in one instruction, and sums the products two by two: by far the most that
// any of its multiplications does. Numbers are therefore ten limbs of 13 bits, two in each lane of 32 bits: the even
// limb in the lower half, the odd one in the upper; five vectors hold the numbers of four lanes.

// Limbs 2i and 2i + 1 of four numbers.
using Pairs = I16x8;
struct Numbers {
  Pairs pairs[5];
};

constexpr uint32_t kHalf = 0x1fff;

I16x8 SplatPair(uint32_t word) { return reinterpret_cast<I16x8>(U32x4{word, word, word, word}); }

// A message's limbs are at most 2^13 - 1, and so are those of the sum. p, whose limbs are just that, is taken off each
// time: what remains lies around zero, and ten products of it and of 5r fit into 31 bits. Bit 128, which Poly1305 adds
// to each block, is bit 11 of the last limb.
constexpr uint32_t MinusP(uint32_t even, uint32_t odd) { return (-even & 0xffff) | -odd << 16; }
constexpr uint32_t kMinusPFirst = MinusP(kHalf - 4, kHalf);
constexpr uint32_t kMinusP = MinusP(kHalf, kHalf);
constexpr uint32_t kMinusPLast = MinusP(kHalf, kHalf - 0x800);

// Four blocks, bit 128 included, less p.
Numbers LoadQuad(const uint8_t* in) {
  const U32x4 a = Load<U32x4>(in);
  const U32x4 b = Load<U32x4>(in + 16);
  const U32x4 c = Load<U32x4>(in + 32);
  const U32x4 d = Load<U32x4>(in + 48);
  const U32x4 low_ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const U32x4 low_cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const U32x4 high_ab = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const U32x4 high_cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const U32x4 w0 = __builtin_shufflevector(low_ab, low_cd, 0, 1, 4, 5);
  const U32x4 w1 = __builtin_shufflevector(low_ab, low_cd, 2, 3, 6, 7);
  const U32x4 w2 = __builtin_shufflevector(high_ab, high_cd, 0, 1, 4, 5);
  const U32x4 w3 = __builtin_shufflevector(high_ab, high_cd, 2, 3, 6, 7);
  const auto pairs = [](U32x4 even, U32x4 odd, uint32_t minus_p) {
    return reinterpret_cast<Pairs>((even & kHalf) | (odd & kHalf << 16)) + SplatPair(minus_p);
  };
  return {{pairs(w0, w0 << 3, kMinusPFirst), pairs(w0 >> 26 | w1 << 6, w1 << 9, kMinusP),
           pairs(w1 >> 20 | w2 << 12, w2 << 15, kMinusP), pairs(w2 >> 14, w2 >> 11 | w3 << 21, kMinusP),
           pairs(w3 >> 8, w3 >> 5, kMinusPLast)}};
}

// The lower halves of two vectors of limbs, less what `mask` takes off.
Pairs Join(I32x4 even, I32x4 odd, uint32_t mask) {
  const auto low = reinterpret_cast<I16x8>(even);
  const auto high = reinterpret_cast<I16x8>(odd << 16);
  return __builtin_shufflevector(low, high, 0, 9, 2, 11, 4, 13, 6, 15) & SplatPair(mask);
}

// Limb `k` of four products. `multipliers` points to the pair whose even limb is limb 0.
I32x4 ProductLimb(const Numbers& x, const I16x8* multipliers, int k) {
  return MultiplyPairs(x.pairs[0], multipliers[k]) + MultiplyPairs(x.pairs[1], multipliers[k - 2]) +
         MultiplyPairs(x.pairs[2], multipliers[k - 4]) + MultiplyPairs(x.pairs[3], multipliers[k - 6]) +
         MultiplyPairs(x.pairs[4], multipliers[k - 8]);
}

// x * r^8: limbs in [0, 2^13), but for the second and the seventh, which a last small carry may lead 2^8 beyond.
Numbers MultiplyQuad(const Numbers& x, const I16x8* multipliers) {
  I32x4 d[10];
  // In this order each multiplier is loaded once.
#pragma clang loop unroll(full)
  for (int k = 0; k < 10; k += 2) d[k] = ProductLimb(x, multipliers, k);
#pragma clang loop unroll(full)
  for (int k = 1; k < 10; k += 2) d[k] = ProductLimb(x, multipliers, k);
  // Two chains of carries at once. The shift keeps the sign.
#pragma clang loop unroll(full)
  for (int k = 0; k < 4; ++k) {
    d[k + 1] += d[k] >> 13;
    d[k + 6] += d[k + 5] >> 13;
  }
  constexpr auto kMask = static_cast<int32_t>(kHalf);
  const I32x4 top = d[9] >> 13;
  d[5] = (d[5] & kMask) + (d[4] >> 13);
  d[0] = (d[0] & kMask) + top + (top << 2);
  d[6] = (d[6] & kMask) + (d[5] >> 13);
  d[1] = (d[1] & kMask) + (d[0] >> 13);
  constexpr uint32_t kBoth = kHalf << 16 | kHalf;
  return {{Join(d[0], d[1], 0xffff0000 | kHalf), Join(d[2], d[3], kBoth), Join(d[4], d[5], kBoth),
           Join(d[6], d[7], kHalf << 16 | 0xffff), Join(d[8], d[9], kBoth)}};
}

}  // namespace

// a * b, lazily carried.
inline Poly1305::Number Poly1305::Multiply(const Number& a, const Number& b) {
  uint64_t products[5];
#pragma clang loop unroll(full)
  for (int k = 0; k < 5; ++k) {
    products[k] = 0;
#pragma clang loop unroll(full)
    for (int i = 0; i < 5; ++i) {
      const uint32_t factor = i <= k ? b.limbs[k - i] : 5 * b.limbs[k - i + 5];
      products[k] += uint64_t{a.limbs[i]} * factor;
    }
  }
  Number result;
  uint64_t carry = 0;
#pragma clang loop unroll(full)
  for (int k = 0; k < 5; ++k) {
    products[k] += carry;
    result.limbs[k] = static_cast<uint32_t>(products[k]) & kLimb;
    carry = products[k] >> 26;
  }
  carry = result.limbs[0] + 5 * carry;
  result.limbs[0] = static_cast<uint32_t>(carry) & kLimb;
  result.limbs[1] += static_cast<uint32_t>(carry >> 26);
  return result;
}

void Poly1305::Start(const uint8_t* key) {
  // RFC 8439, section 2.5: some bits of r are clear.
  r_ = {{Load32(key) & 0x3ffffff, Load32(key + 3) >> 2 & 0x3ffff03, Load32(key + 6) >> 4 & 0x3ffc0ff,
         Load32(key + 9) >> 6 & 0x3f03fff, Load32(key + 12) >> 8 & 0x00fffff}};
  sum_ = {};
  std::memcpy(s_, key + 16, sizeof(s_));
  used_ = 0;
  lanes_ready_ = false;
}

void Poly1305::AddBlocks(const uint8_t* in, size_t size, uint32_t bit_128) {
  Number sum = sum_;
  for (; size >= kBlockSize; in += kBlockSize, size -= kBlockSize) {
    sum.limbs[0] += Load32(in) & kLimb;
    sum.limbs[1] += Load32(in + 3) >> 2 & kLimb;
    sum.limbs[2] += Load32(in + 6) >> 4 & kLimb;
    sum.limbs[3] += Load32(in + 9) >> 6;
    sum.limbs[4] += Load32(in + 12) >> 8 | bit_128 << 24;
    sum = Multiply(sum, r_);
  }
  sum_ = sum;
}

// r^8 in limbs between -2^12 and 2^12, so that five times one still has 16 bits. Multiplier k goes with limbs 2i and
// 2i + 1 of a number towards limb k + 2i of the product: limbs k and k - 1 of r^8, where limb -1 is five times limb 9.
void Poly1305::PrepareLanes() {
  Number power = r_;
#pragma clang loop unroll(disable)
  for (int i = 0; i < 3; ++i) power = Multiply(power, power);
  int32_t limbs[20];
  int32_t* const upper = limbs + 10;
  int32_t carry = 0;
  for (int i = 0; i < 10; ++i) {
    const uint32_t limb = power.limbs[i / 2];
    const auto value = static_cast<int32_t>(i % 2 == 0 ? limb & kHalf : limb >> 13) + carry;
    carry = (value + 0x1000) >> 13;
    upper[i] = value - carry * 0x2000;
  }
  upper[0] += 5 * carry;
  carry = (upper[0] + 0x1000) >> 13;
  upper[0] -= carry * 0x2000;
  upper[1] += carry;
  for (int i = 0; i < 10; ++i) limbs[i] = 5 * upper[i];
  for (int i = 0; i < 18; ++i) {
    const auto even = static_cast<uint32_t>(limbs[i + 2]);
    const auto odd = static_cast<uint32_t>(limbs[i + 1]);
    multipliers_[i] = (even & 0xffff) | odd << 16;
  }
  Wipe(limbs, sizeof(limbs));
  lanes_ready_ = true;
}

void Poly1305::AddLanes(const uint8_t* in, size_t size) {
  if (!lanes_ready_) PrepareLanes();
  I16x8 multipliers[18];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 18; ++i) multipliers[i] = SplatPair(multipliers_[i]);
  // `volatile` keeps one behind the other. The machine overlaps them; a compiler that does so spills what they share.
  volatile Pairs lanes[2][5];
#pragma clang loop unroll(disable)
  for (size_t quad = 0; quad < 2; ++quad) {
    const Numbers blocks = LoadQuad(in + 64 * quad);
    for (size_t i = 0; i < 5; ++i) {
      const uint32_t limb = quad == 0 ? sum_.limbs[i] : 0;
      lanes[quad][i] = blocks.pairs[i] + reinterpret_cast<I16x8>(U32x4{(limb & kHalf) | limb >> 13 << 16, 0, 0, 0});
    }
  }
  for (size_t done = kStep; done < size; done += kStep) {
#pragma clang loop unroll(disable)
    for (size_t quad = 0; quad < 2; ++quad) {
      Numbers x;
#pragma clang loop unroll(full)
      for (size_t i = 0; i < 5; ++i) x.pairs[i] = lanes[quad][i];
      const Numbers product = MultiplyQuad(x, multipliers + 8);
      const Numbers blocks = LoadQuad(in + done + 64 * quad);
#pragma clang loop unroll(full)
      for (size_t i = 0; i < 5; ++i) lanes[quad][i] = product.pairs[i] + blocks.pairs[i];
    }
  }
  // Lane i has every eighth block from block i on, by powers of r^8: sum = ((s0 * r + s1) * r + ... + s7) * r.
  Number sum = {};
  for (const auto& quad : lanes) {
#pragma clang loop unroll(disable)
    for (size_t lane = 0; lane < 8; lane += 2) {
      for (size_t i = 0; i < 5; ++i) {
        // Twice p makes every limb positive.
        const Pairs pairs = quad[i];
        const int even = pairs[lane] + static_cast<int>(2 * (i == 0 ? kHalf - 4 : kHalf));
        const int odd = pairs[lane + 1] + static_cast<int>(2 * kHalf);
        sum.limbs[i] += static_cast<uint32_t>(even + odd * 0x2000);
      }
      sum = Multiply(sum, r_);
    }
  }
  sum_ = sum;
  for (auto& quad : lanes) Wipe(quad);
  Wipe(multipliers, sizeof(multipliers));
}

void Poly1305::Update(const uint8_t* in, size_t size) {
  if (used_ > 0) {
    const size_t part = std::min(size, kBlockSize - used_);
    if (part > 0) std::memcpy(block_ + used_, in, part);
    used_ += part;
    in += part, size -= part;
    if (used_ < kBlockSize) return;
    AddBlocks(block_, kBlockSize, 1);
    used_ = 0;
  }
  if (size >= kWorthLanes) {
    const size_t whole = size - size % kStep;
    AddLanes(in, whole);
    in += whole, size -= whole;
  }
  const size_t blocks = size - size % kBlockSize;
  AddBlocks(in, blocks, 1);
  if (size > blocks) std::memcpy(block_, in + blocks, size - blocks);
  used_ = size - blocks;
}

void Poly1305::Pad() {
  if (used_ == 0) return;
  std::memset(block_ + used_, 0, kBlockSize - used_);
  AddBlocks(block_, kBlockSize, 1);
  used_ = 0;
}

void Poly1305::Finish(uint8_t* tag) {
  if (used_ > 0) {
    block_[used_] = 1;
    std::memset(block_ + used_ + 1, 0, kBlockSize - used_ - 1);
    AddBlocks(block_, kBlockSize, 0);
  }
  uint32_t* const h = sum_.limbs;
  // Below 2^130, but for a carry out of the last round that has been added below.
  uint32_t carry = 0;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 5; ++i) {
      h[i] += carry;
      carry = h[i] >> 26;
      h[i] &= kLimb;
    }
    carry *= 5;
  }
  h[0] += carry;
  // h mod p: h + 5 has bit 130 where h is p or more. Both are computed, and one is taken.
  uint32_t reduced[5];
  carry = 5;
  for (int i = 0; i < 5; ++i) {
    reduced[i] = h[i] + carry;
    carry = reduced[i] >> 26;
    reduced[i] &= kLimb;
  }
  const uint32_t mask = 0 - carry;
  for (int i = 0; i < 5; ++i) h[i] = (h[i] & ~mask) | (reduced[i] & mask);
  const uint32_t words[4] = {h[0] | h[1] << 26, h[1] >> 6 | h[2] << 20, h[2] >> 12 | h[3] << 14,
                             h[3] >> 18 | h[4] << 8};
  uint64_t sum = 0;
  for (size_t i = 0; i < 4; ++i) {
    sum += uint64_t{words[i]} + s_[i];
    const auto word = static_cast<uint32_t>(sum);
    std::memcpy(tag + 4 * i, &word, sizeof(word));
    sum >>= 32;
  }
}

}  // namespace wasm_tls::kernels
