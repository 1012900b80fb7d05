// Event: a fact that a connection tells its host, as owned plain data, in the order in which it happened.
//
// Some facts are questions: the connection stays suspended until the named answer call, exactly once.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "bytes.h"
#include "protocol_message.h"

namespace wasm_tls {

// The first handshake, and each renegotiation of TLS 1.2 and older: from the ClientHello to the Finished of both.
struct HandshakeStart {};
struct HandshakeDone {};

// A question, server only, asked whenever a client wishes to renegotiate of its own accord: is it allowed to? Asked
// before the handshake starts, and before it has cost anything. Answer: `Connection::AnswerRenegotiation()`.
struct RenegotiationWish {};

// A question, server only, asked when `ConnectionOptions::ask_client_hello` and the client offers a session ID but no
// TLS 1.2 ticket: does a session with this ID exist? Answer: `Connection::AnswerClientHello()`.
struct ClientHello {
  Bytes session_id;
};

// A question, server only, asked when `ConnectionOptions::ask_certificate`: which context, which OCSP response?
// Answer: `Connection::AnswerCertificate()`.
struct CertificateWanted {
  std::string servername;       // empty when the client sent none
  bool ocsp_requested = false;  // the client asked for a stapled response
};

// A session to keep. On a server with `ConnectionOptions::ask_new_session` a question: nothing is sent until it is
// answered by `Connection::AnswerNewSession()`. On a client just a fact, several times on TLS 1.3.
struct NewSession {
  Bytes id;
  SecretBytes data;  // DER, for `ConnectionOptions::session` or an answer to ClientHello
  Bytes ticket;      // in `data`, too; empty when there is none
};

// One line of the NSS key log format, without a newline.
struct KeylogLine {
  std::string line;
};

// Client only, when a response was requested: the stapled OCSP response in DER, empty when the server stapled none.
struct OcspResponse {
  Bytes response;
};

// Text of OpenSSL's SSL_trace(), when `ConnectionOptions::trace`.
struct TraceText {
  std::string text;
};

// ProtocolMessage, of protocol_message.h, is an event as well, when `ConnectionOptions::messages`.

// The peer sent close_notify: no more cleartext will come.
struct EndOfData {};

using Event = std::variant<HandshakeStart, HandshakeDone, RenegotiationWish, ClientHello, CertificateWanted, NewSession,
                           KeylogLine, OcspResponse, TraceText, ProtocolMessage, EndOfData>;

}  // namespace wasm_tls
