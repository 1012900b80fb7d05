#include "secure_context.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "certificate.h"
#include "connection_hooks.h"
#include "issuer.h"

namespace wasm_tls {
namespace {

// Node 20's OpenSSL starts at level 1, OpenSSL 3.5 at 2. `@SECLEVEL=` in the cipher list has the last word.
constexpr int kDefaultSecurityLevel = 1;

// What Node 20 says when OpenSSL fails without an error.
constexpr std::string_view kNoError = "error:00000000:lib(0)::reason(0)";

// The size of a ticket's name, of its IV and of its AES key.
constexpr size_t kTicketPart = 16;

constexpr std::string_view kOperationFailed = "ERR_CRYPTO_OPERATION_FAILED";
constexpr std::string_view kInvalidValue = "ERR_INVALID_ARG_VALUE";

// OpenSSL's own judgement, with which every context begins.
decltype(SSL_CTX_get_security_callback(nullptr)) g_security_by_default = nullptr;

// OpenSSL 3.5 keeps TLS 1.0 and 1.1 for level 0. At the level where Node starts they are there for whoever lowers
// `minVersion`, as in Node 20; their signatures, which use SHA-1, remain forbidden.
int AllowOldVersions(const SSL* ssl, const SSL_CTX* ctx, int operation, int bits, int id, void* other, void* extra) {
  if (operation == SSL_SECOP_VERSION && id >= TLS1_VERSION && id <= TLS1_1_VERSION) {
    const int level = ssl == nullptr ? SSL_CTX_get_security_level(ctx) : SSL_get_security_level(ssl);
    if (level <= kDefaultSecurityLevel) return 1;
  }
  return g_security_by_default(ssl, ctx, operation, bits, id, other, extra);
}

}  // namespace

SecureContext::SecureContext() = default;
SecureContext::~SecureContext() = default;

Result<std::shared_ptr<SecureContext>> SecureContext::Create(SecureContextOptions options) {
  ErrorQueueScope errors;
  std::shared_ptr<SecureContext> context(new SecureContext());
  std::vector<X509Ptr> pfx_certificates;
  const auto created = context->ApplyVersions(options)
                           .and_then([&] { return context->ApplyCiphers(options); })
                           .and_then([&] { return context->ApplyCertificates(options); })
                           .and_then([&] { return context->ApplyAlgorithms(options); })
                           .and_then([&] { return context->ApplyDiffieHellman(options); })
                           .and_then([&] { return context->ApplyPfx(options, &pfx_certificates); })
                           .and_then([&] { return context->ApplyTrust(options, std::move(pfx_certificates)); })
                           .and_then([&] { return context->ApplySessions(options); });
  if (!created.has_value()) return std::unexpected(created.error());
  InstallHooks(context->ctx_.get());
  return context;
}

Result<void> SecureContext::ApplyVersions(const SecureContextOptions& options) {
  ctx_.reset(SSL_CTX_new(TLS_method()));
  if (ctx_ == nullptr) return std::unexpected(TakeOsslError("SSL_CTX_new"));
  SSL_CTX_set_security_level(ctx_.get(), kDefaultSecurityLevel);
  g_security_by_default = SSL_CTX_get_security_callback(ctx_.get());
  SSL_CTX_set_security_callback(ctx_.get(), AllowOldVersions);
  // A client may renegotiate, as in Node: the connection asks first. Not to resume a session, because a server that
  // renegotiates to see a certificate would not see one then.
  SSL_CTX_set_options(ctx_.get(), SSL_OP_ALLOW_CLIENT_RENEGOTIATION | SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION |
                                      options.ssl_options);
  // Sessions are kept by whoever embeds the engine; OpenSSL only tells of them.
  SSL_CTX_set_session_cache_mode(ctx_.get(),
                                 SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL | SSL_SESS_CACHE_NO_AUTO_CLEAR);
  if (SSL_CTX_set_min_proto_version(ctx_.get(), options.min_version) != 1 ||
      SSL_CTX_set_max_proto_version(ctx_.get(), options.max_version) != 1) {
    return std::unexpected(TakeOsslError("Failed to set the protocol versions"));
  }
  return {};
}

// Before anything else that OpenSSL may refuse: `@SECLEVEL=` decides which keys and parameters are too weak.
Result<void> SecureContext::ApplyCiphers(const SecureContextOptions& options) {
  ErrorQueueScope errors;
  if (!options.cipher_suites.empty() && SSL_CTX_set_ciphersuites(ctx_.get(), options.cipher_suites.c_str()) != 1) {
    return std::unexpected(TakeOsslError("Failed to set ciphers"));
  }
  // OpenSSL calls an empty list an error, although it has emptied its own: TLS 1.3 alone is a valid wish.
  if (SSL_CTX_set_cipher_list(ctx_.get(), options.ciphers.c_str()) != 1 && !options.ciphers.empty()) {
    return std::unexpected(TakeOsslError("Failed to set ciphers"));
  }
  return {};
}

Result<void> SecureContext::UseChain(CertificateChain chain) {
  if (SSL_CTX_use_certificate(ctx_.get(), chain.leaf.get()) != 1) {
    return std::unexpected(TakeOsslError("SSL_CTX_use_certificate"));
  }
  // The chain belongs to the certificate just set, so that several pairs in one context keep theirs apart.
  SSL_CTX_clear_chain_certs(ctx_.get());
  for (const X509Ptr& intermediate : chain.intermediates) {
    if (SSL_CTX_add1_chain_cert(ctx_.get(), intermediate.get()) != 1) {
      return std::unexpected(TakeOsslError("SSL_CTX_add1_chain_cert"));
    }
  }
  return {};
}

Result<void> SecureContext::ApplyCertificates(const SecureContextOptions& options) {
  for (const Bytes& pem : options.cert) {
    auto used =
        ParseCertificateChain(pem).and_then([this](CertificateChain chain) { return UseChain(std::move(chain)); });
    if (!used.has_value()) return used;
  }
  for (const PrivateKeyOption& option : options.key) {
    auto key = ParsePrivateKey(option.pem, option.passphrase);
    if (!key.has_value()) return std::unexpected(std::move(key.error()));
    ErrorQueueScope errors;
    if (SSL_CTX_use_PrivateKey(ctx_.get(), key->get()) != 1) {
      return std::unexpected(TakeOsslError("SSL_CTX_use_PrivateKey"));
    }
  }
  return {};
}

Result<void> SecureContext::ApplyAlgorithms(const SecureContextOptions& options) {
  ErrorQueueScope errors;
  SSL_CTX* ctx = ctx_.get();
  if (!options.sigalgs.empty() && SSL_CTX_set1_sigalgs_list(ctx, options.sigalgs.c_str()) != 1) {
    return std::unexpected(TakeOsslError(kNoError));
  }
  if (!options.groups.empty() && options.groups != "auto" &&
      SSL_CTX_set1_groups_list(ctx, options.groups.c_str()) != 1) {
    return std::unexpected(ArgumentError(kOperationFailed, "Failed to set ECDH curve"));
  }
  return {};
}

Result<void> SecureContext::ApplyDiffieHellman(const SecureContextOptions& options) {
  if (options.dh_auto) SSL_CTX_set_dh_auto(ctx_.get(), 1);
  if (!options.dh_parameters.has_value()) return {};
  auto parameters = ParseDhParameters(*options.dh_parameters);
  if (!parameters.has_value()) {
    if (parameters.error().kind == ErrorKind::kOssl) return {};
    return std::unexpected(std::move(parameters.error()));
  }
  if (EVP_PKEY_get_bits(parameters->get()) < 2048) warnings_.emplace_back("DH parameter is less than 2048 bits");
  ErrorQueueScope errors;
  if (SSL_CTX_set0_tmp_dh_pkey(ctx_.get(), parameters->get()) != 1) {
    return std::unexpected(ArgumentError(kOperationFailed, "Error setting temp DH parameter"));
  }
  static_cast<void>(parameters->release());  // now the context's
  return {};
}

Result<void> SecureContext::ApplyPfx(const SecureContextOptions& options, std::vector<X509Ptr>* certificates) {
  for (const PfxOption& option : options.pfx) {
    auto pfx = ParsePfx(option.der, option.passphrase);
    if (!pfx.has_value()) return std::unexpected(std::move(pfx.error()));
    for (const X509Ptr& ca : pfx->chain.intermediates) {
      SSL_CTX_add_client_CA(ctx_.get(), ca.get());
      certificates->push_back(UpRef(ca.get()));
    }
    if (auto used = UseChain(std::move(pfx->chain)); !used.has_value()) {
      return std::unexpected(PfxError(std::move(used.error())));
    }
    ErrorQueueScope errors;
    if (SSL_CTX_use_PrivateKey(ctx_.get(), pfx->key.get()) != 1) {
      return std::unexpected(PfxError(TakeOsslError("SSL_CTX_use_PrivateKey")));
    }
  }
  return {};
}

Result<void> SecureContext::ApplyTrust(const SecureContextOptions& options, std::vector<X509Ptr> pfx_certificates) {
  TrustStoreOptions trust{
      .certificates = std::move(pfx_certificates),
      .crls = {},
      .allow_partial_chain = options.allow_partial_trust_chain,
      .base = options.ca.has_value() ? nullptr : options.default_trust,
  };
  for (const Bytes& pem : options.ca.value_or(std::vector<Bytes>())) {
    auto certificates = ParseCertificates(pem);
    if (!certificates.has_value()) return std::unexpected(std::move(certificates.error()));
    for (X509Ptr& certificate : *certificates) {
      SSL_CTX_add_client_CA(ctx_.get(), certificate.get());
      trust.certificates.push_back(std::move(certificate));
    }
  }
  for (const Bytes& pem : options.crl) {
    auto crl = ParseCrl(pem);
    if (!crl.has_value()) return std::unexpected(std::move(crl.error()));
    trust.crls.push_back(std::move(*crl));
  }
  return Trust(trust);
}

Result<void> SecureContext::Trust(const TrustStoreOptions& options) {
  const bool as_is = options.certificates.empty() && options.crls.empty() && !options.allow_partial_chain;
  if (as_is && options.base != nullptr) {
    trust_ = options.base;
  } else {
    auto store = TrustStore::Create(options);
    if (!store.has_value()) return std::unexpected(std::move(store.error()));
    trust_ = std::move(*store);
  }
  SSL_CTX_set1_cert_store(ctx_.get(), trust_->get());
  return {};
}

Result<void> SecureContext::AddCa(BytesView pem) {
  auto certificates = ParseCertificates(pem);
  if (!certificates.has_value()) return std::unexpected(std::move(certificates.error()));
  for (const X509Ptr& certificate : *certificates) SSL_CTX_add_client_CA(ctx_.get(), certificate.get());
  return Trust({.certificates = std::move(*certificates), .base = trust_});
}

Result<void> SecureContext::AddCrl(BytesView pem) {
  auto crl = ParseCrl(pem);
  if (!crl.has_value()) return std::unexpected(std::move(crl.error()));
  TrustStoreOptions options{.base = trust_};
  options.crls.push_back(std::move(*crl));
  return Trust(options);
}

Result<void> SecureContext::SetCiphers(const std::string& ciphers) {
  ErrorQueueScope errors;
  if (SSL_CTX_set_cipher_list(ctx_.get(), ciphers.c_str()) == 1) return {};
  return std::unexpected(TakeOsslError("Failed to set ciphers"));
}

Result<void> SecureContext::ApplySessions(const SecureContextOptions& options) {
  ErrorQueueScope errors;
  const BytesView id = AsBytes(options.session_id_context);
  if (!id.empty() && SSL_CTX_set_session_id_context(ctx_.get(), id.data(), static_cast<unsigned int>(id.size())) != 1) {
    return std::unexpected(ArgumentError(kInvalidValue, "Session id context is longer than 32 bytes"));
  }
  if (options.session_timeout.has_value()) SSL_CTX_set_timeout(ctx_.get(), static_cast<long>(*options.session_timeout));
  if (options.ticket_keys.has_value()) return SetTicketKeys(*options.ticket_keys);
  SecretBytes random(TicketKeys::kSize);
  if (RAND_priv_bytes(random.data(), TicketKeys::kSize) != 1) {
    return std::unexpected(ArgumentError(kOperationFailed, "Error generating ticket keys"));
  }
  return SetTicketKeys(random);
}

// --- tickets ---------------------------------------------------------------------------------------------------------

SecretBytes SecureContext::ticket_keys() const {
  SecretBytes keys;
  keys.reserve(TicketKeys::kSize);
  for (const auto* part : {&ticket_keys_.name, &ticket_keys_.hmac, &ticket_keys_.aes}) {
    keys.insert(keys.end(), part->begin(), part->end());
  }
  return keys;
}

Result<void> SecureContext::SetTicketKeys(BytesView keys) {
  if (keys.size() != TicketKeys::kSize) {
    return std::unexpected(ArgumentError(kInvalidValue, "Ticket keys length must be 48 bytes"));
  }
  std::ranges::copy(keys.subspan(0, 16), ticket_keys_.name.begin());
  std::ranges::copy(keys.subspan(16, 16), ticket_keys_.hmac.begin());
  std::ranges::copy(keys.subspan(32, 16), ticket_keys_.aes.begin());
  return {};
}

TicketAnswer SecureContext::AnswerTicket(BytesView name, bool encrypt) const {
  constexpr int kUnknownKey = 0;
  constexpr int kOk = 1;
  if (!encrypt && !std::ranges::equal(ticket_keys_.name, name)) return {.verdict = kUnknownKey};
  TicketAnswer answer{
      .verdict = kOk,
      .hmac = SecretBytes(ticket_keys_.hmac.begin(), ticket_keys_.hmac.end()),
      .aes = SecretBytes(ticket_keys_.aes.begin(), ticket_keys_.aes.end()),
      .name = Bytes(ticket_keys_.name.begin(), ticket_keys_.name.end()),
      .iv = Bytes(kTicketPart),
  };
  if (encrypt && RAND_bytes(answer.iv.data(), kTicketPart) != 1) return {};
  return answer;
}

int SecureContext::ProtectTicket(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                                 bool encrypt) const {
  constexpr int kError = -1;
  const BytesView given_name(name, kTicketPart);
  TicketAnswer answer = choose_ticket_ ? choose_ticket_(given_name, BytesView(iv, kTicketPart), encrypt)
                                       : AnswerTicket(given_name, encrypt);
  if (answer.verdict <= 0) return answer.verdict;
  if (answer.aes.size() != kTicketPart) return kError;
  if (encrypt) {
    if (answer.name.size() != kTicketPart || answer.iv.size() != kTicketPart) return kError;
    std::ranges::copy(answer.name, name);
    std::ranges::copy(answer.iv, iv);
  }
  if (EVP_CipherInit_ex(cipher, EVP_aes_128_cbc(), nullptr, answer.aes.data(), iv, encrypt ? 1 : 0) != 1) {
    return kError;
  }
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, answer.hmac.data(), answer.hmac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_CTX_set_params(mac, parameters) == 1 ? answer.verdict : kError;
}

// --- protocols -------------------------------------------------------------------------------------------------------

NpnScope::NpnScope(SecureContext& context, bool offer)
    : context_(context), before_(std::exchange(context.npn_offered_, offer)) {
  if (offer != before_) SetNpnOffered(context_.get(), offer);
}

NpnScope::~NpnScope() {
  const bool offered = std::exchange(context_.npn_offered_, before_);
  if (offered != before_) SetNpnOffered(context_.get(), before_);
}

// --- certificates ----------------------------------------------------------------------------------------------------

Result<void> SecureContext::PresentOn(SSL* ssl, bool replace) const {
  ErrorQueueScope errors;
  SSL_CTX* ctx = ctx_.get();
  X509* current = SSL_CTX_get0_certificate(ctx);
  if (SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_FIRST) != 1) {
    SSL_use_certificate(ssl, nullptr);  // as Node does, for OpenSSL's words
    return std::unexpected(TakeSslError(kNoError));
  }
  if (replace) SSL_certs_clear(ssl);
  bool done = true;
  do {
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(ctx, &chain);
    done = done && SSL_use_certificate(ssl, SSL_CTX_get0_certificate(ctx)) == 1 &&
           SSL_use_PrivateKey(ssl, SSL_CTX_get0_privatekey(ctx)) == 1 && SSL_set1_chain(ssl, chain) == 1;
  } while (SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_NEXT) == 1);
  // Whoever asks the context for its certificate means the one that was set last.
  SSL_CTX_select_current_cert(ctx, current);
  if (!done || SSL_set1_verify_cert_store(ssl, trust_->get()) != 1) return std::unexpected(TakeSslError(kNoError));
  SSL_set_client_CA_list(ssl, SSL_dup_CA_list(SSL_CTX_get_client_CA_list(ctx)));
  return {};
}

Bytes SecureContext::certificate() const { return EncodeCertificate(SSL_CTX_get0_certificate(ctx_.get())); }

Bytes SecureContext::issuer() const {
  ErrorQueueScope errors;
  X509* leaf = SSL_CTX_get0_certificate(ctx_.get());
  if (leaf == nullptr) return {};
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(ctx_.get(), &chain);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    X509* candidate = sk_X509_value(chain, i);
    if (IssuedBy(leaf, candidate)) return EncodeCertificate(candidate);
  }
  return EncodeCertificate(FindIssuer(leaf, trust_->get()).get());
}

}  // namespace wasm_tls
