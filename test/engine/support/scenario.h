// What most tests of connections start from: who is who, and a pair of a connection and its peer that would agree.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "src/connection.h"
#include "src/secure_context.h"
#include "test/engine/support/exchange.h"
#include "test/engine/support/openssl_peer.h"
#include "test/engine/support/pki.h"

namespace wasm_tls::test {

// Made once. All are issued by `TestCa()`.
const Identity& TestCa();
const Identity& ServerIdentity(KeyType key = KeyType::kP256);
const Identity& ClientIdentity(KeyType key = KeyType::kP256);

// Trusts `TestCa()`; every cipher of OpenSSL's default. `version` 0: 1.2 and 1.3.
SecureContextOptions ContextOptions(int version = 0);
void Present(SecureContextOptions& options, const Identity& identity);
// Ends the test program when the options are refused.
std::shared_ptr<SecureContext> MakeContext(const SecureContextOptions& options);

// The role of the connection, the peer has the other one, and the TLS version that both are bound to.
struct Mode {
  Role role;
  int version;

  bool server() const { return role == Role::kServer; }
  bool tls13() const { return version == TLS1_3_VERSION; }
};

std::vector<Mode> AllModes();
std::string ModeName(const Mode& mode);
void PrintTo(const Mode& mode, std::ostream* out);

// The connection's context for this mode: with a certificate when it is a server.
SecureContextOptions ContextOptionsFor(const Mode& mode);
PeerOptions PeerOptionsFor(const Mode& mode);

// A connection and its peer as plain as they can be.
struct Pair {
  explicit Pair(const Mode& mode, ConnectionOptions options = {});
  Pair(const Mode& mode, const SecureContextOptions& context, ConnectionOptions options,
       const PeerOptions& peer_options);

  void Run() { Exchange(subject, peer).Run(); }
  void Run(Delivery to_subject, Delivery to_peer) {
    Exchange(subject, peer, std::move(to_subject), std::move(to_peer)).Run();
  }

  Subject subject;
  OpensslPeer peer;
};

// Until the connection has sent its first flight, which is lost.
void ReachHandshake(Pair& pair);

// Both ends have done their handshake, and data pass in both directions.
void ExpectWorking(Subject& subject, OpensslPeer& peer);

// The connection has failed with `code`, says the same whenever it is asked, and takes nothing in any more.
void ExpectFailedForGood(Subject& subject, const std::string& code);

class ConnectionTest : public testing::TestWithParam<Mode> {
 protected:
  const Mode& mode() const { return GetParam(); }
};

#define WASM_TLS_ALL_MODES(suite)                                                         \
  INSTANTIATE_TEST_SUITE_P(Modes, suite, testing::ValuesIn(::wasm_tls::test::AllModes()), \
                           [](const auto& param) { return ::wasm_tls::test::ModeName(param.param); })

}  // namespace wasm_tls::test
