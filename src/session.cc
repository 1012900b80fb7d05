#include "session.h"

namespace wasm_tls {

SecretBytes EncodeSession(SSL_SESSION* session) {
  const int size = i2d_SSL_SESSION(session, nullptr);
  if (size <= 0) return {};
  SecretBytes der(static_cast<size_t>(size));
  unsigned char* cursor = der.data();
  i2d_SSL_SESSION(session, &cursor);
  return der;
}

SslSessionPtr DecodeSession(BytesView der) {
  if (der.empty()) return nullptr;
  const unsigned char* cursor = der.data();
  SslSessionPtr session(d2i_SSL_SESSION(nullptr, &cursor, static_cast<long>(der.size())));
  if (cursor != der.data() + der.size()) return nullptr;
  return session;
}

Bytes SessionId(const SSL_SESSION* session) {
  unsigned int size = 0;
  const unsigned char* id = SSL_SESSION_get_id(session, &size);
  return {id, id + size};
}

Bytes SessionTicket(const SSL_SESSION* session) {
  const unsigned char* ticket = nullptr;
  size_t size = 0;
  SSL_SESSION_get0_ticket(session, &ticket, &size);
  return {ticket, ticket + size};
}

}  // namespace wasm_tls
