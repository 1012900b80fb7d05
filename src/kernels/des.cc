#include "des.h"

#include <array>
#include <bit>
#include <cstring>

#include "simd.h"
#include "wipe.h"

namespace wasm_tls::kernels {
namespace {

// --- Permutations: which bit of the input each bit of the output is. Bits are counted as the standard does, from 1 and
// from the highest on. Their places are public, and so is the time that this takes.

template <size_t kSize>
using Permutation = std::array<uint8_t, kSize>;

template <size_t kSize>
uint64_t Permute(uint64_t in, int in_bits, const Permutation<kSize>& places) {
  uint64_t out = 0;
#pragma clang loop unroll(disable)
  for (const uint8_t place : places) out = out << 1 | (in >> (in_bits - place) & 1);
  return out;
}

constexpr Permutation<64> kInitial = [] {
  Permutation<64> places{};
  for (size_t i = 0; i < 64; ++i) places[i] = static_cast<uint8_t>((i < 32 ? 58 : 57) + i % 32 / 8 * 2 - i % 8 * 8);
  return places;
}();

constexpr Permutation<64> kFinal = [] {
  Permutation<64> places{};
  for (size_t i = 0; i < 64; ++i) places[kInitial[i] - 1] = static_cast<uint8_t>(i + 1);
  return places;
}();

constexpr Permutation<32> kAfterBoxes = {16, 7, 20, 21, 29, 12, 28, 17, 1,  15, 23, 26, 5,  18, 31, 10,
                                         2,  8, 24, 14, 32, 27, 3,  9,  19, 13, 30, 6,  22, 11, 4,  25};

// The two halves of a key, without its parity.
constexpr Permutation<56> kHalves = [] {
  Permutation<56> places{};
  for (size_t i = 0; i < 28; ++i) {
    places[i] = static_cast<uint8_t>(57 + i / 8 - i % 8 * 8);
    places[28 + i] = static_cast<uint8_t>(i < 24 ? 63 - i / 8 - i % 8 * 8 : 28 - i % 8 * 8);
  }
  return places;
}();

constexpr Permutation<48> kRoundKey = {14, 17, 11, 24, 1,  5,  3,  28, 15, 6,  21, 10, 23, 19, 12, 4,
                                       26, 8,  16, 7,  27, 20, 13, 2,  41, 52, 31, 37, 47, 55, 30, 40,
                                       51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32};

// --- S-boxes, each four rows of sixteen nibbles.

constexpr const char* kBoxes[8] = {
    "e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d",
    "f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9",
    "a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c",
    "7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e",
    "2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453",
    "c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d",
    "4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c",
    "d2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b",
};

constexpr uint8_t Nibble(size_t box, size_t index) {
  // The outer bits of an index are the row.
  const size_t place = ((index >> 4 & 2) | (index & 1)) << 4 | (index >> 1 & 15);
  const char digit = kBoxes[box][place];
  return static_cast<uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

// All boxes for four of their indices at once: octet i of vector v has box i at v, and at v + 32 in its upper half;
// octet 8 + i at v + 16 and v + 48.
constexpr std::array<std::array<uint8_t, 16>, 16> kTable = [] {
  std::array<std::array<uint8_t, 16>, 16> table{};
  for (size_t v = 0; v < 16; ++v) {
    for (size_t lane = 0; lane < 16; ++lane) {
      const size_t index = v + (lane < 8 ? 0 : 16);
      table[v][lane] = static_cast<uint8_t>(Nibble(lane % 8, index) | Nibble(lane % 8, index + 32) << 4);
    }
  }
  return table;
}();

// One entry of each box. All entries are read, whatever the indices are.
uint32_t Substitute(const uint8_t* indices) {
  U8x16 places;
  std::memcpy(&places, indices, 8);
  std::memcpy(reinterpret_cast<uint8_t*>(&places) + 8, indices, 8);
  places ^= U8x16{0, 0, 0, 0, 0, 0, 0, 0, 16, 16, 16, 16, 16, 16, 16, 16};
  U8x16 pairs = {};
  U8x16 v = {};
#pragma clang loop unroll(disable)
  for (const auto& entry : kTable) {
    pairs |= reinterpret_cast<U8x16>((places & 31) == v) & Load<U8x16>(entry.data());
    v += 1;
  }
  const auto upper = reinterpret_cast<U8x16>((places & 32) == 32);
  const U8x16 nibbles =
      (reinterpret_cast<U8x16>(reinterpret_cast<U16x8>(pairs) >> 4) & upper & 15) | (pairs & ~upper & 15);
  uint32_t out = 0;
#pragma clang loop unroll(full)
  for (size_t box = 0; box < 8; ++box) out = out << 4 | nibbles[box] | nibbles[8 + box];
  return out;
}

uint64_t LoadBlock(const uint8_t* from) {
  uint64_t block;
  std::memcpy(&block, from, sizeof(block));
  return __builtin_bswap64(block);
}

}  // namespace

void Des::SetKey(const uint8_t* key) {
  constexpr uint64_t kHalf = (1 << 28) - 1;
  // Before these rounds the halves turn by one bit, before the others by two.
  constexpr uint32_t kByOne = 1 << 0 | 1 << 1 | 1 << 8 | 1 << 15;
  uint64_t halves = Permute(LoadBlock(key), 64, kHalves);
  for (size_t round = 0; round < kRounds; ++round) {
    for (int turns = (kByOne >> round & 1) != 0 ? 1 : 2; turns > 0; --turns) {
      const uint64_t left = halves >> 28;
      const uint64_t right = halves & kHalf;
      halves = ((left << 1 | left >> 27) & kHalf) << 28 | ((right << 1 | right >> 27) & kHalf);
    }
    const uint64_t bits = Permute(halves, 56, kRoundKey);
    for (size_t box = 0; box < 8; ++box) keys_[round][box] = static_cast<uint8_t>(bits >> (42 - 6 * box) & 63);
  }
}

void Des::Transform(uint8_t* block, size_t order) const {
  const uint64_t start = Permute(LoadBlock(block), 64, kInitial);
  auto left = static_cast<uint32_t>(start >> 32);
  auto right = static_cast<uint32_t>(start);
  uint8_t indices[8];
#pragma clang loop unroll(disable)
  for (size_t round = 0; round < kRounds; ++round) {
    // Four bits each, and their neighbours.
    for (size_t box = 0; box < 8; ++box) {
      const uint32_t bits = std::rotl(right, static_cast<int>(4 * box + 5)) & 63;
      indices[box] = static_cast<uint8_t>(bits ^ keys_[round ^ order][box]);
    }
    const uint32_t mixed = left ^ static_cast<uint32_t>(Permute(Substitute(indices), 32, kAfterBoxes));
    left = right;
    right = mixed;
  }
  const uint64_t end = __builtin_bswap64(Permute(uint64_t{right} << 32 | left, 64, kFinal));
  std::memcpy(block, &end, sizeof(end));
  Wipe(indices, sizeof(indices));
}

}  // namespace wasm_tls::kernels
