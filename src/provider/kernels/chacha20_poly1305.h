// ChaCha20-Poly1305 (RFC 8439) for the records of TLS 1.2 and 1.3.
#pragma once

#include <openssl/core.h>

namespace wasm_tls {

extern const OSSL_DISPATCH kChaCha20Poly1305Functions[];

}  // namespace wasm_tls
