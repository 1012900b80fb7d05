#include "connection.h"

#include <openssl/err.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "queue_bio.h"
#include "session.h"

namespace wasm_tls {
namespace {

// RFC 8446 §5.1: a record carries up to 2^14 bytes of cleartext.
constexpr size_t kMaxRecord = SSL3_RT_MAX_PLAIN_LENGTH;

// The most bytes that one record adds to its cleartext, any version and cipher.
constexpr size_t kMaxRecordOverhead = SSL3_RT_HEADER_LENGTH + SSL3_RT_MAX_ENCRYPTED_OVERHEAD;

// Reading makes output too: answers, such as a warning for each attempt to renegotiate. So many bytes of them may wait
// beyond the writer's limit before reading stops; an honest peer comes nowhere near it.
constexpr size_t kRoomForReplies = 16 * 1024;

Error RenegotiationDisabled() {
  return StateError("ERR_TLS_RENEGOTIATION_DISABLED", "TLS session renegotiation disabled for this socket");
}

// Names with their lengths before them, none of them empty.
bool IsProtocolList(BytesView wire) {
  while (!wire.empty()) {
    if (wire[0] == 0 || wire[0] >= wire.size()) return false;
    wire = wire.subspan(1u + wire[0]);
  }
  return true;
}

}  // namespace

Connection::Connection(std::shared_ptr<SecureContext> context, ConnectionOptions options)
    : context_(std::move(context)), options_(std::move(options)) {}

Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::Create(std::shared_ptr<SecureContext> context,
                                                       ConnectionOptions options) {
  ErrorQueueScope errors;
  std::unique_ptr<Connection> connection(new Connection(std::move(context), std::move(options)));
  if (auto configured = connection->Configure(); !configured.has_value()) {
    return std::unexpected(std::move(configured.error()));
  }
  return connection;
}

Result<void> Connection::Configure() {
  ssl_.reset(SSL_new(context_->get()));
  BioPtr bio = NewQueueBio(&enc_in_, &enc_out_);
  if (ssl_ == nullptr || bio == nullptr) return std::unexpected(TakeOsslError("Out of memory"));
  SSL* ssl = ssl_.get();
  BIO_up_ref(bio.get());  // one owner for each direction
  SSL_set0_rbio(ssl, bio.get());
  SSL_set0_wbio(ssl, bio.release());

  // Writes are offered as whatever is queued at the time, from a block that may have moved since the last offer.
  SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  InstallOwnHooks();

  if (!options_.alpn_protocols.empty() && !SetAlpnProtocols(options_.alpn_protocols)) {
    return std::unexpected(ArgumentError("ERR_INVALID_ARG_VALUE", "Failed to set the ALPN protocols"));
  }
  if (!IsProtocolList(options_.npn_protocols)) {
    return std::unexpected(ArgumentError("ERR_INVALID_ARG_VALUE", "Failed to set the NPN protocols"));
  }
  ApplyVerifyMode();
  ErrorQueueScope errors;
  if (options_.role == Role::kServer) {
    SSL_set_accept_state(ssl);
    return {};
  }

  SSL_set_connect_state(ssl);
  if (options_.request_ocsp) SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
  // Not by SetServername(), which leaves no record of what OpenSSL has against it.
  if (!options_.servername.empty() && SSL_set_tlsext_host_name(ssl, options_.servername.c_str()) != 1) {
    return std::unexpected(TakeSslError("Failed to set the server name"));
  }
  SetSession(options_.session);
  options_.session.clear();
  return {};
}

// --- bytes -----------------------------------------------------------------------------------------------------------

std::span<uint8_t> Connection::ReserveEncIn(size_t size) { return enc_in_.Reserve(size); }
void Connection::CommitEncIn(size_t size) { enc_in_.Commit(size); }
void Connection::EndEncIn() { enc_in_ended_ = true; }

BytesView Connection::enc_out() const { return output_withheld() ? BytesView() : enc_out_.view(); }
void Connection::ConsumeEncOut(size_t size) { enc_out_.Consume(size); }

std::span<uint8_t> Connection::ReserveClearIn(size_t size) { return clear_in_.Reserve(size); }
void Connection::CommitClearIn(size_t size) {
  assert(!shutdown_wanted_);
  clear_in_.Commit(size);
}

void Connection::ConsumeClearOut(size_t size) {
  clear_out_.Consume(size);
  auto record = clear_out_records_.begin();
  for (; record != clear_out_records_.end() && *record <= size; ++record) size -= *record;
  if (record != clear_out_records_.end()) *record -= static_cast<uint32_t>(size);
  clear_out_records_.erase(clear_out_records_.begin(), record);
}

// --- running ---------------------------------------------------------------------------------------------------------

Progress Connection::Advance() {
  assert(!advancing_);
  advancing_ = true;
  const Progress progress = Run();
  // The next call may come in an hour: libssl then has no buffers. SSL_MODE_RELEASE_BUFFERS would free them, and have
  // them wiped, after each record.
  if (progress != Progress::kBudgetFull) SSL_free_buffers(ssl_.get());
  advancing_ = false;
  return progress;
}

Progress Connection::Run() {
  if (error_.has_value()) {
    DropInput();
    return Progress::kFailed;
  }
  if (const Progress progress = DoHandshake(); progress != Progress::kIdle) return progress;
  const Progress read = DoRead();
  if (read == Progress::kFailed || read == Progress::kSuspended) return read;
  if (output_withheld()) {
    return read == Progress::kBudgetFull && !clear_out_.empty() ? Progress::kBudgetFull : Progress::kSuspended;
  }
  if (const Progress progress = DoKeyUpdate(); progress != Progress::kIdle) return progress;
  const Progress renegotiated = read == Progress::kBudgetFull ? Progress::kIdle : DoRenegotiation();
  if (renegotiated == Progress::kFailed || renegotiated == Progress::kSuspended) return renegotiated;
  const Progress written = DoWrite();
  if (written == Progress::kFailed || written == Progress::kSuspended) return written;
  const Progress closed = DoShutdown();
  if (closed == Progress::kFailed) return closed;
  if (read == Progress::kBudgetFull || written == Progress::kBudgetFull) return Progress::kBudgetFull;
  return reading_over() && writing_over() ? Progress::kClosed : Progress::kIdle;
}

Progress Connection::DoHandshake() {
  if (handshake_ == HandshakeState::kDone) return Progress::kIdle;
  if (close_received_) {
    DropInput();
    return Progress::kClosed;
  }
  if (handshake_ == HandshakeState::kNotStarted) {
    handshake_ = HandshakeState::kRunning;
    events_.push_back(HandshakeStart{});
    DropForeignSession();
    if (!SetIdentityHint()) {
      // A misspelling of Node's that programs know.
      return Fail(ArgumentError("ERR_TLS_PSK_SET_IDENTIY_HINT_FAILED", "Failed to set PSK identity hint"));
    }
  }
  const NpnScope npn(*context_, role() == Role::kClient && !options_.npn_protocols.empty());
  ErrorQueueScope errors;
  if (const int result = SSL_do_handshake(ssl_.get()); result != 1) return Explain(result, "handshake");
  handshake_ = HandshakeState::kDone;
  events_.push_back(HandshakeDone{});
  return Progress::kIdle;
}

// RFC 8446 §4.6.1: "Clients MUST only resume if the new SNI value is valid for the server certificate presented in the
// original session, and SHOULD only resume if the SNI value matches the one used in the original session." Nobody looks
// at that certificate again when a session is resumed.
void Connection::DropForeignSession() {
  const SSL_SESSION* session = SSL_get0_session(ssl_.get());
  if (role() == Role::kServer || session == nullptr) return;
  const char* before = SSL_SESSION_get0_hostname(session);
  const char* now = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  if (before == nullptr || now == nullptr || OPENSSL_strcasecmp(before, now) == 0) return;
  ErrorQueueScope errors;
  SSL_set_session(ssl_.get(), nullptr);
}

bool Connection::SetIdentityHint() {
  const std::string& hint = options_.psk_identity_hint;
  return hint.empty() || SSL_use_psk_identity_hint(ssl_.get(), hint.c_str()) == 1;
}

Progress Connection::DoKeyUpdate() {
  if (mid_message() || !std::exchange(key_update_wanted_, false) || SSL_version(ssl_.get()) != TLS1_3_VERSION ||
      close_sent_) {
    return Progress::kIdle;
  }
  ErrorQueueScope errors;
  if (SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) != 1) return Fail(TakeSslError("key update failed"));
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? Progress::kIdle : Explain(result, "key update");
}

