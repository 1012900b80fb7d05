// src/connection.h
#include "bindings/bind_event.h"
#include "bindings/convert.h"
#include "bindings/handles.h"
#include "src/connection.h"

namespace wasm_tls {
namespace {

using emscripten::val;

// The host reads these numbers in `status()`.
static_assert(static_cast<int>(Progress::kNeedsInput) == 0 && static_cast<int>(Progress::kSuspended) == 1 &&
              static_cast<int>(Progress::kBudgetFull) == 2 && static_cast<int>(Progress::kIdle) == 3 &&
              static_cast<int>(Progress::kClosed) == 4 && static_cast<int>(Progress::kFailed) == 5);

WASM_TLS_VALUE(AlpnChooser)
WASM_TLS_VALUE(PskChooser)

// ConnectionOptions as a plain object with all properties present. Neither chooser may throw.
struct ConnectionOptionsValue {
  bool is_server = false;
  std::string servername;
  MaybeByteArray session;
  bool request_ocsp = false;
  bool request_certificate = false;
  bool require_certificate = false;
  bool ask_client_hello = false;
  bool ask_certificate = false;
  bool ask_new_session = false;
  std::string psk_identity_hint;
  MaybeByteArray alpn_protocols;
  MaybeByteArray npn_protocols;
  bool keylog = false;
  bool trace = false;
  bool sessions = false;
  AlpnChooser choose_alpn;
  PskChooser psk;
};

std::optional<std::string> ChooseAlpn(const val& choose, const std::string& servername,
                                      const std::vector<std::string>& protocols) {
  const val chosen = choose(servername, ToTexts(protocols));
  if (IsNull(chosen)) return std::nullopt;
  return ToString(chosen);
}

std::optional<PskAnswer> ChoosePsk(const val& choose, const std::optional<std::string>& hint_or_identity) {
  const val answer = choose(ToMaybeText(hint_or_identity));
  if (IsNull(answer)) return std::nullopt;
  return PskAnswer{.identity = ToString(answer["identity"]), .key = CopyIn<SecretBytes>(answer["key"])};
}

ConnectionOptions ToOptions(const ConnectionOptionsValue& value) {
  ConnectionOptions options;
  options.role = value.is_server ? Role::kServer : Role::kClient;
  options.servername = value.servername;
  if (!IsNull(value.session)) options.session = CopyIn<SecretBytes>(value.session);
  options.request_ocsp = value.request_ocsp;
  options.request_certificate = value.request_certificate;
  options.require_certificate = value.require_certificate;
  options.ask_client_hello = value.ask_client_hello;
  options.ask_certificate = value.ask_certificate;
  options.ask_new_session = value.ask_new_session;
  options.psk_identity_hint = value.psk_identity_hint;
  if (!IsNull(value.alpn_protocols)) options.alpn_protocols = CopyIn<Bytes>(value.alpn_protocols);
  if (!IsNull(value.npn_protocols)) options.npn_protocols = CopyIn<Bytes>(value.npn_protocols);
  options.keylog = value.keylog;
  options.trace = value.trace;
  options.sessions = value.sessions;
  if (!IsNull(value.choose_alpn)) {
    options.choose_alpn = [choose = val(value.choose_alpn)](const auto& servername, const auto& protocols) {
      return ChooseAlpn(choose, servername, protocols);
    };
  }
  if (!IsNull(value.psk)) {
    options.psk = [choose = val(value.psk)](const auto& hint_or_identity) {
      return ChoosePsk(choose, hint_or_identity);
    };
  }
  return options;
}

ConnectionHandle* CreateConnection(const SecureContextHandle& context, const ConnectionOptionsValue& value) {
  return new ConnectionHandle(Connection::Create(context.get(), ToOptions(value)));
}

std::optional<ErrorValue> GetError(const ConnectionHandle& handle) {
  if (!handle.error().has_value()) return std::nullopt;
  return ToErrorValue(*handle.error());
}

EventValue TakeEvent(ConnectionHandle& handle) {
  const std::optional<Event> event = handle.TakeEvent();
  return event.has_value() ? ToEventValue(*event) : EventValue(val::null());
}

void Shutdown(ConnectionHandle& handle) { handle.get().Shutdown(); }
void KeyUpdate(ConnectionHandle& handle) { handle.get().KeyUpdate(); }
std::optional<ErrorValue> Renegotiate(ConnectionHandle& handle) { return FailureOf(handle.get().Renegotiate()); }
void DisableRenegotiation(ConnectionHandle& handle) { handle.get().DisableRenegotiation(); }

bool AnswerClientHello(ConnectionHandle& handle, const MaybeByteArray& session) {
  return handle.get().AnswerClientHello(IsNull(session) ? SecretBytes() : CopyIn<SecretBytes>(session));
}

bool AnswerCertificate(ConnectionHandle& handle, const SecureContextHandle* context, const MaybeByteArray& response) {
  return handle.get().AnswerCertificate(context == nullptr ? nullptr : context->get(),
                                        IsNull(response) ? Bytes() : CopyIn<Bytes>(response));
}

bool AnswerRenegotiation(ConnectionHandle& handle, double now_ms, double limit, double window_ms) {
  return handle.get().AnswerRenegotiation({.now_ms = now_ms, .limit = limit, .window_ms = window_ms});
}

bool SetServername(ConnectionHandle& handle, const std::string& servername) {
  return handle.get().SetServername(servername);
}

bool SetSession(ConnectionHandle& handle, const ByteArray& session) {
  return handle.get().SetSession(CopyIn<SecretBytes>(session));
}

bool SetAskCertificate(ConnectionHandle& handle, bool ask) { return handle.get().SetAskCertificate(ask); }

bool SetAlpnProtocols(ConnectionHandle& handle, const ByteArray& protocols) {
  return handle.get().SetAlpnProtocols(CopyIn<Bytes>(protocols));
}

void SetVerifyMode(ConnectionHandle& handle, bool request_certificate, bool require_certificate) {
  handle.get().SetVerifyMode(request_certificate, require_certificate);
}

std::optional<ErrorValue> SetKeyCert(ConnectionHandle& handle, const SecureContextHandle& context) {
  return FailureOf(handle.get().SetKeyCert(context.get()));
}

// Users may give any integer; what is no size at all is no size that fits.
bool SetMaxSendFragment(ConnectionHandle& handle, int size) {
  return size >= 0 && handle.get().SetMaxSendFragment(static_cast<size_t>(size));
}
void SetKeylog(ConnectionHandle& handle, bool on) { handle.get().SetKeylog(on); }
void SetTrace(ConnectionHandle& handle, bool on) { handle.get().SetTrace(on); }
void SetMessages(ConnectionHandle& handle, bool on) { handle.get().SetMessages(on); }

}  // namespace
}  // namespace wasm_tls

