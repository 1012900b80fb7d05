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

// The same of volatile memory, which may be written in no other way.
template <class Word, size_t kCount>
void Wipe(volatile Word (&words)[kCount]) {
  for (volatile Word& word : words) word = Word{};
}

}  // namespace wasm_tls::kernels
