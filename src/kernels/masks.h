// Masks of secrets, which neither a compiler nor a virtual machine shall turn into a choice between two ways.
#pragma once

#include <cstdint>

namespace wasm_tls::kernels {

// All ones if `a` and `b` are the same, else 0. The compiler must not see that it is one of two: as a vector of such a
// mask it would select among vectors, and V8 branches for that.
inline uint64_t EqualMask(uint64_t a, uint64_t b) {
  const uint64_t difference = a ^ b;
  uint64_t differs = difference | (0 - difference);
  __asm__("" : "+r"(differs));
  differs >>= 63;
  __asm__("" : "+r"(differs));
  return differs - 1;
}

}  // namespace wasm_tls::kernels
