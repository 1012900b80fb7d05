#include "src/kernels/x25519.h"

#include "test/constant_time/secret.h"

namespace wasm_tls::test {
namespace {

WASM_TLS_CONSTANT_TIME(X25519) {
  uint8_t scalar[32] = {0x77, 0x01, 0xfe};
  uint8_t u[32] = {9};
  for (int i = 0; i < 4; ++i) {
    MakeSecret(scalar);
    // A peer's coordinate is public, but what comes out of it is not.
    MakeSecret(u);
    kernels::X25519(u, scalar, u);
  }
}

WASM_TLS_CONSTANT_TIME(X25519Base) {
  uint8_t scalar[32] = {0x77, 0x01, 0xfe};
  for (int i = 0; i < 4; ++i) {
    MakeSecret(scalar);
    kernels::X25519Base(scalar, scalar);
  }
}

}  // namespace
}  // namespace wasm_tls::test
