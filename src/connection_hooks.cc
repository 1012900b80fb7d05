#include "connection_hooks.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "connection.h"
#include "session.h"

namespace wasm_tls {

// A friend of Connection, so that each callback can note what it was told. They only take notes: no user code, the two
// choosers aside, and no call back into OpenSSL that would change the handshake.
struct ConnectionHooks {
  static Connection& Of(const SSL* ssl) { return *static_cast<Connection*>(SSL_get_app_data(ssl)); }

  static int OnClientHello(SSL* ssl, int* alert, void*);
  static SSL_SESSION* OnGetSession(SSL* ssl, const unsigned char* id, int size, int* copy);
  static int OnNewSession(SSL* ssl, SSL_SESSION* session);
  static int OnCertificate(SSL* ssl, void*);
  static int OnStatus(SSL* ssl, void*);
  static int OnAlpn(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned int in_size, void*);
  static int OnNpnAdvertise(SSL* ssl, const unsigned char** out, unsigned int* out_size, void*);
  static int OnNpnSelect(SSL* ssl, unsigned char** out, unsigned char* out_size, const unsigned char* in,
                         unsigned int in_size, void*);
  static void OnInfo(const SSL* ssl, int where, int);
  static void OnKeylog(const SSL* ssl, const char* line);
  static unsigned int OnPskClient(SSL* ssl, const char* hint, char* identity, unsigned int max_identity,
                                  unsigned char* key, unsigned int max_key);
  static unsigned int OnPskServer(SSL* ssl, const char* identity, unsigned char* key, unsigned int max_key);
  static int OnTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                      int encrypt);
  static int OnVerify(int, X509_STORE_CTX*) { return 1; }
  static void StartRenegotiation(Connection& connection);
  static int OnClientsRenegotiation(Connection& connection);
  // Hardly anybody asks for either, and together they are larger than a handshake's every other callback: an engine
  // that compiles a function when it is first called shall not compile them for OnMessage(), which every connection
  // calls.
  [[gnu::noinline]] static void NoteMessage(Connection& connection, bool sent, int version, int content_type,
                                            BytesView data);
  [[gnu::noinline]] static void NoteTrace(Connection& connection, int is_write, int version, int content_type,
                                          const void* data, size_t size);
  static void OnMessage(int is_write, int version, int content_type, const void* data, size_t size, SSL* ssl, void*);
};

namespace {

std::vector<std::string> ParseAlpn(BytesView wire) {
  std::vector<std::string> protocols;
  while (!wire.empty() && wire[0] < wire.size()) {
    protocols.emplace_back(AsText(wire.subspan(1, wire[0])));
    wire = wire.subspan(1u + wire[0]);
  }
  return protocols;
}

// Points into `wire`, as OpenSSL wants its answer.
const unsigned char* FindAlpn(BytesView wire, std::string_view protocol) {
  while (!wire.empty() && wire[0] < wire.size()) {
    if (AsText(wire.subspan(1, wire[0])) == protocol) return wire.data() + 1;
    wire = wire.subspan(1u + wire[0]);
  }
  return nullptr;
}

// Copies `key` for OpenSSL; 0, which fails the handshake, when it does not fit.
unsigned int CopyKey(const SecretBytes& key, unsigned char* out, unsigned int room) {
  if (key.size() > room) return 0;
  std::ranges::copy(key, out);
  return static_cast<unsigned int>(key.size());
}

}  // namespace

void ConnectionHooks::StartRenegotiation(Connection& connection) {
  if (std::exchange(connection.renegotiating_, true)) return;
  connection.events_.push_back(HandshakeStart{});
}

// Which session to resume is not asked again: none is, see SecureContext.
int ConnectionHooks::OnClientsRenegotiation(Connection& connection) {
  using Question = Connection::Question;
  if (!connection.hello_request_sent_ && connection.renegotiation_ == Question::kUnasked) {
    connection.renegotiation_ = Question::kOpen;
    connection.events_.push_back(RenegotiationWish{});
  }
  if (connection.renegotiation_ == Question::kOpen) return SSL_CLIENT_HELLO_RETRY;
  StartRenegotiation(connection);
  return SSL_CLIENT_HELLO_SUCCESS;
}

