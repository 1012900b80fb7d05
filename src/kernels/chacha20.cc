#include "chacha20.h"

#include <algorithm>
#include <cstring>

#include "simd.h"
#include "wipe.h"

namespace wasm_tls::kernels {
namespace {

// Four blocks: each vector holds one word of each.
//
// They stay in memory between the rounds, which `volatile` is for. Sixteen vectors do not fit into the registers of x86
// anyway; an engine that compiles wasm would put some of them on its stack, at addresses that are no multiples of 16,
// and do the rounds of one group after those of the other. So, groups can also be counted at run time.
using Group = volatile U32x4[16];

// A group alone waits for its own results half of the time: four keep the machine busy.
constexpr size_t kGroups = 4;
constexpr size_t kGroupSize = 4 * ChaCha20::kBlockSize;

constexpr uint32_t kConstants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

U32x4 Splat(uint32_t word) { return U32x4{word, word, word, word}; }

// By whole bytes: one instruction, because the indices are constants that need no check.
U32x4 RotateBy16(U32x4 v) {
  constexpr U8x16 kIndex = {2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13};
  return reinterpret_cast<U32x4>(Swizzle(reinterpret_cast<U8x16>(v), kIndex));
}

U32x4 RotateBy8(U32x4 v) {
  constexpr U8x16 kIndex = {3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14};
  return reinterpret_cast<U32x4>(Swizzle(reinterpret_cast<U8x16>(v), kIndex));
}

template <int kBits>
U32x4 Rotate(U32x4 v) {
  return v << kBits | v >> (32 - kBits);
}

// Two quarter rounds side by side: that many fit into registers.
[[gnu::always_inline]] inline void QuarterRounds(Group& x, const size_t (&columns)[2], size_t shift) {
  U32x4 a[2];
  U32x4 b[2];
  U32x4 c[2];
  U32x4 d[2];
  const auto word = [&](size_t row, size_t i) -> volatile U32x4& {
    return x[4 * row + (columns[i] + row * shift) % 4];
  };
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 2; ++i) {
    a[i] = word(0, i);
    b[i] = word(1, i);
    a[i] += b[i];
    d[i] = RotateBy16(word(3, i) ^ a[i]);
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 2; ++i) {
    c[i] = word(2, i) + d[i];
    b[i] = Rotate<12>(b[i] ^ c[i]);
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 2; ++i) {
    a[i] += b[i];
    word(0, i) = a[i];
    d[i] = RotateBy8(d[i] ^ a[i]);
    word(3, i) = d[i];
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 2; ++i) {
    c[i] += d[i];
    word(2, i) = c[i];
    word(1, i) = Rotate<7>(b[i] ^ c[i]);
  }
}

// A round of each group: of its columns, or of its diagonals, which lead one word further in each row.
template <size_t kShift>
void Round(Group* groups, size_t count) {
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < count; ++i) {
    QuarterRounds(groups[i], {0, 1}, kShift);
    QuarterRounds(groups[i], {2, 3}, kShift);
  }
}

// `words`: key, counter and nonce.
U32x4 Initial(const uint32_t* words, size_t group, size_t i) {
  if (i < 4) return Splat(kConstants[i]);
  const U32x4 word = Splat(words[i - 4]);
  return i == 12 ? word + Splat(static_cast<uint32_t>(4 * group)) + U32x4{0, 1, 2, 3} : word;
}

void Compute(Group* groups, const uint32_t* words, size_t count) {
  for (size_t group = 0; group < count; ++group) {
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 16; ++i) groups[group][i] = Initial(words, group, i);
  }
#pragma clang loop unroll(disable)
  for (int i = 0; i < 10; ++i) {
    Round<0>(groups, count);
    Round<1>(groups, count);
  }
}

// out = in ^ key stream. Words to blocks: four words of each block at a time, 64 bytes from one block to the next.
// Not inlined: a call costs nothing beside it.
[[gnu::noinline]] void Output(const Group& x, const uint32_t* words, size_t group, const uint8_t* in, uint8_t* out) {
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 16; i += 4) {
    U32x4 row[4];
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; ++k) row[k] = x[i + k] + Initial(words, group, i + k);
    const U32x4 low_01 = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
    const U32x4 low_23 = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
    const U32x4 high_01 = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
    const U32x4 high_23 = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
    const uint8_t* const from = in + 4 * i;
    uint8_t* const to = out + 4 * i;
    Store(to, Load<U32x4>(from) ^ __builtin_shufflevector(low_01, low_23, 0, 1, 4, 5));
    Store(to + 64, Load<U32x4>(from + 64) ^ __builtin_shufflevector(low_01, low_23, 2, 3, 6, 7));
    Store(to + 128, Load<U32x4>(from + 128) ^ __builtin_shufflevector(high_01, high_23, 0, 1, 4, 5));
    Store(to + 192, Load<U32x4>(from + 192) ^ __builtin_shufflevector(high_01, high_23, 2, 3, 6, 7));
  }
}

