// ChaCha20-Poly1305 (RFC 8439, section 2.8).
#pragma once

#include <cstddef>
#include <cstdint>

#include "chacha20.h"
#include "poly1305.h"

namespace wasm_tls::kernels {

// A key, and the message that is under way with it: Start(), Authenticate() what is not encrypted, then Seal() or
// Open() the text, then Finish(). Both may be called as often as the pieces come; their size is anything.
class ChaCha20Poly1305 {
 public:
  // The most text that a message can have: its blocks are counted in 32 bits, and the first one makes the key of the
  // tag.
  static constexpr uint64_t kMaxTextSize = ((uint64_t{1} << 32) - 1) * ChaCha20::kBlockSize;

  // Whether so much text may follow `before`.
  static constexpr bool Fits(uint64_t before, size_t more) { return more <= kMaxTextSize - before; }
  bool Fits(size_t more) const { return Fits(text_size_, more); }

  void SetKey(const uint8_t* key) { cipher_.SetKey(key); }
  void Start(const uint8_t* nonce);
  void Authenticate(const uint8_t* data, size_t size);
  // `out` may be `in`; otherwise they must not overlap.
  void Seal(const uint8_t* in, uint8_t* out, size_t size);
  // Whether the text is what was sealed is known only after Finish().
  void Open(const uint8_t* in, uint8_t* out, size_t size);
  // Opens nothing yet: AuthenticateText(), Finish() and Decrypt() give a text out only once its tag is known to be
  // right.
  void AuthenticateText(const uint8_t* in, size_t size);
  void Decrypt(const uint8_t* in, uint8_t* out, size_t size) { cipher_.Process(in, out, size); }
  void Finish(uint8_t* tag);

 private:
  ChaCha20 cipher_;
  Poly1305 mac_;
  uint64_t data_size_ = 0;
  uint64_t text_size_ = 0;
};

}  // namespace wasm_tls::kernels
