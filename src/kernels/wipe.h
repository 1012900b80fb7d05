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

// Zeros where the functions that its caller has called had their frames, as far as `kSize` bytes reach: what they left
// there may be secret, and not all of it had a name.
template <size_t kSize>
[[gnu::noinline]] void WipeFrames() {
  unsigned char frames[kSize];
  Wipe(frames, sizeof(frames));
}

}  // namespace wasm_tls::kernels