// Rows of three blocks: what few bytes are encrypted with. Their twelve vectors stay in registers.
struct Rows {
  U32x4 a, b, c, d;

  [[gnu::always_inline]] void Round() {
    a += b;
    d = RotateBy16(d ^ a);
    c += d;
    b = Rotate<12>(b ^ c);
    a += b;
    d = RotateBy8(d ^ a);
    c += d;
    b = Rotate<7>(b ^ c);
  }

  // Turns diagonals into columns, and back.
  [[gnu::always_inline]] void ToColumns() {
    b = __builtin_shufflevector(b, b, 1, 2, 3, 0);
    c = __builtin_shufflevector(c, c, 2, 3, 0, 1);
    d = __builtin_shufflevector(d, d, 3, 0, 1, 2);
  }
  [[gnu::always_inline]] void ToDiagonals() {
    b = __builtin_shufflevector(b, b, 3, 0, 1, 2);
    c = __builtin_shufflevector(c, c, 2, 3, 0, 1);
    d = __builtin_shufflevector(d, d, 1, 2, 3, 0);
  }
};

void MakeThreeBlocks(const uint32_t* words, uint8_t* out) {
  const auto initial = [words](uint32_t block) {
    return Rows{Load<U32x4>(kConstants), Load<U32x4>(words), Load<U32x4>(words + 4),
                Load<U32x4>(words + 8) + U32x4{block, 0, 0, 0}};
  };
  Rows x = initial(0);
  Rows y = initial(1);
  Rows z = initial(2);
#pragma clang loop unroll(disable)
  for (int i = 0; i < 10; ++i) {
    x.Round(), y.Round(), z.Round();
    x.ToColumns(), y.ToColumns(), z.ToColumns();
    x.Round(), y.Round(), z.Round();
    x.ToDiagonals(), y.ToDiagonals(), z.ToDiagonals();
  }
  // By value: nothing that has an address is left behind.
  const auto store = [&](uint32_t block, Rows rows) __attribute__((always_inline)) {
    const Rows first = initial(block);
    uint8_t* const to = out + block * ChaCha20::kBlockSize;
    Store(to, rows.a + first.a);
    Store(to + 16, rows.b + first.b);
    Store(to + 32, rows.c + first.c);
    Store(to + 48, rows.d + first.d);
  };
  store(0, x), store(1, y), store(2, z);
}

void Xor(const uint8_t* in, const uint8_t* stream, uint8_t* out, size_t size) {
  size_t i = 0;
  for (; i + 16 <= size; i += 16) Store(out + i, Load<U8x16>(in + i) ^ Load<U8x16>(stream + i));
  for (; i < size; ++i) out[i] = in[i] ^ stream[i];
}

}  // namespace

void ChaCha20::SetKey(const uint8_t* key) { std::memcpy(words_, key, kKeySize); }

void ChaCha20::Start(const uint8_t* nonce, uint32_t counter) {
  words_[8] = counter;
  std::memcpy(words_ + 9, nonce, kNonceSize);
  used_ = kAheadSize;
}

void ChaCha20::Process(const uint8_t* in, uint8_t* out, size_t size) {
  const auto process_ahead = [&] {
    const size_t part = std::min(size, kAheadSize - used_);
    Xor(in, ahead_ + used_, out, part);
    used_ += part;
    in += part, out += part, size -= part;
  };
  process_ahead();
  if (size >= kGroupSize) {
    Group groups[kGroups];
    const size_t most = std::min(kGroups, size / kGroupSize);
    while (size >= kGroupSize) {
      const size_t count = std::min(kGroups, size / kGroupSize);
      Compute(groups, words_, count);
      for (size_t group = 0; group < count; ++group) {
        Output(groups[group], words_, group, in, out);
        in += kGroupSize, out += kGroupSize, size -= kGroupSize;
      }
      words_[8] += static_cast<uint32_t>(4 * count);
    }
    // From what is in there the key can be computed.
    for (size_t group = 0; group < most; ++group) Wipe(groups[group]);
  }
  while (size > 0) {
    MakeThreeBlocks(words_, ahead_);
    words_[8] += 3;
    used_ = 0;
    process_ahead();
  }
}

}  // namespace wasm_tls::kernels
