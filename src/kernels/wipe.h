// What a kernel leaves on its stack may be secret.
#pragma once

#include <cstddef>
#include <cstring>

namespace wasm_tls::kernels {

// Zeros that the compiler cannot leave out because nobody reads them.
inline void Wipe(void* bytes, size_t size) {
  std::memset(bytes, 0, size);
  asm volatile("" : : "r"(bytes) : "memory");
}

}  // namespace wasm_tls::kernels
