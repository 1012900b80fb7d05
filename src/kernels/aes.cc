#include "src/kernels/aes.h"

#include <initializer_list>

#include "src/kernels/nibbles.h"
#include "src/kernels/wipe.h"

namespace wasm_tls::kernels {
namespace {

// --- One block: Hamburg, "Accelerating AES with vector permute instructions", CHES 2009.
//
// GF(2^8) as pairs over GF(16), a nibble each, in which an inversion is five inversions and divisions in GF(16): each a
// look-up by nibble. The inverse of 0 is "infinity", an index with the top bit set: whose own inverse is then 0.

constexpr uint8_t kInfinity = 0x80;
constexpr U8x16 kInverse = {kInfinity, 0x01, 0x0c, 0x08, 0x06, 0x0f, 0x04, 0x0e,
                            0x03,      0x0d, 0x0b, 0x0a, 0x02, 0x09, 0x07, 0x05};
// 3 divided by the index.
constexpr U8x16 kQuotient = {kInfinity, 0x03, 0x0d, 0x01, 0x0a, 0x08, 0x0c, 0x0b,
                             0x05,      0x0e, 0x04, 0x07, 0x06, 0x02, 0x09, 0x0f};

constexpr ByteMap kToPairs = {
    {0x00, 0x7a, 0x9a, 0xe0, 0x7f, 0x05, 0xe5, 0x9f, 0xe8, 0x92, 0x72, 0x08, 0x97, 0xed, 0x0d, 0x77},
    {0x00, 0x01, 0x67, 0x66, 0xd0, 0xd1, 0xb7, 0xb6, 0xd3, 0xd2, 0xb4, 0xb5, 0x03, 0x02, 0x64, 0x65}};

constexpr ByteMap kFromPairs = {
    {0x00, 0xf2, 0xc6, 0x34, 0x99, 0x6b, 0x5f, 0xad, 0x6f, 0x9d, 0xa9, 0x5b, 0xf6, 0x04, 0x30, 0xc2},
    {0x00, 0x01, 0x0d, 0x0c, 0x51, 0x50, 0x5c, 0x5d, 0xb0, 0xb1, 0xbd, 0xbc, 0xe1, 0xe0, 0xec, 0xed}};

// From the two nibbles that Invert() gives: the S-box without its constant, as it is, …
constexpr ByteMap kSBox = {
    {0x00, 0xe6, 0x85, 0x2c, 0xba, 0x70, 0xa9, 0x96, 0xf5, 0x63, 0xd9, 0x3f, 0x13, 0xca, 0x5c, 0x4f},
    {0x00, 0xf9, 0x31, 0xb1, 0x08, 0x40, 0x80, 0xb9, 0x71, 0xc8, 0xc0, 0x39, 0x88, 0x48, 0xf1, 0x79}};
// … as pairs, …
constexpr ByteMap kSBoxPairs = {
    {0x00, 0xba, 0x39, 0x99, 0xbc, 0x9f, 0xa0, 0x25, 0xa6, 0x83, 0x3f, 0x85, 0x1c, 0x23, 0x06, 0x1a},
    {0x00, 0xa5, 0xe1, 0x09, 0xd3, 0x7f, 0xe8, 0xda, 0x9e, 0x44, 0x97, 0x32, 0x3b, 0xac, 0x76, 0x4d}};
// … and that, times x.
constexpr ByteMap kSBoxDoubled = {
    {0x00, 0x5b, 0x7b, 0xd6, 0x80, 0x0d, 0xad, 0x56, 0x76, 0x20, 0xa0, 0xfb, 0x2d, 0x8d, 0xdb, 0xf6},
    {0x00, 0xdf, 0x82, 0x4d, 0x7a, 0xe8, 0xcf, 0x37, 0x6a, 0x5d, 0x27, 0xf8, 0xb5, 0x92, 0xa5, 0x10}};

Nibbles Invert(U8x16 pairs) {
  const Nibbles in = Split(pairs);
  const U8x16 sum = in.low ^ in.high;
  const U8x16 quotient = Swizzle(kQuotient, in.high);
  const U8x16 low = Swizzle(kInverse, in.low) ^ quotient;
  const U8x16 high = Swizzle(kInverse, sum) ^ quotient;
  return {Swizzle(kInverse, high) ^ in.low, Swizzle(kInverse, low) ^ sum};
}

// Half of the bytes of two vectors, from `kFirst` on, in pairs.
template <int kFirst>
U16x8 Interleave(U8x16 a, U8x16 b) {
  constexpr int k = kFirst;
  return reinterpret_cast<U16x8>(__builtin_shufflevector(a, b, k, k + 16, k + 1, k + 17, k + 2, k + 18, k + 3, k + 19,
                                                         k + 4, k + 20, k + 5, k + 21, k + 6, k + 22, k + 7, k + 23));
}

// What the S-box adds. It passes MixColumns unchanged, and so goes into the round keys.
constexpr uint8_t kSBoxConstant = 0x63;

U8x16 SubBytes(U8x16 bytes) { return Apply(kSBox, Invert(Apply(kToPairs, Split(bytes)))) ^ kSBoxConstant; }

// --- Rows.

constexpr U8x16 kTransposed = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
constexpr U8x16 kShiftRows = {0, 1, 2, 3, 5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14};
constexpr U8x16 kUnshiftRows = {0, 1, 2, 3, 7, 4, 5, 6, 10, 11, 8, 9, 13, 14, 15, 12};
// Both steps after the last S-box: ShiftRows, and back to columns.
constexpr U8x16 kShiftRowsTransposed = {0, 5, 10, 15, 1, 6, 11, 12, 2, 7, 8, 13, 3, 4, 9, 14};

U8x16 Transpose(U8x16 state) { return Swizzle(state, kTransposed); }

template <int kRows>
U8x16 RotateRows(U8x16 state) {
  const U32x4 rows = reinterpret_cast<U32x4>(state);
  return reinterpret_cast<U8x16>(
      __builtin_shufflevector(rows, rows, kRows % 4, (kRows + 1) % 4, (kRows + 2) % 4, (kRows + 3) % 4));
}

// --- Eight blocks.

// Exchanges the bits of `a` that the mask has, shifted, with those of `b`.
template <int kShift>
void SwapBits(U8x16& a, U8x16& b, uint64_t mask) {
  U64x2 x = reinterpret_cast<U64x2>(a);
  U64x2 y = reinterpret_cast<U64x2>(b);
  const U64x2 different = ((x >> kShift) ^ y) & mask;
  b = reinterpret_cast<U8x16>(y ^ different);
  a = reinterpret_cast<U8x16>(x ^ (different << kShift));
}

// Bit i of vector j goes to bit j of vector i.
void TransposeBits(U8x16 v[8]) {
  for (size_t i = 0; i < 8; i += 2) SwapBits<1>(v[i], v[i + 1], 0x5555555555555555);
  for (const size_t i : {0, 1, 4, 5}) SwapBits<2>(v[i], v[i + 2], 0x3333333333333333);
  for (size_t i = 0; i < 4; ++i) SwapBits<4>(v[i], v[i + 4], 0x0f0f0f0f0f0f0f0f);
}

// The S-box without its constant: Boyar and Peralta, "A small depth-16 circuit for the AES S-box", 2011, and theirs of
// 115 gates before it.
inline __attribute__((always_inline)) void SubSlices(U8x16 s[8]) {
  const U8x16 x0 = s[7], x1 = s[6], x2 = s[5], x3 = s[4], x4 = s[3], x5 = s[2], x6 = s[1], x7 = s[0];
  // Linear, …
  const U8x16 y14 = x3 ^ x5, y13 = x0 ^ x6, y9 = x0 ^ x3, y8 = x0 ^ x5, t0 = x1 ^ x2;
  const U8x16 y1 = t0 ^ x7, y4 = y1 ^ x3, y12 = y13 ^ y14, y2 = y1 ^ x0, y5 = y1 ^ x6, y3 = y5 ^ y8;
  const U8x16 t1 = x4 ^ y12, y15 = t1 ^ x5, y20 = t1 ^ x1, y6 = y15 ^ x7, y10 = y15 ^ t0, y11 = y20 ^ y9;
  const U8x16 y7 = x7 ^ y11, y17 = y10 ^ y11, y19 = y10 ^ y8, y16 = t0 ^ y11, y21 = y13 ^ y16, y18 = x0 ^ y16;
  // … the inversion, …
  const U8x16 t2 = y12 & y15, t3 = y3 & y6, t4 = t3 ^ t2, t5 = y4 & x7, t6 = t5 ^ t2, t7 = y13 & y16;
  const U8x16 t8 = y5 & y1, t9 = t8 ^ t7, t10 = y2 & y7, t11 = t10 ^ t7, t12 = y9 & y11, t13 = y14 & y17;
  const U8x16 t14 = t13 ^ t12, t15 = y8 & y10, t16 = t15 ^ t12, t17 = t4 ^ t14, t18 = t6 ^ t16, t19 = t9 ^ t14;
  const U8x16 t20 = t11 ^ t16, t21 = t17 ^ y20, t22 = t18 ^ y19, t23 = t19 ^ y21, t24 = t20 ^ y18;
  const U8x16 t25 = t21 ^ t22, t26 = t21 & t23, t27 = t24 ^ t26, t28 = t25 & t27, t29 = t28 ^ t22, t30 = t23 ^ t24;
  const U8x16 t31 = t22 ^ t26, t32 = t31 & t30, t33 = t32 ^ t24, t34 = t23 ^ t33, t35 = t27 ^ t33, t36 = t24 & t35;
  const U8x16 t37 = t36 ^ t34, t38 = t27 ^ t36, t39 = t29 & t38, t40 = t25 ^ t39, t41 = t40 ^ t37, t42 = t29 ^ t33;
  const U8x16 t43 = t29 ^ t40, t44 = t33 ^ t37, t45 = t42 ^ t41;
  const U8x16 z0 = t44 & y15, z1 = t37 & y6, z2 = t33 & x7, z3 = t43 & y16, z4 = t40 & y1, z5 = t29 & y7;
  const U8x16 z6 = t42 & y11, z7 = t45 & y17, z8 = t41 & y10, z9 = t44 & y12, z10 = t37 & y3, z11 = t33 & y4;
  const U8x16 z12 = t43 & y13, z13 = t40 & y5, z14 = t29 & y2, z15 = t42 & y9, z16 = t45 & y14, z17 = t41 & y8;
  // … and linear again.
  const U8x16 t46 = z15 ^ z16, t47 = z10 ^ z11, t48 = z5 ^ z13, t49 = z9 ^ z10, t50 = z2 ^ z12, t51 = z2 ^ z5;
  const U8x16 t52 = z7 ^ z8, t53 = z0 ^ z3, t54 = z6 ^ z7, t55 = z16 ^ z17, t56 = z12 ^ t48, t57 = t50 ^ t53;
  const U8x16 t58 = z4 ^ t46, t59 = z3 ^ t54, t60 = t46 ^ t57, t61 = z14 ^ t57, t62 = t52 ^ t58, t63 = t49 ^ t58;
  const U8x16 t64 = z4 ^ t59, t65 = t61 ^ t62, t66 = z1 ^ t63, t67 = t64 ^ t65;
  s[7] = t59 ^ t63;
  s[4] = t53 ^ t66;
  s[3] = t51 ^ t66;
  s[2] = t47 ^ t65;
  s[1] = t56 ^ t62;
  s[0] = t48 ^ t60;
  s[6] = t64 ^ s[4];
  s[5] = t55 ^ t67;
}

// The inverse of the S-box' linear map, and thereby of the S-box: what SubSlices() does lies between two of it.
void InvertAffine(U8x16 s[8]) {
  U8x16 in[8];
  for (size_t i = 0; i < 8; ++i) in[i] = s[i];
  for (size_t i = 0; i < 8; ++i) s[i] = in[(i + 2) % 8] ^ in[(i + 5) % 8] ^ in[(i + 7) % 8];
}

void AddKey(U8x16 s[8], const U8x16 key[8]) {
  for (size_t i = 0; i < 8; ++i) s[i] ^= key[i];
}

// ShiftRows and MixColumns.
inline __attribute__((always_inline)) void MixSlices(U8x16 s[8]) {
  U8x16 next[8], sum[8];
  for (size_t i = 0; i < 8; ++i) {
    const U8x16 shifted = Swizzle(s[i], kShiftRows);
    next[i] = RotateRows<1>(shifted);
    sum[i] = shifted ^ next[i];
  }
  for (size_t i = 0; i < 8; ++i) {
    U8x16 doubled = sum[(i + 7) % 8];
    if (i == 1 || i == 3 || i == 4) doubled ^= sum[7];
    s[i] = next[i] ^ RotateRows<2>(sum[i]) ^ doubled;
  }
}

// The inverse of MixColumns: its fourth power is the identity, and its square is simple.
void UnmixSlices(U8x16 s[8]) {
  // 4 (a + the row two below) added to each, …
  U8x16 far[8];
  for (size_t i = 0; i < 8; ++i) far[i] = s[i] ^ RotateRows<2>(s[i]);
  for (size_t i = 0; i < 8; ++i) s[i] ^= far[(i + 6) % 8];
  for (const size_t i : {1, 3, 4}) s[i] ^= far[6];
  for (const size_t i : {2, 4, 5}) s[i] ^= far[7];
  // … and then MixColumns.
  U8x16 next[8], sum[8];
  for (size_t i = 0; i < 8; ++i) {
    next[i] = RotateRows<1>(s[i]);
    sum[i] = s[i] ^ next[i];
  }
  for (size_t i = 0; i < 8; ++i) {
    U8x16 doubled = sum[(i + 7) % 8];
    if (i == 1 || i == 3 || i == 4) doubled ^= sum[7];
    s[i] = next[i] ^ RotateRows<2>(sum[i]) ^ doubled;
  }
}

// A round. Not inlined: in longer functions compilers of wasm make more of what does not fit into registers.
__attribute__((noinline)) void EncryptRound(U8x16 state[8], const U8x16 key[8]) {
  U8x16 s[8];
  for (size_t i = 0; i < 8; ++i) s[i] = state[i];
  SubSlices(s);
  MixSlices(s);
  for (size_t i = 0; i < 8; ++i) state[i] = s[i] ^ key[i];
}

// The last one, whose result is blocks.
__attribute__((noinline)) void EncryptLastRound(U8x16 state[8], const U8x16 key[8]) {
  U8x16 s[8];
  for (size_t i = 0; i < 8; ++i) s[i] = state[i];
  SubSlices(s);
  for (size_t i = 0; i < 8; ++i) s[i] = Swizzle(s[i], kShiftRowsTransposed) ^ key[i];
  TransposeBits(s);
  for (size_t i = 0; i < 8; ++i) state[i] = s[i];
}

// Everything after round 1. Of two states that take turns each goes on while the other's results are under way.
void EncryptSlices(const SlicedKey& key, U8x16* states, size_t count) {
  for (size_t round = 2; round < key.rounds; ++round) {
    for (size_t i = 0; i < count; ++i) EncryptRound(states + 8 * i, key.keys[round]);
  }
  for (size_t i = 0; i < count; ++i) EncryptLastRound(states + 8 * i, key.keys[key.rounds]);
}

void SliceKey(U8x16 slices[8], U8x16 bytes) {
  for (size_t bit = 0; bit < 8; ++bit) {
    slices[bit] = reinterpret_cast<U8x16>((bytes & static_cast<uint8_t>(1U << bit)) != 0);
  }
}

}  // namespace

void AesSetKey(AesKey& key, const uint8_t* bytes, size_t size) {
  const size_t words_of_key = size / 4;
  key.rounds = words_of_key + 6;
  uint8_t schedule[16 * (kAesMaxRounds + 1)];
  std::memcpy(schedule, bytes, size);
  U8x16 round_constant = {1};
  for (size_t word = words_of_key; word < 4 * (key.rounds + 1); ++word) {
    U8x16 last = {};
    std::memcpy(&last, schedule + 4 * word - 4, 4);
    if (word % words_of_key == 0) {
      last = SubBytes(__builtin_shufflevector(last, last, 1, 2, 3, 0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
      last ^= round_constant;
      round_constant = round_constant[0] == 0x80 ? U8x16{0x1b} : round_constant << 1;
    } else if (words_of_key > 6 && word % words_of_key == 4) {
      last = SubBytes(last);
    }
    U8x16 earlier = {};
    std::memcpy(&earlier, schedule + 4 * (word - words_of_key), 4);
    last ^= earlier;
    std::memcpy(schedule + 4 * word, &last, 4);
  }
  key.first = Transpose(Load<U8x16>(schedule));
  for (size_t round = 1; round < key.rounds; ++round) {
    const U8x16 round_key = Load<U8x16>(schedule + 16 * round) ^ kSBoxConstant;
    key.middle[round - 1] = Transpose(Apply(kToPairs, Split(round_key)));
  }
  key.last = Load<U8x16>(schedule + 16 * key.rounds) ^ kSBoxConstant;
  Wipe(schedule, sizeof(schedule));
}

U8x16 AesEncrypt(const AesKey& key, U8x16 block) {
  // ShiftRows, with the rows moved up by one, two and three.
  constexpr U8x16 kUp1 = {5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14, 0, 1, 2, 3};
  constexpr U8x16 kUp2 = {10, 11, 8, 9, 15, 12, 13, 14, 0, 1, 2, 3, 5, 6, 7, 4};
  constexpr U8x16 kUp3 = {15, 12, 13, 14, 0, 1, 2, 3, 5, 6, 7, 4, 10, 11, 8, 9};
  U8x16 state = Apply(kToPairs, Split(Transpose(block) ^ key.first));
  for (size_t round = 1; round < key.rounds; ++round) {
    const Nibbles inverse = Invert(state);
    const U8x16 once = Apply(kSBoxPairs, inverse);
    const U8x16 twice = Apply(kSBoxDoubled, inverse);
    state = Swizzle(once, kUp3) ^ Swizzle(once, kUp1) ^ Swizzle(once, kUp2) ^ Swizzle(twice, kShiftRows) ^
            Swizzle(twice, kUp1) ^ key.middle[round - 1];
  }
  return Swizzle(Apply(kSBox, Invert(state)), kShiftRowsTransposed) ^ key.last;
}

void AesSlice(SlicedKey& sliced, const AesKey& key) {
  sliced.rounds = key.rounds;
  SliceKey(sliced.keys[0], key.first);
  for (size_t round = 1; round < key.rounds; ++round) {
    SliceKey(sliced.keys[round], Apply(kFromPairs, Split(key.middle[round - 1])));
  }
  SliceKey(sliced.keys[key.rounds], key.last);
}

void AesDecrypt8(const SlicedKey& key, U8x16 blocks[8]) {
  TransposeBits(blocks);
  AddKey(blocks, key.keys[key.rounds]);
  for (size_t i = 0; i < 8; ++i) blocks[i] = Swizzle(blocks[i], kTransposed);
  for (size_t round = key.rounds - 1;; --round) {
    for (size_t i = 0; i < 8; ++i) blocks[i] = Swizzle(blocks[i], kUnshiftRows);
    InvertAffine(blocks);
    SubSlices(blocks);
    InvertAffine(blocks);
    AddKey(blocks, key.keys[round]);
    if (round == 0) break;
    UnmixSlices(blocks);
  }
  TransposeBits(blocks);
  for (size_t i = 0; i < 8; ++i) blocks[i] = Transpose(blocks[i]);
}

void AesOpenWindow(CounterWindow& window, const SlicedKey& key, U8x16 counter) {
  const bool upper_half = counter[15] >= 128;
  // What fifteen bytes make of round 1. A last byte of 0 adds nothing to it.
  SliceKey(window.constant, Transpose(counter));
  for (size_t i = 0; i < 8; ++i) {
    window.constant[i] ^= key.keys[0][i];
    window.constant[i][15] = 0;
  }
  EncryptRound(window.constant, key.keys[1]);

  constexpr U8x16 kBit0 = {0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255};
  constexpr U8x16 kBit1 = {0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255};
  constexpr U8x16 kBit2 = {0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255};
  constexpr U8x16 kBit3 = {0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255};
  // The S-box of the last byte, for all of the window: byte g of a slice is of group g.
  const uint8_t top = upper_half ? 255 : 0;
  U8x16 last[8] = {{}, {}, {}, kBit0, kBit1, kBit2, kBit3, {}};
  last[0] ^= 0xaa;
  last[1] ^= 0xcc;
  last[2] ^= 0xf0;
  last[7] ^= top;
  for (size_t i = 0; i < 8; ++i) last[i] ^= key.keys[0][i][15];
  SubSlices(last);
  // MixColumns has it once in rows 0 and 1, three times in row 2, twice in row 3.
  for (size_t i = 0; i < 8; ++i) {
    U8x16 doubled = last[(i + 7) % 8];
    if (i == 1 || i == 3 || i == 4) doubled ^= last[7];
    const U8x16 tripled = last[i] ^ doubled;
    const U16x8 pairs[4] = {Interleave<0>(last[i], last[i]), Interleave<0>(tripled, doubled),
                            Interleave<8>(last[i], last[i]), Interleave<8>(tripled, doubled)};
    for (size_t half = 0; half < 2; ++half) {
      const U16x8 upper = pairs[2 * half], lower = pairs[2 * half + 1];
      Store(&window.last[i][8 * half], __builtin_shufflevector(upper, lower, 0, 8, 1, 9, 2, 10, 3, 11));
      Store(&window.last[i][8 * half + 4], __builtin_shufflevector(upper, lower, 4, 12, 5, 13, 6, 14, 7, 15));
    }
  }
}

void AesCounter(const SlicedKey& key, const CounterWindow& window, size_t group, U8x16* blocks, size_t count) {
  // ShiftRows brings the last byte into column 0.
  constexpr uint8_t kNone = 0x80;
  constexpr U8x16 kColumn = {0, kNone, kNone, kNone, 1, kNone, kNone, kNone,
                             2, kNone, kNone, kNone, 3, kNone, kNone, kNone};
  for (size_t i = 0; i < count; ++i) {
    for (size_t slice = 0; slice < 8; ++slice) {
      const uint32_t rows = window.last[slice][group + i];
      const U8x16 everywhere = reinterpret_cast<U8x16>(U32x4{rows, rows, rows, rows});
      blocks[8 * i + slice] = window.constant[slice] ^ Swizzle(everywhere, kColumn);
    }
  }
  EncryptSlices(key, blocks, count);
}

}  // namespace wasm_tls::kernels
