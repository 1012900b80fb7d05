// src/event.h
#include "bindings/bind_event.h"

namespace wasm_tls {
namespace {

using emscripten::val;

val Typed(const char* type) {
  val value = val::object();
  value.set("type", val::u8string(type));
  return value;
}

struct Converter {
  val operator()(const HandshakeStart&) const { return Typed("handshakeStart"); }
  val operator()(const HandshakeDone&) const { return Typed("handshakeDone"); }
  val operator()(const RenegotiationWish&) const { return Typed("renegotiationWish"); }

  val operator()(const ClientHello& event) const {
    val value = Typed("clientHello");
    value.set("sessionId", ToByteArray(event.session_id));
    return value;
  }

  val operator()(const CertificateWanted& event) const {
    val value = Typed("certificateWanted");
    value.set("servername", event.servername);
    value.set("ocspRequested", event.ocsp_requested);
    return value;
  }

  val operator()(const NewSession& event) const {
    val value = Typed("newSession");
    value.set("id", ToByteArray(event.id));
    value.set("data", ToByteArray(event.data));
    value.set("ticket", ToByteArray(event.ticket));
    return value;
  }

  val operator()(const KeylogLine& event) const {
    val value = Typed("keylog");
    value.set("line", event.line);
    return value;
  }

  val operator()(const OcspResponse& event) const {
    val value = Typed("ocspResponse");
    value.set("response", ToByteArray(event.response));
    return value;
  }

  val operator()(const TraceText& event) const {
    val value = Typed("trace");
    value.set("text", event.text);
    return value;
  }

  val operator()(const ProtocolMessage& event) const {
    val value = Typed("message");
    value.set("sent", event.sent);
    value.set("protocol", event.protocol);
    value.set("contentType", event.content_type);
    value.set("name", event.name);
    value.set("size", static_cast<double>(event.size));
    value.set("missed", static_cast<double>(event.missed));
    return value;
  }

  val operator()(const EndOfData&) const { return Typed("endOfData"); }
};

}  // namespace

EventValue ToEventValue(const Event& event) { return EventValue(std::visit(Converter(), event)); }

}  // namespace wasm_tls

EMSCRIPTEN_BINDINGS(event) {
  emscripten::register_type<wasm_tls::EventValue>(
      "{ type: 'handshakeStart' } | { type: 'handshakeDone' } | { type: 'renegotiationWish' } | "
      "{ type: 'clientHello', sessionId: Uint8Array } | "
      "{ type: 'certificateWanted', servername: string, ocspRequested: boolean } | "
      "{ type: 'newSession', id: Uint8Array, data: Uint8Array, ticket: Uint8Array } | { type: 'keylog', line: string } "
      "| "
      "{ type: 'ocspResponse', response: Uint8Array } | { type: 'trace', text: string } | "
      "{ type: 'message', sent: boolean, protocol: string, contentType: 'handshake' | 'alert' | 'changeCipherSpec', "
      "name: string, size: number, missed: number } | { type: 'endOfData' } | "
      "null");
}
