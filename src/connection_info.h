// Pure queries about a connection; none of them changes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytes.h"
#include "connection.h"
#include "error.h"
#include "openssl_ptr.h"

namespace wasm_tls {

struct CipherInfo {
  std::string name;           // OpenSSL's
  std::string standard_name;  // the RFC's
  std::string version;        // the protocol version it was introduced with: 'TLSv1.2'
};

// The server's share of the key exchange, as a client's `getEphemeralKeyInfo()` tells it.
struct EphemeralKeyInfo {
  std::string type;  // 'DH', 'ECDH', 'TLSGroup' (a KEM or hybrid group); empty when the exchange was not ephemeral
  std::string name;  // curve or group: 'X25519', 'X25519MLKEM768'; empty for DH
  int size = 0;      // bits; 0 for a TLSGroup
};

std::string Protocol(const Connection& connection);  // 'TLSv1.3'
std::optional<CipherInfo> CurrentCipher(const Connection& connection);
std::optional<std::string> AlpnProtocol(const Connection& connection);
// What the client has chosen by NPN. To a client itself, none when it had to choose what the server does not advertise.
std::optional<std::string> NpnProtocol(const Connection& connection);
// SNI: as the client sent it (server) or asked for it (client).
std::optional<std::string> Servername(const Connection& connection);
// The negotiated group, whatever its kind and role: 'X25519'; empty when there is none.
std::string GroupName(const Connection& connection);
EphemeralKeyInfo EphemeralKey(const Connection& connection);
std::vector<std::string> SharedSigalgs(const Connection& connection);

bool SessionReused(const Connection& connection);
SecretBytes SessionData(const Connection& connection);  // DER; empty when there is none
Bytes TicketData(const Connection& connection);         // the ticket inside; empty when there is none
Bytes Finished(const Connection& connection);           // the last Finished message sent; empty when none was
Bytes PeerFinished(const Connection& connection);

// RFC 5705 and RFC 8446 §7.5; `context` absent and empty differ on TLS ≤ 1.2. ERR_TLS_INVALID_STATE before the
// handshake is done.
Result<SecretBytes> ExportKeyingMaterial(const Connection& connection, size_t length, std::string_view label,
                                         std::optional<BytesView> context);

// X509_V_OK when the peer's chain leads to a trusted certificate, or when to a client a PSK or a resumed TLS 1.3
// session stands in for it; X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT when the peer presented nothing.
long VerifyResult(const Connection& connection);

// The peer's certificate first, each followed by its issuer, from what the peer sent and then from the trust store, as
// far as that leads; empty when the peer presented none.
std::vector<X509Ptr> PeerChain(const Connection& connection);
// Whether the peer's certificate is for this host, as `CheckServerIdentity()` judges it; false when it presented none.
bool PeerIs(const Connection& connection, std::string_view hostname, std::string_view ascii_name);
// The certificate that this side presents, or would if it were asked for one; null when it has none.
X509Ptr OwnCertificate(const Connection& connection);

}  // namespace wasm_tls
