// Linear maps of bytes, by look-ups of their nibbles in vectors.
#pragma once

#include "src/kernels/simd.h"

namespace wasm_tls::kernels {

struct Nibbles {
  U8x16 high, low;
};

inline Nibbles Split(U8x16 bytes) {
  const U8x16 high = reinterpret_cast<U8x16>(reinterpret_cast<U16x8>(bytes) >> 4);
  return {high & 15, bytes & 15};
}

struct ByteMap {
  U8x16 high, low;
};

inline U8x16 Apply(const ByteMap& map, Nibbles nibbles) {
  return Swizzle(map.high, nibbles.high) ^ Swizzle(map.low, nibbles.low);
}

}  // namespace wasm_tls::kernels
