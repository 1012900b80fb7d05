// For ossl_x25519(), to which the linker leads every use of it here (--wrap): its object holds Ed25519 as well, and the
// multiples of the base point by Ed25519's table, which are OpenSSL's still.
#include "src/kernels/x25519.h"

#include <openssl/crypto.h>

#include <cstdint>

extern "C" int OpensslX25519(uint8_t out[32], const uint8_t private_key[32],
                             const uint8_t peer[32]) __asm__("__wrap_ossl_x25519");

int OpensslX25519(uint8_t out[32], const uint8_t private_key[32], const uint8_t peer[32]) {
  using Bytes = uint8_t[32];
  wasm_tls::kernels::X25519(*reinterpret_cast<Bytes*>(out), *reinterpret_cast<const Bytes*>(private_key),
                            *reinterpret_cast<const Bytes*>(peer));
  // Of a peer's point of small order nothing else comes out: section 6.1 of RFC 7748.
  static constexpr Bytes kZeros = {};
  return CRYPTO_memcmp(out, kZeros, sizeof(kZeros)) != 0 ? 1 : 0;
}
