#include "src/kernels/ghash.h"

#include "src/kernels/nibbles.h"
#include "src/kernels/wipe.h"

namespace wasm_tls::kernels {
namespace {

// GCM numbers bits from the left: the polynomial's coefficient of x^0 is the top bit of the first byte. Its modulus is
// x^128 + x^7 + x^2 + x + 1.

// The products of a nibble, in a byte's upper or lower half, with what `window` has from its bit 7 on: the upper byte
// of `window` is what the nibble's lower bits move in from the left.
U8x16 Products(uint32_t window) {
  constexpr U8x16 kBit0 = {0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255};
  constexpr U8x16 kBit1 = {0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255};
  constexpr U8x16 kBit2 = {0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255};
  constexpr U8x16 kBit3 = {0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255};
  const auto byte = [window](int shift) { return static_cast<uint8_t>(window >> shift); };
  return (kBit3 & byte(0)) ^ (kBit2 & byte(1)) ^ (kBit1 & byte(2)) ^ (kBit0 & byte(3));
}

U8x16 HighProducts(uint32_t window) { return Products(window); }
U8x16 LowProducts(uint32_t window) { return Products(window >> 4); }

constexpr uint8_t kZeroes = 0x80;  // An index that gives 0.

// Indices that move bytes by up to sixteen places, to the right from kMoves + 16 down, to the left from there up.
constexpr uint8_t kMoves[48] = {
    kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes,
    kZeroes, kZeroes, kZeroes, kZeroes, 0,       1,       2,       3,       4,       5,       6,       7,
    8,       9,       10,      11,      12,      13,      14,      15,      kZeroes, kZeroes, kZeroes, kZeroes,
    kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes, kZeroes};

U8x16 MoveRight(U8x16 bytes, size_t places) { return Swizzle(bytes, Load<U8x16>(kMoves + 16 - places)); }
U8x16 MoveLeft(U8x16 bytes, size_t places) { return Swizzle(bytes, Load<U8x16>(kMoves + 16 + places)); }

// 256 bits modulo the polynomial.
U8x16 Reduce(U8x16 low, U8x16 high) {
  // A byte times x^7 + x^2 + x + 1: what stays in its place, and what goes into the next byte.
  constexpr ByteMap kStays = {
      {0x00, 0x1c, 0x38, 0x24, 0x70, 0x6c, 0x48, 0x54, 0xe1, 0xfd, 0xd9, 0xc5, 0x91, 0x8d, 0xa9, 0xb5},
      {0x00, 0x01, 0x03, 0x02, 0x07, 0x06, 0x04, 0x05, 0x0e, 0x0f, 0x0d, 0x0c, 0x09, 0x08, 0x0a, 0x0b}};
  constexpr ByteMap kGoes = {
      {0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0, 0xe0, 0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0, 0xe0},
      {0x00, 0xc2, 0x84, 0x46, 0x08, 0xca, 0x8c, 0x4e, 0x10, 0xd2, 0x94, 0x56, 0x18, 0xda, 0x9c, 0x5e}};
  high ^= MoveLeft(Apply(kGoes, Split(high)), 15);
  const Nibbles nibbles = Split(high);
  return low ^ Apply(kStays, nibbles) ^ MoveRight(Apply(kGoes, nibbles), 1);
}

U8x16 Square(U8x16 factor) {
  constexpr U8x16 kSpread = {0x00, 0x02, 0x08, 0x0a, 0x20, 0x22, 0x28, 0x2a,
                             0x80, 0x82, 0x88, 0x8a, 0xa0, 0xa2, 0xa8, 0xaa};
  const Nibbles nibbles = Split(factor);
  const U8x16 high = Swizzle(kSpread, nibbles.high);
  const U8x16 low = Swizzle(kSpread, nibbles.low);
  return Reduce(__builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
                __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
}

// --- Sixteen blocks.
//
// Let column j of a matrix M be K x^j: then M v is the product of K and v. Each column is the one before, moved by one,
// with the modulus added in rows 0, 1, 2 and 7 if the top coefficient was set. So from row 8 on M is a Toeplitz matrix,
// where an element depends on the difference of row and column alone. Let it go on below, in rows 128 to 135. Row 128
// would be row 0, which is the top coefficient of the column before, if its first element was chosen so; and the other
// seven can be chosen so that rows 0 to 7 are the product of these rows and x^7 + x^2 + x + 1, cut off.

// The differences of row and column are -120 to 135: bit n is of difference n - 120.
struct Diagonals {
  uint8_t bytes[32];
};

uint64_t LoadBigEndian(const U8x16& bytes, size_t half) {
  return __builtin_bswap64(reinterpret_cast<U64x2>(bytes)[half]);
}

void StoreBigEndian(uint8_t* to, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(to, &value, sizeof(value));
}

Diagonals DiagonalsOf(U8x16 k) {
  const uint64_t left = LoadBigEndian(k, 0);
  const uint64_t right = LoadBigEndian(k, 1);
  const auto times = [](uint64_t word) { return word ^ (word >> 1) ^ (word >> 2) ^ (word >> 7); };
  const auto moved_out = [](uint64_t word) { return (word << 63) ^ (word << 62) ^ (word << 57); };
  // The part of K x^j that was reduced, once and then again.
  uint8_t bytes[33];
  StoreBigEndian(bytes, times(left) ^ (right << 50));
  StoreBigEndian(bytes + 8, times(right) ^ moved_out(left));
  StoreBigEndian(bytes + 16, left ^ moved_out(right));
  StoreBigEndian(bytes + 24, right);
  // K divided by x^7 + x^2 + x + 1, as series.
  const auto first = static_cast<uint8_t>(left >> 56);
  bytes[32] = static_cast<uint8_t>(first ^ (first >> 1) ^ (first >> 3) ^ (first >> 4) ^ (first >> 6));
  Diagonals result;
  std::memcpy(result.bytes, bytes + 1, sizeof(result.bytes));
  Wipe(bytes, sizeof(bytes));
  return result;
}

// Sixteen bits around the diagonal of bytes `diagonal`, from 0 to 30: its own eight and those to the left.
uint32_t Window(const Diagonals& diagonals, size_t diagonal) {
  return uint32_t{diagonals.bytes[diagonal]} << 8 | diagonals.bytes[diagonal + 1];
}

// Vectors of nibbles, of several bytes.
struct NibbleVectors {
  U8x16 high[4];
  U8x16 low[4];
};

// The products of the leaves, matrices of 4 by 4 bytes. In a function of its own, because compilers of wasm run out of
// registers in long ones.
__attribute__((noinline)) void MultiplyLeaves(const GhashTables& tables, const NibbleVectors* const in[9],
                                              U8x16 out[9][4]) {
  for (size_t i = 0; i < 9; ++i) {
    const GhashTables::Leaf& leaf = tables.leaves[i];
    U8x16 sums[4] = {};
    for (size_t column = 0; column < 4; ++column) {
      for (size_t row = 0; row < 4; ++row) sums[row] ^= Swizzle(leaf.high[row + 3 - column], in[i]->high[column]);
    }
    for (size_t column = 0; column < 4; ++column) {
      for (size_t row = 0; row < 4; ++row) sums[row] ^= Swizzle(leaf.low[row + 3 - column], in[i]->low[column]);
    }
    for (size_t row = 0; row < 4; ++row) out[i][row] = sums[row];
  }
}

NibbleVectors Sum(const NibbleVectors& a, const NibbleVectors& b) {
  NibbleVectors sum;
  for (size_t i = 0; i < 4; ++i) {
    sum.high[i] = a.high[i] ^ b.high[i];
    sum.low[i] = a.low[i] ^ b.low[i];
  }
  return sum;
}

// The bytes of two vectors by turns.
U8x16 InterleaveLeft(U8x16 a, U8x16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

U8x16 InterleaveRight(U8x16 a, U8x16 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// Of every other one of 16 rows the columns, two in a vector.
__attribute__((noinline)) void TransposeHalf(const uint8_t* rows, U8x16 out[8]) {
  U8x16 v[8], w[8];
  for (size_t i = 0; i < 8; ++i) v[i] = Load<U8x16>(rows + 32 * i);
  // Three times: vectors i and i + 4 are interleaved.
  const auto step = [](const U8x16* from, U8x16* to) {
    for (size_t i = 0; i < 4; ++i) {
      to[2 * i] = InterleaveLeft(from[i], from[i + 4]);
      to[2 * i + 1] = InterleaveRight(from[i], from[i + 4]);
    }
  };
  step(v, w);
  step(w, v);
  step(v, out);
}

// columns += 16 by 16 bytes, of which row i becomes column i.
void AddTransposed(const uint8_t* rows, U8x16 columns[16]) {
  U8x16 even[8], odd[8];
  TransposeHalf(rows, even);
  TransposeHalf(rows + 16, odd);
  for (size_t i = 0; i < 8; ++i) {
    columns[2 * i] ^= InterleaveLeft(even[i], odd[i]);
    columns[2 * i + 1] ^= InterleaveRight(even[i], odd[i]);
  }
}

// hashes *= the constant of the tables, each.
void MultiplyAll(const GhashTables& tables, U8x16 hashes[16]) {
  NibbleVectors in[4];
  for (size_t i = 0; i < 16; ++i) {
    const Nibbles nibbles = Split(hashes[i]);
    in[i / 4].high[i % 4] = nibbles.high;
    in[i / 4].low[i % 4] = nibbles.low;
  }
  // With the four parts of a matrix (A B; C A): (A + B) v1 + A (v0 + v1) and (A + C) v0 + A (v0 + v1), twice.
  const NibbleVectors sums[2] = {Sum(in[0], in[2]), Sum(in[1], in[3])};
  const NibbleVectors middle[3] = {Sum(sums[0], sums[1]), Sum(in[2], in[3]), Sum(in[0], in[1])};
  const NibbleVectors* const factors[9] = {&middle[0], &sums[1],   &sums[0], &middle[1], &in[3],
                                           &in[2],     &middle[2], &in[1],   &in[0]};
  U8x16 products[9][4];
  MultiplyLeaves(tables, factors, products);
  // Bytes 1 to 16.
  U8x16 out[16];
  for (size_t half = 0; half < 2; ++half) {
    const U8x16(*own)[4] = products + 3 + 3 * half;
    for (size_t i = 0; i < 4; ++i) {
      const U8x16 common = products[0][i] ^ own[0][i];
      out[8 * half + i] = common ^ products[1][i] ^ own[1][i];
      out[8 * half + 4 + i] = common ^ products[2][i] ^ own[2][i];
    }
  }
  const U8x16 last = out[15];
  hashes[0] = last ^ (last >> 1) ^ (last >> 2) ^ (last >> 7);
  for (size_t i = 1; i < 16; ++i) hashes[i] = out[i - 1];
}

}  // namespace

void GhashSetKey(GhashKey& key, U8x16 h) {
  uint8_t bytes[18] = {};
  std::memcpy(bytes + 1, &h, 16);
  for (size_t i = 0; i < 17; ++i) {
    const uint32_t window = uint32_t{bytes[i]} << 8 | bytes[i + 1];
    key.high[i] = HighProducts(window);
    key.low[i] = LowProducts(window);
  }
  Wipe(bytes, sizeof(bytes));
}

U8x16 GhashMultiply(const GhashKey& key, U8x16 factor) {
  const Nibbles nibbles = Split(factor);
  U8x16 low = {};
  U8x16 high = {};
  for (size_t i = 0; i < 17; ++i) {
    const U8x16 products = Swizzle(key.high[i], nibbles.high) ^ Swizzle(key.low[i], nibbles.low);
    low ^= MoveRight(products, i);
    high ^= MoveLeft(products, 16 - i);
  }
  return Reduce(low, high);
}

U8x16 GhashBlocks(const GhashKey& key, U8x16 hash, const uint8_t* blocks, size_t count) {
  for (size_t i = 0; i < count; ++i) hash = GhashMultiply(key, hash ^ Load<U8x16>(blocks + 16 * i));
  return hash;
}

void GhashSetTables(GhashTables& tables, U8x16 h) {
  for (size_t i = 0; i < 4; ++i) h = Square(h);
  const Diagonals diagonals = DiagonalsOf(h);
  // The part in the middle of a matrix; that plus the right upper one, plus the left lower one.
  constexpr size_t kNone = 0;
  constexpr ptrdiff_t kOffsets[3] = {0, -1, 1};
  for (size_t leaf = 0; leaf < 9; ++leaf) {
    const ptrdiff_t outer = 8 * kOffsets[leaf / 3];
    const ptrdiff_t inner = 4 * kOffsets[leaf % 3];
    for (size_t i = 0; i < 7; ++i) {
      const size_t middle = i + 12;
      const auto sum = [&](size_t diagonal) {
        return Window(diagonals, diagonal) ^ (inner == kNone ? 0 : Window(diagonals, diagonal + inner));
      };
      const uint32_t window = sum(middle) ^ (outer == kNone ? 0 : sum(middle + outer));
      tables.leaves[leaf].high[i] = HighProducts(window);
      tables.leaves[leaf].low[i] = LowProducts(window);
    }
  }
}

GhashBulk::GhashBulk(const GhashTables& tables, U8x16 hash, size_t count)
    : tables_(tables), hashes_{}, group_{}, filled_((16 - count % 16) % 16) {
  // Blocks of zeros before the first one change nothing.
  for (size_t i = 0; i < 16; ++i) hashes_[i][filled_] = hash[i];
}

void GhashBulk::AddGroup(const uint8_t* blocks) {
  if (!first_) MultiplyAll(tables_, hashes_);
  first_ = false;
  AddTransposed(blocks, hashes_);
}

void GhashBulk::Add(const uint8_t* blocks, size_t count) {
  while (count > 0) {
    if (filled_ == 0 && count >= 16) {
      AddGroup(blocks);
      blocks += 256;
      count -= 16;
      continue;
    }
    group_[filled_++] = Load<U8x16>(blocks);
    blocks += 16;
    --count;
    if (filled_ < 16) continue;
    AddGroup(reinterpret_cast<const uint8_t*>(group_));
    filled_ = 0;
  }
}

U8x16 GhashBulk::Finish(const GhashKey& key) {
  U8x16 blocks[16] = {};
  AddTransposed(reinterpret_cast<const uint8_t*>(hashes_), blocks);
  return GhashBlocks(key, {}, reinterpret_cast<const uint8_t*>(blocks), 16);
}

}  // namespace wasm_tls::kernels
