// Vectors of 128 bits, for wasm's simd128 and for whatever the tests run on.
//
// Arithmetic, shifts, comparisons and shuffles by constants are clang's vector extensions, which every target has. Here
// are the operations beyond them that one instruction of wasm does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__SSE4_1__)
#include <smmintrin.h>
#endif

namespace wasm_tls::kernels {

using U8x16 = uint8_t __attribute__((vector_size(16)));
using U16x8 = uint16_t __attribute__((vector_size(16)));
using I16x8 = int16_t __attribute__((vector_size(16)));
using I32x4 = int32_t __attribute__((vector_size(16)));
using U32x4 = uint32_t __attribute__((vector_size(16)));
using I32x4 = int32_t __attribute__((vector_size(16)));
using U64x2 = uint64_t __attribute__((vector_size(16)));

// Of any alignment.
template <class Vector>
Vector Load(const void* from) {
  Vector value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

template <class Vector>
void Store(void* to, Vector value) {
  std::memcpy(to, &value, sizeof(value));
}

// table[index] for each lane; 0 where the index has its top bit set. Other indices must be below 16: what is above
// differs between machines.
inline U8x16 Swizzle(U8x16 table, U8x16 index) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<U8x16>(wasm_i8x16_swizzle(reinterpret_cast<v128_t>(table), reinterpret_cast<v128_t>(index)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<U8x16>(_mm_shuffle_epi8(reinterpret_cast<__m128i>(table), reinterpret_cast<__m128i>(index)));
#else
  U8x16 result;
  for (size_t lane = 0; lane < 16; ++lane) result[lane] = index[lane] < 16 ? table[index[lane]] : 0;
  return result;
#endif
}

// The sums of two neighbouring products each: a[0] b[0] + a[1] b[1], and so on.
inline I32x4 MultiplyPairs(I16x8 a, I16x8 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<I32x4>(wasm_i32x4_dot_i16x8(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<I32x4>(_mm_madd_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  I32x4 result;
  for (size_t lane = 0; lane < 4; ++lane) result[lane] = a[2 * lane] * b[2 * lane] + a[2 * lane + 1] * b[2 * lane + 1];
  return result;
#endif
}

// The lanes of a, then those of b, which must fit.
inline I16x8 Narrow(I32x4 a, I32x4 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<I16x8>(wasm_i16x8_narrow_i32x4(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<I16x8>(_mm_packs_epi32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  return __builtin_shufflevector(reinterpret_cast<I16x8>(a), reinterpret_cast<I16x8>(b), 0, 2, 4, 6, 8, 10, 12, 14);
#endif
}

// The products of lanes 0 and 1, in 64 bits each.
inline U64x2 MultiplyLow(U32x4 a, U32x4 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<U64x2>(wasm_u64x2_extmul_low_u32x4(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#else
  const U64x2 wide_a = {a[0], a[1]};
  const U64x2 wide_b = {b[0], b[1]};
  return wide_a * wide_b;
#endif
}

// Those of lanes 2 and 3.
inline U64x2 MultiplyHigh(U32x4 a, U32x4 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<U64x2>(
      wasm_u64x2_extmul_high_u32x4(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#else
  const U64x2 wide_a = {a[2], a[3]};
  const U64x2 wide_b = {b[2], b[3]};
  return wide_a * wide_b;
#endif
}

// The low halves of the products.
inline I16x8 MultiplyWrapping(I16x8 a, I16x8 b) {
  return reinterpret_cast<I16x8>(reinterpret_cast<U16x8>(a) * reinterpret_cast<U16x8>(b));
}

// a b / 2^15, rounded. Not both may be -2^15: what comes then differs between machines.
inline I16x8 MultiplyRounding(I16x8 a, I16x8 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<I16x8>(wasm_i16x8_q15mulr_sat(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<I16x8>(_mm_mulhrs_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  I16x8 result;
  for (size_t lane = 0; lane < 8; ++lane) result[lane] = static_cast<int16_t>((a[lane] * b[lane] + 0x4000) >> 15);
  return result;
#endif
}

// The sign of each lane, that of lane 0 in bit 0.
inline uint32_t Signs(I16x8 a) {
#if defined(__wasm_simd128__)
  return wasm_i16x8_bitmask(reinterpret_cast<v128_t>(a));
#elif defined(__SSE4_1__)
  const __m128i octets = _mm_packs_epi16(reinterpret_cast<__m128i>(a), __m128i{});
  return static_cast<uint32_t>(_mm_movemask_epi8(octets));
#else
  uint32_t signs = 0;
  for (size_t lane = 0; lane < 8; ++lane) signs |= (a[lane] < 0 ? 1U : 0U) << lane;
  return signs;
#endif
}

}  // namespace wasm_tls::kernels
