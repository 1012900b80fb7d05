// Pair: two connections of one process that are each other's peer. What one has in enc_out goes into the other's
// enc_in; nothing else is in between, so that its figures are those of the engine.
#pragma once

#include <memory>
#include <string>

#include "src/bytes.h"
#include "src/connection.h"
#include "src/secure_context.h"

namespace wasm_tls::bench {

struct PairOptions {
  int version = 0x0304;  // the one that both ends speak, as on the wire
  std::string groups;
  std::string cipher_suites;  // TLS 1.3
  std::string ciphers;        // TLS 1.2
  Bytes cert;                 // the server's, PEM
  SecretBytes key;
  Bytes ca;  // what the client trusts
};

// The contexts that any number of pairs share.
struct Contexts {
  explicit Contexts(const PairOptions& options);

  std::shared_ptr<SecureContext> client;
  std::shared_ptr<SecureContext> server;
};

enum class KeepSession : bool { kNo, kYes };

class Pair {
 public:
  // `session`: DER of one to resume, or empty.
  explicit Pair(const Contexts& contexts, BytesView session = {}, KeepSession keep = KeepSession::kNo);

  Connection& client() { return *client_; }
  Connection& server() { return *server_; }

  // Runs it to its end on both sides, session tickets included.
  void Handshake();

  // DER of the latest session that the client was given; empty unless it was to be kept.
  const SecretBytes& session() const { return session_; }

  // Sends `clear` from one end to the other, and reads and drops all of it there.
  void Send(Connection& from, Connection& to, BytesView clear);

 private:
  void Step(Connection& connection);

  std::unique_ptr<Connection> client_;
  std::unique_ptr<Connection> server_;
  SecretBytes session_;
};

}  // namespace wasm_tls::bench
