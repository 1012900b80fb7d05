// DES (FIPS 46-3), which protects old key files: small, and in constant time, for few bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wasm_tls::kernels {

class Des {
 public:
  static constexpr size_t kKeySize = 8;
  static constexpr size_t kBlockSize = 8;

  // The lowest bit of each byte, its parity, is nothing to the cipher.
  void SetKey(const uint8_t* key);
  void Encrypt(uint8_t* block) const { Transform(block, 0); }
  void Decrypt(uint8_t* block) const { Transform(block, kRounds - 1); }

 private:
  static constexpr size_t kRounds = 16;

  // Round i takes its key from place i ^ `order`.
  void Transform(uint8_t* block, size_t order) const;

  // Six bits for each S-box.
  uint8_t keys_[kRounds][8];
};

}  // namespace wasm_tls::kernels
