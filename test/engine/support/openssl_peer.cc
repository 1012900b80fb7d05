#include "test/engine/support/openssl_peer.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cstdio>
#include <cstdlib>

#include "src/error_codes.h"

namespace wasm_tls::test {

namespace {

void Require(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "peer: %s failed\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

void UseIdentity(SSL_CTX* ctx, const Identity& identity) {
  const Bytes pem = identity.ChainPem();
  const BioPtr text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509StackPtr issuers(sk_X509_new_null());
  X509Ptr leaf(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  while (X509* issuer = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) sk_X509_push(issuers.get(), issuer);
  Require(SSL_CTX_use_cert_and_key(ctx, identity.certificate(), identity.key(), issuers.get(), 1) == 1, "certificate");
}

SslCtxPtr NewContext(const PeerOptions& options) {
  EnsureLibrary();
  SslCtxPtr owner(SSL_CTX_new(TLS_method()));
  Require(owner != nullptr, "SSL_CTX_new");
  SSL_CTX* ctx = owner.get();
  Require(SSL_CTX_set_min_proto_version(ctx, options.min_version) == 1, "min version");
  Require(SSL_CTX_set_max_proto_version(ctx, options.max_version) == 1, "max version");
  SSL_CTX_set_options(ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
  if (options.ciphers != nullptr) Require(SSL_CTX_set_cipher_list(ctx, options.ciphers) == 1, "ciphers");
  if (options.cipher_suites != nullptr) {
    Require(SSL_CTX_set_ciphersuites(ctx, options.cipher_suites) == 1, "cipher suites");
  }
  if (options.groups != nullptr) Require(SSL_CTX_set1_groups_list(ctx, options.groups) == 1, "groups");
  for (const Identity* identity : options.identities) UseIdentity(ctx, *identity);
  if (options.trust != nullptr) {
    Require(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), options.trust->certificate()) == 1, "trust");
  }
  static constexpr unsigned char kSessionContext[] = "peer";
  if (options.role == PeerRole::kServer) {
    SSL_CTX_set_session_id_context(ctx, kSessionContext, sizeof(kSessionContext) - 1);
  }
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_BOTH);
  const int mode = options.request_certificate ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
  // The result is noted, never acted upon: who refuses in these tests is the engine.
  SSL_CTX_set_verify(ctx, mode, [](int, X509_STORE_CTX*) { return 1; });
  return owner;
}

}  // namespace

OpensslPeer::OpensslPeer(const PeerOptions& options) : ctx_(NewContext(options)) { Start(options.role); }

OpensslPeer::OpensslPeer(const OpensslPeer& other, PeerRole role) {
  SSL_CTX_up_ref(other.ctx());
  ctx_.reset(other.ctx());
  Start(role);
}

void OpensslPeer::Start(PeerRole role) {
  SSL_CTX_set_info_callback(ctx_.get(), OnInfo);
  SSL_CTX_set_keylog_callback(ctx_.get(), OnKeylog);
  SSL_CTX_sess_set_new_cb(ctx_.get(), OnNewSession);
  ssl_.reset(SSL_new(ctx_.get()));
  Require(ssl_ != nullptr, "SSL_new");
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  BIO_set_mem_eof_return(SSL_get_rbio(ssl_.get()), -1);
  if (role == PeerRole::kClient) {
    SSL_set_connect_state(ssl_.get());
  } else {
    SSL_set_accept_state(ssl_.get());
  }
}

void OpensslPeer::Receive(BytesView enc) {
  if (enc.empty()) return;
  size_t written = 0;
  Require(BIO_write_ex(SSL_get_rbio(ssl_.get()), enc.data(), enc.size(), &written) == 1 && written == enc.size(),
          "BIO_write_ex");
}

Bytes OpensslPeer::Send() {
  BIO* bio = SSL_get_wbio(ssl_.get());
  Bytes enc(BIO_ctrl_pending(bio));
  size_t read = 0;
  if (!enc.empty()) Require(BIO_read_ex(bio, enc.data(), enc.size(), &read) == 1 && read == enc.size(), "BIO_read_ex");
  return enc;
}

void OpensslPeer::Write(BytesView clear) { unwritten_.insert(unwritten_.end(), clear.begin(), clear.end()); }

// True when the call was a success. A failure is noted once.
bool OpensslPeer::Check(int result) {
  if (result > 0) return true;
  const int why = SSL_get_error(ssl_.get(), result);
  if ((why == SSL_ERROR_SSL || why == SSL_ERROR_SYSCALL) && error_.empty()) {
    LoadErrorTexts();
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    error_ = reason == nullptr ? "unknown" : reason;
  }
  ERR_clear_error();
  return false;
}

void OpensslPeer::Advance() {
  if (!error_.empty()) return;
  ERR_clear_error();
  // Later ones are done by reading, as data may still come in the middle of them.
  handshake_done_ = handshake_done_ || Check(SSL_do_handshake(ssl_.get()));
  if (!handshake_done_) return;
  DoRead();
  DoWrite();
  if (shutdown_wanted_ && unwritten_.empty() && error_.empty() && SSL_is_init_finished(ssl_.get()) == 1) {
    shutdown_wanted_ = false;
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
}

void OpensslPeer::DoRead() {
  std::vector<uint8_t> block(SSL3_RT_MAX_PLAIN_LENGTH);
  size_t size = 0;
  while (reading_ && error_.empty() && Check(SSL_read_ex(ssl_.get(), block.data(), block.size(), &size))) {
    received_.insert(received_.end(), block.begin(), block.begin() + static_cast<ptrdiff_t>(size));
  }
}

void OpensslPeer::DoWrite() {
  size_t size = 0;
  if (unwritten_.empty() || !error_.empty() || SSL_is_init_finished(ssl_.get()) == 0) return;
  if (Check(SSL_write_ex(ssl_.get(), unwritten_.data(), unwritten_.size(), &size))) {
    unwritten_.erase(unwritten_.begin(), unwritten_.begin() + static_cast<ptrdiff_t>(size));
  }
}

void OpensslPeer::Renegotiate() {
  Require(SSL_renegotiate(ssl_.get()) == 1, "SSL_renegotiate");
  Check(SSL_do_handshake(ssl_.get()));
}

Bytes OpensslPeer::KeylogSecret(std::string_view label) const {
  for (const std::string& line : keylog_) {
    if (!line.starts_with(std::string(label) + " ")) continue;
    long size = 0;
    const OpensslMemoryPtr<unsigned char> secret(OPENSSL_hexstr2buf(line.substr(line.rfind(' ') + 1).c_str(), &size));
    return {secret.get(), secret.get() + size};
  }
  return {};
}

void OpensslPeer::OnInfo(const SSL* ssl, int where, int value) {
  if ((where & SSL_CB_ALERT) == 0 || (value >> 8) != SSL3_AL_FATAL) return;
  if ((where & SSL_CB_READ) != 0) Of(ssl).fatal_alert_received_ = value & 0xff;
  if ((where & SSL_CB_WRITE) != 0) Of(ssl).fatal_alert_sent_ = value & 0xff;
}

void OpensslPeer::OnKeylog(const SSL* ssl, const char* line) { Of(ssl).keylog_.emplace_back(line); }

int OpensslPeer::OnNewSession(SSL* ssl, SSL_SESSION* session) {
  if (SSL_is_server(ssl) == 1) return 0;
  Of(ssl).session_.reset(session);
  return 1;
}

}  // namespace wasm_tls::test
