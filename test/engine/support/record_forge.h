// Records that no honest peer would send, sealed under the keys of a running connection.
//
// Made from a peer whose handshake is done, with TLS_AES_128_GCM_SHA256 or an AES128-GCM-SHA256 cipher of TLS 1.2. What
// the forge seals takes the place of what the peer would send next: the two must not both send afterwards.
#pragma once

#include "src/bytes.h"
#include "test/engine/support/openssl_peer.h"

namespace wasm_tls::test {

// Content types of records, RFC 8446 §B.1.
enum class ContentType : uint8_t { kInvalid = 0, kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kData = 23 };

class RecordForge {
 public:
  // `sent`: how many records the peer has already sealed under its current keys. After a TLS 1.2 handshake that is one
  // (Finished); on TLS 1.3 none, or one for each session ticket that a server has sent.
  RecordForge(const OpensslPeer& peer, uint64_t sent);

  Bytes Seal(ContentType type, BytesView contents, size_t padding = 0);

 private:
  void DeriveTls12(const OpensslPeer& peer);
  void DeriveTls13(const OpensslPeer& peer);
  Bytes Encrypt(BytesView nonce, BytesView header, BytesView plain) const;

  bool tls13_;
  bool by_server_;
  uint64_t sequence_;
  Bytes key_;
  Bytes iv_;
};

}  // namespace wasm_tls::test
