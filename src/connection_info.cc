#include "connection_info.h"

#include <algorithm>

#include "certificate.h"
#include "issuer.h"
#include "server_identity.h"
#include "session.h"

namespace wasm_tls {
namespace {

// A chain that the peer sent may name itself in circles.
constexpr size_t kMaxChain = 100;

Bytes FinishedMessage(const SSL* ssl, size_t (*get)(const SSL*, void*, size_t)) {
  Bytes message(get(ssl, nullptr, 0));
  get(ssl, message.data(), message.size());
  return message;
}

std::string_view SignatureName(int nid) {
  switch (nid) {
    case EVP_PKEY_RSA:
      return "RSA";
    case EVP_PKEY_RSA_PSS:
      return "RSA-PSS";
    case EVP_PKEY_DSA:
      return "DSA";
    case EVP_PKEY_EC:
      return "ECDSA";
    case NID_ED25519:
      return "Ed25519";
    case NID_ED448:
      return "Ed448";
    default: {
      const char* name = OBJ_nid2sn(nid);
      return name == nullptr ? "UNDEF" : name;
    }
  }
}

// The issuer of `certificate` among `candidates`, which then no longer hold it; null when it is none of them.
X509Ptr TakeIssuer(X509* certificate, std::vector<X509Ptr>& candidates) {
  const auto found = std::ranges::find_if(
      candidates, [certificate](const X509Ptr& candidate) { return IssuedBy(certificate, candidate.get()); });
  if (found == candidates.end()) return nullptr;
  X509Ptr issuer = std::move(*found);
  candidates.erase(found);
  return issuer;
}

}  // namespace

std::string Protocol(const Connection& connection) { return SSL_get_version(connection.ssl()); }

std::optional<CipherInfo> CurrentCipher(const Connection& connection) {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(connection.ssl());
  if (cipher == nullptr) return std::nullopt;
  const char* standard_name = SSL_CIPHER_standard_name(cipher);
  return CipherInfo{
      .name = SSL_CIPHER_get_name(cipher),
      .standard_name = standard_name == nullptr ? "" : standard_name,
      .version = SSL_CIPHER_get_version(cipher),
  };
}

std::optional<std::string> AlpnProtocol(const Connection& connection) {
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(connection.ssl(), &protocol, &size);
  if (size == 0) return std::nullopt;
  return std::string(AsText({protocol, size}));
}

std::optional<std::string> NpnProtocol(const Connection& connection) {
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_next_proto_negotiated(connection.ssl(), &protocol, &size);
  if (size == 0 || !connection.npn_agreed()) return std::nullopt;
  return std::string(AsText({protocol, size}));
}

std::optional<std::string> Servername(const Connection& connection) {
  const char* name = SSL_get_servername(connection.ssl(), TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return std::nullopt;
  return name;
}

std::string GroupName(const Connection& connection) {
  // SSL_get0_group_name() looks into the session without asking whether there is one.
  if (SSL_get_session(connection.ssl()) == nullptr) return "";
  ErrorQueueScope errors;
  const char* name = SSL_get0_group_name(connection.ssl());
  return name == nullptr ? "" : name;
}

EphemeralKeyInfo EphemeralKey(const Connection& connection) {
  ErrorQueueScope errors;
  EVP_PKEY* raw = nullptr;
  if (SSL_get_peer_tmp_key(connection.ssl(), &raw) != 1 || raw == nullptr) {
    // A KEM has no key of the server's: its share is a ciphertext.
    std::string group = GroupName(connection);
    if (group.empty() || SSL_version(connection.ssl()) != TLS1_3_VERSION) return {};
    return {.type = "TLSGroup", .name = std::move(group)};
  }
  const EvpPkeyPtr key(raw);
  const int bits = EVP_PKEY_get_bits(key.get());
  switch (const int id = EVP_PKEY_get_id(key.get())) {
    case EVP_PKEY_DH:
      return {.type = "DH", .name = "", .size = bits};
    case EVP_PKEY_X25519:
    case EVP_PKEY_X448:
      return {.type = "ECDH", .name = OBJ_nid2sn(id), .size = bits};
    case EVP_PKEY_EC: {
      char curve[80];
      size_t size = 0;
      if (EVP_PKEY_get_group_name(key.get(), curve, sizeof(curve), &size) != 1) return {};
      return {.type = "ECDH", .name = std::string(curve, size), .size = bits};
    }
    default:
      return {};
  }
}

std::vector<std::string> SharedSigalgs(const Connection& connection) {
  std::vector<std::string> names;
  const int count = SSL_get_shared_sigalgs(connection.ssl(), 0, nullptr, nullptr, nullptr, nullptr, nullptr);
  for (int i = 0; i < count; ++i) {
    int signature = NID_undef;
    int hash = NID_undef;
    SSL_get_shared_sigalgs(connection.ssl(), i, &signature, &hash, nullptr, nullptr, nullptr);
    std::string name(SignatureName(signature));
    const char* hash_name = hash == NID_undef ? nullptr : OBJ_nid2sn(hash);
    name += std::string("+") + (hash_name == nullptr ? "UNDEF" : hash_name);
    names.push_back(std::move(name));
  }
  return names;
}

bool SessionReused(const Connection& connection) { return SSL_session_reused(connection.ssl()) == 1; }

SecretBytes SessionData(const Connection& connection) {
  ErrorQueueScope errors;
  SSL_SESSION* session = SSL_get_session(connection.ssl());
  return session == nullptr ? SecretBytes() : EncodeSession(session);
}

Bytes TicketData(const Connection& connection) {
  const SSL_SESSION* session = SSL_get_session(connection.ssl());
  return session == nullptr ? Bytes() : SessionTicket(session);
}

Bytes Finished(const Connection& connection) { return FinishedMessage(connection.ssl(), SSL_get_finished); }
Bytes PeerFinished(const Connection& connection) { return FinishedMessage(connection.ssl(), SSL_get_peer_finished); }

Result<SecretBytes> ExportKeyingMaterial(const Connection& connection, size_t length, std::string_view label,
                                         std::optional<BytesView> context) {
  if (!connection.established()) {
    return std::unexpected(StateError("ERR_TLS_INVALID_STATE", "TLS socket connection must be securely established"));
  }
  ErrorQueueScope errors;
  SecretBytes out(length);
  const BytesView bytes = context.value_or(BytesView());
  if (SSL_export_keying_material(connection.ssl(), out.data(), out.size(), label.data(), label.size(), bytes.data(),
                                 bytes.size(), context.has_value() ? 1 : 0) != 1) {
    return std::unexpected(TakeSslError("Failed to export keying material"));
  }
  return out;
}

long VerifyResult(const Connection& connection) {
  const SSL* ssl = connection.ssl();
  if (SSL_get0_peer_certificate(ssl) != nullptr) return SSL_get_verify_result(ssl);
  // A ticket tells no more than that its owner has been here before, perhaps without a certificate.
  if (connection.role() == Role::kServer) return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT;
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  const SSL_SESSION* session = SSL_get_session(ssl);
  const bool by_psk = cipher != nullptr && SSL_CIPHER_get_auth_nid(cipher) == NID_auth_psk;
  const bool by_tls13_psk =
      session != nullptr && SSL_SESSION_get_protocol_version(session) == TLS1_3_VERSION && SSL_session_reused(ssl) == 1;
  return by_psk || by_tls13_psk ? X509_V_OK : X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT;
}

std::vector<X509Ptr> PeerChain(const Connection& connection) {
  ErrorQueueScope errors;
  std::vector<X509Ptr> chain;
  X509* leaf = SSL_get0_peer_certificate(connection.ssl());
  if (leaf == nullptr) return chain;
  chain.push_back(UpRef(leaf));

  // The peer may have sent its chain in any order (RFC 8446 §4.4.2); on a client it includes the leaf.
  std::vector<X509Ptr> sent;
  STACK_OF(X509)* stack = SSL_get_peer_cert_chain(connection.ssl());
  for (int i = 0; i < sk_X509_num(stack); ++i) {
    X509* certificate = sk_X509_value(stack, i);
    if (X509_cmp(certificate, leaf) != 0) sent.push_back(UpRef(certificate));
  }
  X509_STORE* store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(connection.ssl()));
  while (chain.size() < kMaxChain && !IssuedBy(chain.back().get(), chain.back().get())) {
    X509Ptr issuer = TakeIssuer(chain.back().get(), sent);
    if (issuer == nullptr) issuer = FindIssuer(chain.back().get(), store);
    if (issuer == nullptr) break;
    chain.push_back(std::move(issuer));
  }
  return chain;
}

bool PeerIs(const Connection& connection, std::string_view hostname, std::string_view ascii_name) {
  ErrorQueueScope errors;
  X509* certificate = SSL_get0_peer_certificate(connection.ssl());
  if (certificate == nullptr) return false;
  // As it mostly is; without the texts that Node judges by.
  if (hostname == ascii_name && IsPlainDomainName(hostname) && HasDnsName(certificate, hostname)) return true;
  return !CheckServerIdentity(hostname, ascii_name, DescribeIdentity(certificate)).has_value();
}

X509Ptr OwnCertificate(const Connection& connection) {
  X509* certificate = SSL_get_certificate(connection.ssl());
  return certificate == nullptr ? nullptr : UpRef(certificate);
}

}  // namespace wasm_tls
