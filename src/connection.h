// Connection: one TLS connection, either role, as a state machine without I/O.
//
// Vocabulary, a 2×2:
//
//               from outside, into the engine     out of the engine, to outside
//   enc         enc_in   (transport → engine)     enc_out   (engine → transport)
//   clear       clear_in (user → engine)          clear_out (engine → user)
//
// Whoever embeds it moves bytes by spans and calls `Advance()`, the only call that runs TLS:
//
//   loop:  consume all of enc_out → take events → consume clear_out → fill enc_in / clear_in → Advance()
//
// Nothing is lost until it is consumed, and nothing but `Advance()` ever changes what `clear_out()`, `enc_out()` or the
// event queue would give. Spans are valid until the next non-const call.
//
// No user code runs while OpenSSL is on the stack, the choosers aside (`ConnectionOptions::choose_alpn`, `psk`,
// `SecureContext::SetTicketChooser()`), which must not throw or call back into the connection, `SetKeyCert()` excepted.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "byte_queue.h"
#include "bytes.h"
#include "error.h"
#include "event.h"
#include "openssl_ptr.h"
#include "renegotiation_guard.h"
#include "secure_context.h"

namespace wasm_tls {

enum class Role { kClient, kServer };

// Why `Advance()` returned.
enum class Progress {
  kNeedsInput,  // the handshake cannot go on without more enc_in
  kSuspended,   // a question among the events waits for its answer
  kBudgetFull,  // enc_out or clear_out is at its limit: consume, then call again
  kIdle,        // the handshake is done and there is nothing to do until bytes or an intention come
  kClosed,      // nothing will ever be read or written again; enc_out may still hold the last bytes
  kFailed,      // `error()` says why; sticky. enc_out may still hold the alert
};

enum class HandshakeState { kNotStarted, kRunning, kDone };

struct PskAnswer {
  std::string identity;  // clients only; up to 256 bytes
  SecretBytes key;       // up to 512 bytes
};

struct ConnectionOptions {
  Role role = Role::kClient;

  // Client.
  std::string servername;  // SNI; empty sends none
  SecretBytes session;     // DER of a session to resume; an unreadable one is ignored
  bool request_ocsp = false;

  // Server.
  bool request_certificate = false;  // ask the client for a certificate …
  bool require_certificate = false;  // … and fail the handshake when it has none
  bool ask_client_hello = false;
  bool ask_certificate = false;
  bool ask_new_session = false;
  std::string psk_identity_hint;

  // Both.
  Bytes alpn_protocols;   // wire format: length byte, name, …; a server prefers its own order
  Bytes npn_protocols;    // the same; TLS 1.2 and older, for peers that do not know ALPN, which goes first
  bool keylog = false;    // KeylogLine events
  bool trace = false;     // TraceText events
  bool messages = false;  // ProtocolMessage events; of those that wait to be taken, `kMaxMessages` are kept
  bool sessions = false;  // NewSession events

  // Server: picks one of the client's protocols, or nullopt for a no_application_protocol alert. Replaces
  // `alpn_protocols`.
  std::function<std::optional<std::string>(const std::string& servername, const std::vector<std::string>& protocols)>
      choose_alpn;
  // Client: gets the server's hint (nullopt when there is none). Server: gets the client's identity.
  std::function<std::optional<PskAnswer>(const std::optional<std::string>& hint_or_identity)> psk;

  // `Advance()` stops with kBudgetFull once clear_out holds this many bytes, or enc_out does. Reading does not stop for
  // enc_out, unless answers to the peer fill it well beyond its limit.
  size_t clear_out_limit = 64 * 1024;
  size_t enc_out_limit = 256 * 1024;
};

class Connection {
 public:
  // A peer may send some thousand messages in one chunk, and the description of one takes more room than it does.
  static constexpr size_t kMaxMessages = 256;

  // Fails with OpenSSL's own error when it refuses an option, and when memory is out; malformed ALPN or NPN protocols
  // are ERR_INVALID_ARG_VALUE.
  static Result<std::unique_ptr<Connection>> Create(std::shared_ptr<SecureContext> context, ConnectionOptions options);

  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // --- bytes -------------------------------------------------------------------------------------------------------