EMSCRIPTEN_BINDINGS(connection) {
  using namespace emscripten;
  using namespace wasm_tls;
  register_type<AlpnChooser>("((servername: string, protocols: string[]) => string | null) | null");
  register_type<PskChooser>("((hintOrIdentity: string | null) => { identity: string, key: Uint8Array } | null) | null");
  value_object<ConnectionOptionsValue>("ConnectionOptions")
      .field("isServer", &ConnectionOptionsValue::is_server)
      .field("servername", &ConnectionOptionsValue::servername)
      .field("session", &ConnectionOptionsValue::session)
      .field("requestOcsp", &ConnectionOptionsValue::request_ocsp)
      .field("requestCertificate", &ConnectionOptionsValue::request_certificate)
      .field("requireCertificate", &ConnectionOptionsValue::require_certificate)
      .field("askClientHello", &ConnectionOptionsValue::ask_client_hello)
      .field("askCertificate", &ConnectionOptionsValue::ask_certificate)
      .field("askNewSession", &ConnectionOptionsValue::ask_new_session)
      .field("pskIdentityHint", &ConnectionOptionsValue::psk_identity_hint)
      .field("alpnProtocols", &ConnectionOptionsValue::alpn_protocols)
      .field("npnProtocols", &ConnectionOptionsValue::npn_protocols)
      .field("keylog", &ConnectionOptionsValue::keylog)
      .field("trace", &ConnectionOptionsValue::trace)
      .field("sessions", &ConnectionOptionsValue::sessions)
      .field("chooseAlpn", &ConnectionOptionsValue::choose_alpn)
      .field("psk", &ConnectionOptionsValue::psk);

  class_<ConnectionHandle>("Connection")
      .function("error", &GetError)
      .function("status", &ConnectionHandle::status)
      .function("advance", &ConnectionHandle::Advance)
      .function("extendEncIn", &ConnectionHandle::ExtendEncIn)
      .function("endEncIn", &ConnectionHandle::EndEncIn)
      .function("consumeEncOut", &ConnectionHandle::ConsumeEncOut)
      .function("extendClearIn", &ConnectionHandle::ExtendClearIn)
      .function("consumeClearOut", &ConnectionHandle::ConsumeClearOut)
      .function("takeEvent", &TakeEvent)
      .function("shutdown", &Shutdown)
      .function("keyUpdate", &KeyUpdate)
      .function("renegotiate", &Renegotiate)
      .function("disableRenegotiation", &DisableRenegotiation)
      .function("answerClientHello", &AnswerClientHello)
      .function("answerCertificate", &AnswerCertificate, allow_raw_pointers())
      .function("answerNewSession", &ConnectionHandle::AnswerNewSession)
      .function("answerRenegotiation", &AnswerRenegotiation)
      .function("setServername", &SetServername)
      .function("setSession", &SetSession)
      .function("setAskCertificate", &SetAskCertificate)
      .function("setAlpnProtocols", &SetAlpnProtocols)
      .function("setVerifyMode", &SetVerifyMode)
      .function("setKeyCert", &SetKeyCert)
      .function("setMaxSendFragment", &SetMaxSendFragment)
      .function("setKeylog", &SetKeylog)
      .function("setTrace", &SetTrace)
      .function("setMessages", &SetMessages);
  function("createConnection", &CreateConnection, return_value_policy::take_ownership(), nonnull<ret_val>());
}
