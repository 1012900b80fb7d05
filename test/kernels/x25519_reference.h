// X25519 by OpenSSL, whose own the linker leaves reachable under this name.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "src/kernels/x25519.h"

extern "C" int OpensslX25519(uint8_t out[32], const uint8_t private_key[32],
                             const uint8_t peer[32]) __asm__("__real_ossl_x25519");

namespace wasm_tls::test {

using X25519Bytes = std::array<uint8_t, 32>;

inline X25519Bytes OursOfX25519(const X25519Bytes& scalar, const X25519Bytes& u) {
  uint8_t out[32], scalar_bytes[32], u_bytes[32];
  std::memcpy(scalar_bytes, scalar.data(), 32);
  std::memcpy(u_bytes, u.data(), 32);
  kernels::X25519(out, scalar_bytes, u_bytes);
  X25519Bytes result;
  std::memcpy(result.data(), out, 32);
  return result;
}

inline X25519Bytes OpensslsOfX25519(const X25519Bytes& scalar, const X25519Bytes& u) {
  X25519Bytes result;
  OpensslX25519(result.data(), scalar.data(), u.data());
  return result;
}

}  // namespace wasm_tls::test
