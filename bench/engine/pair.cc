#include "bench/engine/pair.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <variant>

#include "bench/engine/check.h"

namespace wasm_tls::bench {
namespace {

SecureContextOptions SharedOptions(const PairOptions& options) {
  SecureContextOptions shared;
  shared.min_version = options.version;
  shared.max_version = options.version;
  shared.groups = options.groups;
  shared.cipher_suites = options.cipher_suites;
  shared.ciphers = options.ciphers;
  return shared;
}

// All of one end's enc_out becomes the other's enc_in; false when there was none.
bool Deliver(Connection& from, Connection& to) {
  const BytesView enc = from.enc_out();
  if (enc.empty()) return false;
  std::memcpy(to.ReserveEncIn(enc.size()).data(), enc.data(), enc.size());
  to.CommitEncIn(enc.size());
  from.ConsumeEncOut(enc.size());
  return true;
}

Progress AdvanceOrDie(Connection& connection) {
  const Progress progress = connection.Advance();
  if (progress == Progress::kFailed) Die("TLS", connection.error()->message);
  return progress;
}

}  // namespace

Contexts::Contexts(const PairOptions& options) {
  SecureContextOptions client_options = SharedOptions(options);
  client_options.ca = {{options.ca}};
  client = Must(SecureContext::Create(std::move(client_options)), "client context");

  SecureContextOptions server_options = SharedOptions(options);
  server_options.cert = {options.cert};
  server_options.key = {{.pem = options.key, .passphrase = {}}};
  server = Must(SecureContext::Create(std::move(server_options)), "server context");
}

Pair::Pair(const Contexts& contexts, BytesView session, KeepSession keep) {
  ConnectionOptions server;
  server.role = Role::kServer;
  server_ = Must(Connection::Create(contexts.server, std::move(server)), "server");

  ConnectionOptions client;
  client.servername = "localhost";
  client.session.assign(session.begin(), session.end());
  client.sessions = keep == KeepSession::kYes;
  client_ = Must(Connection::Create(contexts.client, std::move(client)), "client");
}

void Pair::Step(Connection& connection) {
  AdvanceOrDie(connection);
  while (std::optional<Event> event = connection.TakeEvent()) {
    if (auto* fact = std::get_if<NewSession>(&*event)) session_ = std::move(fact->data);
  }
}

void Pair::Handshake() {
  bool moved = true;
  while (moved) {
    Step(*client_);
    moved = Deliver(*client_, *server_);
    Step(*server_);
    moved = Deliver(*server_, *client_) || moved;
  }
  Check(client_->established() && server_->established(), "the handshake came to a halt");
}

void Pair::Send(Connection& from, Connection& to, BytesView clear) {
  std::memcpy(from.ReserveClearIn(clear.size()).data(), clear.data(), clear.size());
  from.CommitClearIn(clear.size());
  size_t received = 0;
  while (received < clear.size()) {
    AdvanceOrDie(from);
    Check(Deliver(from, to), "the sender came to a halt");
    Progress progress = Progress::kBudgetFull;
    while (progress == Progress::kBudgetFull) {
      progress = AdvanceOrDie(to);
      received += to.clear_out().size();
      to.ConsumeClearOut(to.clear_out().size());
    }
  }
}

}  // namespace wasm_tls::bench