// Only when all input has been read: data that were on their way before the peer heard of it still come as data, and
// OpenSSL takes them for such as long as it is asked to read.
Progress Connection::DoRenegotiation() {
  if (own_wish_ == OwnWish::kNone || mid_message() || reading_over()) return Progress::kIdle;
  ErrorQueueScope errors;
  if (own_wish_ == OwnWish::kWaiting) {
    if (SSL_renegotiate_pending(ssl_.get()) == 1) return Progress::kIdle;
    if (SSL_renegotiate(ssl_.get()) != 1) return Fail(TakeSslError("renegotiation failed"));
    own_wish_ = OwnWish::kPassedOn;
    renegotiations_before_ = SSL_total_renegotiations(ssl_.get());
    hello_request_sent_ = role() == Role::kServer;
  }
  // Half a record that waits for its other half makes OpenSSL put it off.
  const int result = SSL_do_handshake(ssl_.get());
  if (SSL_total_renegotiations(ssl_.get()) != renegotiations_before_) own_wish_ = OwnWish::kNone;
  if (result == 1) return Progress::kIdle;
  const Progress progress = Explain(result, "renegotiation");
  return progress == Progress::kNeedsInput ? Progress::kIdle : progress;
}

Progress Connection::DoRead() {
  // RFC 8446 §6.1: "Any data received after a closure alert has been received MUST be ignored."
  if (close_received_) enc_in_.Clear();
  // A question of a renegotiation has been asked of a message that is no longer in enc_in.
  const bool asked = SSL_want_client_hello_cb(ssl_.get()) || SSL_want_x509_lookup(ssl_.get());
  for (bool more = asked; !close_received_ && (more || !enc_in_.empty() || SSL_has_pending(ssl_.get()) == 1);
       more = false) {
    if (clear_out_.size() >= options_.clear_out_limit) return Progress::kBudgetFull;
    if (enc_out_.size() >= options_.enc_out_limit + kRoomForReplies) return Progress::kBudgetFull;
    // Cleartext is never longer than the records it came in: one block for all of them.
    const size_t expected = std::min(enc_in_.size(), options_.clear_out_limit - clear_out_.size());
    const std::span<uint8_t> room = clear_out_.Reserve(std::max(expected, kMaxRecord));
    size_t size = 0;
    ErrorQueueScope errors;
    const int result = SSL_read_ex(ssl_.get(), room.data(), room.size(), &size);
    clear_out_.Commit(size);
    if (size != 0) clear_out_records_.push_back(static_cast<uint32_t>(size));
    if (result == 1) continue;
    const Progress progress = Explain(result, "read");
    return progress == Progress::kNeedsInput ? Progress::kIdle : progress;
  }
  return Progress::kIdle;
}

