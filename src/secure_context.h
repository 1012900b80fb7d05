// SecureContext: everything that many connections share — certificates, keys, trust, protocol choices, ticket keys.
//
// `Create()` parses it all at once; afterwards it is immutable, ticket keys aside, so that any number of connections
// may hold it. A connection keeps the context that it started with alive; a server that changes its context does not
// disturb running connections.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bytes.h"
#include "error.h"
#include "key_material.h"
#include "openssl_ptr.h"
#include "trust_store.h"

namespace wasm_tls {

struct PrivateKeyOption {
  SecretBytes pem;
  std::optional<SecretBytes> passphrase = {};
};

struct PfxOption {
  SecretBytes der;
  std::optional<SecretBytes> passphrase = {};
};

struct SecureContextOptions {
  // TLS versions as on the wire, 0x0301 to 0x0304; 0 is OpenSSL's own limit.
  int min_version = 0;
  int max_version = 0;

  std::vector<Bytes> cert = {};               // PEM chains, one per key type
  std::vector<PrivateKeyOption> key = {};     // PEM
  std::vector<PfxOption> pfx = {};            // PKCS#12; its CA certificates are trusted, as in Node
  std::optional<std::vector<Bytes>> ca = {};  // PEM bundles; absent: `default_trust` alone, present: instead of it
  std::vector<Bytes> crl = {};                // PEM
  bool allow_partial_trust_chain = false;
  std::shared_ptr<const TrustStore> default_trust = {};  // null: trust nobody unless `ca` says so

  std::string ciphers = {};                 // TLS ≤ 1.2, OpenSSL's cipher list syntax; empty: none of them
  std::string cipher_suites = {};           // TLS 1.3, names with `:` between them; empty: OpenSSL's default
  std::string sigalgs = {};                 // empty: OpenSSL's default
  std::string groups = {};                  // `ecdhCurve`; empty or 'auto': OpenSSL's default
  std::optional<Bytes> dh_parameters = {};  // PEM; unreadable ones are ignored, as in Node
  bool dh_auto = false;

  std::string session_id_context = {};           // up to 32 bytes
  std::optional<uint32_t> session_timeout = {};  // s
  std::optional<SecretBytes> ticket_keys = {};   // 48 bytes; absent: random ones
  uint64_t ssl_options = 0;                      // SSL_OP_… bits beside the engine's own, `honorCipherOrder` among them
};

// 48 bytes that make session tickets: name (16), HMAC-SHA256 key (16), AES-128-CBC key (16).
struct TicketKeys {
  static constexpr size_t kSize = 48;
  std::array<uint8_t, 16> name{};
  std::array<uint8_t, 16> hmac{};
  std::array<uint8_t, 16> aes{};

  ~TicketKeys() { OPENSSL_cleanse(this, sizeof(*this)); }
};

// How to protect one ticket, when somebody else than `TicketKeys` decides it.
struct TicketAnswer {
  // OpenSSL's numbers. Below 0: the handshake fails; 0: no ticket, or not a known one; 1: with these keys; 2: with
  // these keys, and the client gets a new ticket.
  int verdict = -1;
  SecretBytes hmac = {};  // key of HMAC-SHA256
  SecretBytes aes = {};   // 16 bytes
  Bytes name = {};        // 16 bytes that a new ticket begins with
  Bytes iv = {};          // 16 bytes for a new ticket
};

// `name` and `iv` are those of the client's ticket; for a new one (`encrypt`) they mean nothing.
using TicketChooser = std::function<TicketAnswer(BytesView name, BytesView iv, bool encrypt)>;

class SecureContext {
 public:
  // The first option that OpenSSL refuses decides the error; see `Error::code`. Codes of the engine itself:
  //   ERR_INVALID_ARG_VALUE  DH parameters too small, ticket keys not 48 bytes, session id context too long
  //   ERR_CRYPTO_OPERATION_FAILED  a group list, DH parameters or CRL that OpenSSL does not accept (Node's code for it)
  static Result<std::shared_ptr<SecureContext>> Create(SecureContextOptions options);

