#include "src/kernels/chacha20_poly1305.h"

#include "test/constant_time/secret.h"

namespace wasm_tls::test {
namespace {

using kernels::ChaCha20Poly1305;
using kernels::Poly1305;

// Key and text are secret; header, nonce and all sizes are not. Sizes around what is done in vectors.
constexpr size_t kSizes[] = {0, 1, 63, 500, 700, 16384};

void Transform(bool seal) {
  for (const size_t size : kSizes) {
    static uint8_t text[16384];
    uint8_t key[32] = {1};
    MakeSecret(key);
    MakePublic(text);
    if (seal) MakeSecret(text);
    const uint8_t nonce[12] = {3};
    const uint8_t header[5] = {4};
    uint8_t tag[Poly1305::kTagSize];
    ChaCha20Poly1305 cipher;
    cipher.SetKey(key);
    cipher.Start(nonce);
    cipher.Authenticate(header, sizeof(header));
    if (seal) {
      cipher.Seal(text, text, size);
    } else {
      cipher.Open(text, text, size);
    }
    cipher.Finish(tag);
  }
}

WASM_TLS_CONSTANT_TIME(ChaCha20Poly1305Seal) { Transform(true); }
WASM_TLS_CONSTANT_TIME(ChaCha20Poly1305Open) { Transform(false); }

}  // namespace
}  // namespace wasm_tls::test