Progress Connection::DoWrite() {
  // In a handshake nothing of the user's is sent, and only who reads can go on with it: see DoRenegotiation().
  while (!clear_in_.empty() && !mid_message()) {
    if (role() == Role::kClient && SSL_renegotiate_pending(ssl_.get()) == 1 && !enc_in_.empty()) break;
    if (enc_out_.size() >= options_.enc_out_limit) return Progress::kBudgetFull;
    const BytesView clear = clear_in_.view();
    const size_t expected = std::min(clear.size(), options_.enc_out_limit - enc_out_.size());
    enc_out_.Reserve(expected + (expected / kMaxRecord + 1) * kMaxRecordOverhead);
    size_t size = 0;
    ErrorQueueScope errors;
    const int result = SSL_write_ex(ssl_.get(), clear.data(), clear.size(), &size);
    enc_out_.Commit(0);
    if (result == 1) {
      clear_in_.Consume(size);
      continue;
    }
    const Progress progress = Explain(result, "write");
    return progress == Progress::kNeedsInput ? Progress::kIdle : progress;
  }
  return Progress::kIdle;
}

Progress Connection::DoShutdown() {
  if (!shutdown_wanted_ || close_sent_ || !clear_in_.empty() || mid_message()) return Progress::kIdle;
  // OpenSSL would begin to renegotiate behind the close_notify.
  if (own_wish_ == OwnWish::kPassedOn && !reading_over()) return Progress::kIdle;
  ErrorQueueScope errors;
  // 0: sent, the peer's own is still to come; 1: both are through.
  if (SSL_shutdown(ssl_.get()) < 0) return Fail(TakeSslError("shutdown failed"));
  close_sent_ = true;
  return Progress::kIdle;
}

