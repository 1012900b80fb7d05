// ProtocolMessage: one message of the TLS protocol itself, described for whoever watches a handshake.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "bytes.h"

namespace wasm_tls {

struct ProtocolMessage {
  bool sent = false;
  std::string protocol;      // "TLSv1.3": that of the connection so far
  std::string content_type;  // "handshake", "alert" or "changeCipherSpec"
  std::string name;          // "ClientHello"; of alerts "close_notify", the standard's spelling; unknown ones "99"
  size_t size = 0;           // bytes of the message, with its header and without its record's
  size_t missed = 0;         // messages between the one before and this one, for want of room; see Connection
};

// What OpenSSL's message callback tells. Nullopt for what is no message: headers of records, inner content types.
std::optional<ProtocolMessage> DescribeMessage(bool sent, int version, int content_type, BytesView data);

}  // namespace wasm_tls
