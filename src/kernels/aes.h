// AES without tables: no branch and no address depends on a key or on data.
//
// Two ways to compute it. A single block goes through look-ups in vectors of sixteen bytes, which are registers: where
// each block waits for the one before (CBC, CBC-MAC), and for a few of them. Eight blocks at a time are bitsliced,
// which is several times faster. The keys of both are made by the caller's choice: AesKey for the first, and SlicedKey,
// eight times as large, out of it.
//
// Inside, a state's bytes lie in rows (FIPS 197 has them in columns): byte `4 row + column`.
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/kernels/simd.h"

namespace wasm_tls::kernels {

inline constexpr size_t kAesBlock = 16;
inline constexpr size_t kAesMaxRounds = 14;

struct AesKey {
  size_t rounds;
  U8x16 first;
  U8x16 middle[kAesMaxRounds - 1];  // Of rounds 1 to `rounds` - 1, in the representation of aes.cc.
  U8x16 last;                       // In columns.
};

// `size`: 16, 24 or 32.
void AesSetKey(AesKey& key, const uint8_t* bytes, size_t size);

U8x16 AesEncrypt(const AesKey& key, U8x16 block);

// Vector b of a round has bit b of each byte, as a byte of 0 or 255.
struct SlicedKey {
  size_t rounds;
  U8x16 keys[kAesMaxRounds + 1][8];
};

void AesSlice(SlicedKey& sliced, const AesKey& key);

void AesDecrypt8(const SlicedKey& key, U8x16 blocks[8]);

// The last 32 bits are a number.
inline U8x16 AesCounterPlus(U8x16 counter, uint32_t addend) {
  U32x4 words = reinterpret_cast<U32x4>(counter);
  words[3] = __builtin_bswap32(__builtin_bswap32(words[3]) + addend);
  return reinterpret_cast<U8x16>(words);
}

// What the 128 counters that differ in their last seven bits have in common: round 1, but for that byte.
struct CounterWindow {
  U8x16 constant[8];
  uint32_t last[8][16];  // What it adds to a column, of each group of eight counters.
};

inline constexpr size_t kWindowBlocks = 128;

// `counter` is any of the window's.
void AesOpenWindow(CounterWindow& window, const SlicedKey& key, U8x16 counter);

// Key stream: that of `count` groups from `group` on, of eight blocks each. Two groups are made faster than each alone.
void AesCounter(const SlicedKey& key, const CounterWindow& window, size_t group, U8x16* blocks, size_t count);

}  // namespace wasm_tls::kernels
