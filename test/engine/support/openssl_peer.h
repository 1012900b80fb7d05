// The second implementation that stands opposite in every protocol test: a bare OpenSSL `SSL` between two memory BIOs.
// None of the engine's code drives it, lest one bug sit on both sides.
#pragma once

#include <openssl/ssl.h>

#include <optional>
#include <string>
#include <vector>

#include "src/bytes.h"
#include "src/openssl_ptr.h"
#include "test/engine/support/pki.h"

namespace wasm_tls::test {

enum class PeerRole { kClient, kServer };

struct PeerOptions {
  PeerRole role = PeerRole::kServer;
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
  std::vector<const Identity*> identities;  // presented; one for each key type
  const Identity* trust = nullptr;          // the CA that the other side's certificate is checked against
  bool request_certificate = false;         // server
  const char* ciphers = nullptr;            // TLS 1.2, OpenSSL's syntax
  const char* cipher_suites = nullptr;      // TLS 1.3
  const char* groups = nullptr;
};

class OpensslPeer {
 public:
  explicit OpensslPeer(const PeerOptions& options);
  // Shares the context of `other`, and with it tickets and sessions: for resumption.
  OpensslPeer(const OpensslPeer& other, PeerRole role);
  OpensslPeer& operator=(const OpensslPeer&) = delete;

  // For whatever a test wants to set before the handshake.
  SSL* ssl() const { return ssl_.get(); }
  SSL_CTX* ctx() const { return ctx_.get(); }

  void Receive(BytesView enc);
  // Takes all that waits to be sent.
  Bytes Send();

  // Runs TLS as far as it goes: the handshake, then what there is to read and to write, then close_notify.
  void Advance();

  void Write(BytesView clear);
  // Begins another handshake (client) or asks for one (server).
  void Renegotiate();
  // close_notify, once everything is written.
  void Shutdown() { shutdown_wanted_ = true; }
  // Stops reading cleartext, so that what the other side sends stays unread.
  void set_reading(bool reading) { reading_ = reading; }

  bool established() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  bool close_notify_received() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  const Bytes& received() const { return received_; }
  const std::vector<std::string>& keylog() const { return keylog_; }
  // The secret of a key log line: 'SERVER_TRAFFIC_SECRET_0'. Empty when there is no such line.
  Bytes KeylogSecret(std::string_view label) const;

  // The reason of the first error record, in OpenSSL's words; empty when nothing failed.
  const std::string& error() const { return error_; }
  // Descriptions of the last fatal alerts; 0 (close_notify, which is none) when there was none.
  int fatal_alert_received() const { return fatal_alert_received_; }
  int fatal_alert_sent() const { return fatal_alert_sent_; }

  // The session to resume, taken over from the last one that the server sent.
  SSL_SESSION* session() const { return session_.get(); }

 private:
  void Start(PeerRole role);
  bool Check(int result);
  void DoRead();
  void DoWrite();

  static OpensslPeer& Of(const SSL* ssl) { return *static_cast<OpensslPeer*>(SSL_get_app_data(ssl)); }
  static void OnInfo(const SSL* ssl, int where, int value);
  static void OnKeylog(const SSL* ssl, const char* line);
  static int OnNewSession(SSL* ssl, SSL_SESSION* session);

  SslCtxPtr ctx_;
  SslSessionPtr session_;
  Bytes unwritten_;
  Bytes received_;
  std::vector<std::string> keylog_;
  std::string error_;
  int fatal_alert_received_ = 0;
  int fatal_alert_sent_ = 0;
  bool handshake_done_ = false;
  bool shutdown_wanted_ = false;
  bool reading_ = true;
  SslPtr ssl_;
};

}  // namespace wasm_tls::test
