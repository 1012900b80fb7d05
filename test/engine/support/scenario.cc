#include "test/engine/support/scenario.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <ostream>

namespace wasm_tls::test {

namespace {

const Identity& Issued(std::map<KeyType, Identity>& made, KeyType key, const char* names) {
  auto found = made.find(key);
  if (found == made.end()) found = made.emplace(key, TestCa().Issue({.key = key, .names = names})).first;
  return found->second;
}

}  // namespace

const Identity& TestCa() {
  static const Identity ca = MakeCa("Test CA");
  return ca;
}

const Identity& ServerIdentity(KeyType key) {
  static std::map<KeyType, Identity> made;
  return Issued(made, key, "DNS:localhost");
}

const Identity& ClientIdentity(KeyType key) {
  static std::map<KeyType, Identity> made;
  return Issued(made, key, "DNS:client");
}

SecureContextOptions ContextOptions(int version) {
  return {
      .min_version = version == 0 ? TLS1_2_VERSION : version,
      .max_version = version,
      .ca = std::vector<Bytes>{TestCa().Pem()},
      .ciphers = "DEFAULT:PSK",
      .cipher_suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
  };
}

void Present(SecureContextOptions& options, const Identity& identity) {
  options.cert.push_back(identity.ChainPem());
  options.key.push_back({.pem = identity.KeyPem(), .passphrase = {}});
}

std::shared_ptr<SecureContext> MakeContext(const SecureContextOptions& options) {
  EnsureLibrary();
  auto context = SecureContext::Create(options);
  if (!context.has_value()) {
    std::fprintf(stderr, "context: %s\n", context.error().message.c_str());
    std::abort();
  }
  return *context;
}

std::vector<Mode> AllModes() {
  return {{Role::kClient, TLS1_2_VERSION},
          {Role::kClient, TLS1_3_VERSION},
          {Role::kServer, TLS1_2_VERSION},
          {Role::kServer, TLS1_3_VERSION}};
}

std::string ModeName(const Mode& mode) {
  return std::string(mode.server() ? "Server" : "Client") + (mode.tls13() ? "Tls13" : "Tls12");
}

void PrintTo(const Mode& mode, std::ostream* out) { *out << ModeName(mode); }

SecureContextOptions ContextOptionsFor(const Mode& mode) {
  SecureContextOptions options = ContextOptions(mode.version);
  if (mode.server()) Present(options, ServerIdentity());
  return options;
}

PeerOptions PeerOptionsFor(const Mode& mode) {
  PeerOptions options{.role = mode.server() ? PeerRole::kClient : PeerRole::kServer,
                      .min_version = mode.version,
                      .max_version = mode.version,
                      .identities = {},
                      .trust = &TestCa()};
  if (!mode.server()) options.identities = {&ServerIdentity()};
  return options;
}

namespace {

ConnectionOptions WithRole(ConnectionOptions options, Role role) {
  options.role = role;
  return options;
}

}  // namespace

Pair::Pair(const Mode& mode, ConnectionOptions options)
    : Pair(mode, ContextOptionsFor(mode), std::move(options), PeerOptionsFor(mode)) {}

Pair::Pair(const Mode& mode, const SecureContextOptions& context, ConnectionOptions options,
           const PeerOptions& peer_options)
    : subject(MakeContext(context), WithRole(std::move(options), mode.role)), peer(peer_options) {}

void ReachHandshake(Pair& pair) {
  pair.peer.Advance();
  pair.subject.Receive(pair.peer.Send());
  pair.subject.Advance();
  pair.subject.Send();
}

void ExpectWorking(Subject& subject, OpensslPeer& peer) {
  ASSERT_TRUE(subject->established()) << subject.error_code();
  ASSERT_TRUE(peer.established()) << peer.error();
  const size_t received = subject.received().size();
  const size_t received_by_peer = peer.received().size();
  subject.Write(AsBytes("from the connection"));
  peer.Write(AsBytes("from the peer"));
  Exchange(subject, peer).Run();
  EXPECT_EQ(AsText(BytesView(peer.received()).subspan(received_by_peer)), "from the connection") << peer.error();
  EXPECT_EQ(AsText(BytesView(subject.received()).subspan(received)), "from the peer") << subject.error_code();
}

void ExpectFailedForGood(Subject& subject, const std::string& code) {
  ASSERT_EQ(subject.Advance(), Progress::kFailed);
  EXPECT_EQ(subject.error_code(), code);
  EXPECT_FALSE(subject->error()->message.empty());
  const size_t events = subject.events().size();
  subject.Send();
  subject.Receive(Bytes(100, 0x17));
  subject.Write(AsBytes("too late"));
  EXPECT_EQ(subject.Advance(), Progress::kFailed);
  EXPECT_EQ(subject.error_code(), code);
  EXPECT_EQ(subject.events().size(), events);
  EXPECT_TRUE(subject.Send().empty());
  EXPECT_EQ(subject->ReserveEncIn(1).size(), 1U) << "input is kept after the failure";
  EXPECT_EQ(subject->clear_in_size(), 0U) << "output is kept after the failure";
}

}  // namespace wasm_tls::test