int ConnectionHooks::OnClientHello(SSL* ssl, int*, void*) {
  using Question = Connection::Question;
  Connection& connection = Of(ssl);
  if (connection.established()) return OnClientsRenegotiation(connection);
  if (!connection.options_.ask_client_hello) return SSL_CLIENT_HELLO_SUCCESS;
  if (connection.client_hello_ == Question::kUnasked) {
    const unsigned char* data = nullptr;
    size_t size = 0;
    // A ticket carries the session itself: there is nothing to look up.
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_session_ticket, &data, &size) == 1 && size != 0) {
      return SSL_CLIENT_HELLO_SUCCESS;
    }
    size = SSL_client_hello_get0_session_id(ssl, &data);
    if (size == 0) return SSL_CLIENT_HELLO_SUCCESS;
    connection.client_hello_ = Question::kOpen;
    connection.events_.push_back(ClientHello{.session_id = ToBytes({data, size})});
  }
  return connection.client_hello_ == Question::kAnswered ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_RETRY;
}

SSL_SESSION* ConnectionHooks::OnGetSession(SSL* ssl, const unsigned char*, int, int* copy) {
  *copy = 0;  // OpenSSL becomes the owner
  return Of(ssl).resumed_session_.release();
}

int ConnectionHooks::OnNewSession(SSL* ssl, SSL_SESSION* session) {
  Connection& connection = Of(ssl);
  if (connection.role() == Role::kClient && SSL_SESSION_get0_hostname(session) == nullptr) {
    // OpenSSL notes it only if the server says that it has looked at it; see DropForeignSession().
    SSL_SESSION_set1_hostname(session, SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
  }
  if (!connection.options_.sessions) return 0;
  SecretBytes data = EncodeSession(session);
  if (data.empty()) return 0;
  connection.events_.push_back(
      NewSession{.id = SessionId(session), .data = std::move(data), .ticket = SessionTicket(session)});
  if (connection.role() == Role::kServer && connection.options_.ask_new_session) ++connection.new_sessions_open_;
  return 0;  // the session stays OpenSSL's
}

int ConnectionHooks::OnCertificate(SSL* ssl, void*) {
  using Question = Connection::Question;
  constexpr int kGoOn = 1;
  constexpr int kSuspend = -1;
  Connection& connection = Of(ssl);
  if (!connection.options_.ask_certificate) return kGoOn;
  if (connection.certificate_ == Question::kUnasked) {
    connection.certificate_ = Question::kOpen;
    const char* servername = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    connection.events_.push_back(CertificateWanted{
        .servername = servername == nullptr ? "" : servername,
        .ocsp_requested = SSL_get_tlsext_status_type(ssl) == TLSEXT_STATUSTYPE_ocsp,
    });
  }
  return connection.certificate_ == Question::kAnswered ? kGoOn : kSuspend;
}

int ConnectionHooks::OnStatus(SSL* ssl, void*) {
  Connection& connection = Of(ssl);
  if (connection.role() == Role::kClient) {
    constexpr int kAccept = 1;
    unsigned char* response = nullptr;
    const long size = SSL_get_tlsext_status_ocsp_resp(ssl, &response);
    BytesView view;
    if (response != nullptr && size > 0) view = {response, static_cast<size_t>(size)};
    connection.events_.push_back(OcspResponse{.response = ToBytes(view)});
    return kAccept;
  }
  const Bytes& response = connection.ocsp_response_;
  if (response.empty()) return SSL_TLSEXT_ERR_NOACK;
  void* copy = OPENSSL_memdup(response.data(), response.size());
  if (copy == nullptr) return SSL_TLSEXT_ERR_ALERT_FATAL;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(response.size()));
  return SSL_TLSEXT_ERR_OK;
}