  ~SecureContext();
  SecureContext(const SecureContext&) = delete;
  SecureContext& operator=(const SecureContext&) = delete;

  // Borrowed; lives as long as this object.
  SSL_CTX* get() const { return ctx_.get(); }
  const TrustStore* trust() const { return trust_.get(); }

  // What the user should know about options that were accepted all the same, for a `SecurityWarning`.
  const std::vector<std::string>& warnings() const { return warnings_; }

  // The certificate in DER that a connection with this context would present first, and its issuer; empty when there
  // is none, or none known. OCSP responders are asked with these two.
  Bytes certificate() const;
  Bytes issuer() const;

  // What may be added or changed later; connections that have not started yet see it.
  Result<void> AddCa(BytesView pem);                    // trusted in addition to what is trusted already
  Result<void> AddCrl(BytesView pem);                   // turns on CRL checks, as the option does
  Result<void> SetCiphers(const std::string& ciphers);  // TLS ≤ 1.2

  SecretBytes ticket_keys() const;
  // Tickets issued from now on use the new keys; those of the old keys are refused and make a full handshake.
  Result<void> SetTicketKeys(BytesView keys);

  // Makes `ssl` present the certificates and keys of this context, and trust whom it trusts; the context must outlive
  // it. With `replace` those that `ssl` had are gone, otherwise one goes for each of the same type. An error, and
  // nothing is changed, when there is no certificate with its key.
  Result<void> PresentOn(SSL* ssl, bool replace) const;

  // From now on `choose` decides for each ticket, and `ticket_keys` for none. It runs while OpenSSL waits.
  void SetTicketChooser(TicketChooser choose) { choose_ticket_ = std::move(choose); }

  // Encrypts or decrypts a session ticket for OpenSSL: the parameters and the result are those of
  // `SSL_CTX_set_tlsext_ticket_key_evp_cb()`.
  int ProtectTicket(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                    bool encrypt) const;

 private:
  friend class NpnScope;

  SecureContext();

  // The steps of `Create()`, in the order in which Node looks at its options.
  Result<void> ApplyVersions(const SecureContextOptions& options);
  Result<void> ApplyTrust(const SecureContextOptions& options, std::vector<X509Ptr> pfx_certificates);
  Result<void> ApplyCertificates(const SecureContextOptions& options);
  Result<void> ApplyPfx(const SecureContextOptions& options, std::vector<X509Ptr>* certificates);
  Result<void> ApplyCiphers(const SecureContextOptions& options);
  Result<void> ApplyAlgorithms(const SecureContextOptions& options);
  Result<void> ApplyDiffieHellman(const SecureContextOptions& options);
  Result<void> ApplySessions(const SecureContextOptions& options);
  Result<void> UseChain(CertificateChain chain);
  Result<void> Trust(const TrustStoreOptions& options);
  TicketAnswer AnswerTicket(BytesView name, bool encrypt) const;

  std::shared_ptr<const TrustStore> trust_;
  SslCtxPtr ctx_;
  TicketKeys ticket_keys_;
  TicketChooser choose_ticket_;
  std::vector<std::string> warnings_;
  bool npn_offered_ = false;
};

// While it lives, clients of `context` offer NPN, or they do not. To OpenSSL this is a property of a context, to us of
// a connection: each says so whenever it may be about to write its first ClientHello. Scopes nest, since a chooser's
// user code may advance another connection.
class NpnScope {
 public:
  NpnScope(SecureContext& context, bool offer);
  ~NpnScope();
  NpnScope(const NpnScope&) = delete;
  NpnScope& operator=(const NpnScope&) = delete;

 private:
  SecureContext& context_;
  bool before_;
};

}  // namespace wasm_tls
