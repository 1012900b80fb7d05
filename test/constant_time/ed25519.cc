#include "src/kernels/edwards25519.h"
#include "src/kernels/order25519.h"
#include "test/constant_time/secret.h"

extern "C" {
#include <crypto/ecx.h>
}

namespace wasm_tls::test {
namespace {

WASM_TLS_CONSTANT_TIME(Ed25519) {
  uint8_t seed[32] = {0x77, 0x01, 0xfe};
  uint8_t public_key[32];
  uint8_t message[40] = {1, 2, 3};
  uint8_t signature[64];
  for (int i = 0; i < 3; ++i) {
    MakeSecret(seed);
    MakeSecret(message);
    ossl_ed25519_public_from_private(nullptr, public_key, seed, nullptr);
    MakePublic(public_key);
    ossl_ed25519_sign(signature, message, sizeof(message), public_key, seed, 0, 0, 0, nullptr, 0, nullptr, nullptr);
    MakePublic(signature);
    for (size_t j = 0; j < sizeof(seed); ++j) seed[j] ^= signature[j];
  }
}

// Scalars with and without the lowest bit, which the table of the base point treats apart.
WASM_TLS_CONSTANT_TIME(Ed25519Scalars) {
  uint8_t scalar[32] = {0x04};
  uint8_t digest[64] = {0x08};
  uint8_t product[32];
  for (int i = 0; i < 4; ++i) {
    scalar[0] ^= 1;
    MakeSecret(scalar);
    MakeSecret(digest);
    kernels::order25519::Reduce(product, digest);
    kernels::order25519::MultiplyAdd(product, product, scalar, scalar);
    kernels::edwards25519::MultiplyBase(product, scalar);
    MakePublic(scalar);
  }
}

}  // namespace
}  // namespace wasm_tls::test
