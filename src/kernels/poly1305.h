// Poly1305 (RFC 8439): numbers modulo p = 2^130 - 5.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wasm_tls::kernels {

class Poly1305 {
 public:
  static constexpr size_t kKeySize = 32;
  static constexpr size_t kBlockSize = 16;
  static constexpr size_t kTagSize = 16;

  // A key is for one message.
  void Start(const uint8_t* key);
  void Update(const uint8_t* in, size_t size);
  // Zeros up to the next whole block.
  void Pad();
  void Finish(uint8_t* tag);

 private:
  // A number in five limbs of 26 bits. A carry that is not worth a step of its own stays in the second limb.
  struct Number {
    uint32_t limbs[5];
  };

  [[gnu::always_inline]] static Number Multiply(const Number& a, const Number& b);

  void AddBlocks(const uint8_t* in, size_t size, uint32_t bit_128);
  void AddLanes(const uint8_t* in, size_t size);
  void PrepareLanes();

  Number r_ = {};
  Number sum_ = {};
  uint32_t s_[4] = {};
  size_t used_ = 0;
  uint8_t block_[kBlockSize];
  // Of r^8, in limbs of 13 bits: see PrepareLanes(). `lanes_ready_`: it is there.
  bool lanes_ready_ = false;
  uint32_t multipliers_[18];
};

}  // namespace wasm_tls::kernels