// RFC 7301 §3.2: "If the server supports no protocols that the client advertises, then the server SHALL respond with
// a fatal "no_application_protocol" alert."
int ConnectionHooks::OnAlpn(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                            unsigned int in_size, void*) {
  const ConnectionOptions& options = Of(ssl).options_;
  const BytesView offered(in, in_size);
  if (options.choose_alpn) {
    const char* servername = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    const auto chosen = options.choose_alpn(servername == nullptr ? "" : servername, ParseAlpn(offered));
    *out = chosen.has_value() ? FindAlpn(offered, *chosen) : nullptr;
    if (*out == nullptr) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out_size = static_cast<unsigned char>(chosen->size());
    return SSL_TLSEXT_ERR_OK;
  }
  if (options.alpn_protocols.empty()) return SSL_TLSEXT_ERR_NOACK;
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(out), out_size, options.alpn_protocols.data(),
                                          static_cast<unsigned int>(options.alpn_protocols.size()), in, in_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// NPN never was more than a draft: draft-agl-tls-nextprotoneg-04. The server advertises, the client chooses.
int ConnectionHooks::OnNpnAdvertise(SSL* ssl, const unsigned char** out, unsigned int* out_size, void*) {
  const Bytes& protocols = Of(ssl).options_.npn_protocols;
  if (protocols.empty()) return SSL_TLSEXT_ERR_NOACK;
  *out = protocols.data();
  *out_size = static_cast<unsigned int>(protocols.size());
  return SSL_TLSEXT_ERR_OK;
}

// §4 there: "In the event that the client doesn't support any of server's protocols, or the server doesn't advertise
// any, it SHOULD select the first protocol that it supports."
int ConnectionHooks::OnNpnSelect(SSL* ssl, unsigned char** out, unsigned char* out_size, const unsigned char* in,
                                 unsigned int in_size, void*) {
  Connection& connection = Of(ssl);
  const Bytes& own = connection.options_.npn_protocols;
  const int found =
      SSL_select_next_proto(out, out_size, in, in_size, own.data(), static_cast<unsigned int>(own.size()));
  connection.npn_agreed_ = found == OPENSSL_NPN_NEGOTIATED;
  return SSL_TLSEXT_ERR_OK;
}

// The end of a renegotiation. OpenSSL says the same of a HelloRequest that is sent or received, and of a wish that it
// has refused by itself: none of them is a handshake.
void ConnectionHooks::OnInfo(const SSL* ssl, int where, int) {
  Connection& connection = Of(ssl);
  if ((where & SSL_CB_HANDSHAKE_DONE) == 0 || !connection.renegotiating_) return;
  connection.renegotiating_ = false;
  connection.hello_request_sent_ = false;
  connection.renegotiation_ = Connection::Question::kUnasked;
  connection.events_.push_back(HandshakeDone{});
}

void ConnectionHooks::OnKeylog(const SSL* ssl, const char* line) {
  Connection& connection = Of(ssl);
  if (connection.options_.keylog) connection.events_.push_back(KeylogLine{.line = line});
}

unsigned int ConnectionHooks::OnPskClient(SSL* ssl, const char* hint, char* identity, unsigned int max_identity,
                                          unsigned char* key, unsigned int max_key) {
  const auto answer =
      Of(ssl).options_.psk(hint == nullptr ? std::nullopt : std::optional<std::string>(std::string(hint)));
  if (!answer.has_value() || answer->identity.size() > max_identity) return 0;
  // OpenSSL gives room for `max_identity` characters and the zero behind them.
  std::memcpy(identity, answer->identity.c_str(), answer->identity.size() + 1);
  return CopyKey(answer->key, key, max_key);
}

unsigned int ConnectionHooks::OnPskServer(SSL* ssl, const char* identity, unsigned char* key, unsigned int max_key) {
  const auto answer = Of(ssl).options_.psk(std::string(identity));
  return answer.has_value() ? CopyKey(answer->key, key, max_key) : 0;
}

// The keys of the context that the connection started with, whichever context its server name led to: a ticket must be
// readable before the server name has been looked at.
int ConnectionHooks::OnTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                              EVP_MAC_CTX* mac, int encrypt) {
  return Of(ssl).context().ProtectTicket(name, iv, cipher, mac, encrypt == 1);
}

