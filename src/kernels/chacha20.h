// ChaCha20 (RFC 8439), sixteen blocks of its key stream at a time, or three.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wasm_tls::kernels {

class ChaCha20 {
 public:
  static constexpr size_t kKeySize = 32;
  static constexpr size_t kNonceSize = 12;
  static constexpr size_t kBlockSize = 64;

  void SetKey(const uint8_t* key);

  // Begins the key stream of a nonce at its block `counter`. The counter has 32 bits and wraps within them.
  void Start(const uint8_t* nonce, uint32_t counter);

  // out = in ^ the next `size` bytes of the key stream. `out` may be `in`; otherwise they must not overlap.
  void Process(const uint8_t* in, uint8_t* out, size_t size);

  // Drops what is left of the block that the last byte came from.
  void SkipToBlock() { used_ += (0 - used_) % kBlockSize; }

 private:
  static constexpr size_t kAheadSize = 3 * kBlockSize;

  // Key, counter and nonce: the words of a block but for its first four, which are the same everywhere.
  uint32_t words_[12] = {};
  // Key stream that was made ahead of its use.
  size_t used_ = kAheadSize;
  uint8_t ahead_[kAheadSize];
};

}  // namespace wasm_tls::kernels
