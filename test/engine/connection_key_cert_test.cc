// Another key and certificate for a single connection of a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/connection_info.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

class ConnectionKeyCertTest : public ConnectionTest {
 protected:
  std::shared_ptr<SecureContext> Presenting(std::initializer_list<const Identity*> identities) const {
    SecureContextOptions options = ContextOptions(mode().version);
    for (const Identity* identity : identities) Present(options, *identity);
    return MakeContext(options);
  }

  static void ExpectPresented(Pair& pair, const Identity& identity) {
    ExpectWorking(pair.subject, pair.peer);
    EXPECT_EQ(X509_cmp(SSL_get0_peer_certificate(pair.peer.ssl()), identity.certificate()), 0);
    EXPECT_EQ(SSL_get_verify_result(pair.peer.ssl()), X509_V_OK);
    EXPECT_EQ(X509_cmp(OwnCertificate(*pair.subject).get(), identity.certificate()), 0);
  }
};
INSTANTIATE_TEST_SUITE_P(Servers, ConnectionKeyCertTest,
                         testing::Values(Mode{Role::kServer, TLS1_2_VERSION}, Mode{Role::kServer, TLS1_3_VERSION}),
                         [](const auto& param) { return ModeName(param.param); });

TEST_P(ConnectionKeyCertTest, TakesThePlaceOfTheContexts) {
  for (const KeyType type : {KeyType::kP256, KeyType::kRsa2048}) {
    const Identity other = TestCa().Issue({.key = type, .key_number = 3, .names = "DNS:other"});
    Pair pair(mode());
    ASSERT_TRUE(pair.subject->SetKeyCert(Presenting({&other})).has_value());
    pair.Run();
    ExpectPresented(pair, other);
  }
}

TEST_P(ConnectionKeyCertTest, AllOfThemWhenThereAreSeveral) {
  const Identity rsa = TestCa().Issue({.key = KeyType::kRsa2048, .key_number = 3, .names = "DNS:other"});
  const Identity ec = TestCa().Issue({.key = KeyType::kP384, .key_number = 3, .names = "DNS:other"});
  for (const bool prefers_rsa : {true, false}) {
    Pair pair(mode());
    const auto context = Presenting({&ec, &rsa});
    const Bytes shown = context->certificate();
    ASSERT_TRUE(pair.subject->SetKeyCert(context).has_value());
    EXPECT_EQ(context->certificate(), shown) << "the context itself is as it was";
    SSL_set1_sigalgs_list(pair.peer.ssl(), prefers_rsa ? "RSA-PSS+SHA256" : "ECDSA+SHA384:ECDSA+SHA256");
    pair.Run();
    ExpectPresented(pair, prefers_rsa ? rsa : ec);
  }
}

TEST_P(ConnectionKeyCertTest, InsideTheAlpnChooser) {
  const Identity other = TestCa().Issue({.key_number = 3, .names = "DNS:other"});
  auto context = Presenting({&other});
  Connection* connection = nullptr;
  ConnectionOptions options;
  options.choose_alpn = [&](const std::string&, const std::vector<std::string>& protocols) {
    EXPECT_TRUE(connection->SetKeyCert(std::exchange(context, nullptr)).has_value());
    return std::optional<std::string>(protocols.at(0));
  };
  Pair pair(mode(), std::move(options));
  connection = &*pair.subject;
  const Bytes protocols = {1, 'x'};
  SSL_set_alpn_protos(pair.peer.ssl(), protocols.data(), static_cast<unsigned int>(protocols.size()));
  pair.Run();
  ExpectPresented(pair, other);
}

TEST_P(ConnectionKeyCertTest, WithItsTrust) {
  const Identity other_ca = MakeCa("Other CA", KeyType::kP256, 5);
  const Identity client = other_ca.Issue({.key_number = 6, .names = "DNS:client"});
  PeerOptions peer_options = PeerOptionsFor(mode());
  peer_options.identities = {&client};
  Pair pair(mode(), ContextOptionsFor(mode()), {.request_certificate = true}, peer_options);
  {
    SecureContextOptions options = ContextOptionsFor(mode());
    options.ca.reset();
    const Bytes root = other_ca.Der();
    options.default_trust = TrustStore::FromDer({root}).value();
    ASSERT_TRUE(pair.subject->SetKeyCert(MakeContext(options)).has_value());
  }
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(VerifyResult(*pair.subject), X509_V_OK);
}

TEST_P(ConnectionKeyCertTest, WithoutAKeyOrACertificateItIsAnErrorAndChangesNothing) {
  SecureContextOptions cert_only = ContextOptions(mode().version);
  cert_only.cert.push_back(ServerIdentity(KeyType::kRsa2048).ChainPem());
  for (const auto& context : {Presenting({}), MakeContext(cert_only)}) {
    Pair pair(mode());
    const auto set = pair.subject->SetKeyCert(context);
    ASSERT_FALSE(set.has_value());
    EXPECT_EQ(set.error().code, "ERR_SSL_PASSED_A_NULL_PARAMETER");
    EXPECT_EQ(set.error().message, "error:0A0C0102:SSL routines::passed a null parameter");
    pair.Run();
    ExpectPresented(pair, ServerIdentity());
  }
}

TEST_P(ConnectionKeyCertTest, ComesTooLateForTheHandshakeThatIsDone) {
  const Identity other = TestCa().Issue({.key_number = 3, .names = "DNS:other"});
  Pair pair(mode());
  pair.Run();
  ASSERT_TRUE(pair.subject->SetKeyCert(Presenting({&other})).has_value());
  ExpectWorking(pair.subject, pair.peer);
  if (mode().tls13()) return;
  ASSERT_TRUE(pair.subject->Renegotiate().has_value());
  pair.Run();
  ExpectPresented(pair, other);
}

}  // namespace
}  // namespace wasm_tls
