// A session from a user or his cache: decoded, offered by a client, and given to a server that asks for it.

#include "src/session.h"

#include "test/fuzz/connection_scenario.h"

namespace wasm_tls {
namespace {

void Decode(BytesView der) {
  const SslSessionPtr session = DecodeSession(der);
  if (session == nullptr) return;
  const SecretBytes again = EncodeSession(session.get());
  const SslSessionPtr decoded = DecodeSession(again);
  fuzz::Require(!again.empty() && decoded != nullptr);
  fuzz::Require(EncodeSession(decoded.get()) == again);
  fuzz::Require(SessionId(decoded.get()) == SessionId(session.get()));
  fuzz::Require(SessionTicket(decoded.get()) == SessionTicket(session.get()));
}

void Feed(Connection& to, Connection& from) {
  const Bytes sent = ToBytes(from.enc_out());
  from.ConsumeEncOut(sent.size());
  if (!sent.empty()) std::ranges::copy(sent, to.ReserveEncIn(sent.size()).begin());
  to.CommitEncIn(sent.size());
}

// Both ends are handed the same bytes. Whatever they are, the handshake ends well or with a code.
void Resume(BytesView der, bool tickets) {
  const std::shared_ptr<SecureContext> context = fuzz::SharedContext({.versions = 2, .tickets = tickets});
  fuzz::DeterministicRandom::Restart();
  auto client = Connection::Create(
      context, {.role = Role::kClient, .session = SecretBytes(der.begin(), der.end()), .sessions = true});
  auto server = Connection::Create(context, {.role = Role::kServer, .ask_client_hello = true, .sessions = true});
  fuzz::Require(client.has_value() && server.has_value());
  constexpr int kRounds = 6;
  for (int i = 0; i < kRounds; ++i) {
    (*client)->Advance();
    Feed(**server, **client);
    if ((*server)->Advance() == Progress::kSuspended) {
      fuzz::Require((*server)->AnswerClientHello(der));
      (*server)->Advance();
    }
    Feed(**client, **server);
  }
  for (const Connection* end : {client->get(), server->get()}) {
    fuzz::Require(end->established() || end->error().has_value());
    fuzz::Require(!end->error().has_value() || end->error()->code.starts_with("ERR_SSL_"));
    SessionData(*end);
    VerifyResult(*end);
    PeerChain(*end);
  }
}

}  // namespace
}  // namespace wasm_tls

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  using wasm_tls::fuzz::DeterministicRandom;
  wasm_tls::fuzz::Require(wasm_tls::InitLibrary({.fill_random = DeterministicRandom::Fill}).has_value());
  wasm_tls::SetRandomSource(DeterministicRandom::kSource);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const wasm_tls::BytesView bytes(data, size);
  wasm_tls::Decode(bytes);
  for (const bool tickets : {true, false}) wasm_tls::Resume(bytes, tickets);
  return 0;
}