void ConnectionHooks::NoteMessage(Connection& connection, bool sent, int version, int content_type, BytesView data) {
  std::optional<ProtocolMessage> message = DescribeMessage(sent, version, content_type, data);
  if (!message.has_value()) return;
  if (connection.messages_waiting_ == Connection::kMaxMessages) {
    ++connection.messages_missed_;
    return;
  }
  ++connection.messages_waiting_;
  message->missed = std::exchange(connection.messages_missed_, 0);
  connection.events_.emplace_back(*std::move(message));
}

void ConnectionHooks::OnMessage(int is_write, int version, int content_type, const void* data, size_t size, SSL* ssl,
                                void*) {
  Connection& connection = Of(ssl);
  if (is_write == 1 && content_type == SSL3_RT_HANDSHAKE && connection.established() && size > 0 &&
      *static_cast<const uint8_t*>(data) == SSL3_MT_CLIENT_HELLO) {
    StartRenegotiation(connection);
  }
  if (connection.options_.messages) {
    NoteMessage(connection, is_write == 1, version, content_type, {static_cast<const uint8_t*>(data), size});
  }
  if (connection.options_.trace) NoteTrace(connection, is_write, version, content_type, data, size);
}

void ConnectionHooks::NoteTrace(Connection& connection, int is_write, int version, int content_type, const void* data,
                                size_t size) {
  BioPtr text(BIO_new(BIO_s_mem()));
  if (text == nullptr) return;
  SSL_trace(is_write, version, content_type, data, size, connection.ssl(), text.get());
  char* start = nullptr;
  const long length = BIO_get_mem_data(text.get(), &start);
  if (length > 0) connection.events_.push_back(TraceText{.text = std::string(start, static_cast<size_t>(length))});
}

void InstallHooks(SSL_CTX* ctx) {
  SSL_CTX_set_client_hello_cb(ctx, ConnectionHooks::OnClientHello, nullptr);
  SSL_CTX_sess_set_get_cb(ctx, ConnectionHooks::OnGetSession);
  SSL_CTX_sess_set_new_cb(ctx, ConnectionHooks::OnNewSession);
  SSL_CTX_set_tlsext_status_cb(ctx, ConnectionHooks::OnStatus);
  SSL_CTX_set_alpn_select_cb(ctx, ConnectionHooks::OnAlpn, nullptr);
  SSL_CTX_set_next_protos_advertised_cb(ctx, ConnectionHooks::OnNpnAdvertise, nullptr);
  SSL_CTX_set_keylog_callback(ctx, ConnectionHooks::OnKeylog);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, ConnectionHooks::OnTicket);
}

void SetNpnOffered(SSL_CTX* ctx, bool offered) {
  SSL_CTX_set_next_proto_select_cb(ctx, offered ? ConnectionHooks::OnNpnSelect : nullptr, nullptr);
}

// --- The part of Connection that hangs its own callbacks on its SSL object -------------------------------------------

void Connection::InstallOwnHooks() {
  SSL* ssl = ssl_.get();
  SSL_set_app_data(ssl, this);
  if (options_.role == Role::kServer) SSL_set_cert_cb(ssl, ConnectionHooks::OnCertificate, nullptr);
  if (options_.psk) {
    if (options_.role == Role::kServer) {
      SSL_set_psk_server_callback(ssl, ConnectionHooks::OnPskServer);
    } else {
      SSL_set_psk_client_callback(ssl, ConnectionHooks::OnPskClient);
    }
  }
  SSL_set_info_callback(ssl, ConnectionHooks::OnInfo);
  // Always: a record layer asks for it once, when it is made, so that a trace switched on later would miss the records.
  SSL_set_msg_callback(ssl, ConnectionHooks::OnMessage);
}

void Connection::ApplyVerifyMode() {
  int mode = SSL_VERIFY_NONE;
  if (options_.request_certificate) mode = SSL_VERIFY_PEER;
  if (options_.require_certificate) mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  // The callback accepts every chain: its result is recorded, and the host decides.
  SSL_set_verify(ssl_.get(), mode, ConnectionHooks::OnVerify);
}

}  // namespace wasm_tls
