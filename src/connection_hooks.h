// The static callbacks that OpenSSL calls on behalf of a Connection.
#pragma once

#include <openssl/ssl.h>

namespace wasm_tls {

// Installs the callbacks that live in a context. Every SecureContext does this once, since a server may move a
// connection to another context in the middle of its handshake. Each callback finds its Connection by the SSL object.
void InstallHooks(SSL_CTX* ctx);

// Whether clients of this context offer NPN. For NpnScope.
void SetNpnOffered(SSL_CTX* ctx, bool offered);

}  // namespace wasm_tls
