#include "sha256.h"

#include <array>

#include "simd.h"
#include "wipe.h"

namespace wasm_tls::kernels {
namespace {

// FIPS 180-4, section 4.2.2.
alignas(16) constexpr uint32_t kConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

uint32_t Rotate(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }
U32x4 Rotate(U32x4 words, int bits) { return words >> bits | words << (32 - bits); }

U32x4 SwapBytes(U32x4 words) {
  constexpr U8x16 kIndex = {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12};
  return reinterpret_cast<U32x4>(Swizzle(reinterpret_cast<U8x16>(words), kIndex));
}

U32x4 Sigma1(U32x4 words) { return Rotate(words, 17) ^ Rotate(words, 19) ^ words >> 10; }

// The words of the message schedule that come after these sixteen. The latter two depend on the former two.
U32x4 NextWords(const U32x4 (&words)[4], size_t first) {
  const U32x4 w0 = words[first];
  const U32x4 w3 = words[(first + 3) % 4];
  const U32x4 minus_15 = __builtin_shufflevector(w0, words[(first + 1) % 4], 1, 2, 3, 4);
  const U32x4 minus_7 = __builtin_shufflevector(words[(first + 2) % 4], w3, 1, 2, 3, 4);
  const U32x4 sigma0 = Rotate(minus_15, 7) ^ Rotate(minus_15, 18) ^ minus_15 >> 3;
  constexpr U32x4 kFormer = {0xffffffff, 0xffffffff, 0, 0};
  const U32x4 half = w0 + sigma0 + minus_7 + (Sigma1(__builtin_shufflevector(w3, w3, 2, 3, 2, 3)) & kFormer);
  return half + (Sigma1(__builtin_shufflevector(half, half, 0, 1, 0, 1)) & ~kFormer);
}

// The letters of the standard, in an array that turns: a round moves no word, it renames them.
struct Working {
  std::array<uint32_t, 8> words;
  uint32_t b_xor_c;

  // `word`: of the schedule, with the constant of the round added.
  template <size_t kRound>
  [[gnu::always_inline]] void Round(uint32_t word) {
    const auto letter = [this](size_t i) -> uint32_t& { return words[(8 + i - kRound % 8) % 8]; };
    const uint32_t a = letter(0);
    const uint32_t e = letter(4);
    uint32_t& h = letter(7);
    h += word + (((letter(5) ^ letter(6)) & e) ^ letter(6)) + (Rotate(e, 6) ^ Rotate(e, 11) ^ Rotate(e, 25));
    letter(3) += h;
    const uint32_t a_xor_b = a ^ letter(1);
    h += ((a_xor_b & b_xor_c) ^ letter(1)) + (Rotate(a, 2) ^ Rotate(a, 13) ^ Rotate(a, 22));
    b_xor_c = a_xor_b;
  }

  template <size_t kFirst>
  [[gnu::always_inline]] void FourRounds(const volatile uint32_t* schedule) {
    Round<kFirst>(schedule[kFirst]);
    Round<kFirst + 1>(schedule[kFirst + 1]);
    Round<kFirst + 2>(schedule[kFirst + 2]);
    Round<kFirst + 3>(schedule[kFirst + 3]);
  }
};

}  // namespace

// While scalar registers do sixteen rounds, vectors prepare the words of the next sixteen. Both meet in memory, and
// `volatile` keeps them side by side: a compiler would do one after the other.
void Sha256Blocks(uint32_t* state, const uint8_t* in, size_t blocks) {
  alignas(16) volatile uint32_t schedule[16];
  const auto schedule_words = [&schedule](size_t first, U32x4 words, const uint32_t* constants) {
    *reinterpret_cast<volatile U32x4*>(schedule + first) = words + Load<U32x4>(constants + first);
  };
  for (; blocks > 0; --blocks, in += 64) {
    U32x4 words[4];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 4; ++i) {
      words[i] = SwapBytes(Load<U32x4>(in + 16 * i));
      schedule_words(4 * i, words[i], kConstants);
    }
    Working working;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 8; ++i) working.words[i] = state[i];
    working.b_xor_c = state[1] ^ state[2];
#pragma clang loop unroll(disable)
    for (const uint32_t* constants = kConstants + 16; constants < kConstants + 64; constants += 16) {
      words[0] = NextWords(words, 0);
      working.FourRounds<0>(schedule);
      schedule_words(0, words[0], constants);
      words[1] = NextWords(words, 1);
      working.FourRounds<4>(schedule);
      schedule_words(4, words[1], constants);
      words[2] = NextWords(words, 2);
      working.FourRounds<8>(schedule);
      schedule_words(8, words[2], constants);
      words[3] = NextWords(words, 3);
      working.FourRounds<12>(schedule);
      schedule_words(12, words[3], constants);
    }
    working.FourRounds<0>(schedule);
    working.FourRounds<4>(schedule);
    working.FourRounds<8>(schedule);
    working.FourRounds<12>(schedule);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 8; ++i) state[i] += working.words[i];
  }
  Wipe(schedule);
}

}  // namespace wasm_tls::kernels