  std::span<uint8_t> ReserveEncIn(size_t size);
  void CommitEncIn(size_t size);
  // The transport will deliver nothing more. Without a close_notify before it this is a truncation, which
  // `truncated()` tells and the host judges.
  void EndEncIn();

  // Empty while a NewSession question is open: the peer must not use a session before its owner has stored it. Until
  // then the connection reads and does not write.
  BytesView enc_out() const;
  void ConsumeEncOut(size_t size);

  std::span<uint8_t> ReserveClearIn(size_t size);
  void CommitClearIn(size_t size);
  size_t clear_in_size() const { return clear_in_.size(); }

  BytesView clear_out() const { return clear_out_.view(); }
  // How clear_out was cut into records, oldest first. Few should care, but some protocols' authors took a record for a
  // message, and Node hands its users one at a time.
  const std::vector<uint32_t>& clear_out_records() const { return clear_out_records_; }
  void ConsumeClearOut(size_t size);

  // --- running -----------------------------------------------------------------------------------------------------

  Progress Advance();

  // Intentions; the next `Advance()` acts on them.
  void Shutdown();   // close_notify, after the handshake and all of clear_in; clear_in takes no more bytes
  void KeyUpdate();  // TLS 1.3: new keys for both directions; older versions have no such thing and ignore it

  // An intention too: a new handshake on this connection. A client begins it; a server asks its client to begin, and
  // goes on with what it was doing until that does. Data that wait in clear_in are sent behind it. While another one is
  // under way it waits for that.
  // Fails with OpenSSL's error on TLS 1.3, which has no renegotiation, and when a context's options forbid it; with
  // ERR_TLS_INVALID_STATE before the first handshake is done and after Shutdown(). A peer that refuses fails the
  // connection.
  Result<void> Renegotiate();
  // Server: nobody may renegotiate any more. A wish, the client's or our own, fails the connection.
  void DisableRenegotiation() { guard_.Disable(); }

  std::optional<Event> TakeEvent();

  // Answers. Each returns false, and does nothing, when its question is not open.
  // A session that does not decode, or none, means a full handshake.
  bool AnswerClientHello(BytesView session);
  // `context` replaces the current one unless null. A non-empty `ocsp_response` is stapled when the client asked.
  bool AnswerCertificate(std::shared_ptr<SecureContext> context, BytesView ocsp_response);
  bool AnswerNewSession();
  // Refused: the connection fails with ERR_TLS_SESSION_ATTACK or ERR_TLS_RENEGOTIATION_DISABLED, without an alert.
  bool AnswerRenegotiation(const RenegotiationPolicy& policy);

  // --- state -------------------------------------------------------------------------------------------------------

  Role role() const { return options_.role; }
  HandshakeState handshake_state() const { return handshake_; }
  bool established() const { return handshake_ == HandshakeState::kDone; }
  bool close_notify_received() const { return close_received_; }
  bool close_notify_sent() const { return close_sent_; }
  bool truncated() const { return enc_in_ended_ && enc_in_.empty() && !close_received_; }
  const std::optional<Error>& error() const { return error_; }

  // Legal until the handshake starts, that is until the first `Advance()`. False later.
  bool SetServername(const std::string& servername);
  bool SetSession(BytesView der);
  bool SetAskCertificate(bool ask);
  bool SetAlpnProtocols(BytesView protocols);
  // Server: it takes effect with the next certificate request, be it that of a renegotiation.
  void SetVerifyMode(bool request_certificate, bool require_certificate);
  // Server: presents the certificates and keys of `context` instead of those it has, and judges clients by what that
  // trusts. Legal at any time, in the ALPN chooser too; with TLS 1.2 it is too late there for a key of another type.
  Result<void> SetKeyCert(std::shared_ptr<SecureContext> context);
  void SetKeylog(bool on) { options_.keylog = on; }
  void SetTrace(bool on) { options_.trace = on; }
  void SetMessages(bool on) { options_.messages = on; }
  // 512 to 16384 bytes of cleartext per record; false outside that range.
  bool SetMaxSendFragment(size_t size);

