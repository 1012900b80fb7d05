// Session: what one handshake leaves for the next, as the DER of OpenSSL's SSL_SESSION.
#pragma once

#include "bytes.h"
#include "openssl_ptr.h"

namespace wasm_tls {

// DER of the session; empty when OpenSSL cannot encode it.
SecretBytes EncodeSession(SSL_SESSION* session);

// Null for anything but exactly one well-formed session: the bytes come from users and their caches, and a session
// that cannot be read means a full handshake.
SslSessionPtr DecodeSession(BytesView der);

// The session ID that a server's cache is keyed by.
Bytes SessionId(const SSL_SESSION* session);

// The ticket inside the session; empty when it has none.
Bytes SessionTicket(const SSL_SESSION* session);

}  // namespace wasm_tls