Progress Connection::Explain(int result, std::string_view operation) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return enc_in_ended_ ? Progress::kClosed : Progress::kNeedsInput;
    case SSL_ERROR_WANT_X509_LOOKUP:
    case SSL_ERROR_WANT_CLIENT_HELLO_CB:
      return Progress::kSuspended;
    case SSL_ERROR_ZERO_RETURN:
      // Before the handshake is done this is the end as well, though not the one that the peer's user wanted.
      if (!std::exchange(close_received_, true)) events_.push_back(EndOfData{});
      return established() ? Progress::kIdle : Progress::kClosed;
    default:
      if (lacks_certificate()) ERR_raise(ERR_LIB_SSL, ERR_R_PASSED_NULL_PARAMETER);
      return Fail(TakeSslError(std::string("TLS ") + std::string(operation) + " failed"));
  }
}

Progress Connection::Fail(Error error) {
  error_ = std::move(error);
  DropInput();
  // An alert that nobody is waiting for an answer to must not stay behind a question that nobody will answer.
  new_sessions_open_ = 0;
  return Progress::kFailed;
}

void Connection::DropInput() {
  enc_in_.Clear();
  clear_in_.Clear();
}

bool Connection::lacks_certificate() const {
  return chosen_without_certificate_ && (LatestErrorIs(ERR_LIB_SSL, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM) ||
                                         LatestErrorIs(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER));
}

bool Connection::reading_over() const { return close_received_ || (enc_in_ended_ && enc_in_.empty()); }
bool Connection::writing_over() const { return close_sent_ || mid_message(); }
bool Connection::mid_message() const { return SSL_is_init_finished(ssl_.get()) == 0; }

void Connection::Shutdown() { shutdown_wanted_ = true; }
void Connection::KeyUpdate() { key_update_wanted_ = true; }

Result<void> Connection::Renegotiate() {
  if (error_.has_value()) return std::unexpected(*error_);
  if (!established() || shutdown_wanted_) {
    return std::unexpected(
        StateError("ERR_TLS_INVALID_STATE", "Only a TLS connection that is established can renegotiate"));
  }
  if (role() == Role::kServer && guard_.disabled()) {
    Fail(RenegotiationDisabled());
    return {};
  }
  // What SSL_renegotiate() would refuse, and with its own words; what it would accept waits until there is no other.
  ErrorQueueScope errors;
  const bool refused =
      SSL_version(ssl_.get()) == TLS1_3_VERSION || (SSL_get_options(ssl_.get()) & SSL_OP_NO_RENEGOTIATION) != 0;
  if (refused && SSL_renegotiate(ssl_.get()) != 1) return std::unexpected(TakeSslError("renegotiation failed"));
  if (own_wish_ == OwnWish::kNone) own_wish_ = OwnWish::kWaiting;
  return {};
}

std::optional<Event> Connection::TakeEvent() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  if (std::holds_alternative<ProtocolMessage>(event)) --messages_waiting_;
  return event;
}

// --- answers ---------------------------------------------------------------------------------------------------------