  const SecureContext& context() const { return *context_; }

  // Whether the protocol chosen by NPN is one that both have. A client chooses its first when there is none.
  bool npn_agreed() const { return role() == Role::kServer || npn_agreed_; }

  // Borrowed, for connection_info.h.
  SSL* ssl() const { return ssl_.get(); }

 private:
  friend struct ConnectionHooks;  // connection_hooks.cc: OpenSSL's callbacks

  enum class Question { kUnasked, kOpen, kAnswered };
  // To renegotiate: OpenSSL is told of one at a time, and begins when it can.
  enum class OwnWish { kNone, kWaiting, kPassedOn };

  Connection(std::shared_ptr<SecureContext> context, ConnectionOptions options);
  Result<void> Configure();
  void InstallOwnHooks();
  void ApplyVerifyMode();

  // The steps of `Advance()`. Reading goes on although the writer is held up, and the other way round: two peers that
  // each wait for the other to read first would wait forever.
  Progress Run();
  Progress DoHandshake();
  void DropForeignSession();
  bool SetIdentityHint();
  Progress DoRenegotiation();
  Progress DoKeyUpdate();
  Progress DoRead();
  Progress DoWrite();
  Progress DoShutdown();

  // Why a call into OpenSSL returned `result`, which was no success.
  Progress Explain(int result, std::string_view operation);
  Progress Fail(Error error);
  // What comes in after the end, or goes in, is not kept.
  void DropInput();
  // The handshake has just failed for want of a certificate, which the context that was chosen for the name did not
  // have either. OpenSSL's reason does not say so; Node's does.
  bool lacks_certificate() const;
  bool reading_over() const;
  bool writing_over() const;
  // After the handshake: a handshake message has arrived in part, such as half a session ticket, or a renegotiation is
  // under way. OpenSSL then sends nothing of the user's until the rest is there.
  bool mid_message() const;
  bool output_withheld() const { return new_sessions_open_ != 0; }

  std::shared_ptr<SecureContext> context_;
  std::shared_ptr<SecureContext> sni_context_;  // the answer to CertificateWanted; context_ stays alive beside it
  std::shared_ptr<SecureContext> key_context_;  // of SetKeyCert()
  ConnectionOptions options_;

  ByteQueue enc_in_;
  ByteQueue enc_out_;
  ByteQueue clear_in_;
  ByteQueue clear_out_;
  std::vector<uint32_t> clear_out_records_;
  std::list<Event> events_;      // a deque of libc++ keeps 4 KiB when it is empty
  size_t messages_waiting_ = 0;  // ProtocolMessages in `events_`
  size_t messages_missed_ = 0;

  Question client_hello_ = Question::kUnasked;
  Question certificate_ = Question::kUnasked;
  Question renegotiation_ = Question::kUnasked;  // of the handshake under way
  OwnWish own_wish_ = OwnWish::kNone;
  long renegotiations_before_ = 0;  // when `own_wish_` was passed on
  size_t new_sessions_open_ = 0;    // NewSession questions; TLS 1.3 asks twice
  SslSessionPtr resumed_session_;   // the answer to ClientHello, until OpenSSL takes it
  Bytes ocsp_response_;             // the answer to CertificateWanted
  bool chosen_without_certificate_ = false;
  bool npn_agreed_ = false;  // client: its choice is one that the server has advertised

  HandshakeState handshake_ = HandshakeState::kNotStarted;
  bool enc_in_ended_ = false;
  bool close_received_ = false;
  bool close_sent_ = false;
  bool shutdown_wanted_ = false;
  bool key_update_wanted_ = false;
  bool hello_request_sent_ = false;  // server: the next ClientHello is the answer
  bool renegotiating_ = false;       // between HandshakeStart and HandshakeDone of a later handshake
  bool advancing_ = false;
  RenegotiationGuard guard_;
  std::optional<Error> error_;

  SslPtr ssl_;  // last, so that it goes first: its BIO refers to the queues
};

}  // namespace wasm_tls