bool Connection::AnswerClientHello(BytesView session) {
  if (client_hello_ != Question::kOpen) return false;
  ErrorQueueScope errors;
  resumed_session_ = DecodeSession(session);
  client_hello_ = Question::kAnswered;
  return true;
}

bool Connection::AnswerCertificate(std::shared_ptr<SecureContext> context, BytesView ocsp_response) {
  if (certificate_ != Question::kOpen) return false;
  // A context without a certificate changes nothing, as in Node.
  chosen_without_certificate_ = context != nullptr && SSL_CTX_get0_certificate(context->get()) == nullptr;
  if (context != nullptr && !chosen_without_certificate_) {
    ErrorQueueScope errors;
    SSL_set_SSL_CTX(ssl_.get(), context->get());
    sni_context_ = std::move(context);
  }
  ocsp_response_ = ToBytes(ocsp_response);
  certificate_ = Question::kAnswered;
  return true;
}

bool Connection::AnswerNewSession() {
  if (new_sessions_open_ == 0) return false;
  --new_sessions_open_;
  return true;
}

bool Connection::AnswerRenegotiation(const RenegotiationPolicy& policy) {
  if (renegotiation_ != Question::kOpen) return false;
  renegotiation_ = Question::kAnswered;
  switch (guard_.Judge(policy)) {
    case RenegotiationVerdict::kAllowed:
      break;
    case RenegotiationVerdict::kAttack:
      Fail(StateError("ERR_TLS_SESSION_ATTACK", "TLS session renegotiation attack detected"));
      break;
    case RenegotiationVerdict::kDisabled:
      Fail(RenegotiationDisabled());
      break;
  }
  return true;
}

// --- state -----------------------------------------------------------------------------------------------------------

bool Connection::SetServername(const std::string& servername) {
  ErrorQueueScope errors;
  return handshake_ == HandshakeState::kNotStarted && SSL_set_tlsext_host_name(ssl_.get(), servername.c_str()) == 1;
}

bool Connection::SetSession(BytesView der) {
  if (handshake_ != HandshakeState::kNotStarted) return false;
  ErrorQueueScope errors;
  const SslSessionPtr session = DecodeSession(der);
  return session != nullptr && SSL_set_session(ssl_.get(), session.get()) == 1;
}

bool Connection::SetAskCertificate(bool ask) {
  if (handshake_ != HandshakeState::kNotStarted) return false;
  options_.ask_certificate = ask;
  return true;
}

bool Connection::SetAlpnProtocols(BytesView protocols) {
  // RFC 7301 §3.1: ProtocolName protocol_name_list<2..2^16-1>.
  if (handshake_ != HandshakeState::kNotStarted || protocols.size() > 0xffff) return false;
  // A copy first: `protocols` may be a view of what is about to be replaced.
  Bytes wire = ToBytes(protocols);
  options_.alpn_protocols = std::move(wire);
  const Bytes& kept = options_.alpn_protocols;
  ErrorQueueScope errors;
  // The one function of libssl that returns 0 for success.
  return SSL_set_alpn_protos(ssl_.get(), kept.data(), static_cast<unsigned int>(kept.size())) == 0;
}

void Connection::SetVerifyMode(bool request_certificate, bool require_certificate) {
  options_.request_certificate = request_certificate;
  options_.require_certificate = require_certificate;
  ApplyVerifyMode();
}

Result<void> Connection::SetKeyCert(std::shared_ptr<SecureContext> context) {
  // In its chooser of TLS 1.2 OpenSSL holds on to the entry that it has picked.
  const bool replace = !advancing_ || SSL_version(ssl_.get()) == TLS1_3_VERSION;
  if (auto presented = context->PresentOn(ssl_.get(), replace); !presented.has_value()) return presented;
  key_context_ = std::move(context);
  return {};
}

bool Connection::SetMaxSendFragment(size_t size) {
  ErrorQueueScope errors;
  return size <= kMaxRecord && SSL_set_max_send_fragment(ssl_.get(), static_cast<long>(size)) == 1;
}

}  // namespace wasm_tls
