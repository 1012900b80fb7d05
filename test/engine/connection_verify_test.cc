// Certificates of the peer: asked for, missing, and judged. The engine records its judgement; only a missing one fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/connection_info.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::IsEmpty;
using testing::SizeIs;

class ConnectionVerifyTest : public ConnectionTest {
 protected:
  // A pair whose peer presents `identity` to a connection with these options.
  std::unique_ptr<Pair> Connect(const Identity* identity, const SecureContextOptions& context,
                                ConnectionOptions options = {.request_certificate = true}) const {
    PeerOptions peer_options = PeerOptionsFor(mode());
    peer_options.identities.clear();
    if (identity != nullptr) peer_options.identities = {identity};
    auto pair = std::make_unique<Pair>(mode(), context, std::move(options), peer_options);
    pair->Run();
    return pair;
  }

  long ResultFor(const Identity& identity, const SecureContextOptions& context) const {
    const auto pair = Connect(&identity, context);
    ExpectWorking(pair->subject, pair->peer);
    return VerifyResult(*pair->subject);
  }

  long ResultFor(const Identity& identity) const { return ResultFor(identity, ContextOptionsFor(mode())); }
};
WASM_TLS_ALL_MODES(ConnectionVerifyTest);

constexpr long kDay = 86'400;

TEST_P(ConnectionVerifyTest, AGoodChain) { EXPECT_EQ(ResultFor(ServerIdentity()), X509_V_OK); }

TEST_P(ConnectionVerifyTest, Expired) {
  const Identity identity = TestCa().Issue({.key_number = 1, .valid_from = -2 * kDay, .valid_to = -kDay});
  EXPECT_EQ(ResultFor(identity), X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST_P(ConnectionVerifyTest, NotYetValid) {
  const Identity identity = TestCa().Issue({.key_number = 1, .valid_from = kDay, .valid_to = 2 * kDay});
  EXPECT_EQ(ResultFor(identity), X509_V_ERR_CERT_NOT_YET_VALID);
}

TEST_P(ConnectionVerifyTest, SelfSigned) {
  const Identity identity = MakeSelfSigned({.key_number = 1, .names = "DNS:localhost"});
  EXPECT_EQ(ResultFor(identity), X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

TEST_P(ConnectionVerifyTest, SelfSignedAndTrusted) {
  const Identity identity = MakeSelfSigned({.key_number = 1, .names = "DNS:localhost"});
  SecureContextOptions context = ContextOptionsFor(mode());
  context.ca->push_back(identity.Pem());
  EXPECT_EQ(ResultFor(identity, context), X509_V_OK);
}

TEST_P(ConnectionVerifyTest, OfACaThatNobodyTrusts) {
  const Identity ca = MakeCa("Another CA", KeyType::kP256, 2);
  EXPECT_EQ(ResultFor(ca.Issue({.key_number = 3})), X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE);
}

// Somebody calls his CA by the name of ours.
TEST_P(ConnectionVerifyTest, OfAnImpostor) {
  const Identity impostor = MakeSelfSigned({.key_number = 2, .subject = {{"CN", "Test CA"}}, .ca = true});
  EXPECT_NE(ResultFor(impostor.Issue({.key_number = 3})), X509_V_OK);
}

TEST_P(ConnectionVerifyTest, NobodyIsTrusted) {
  SecureContextOptions context = ContextOptionsFor(mode());
  context.ca.reset();
  EXPECT_EQ(ResultFor(ServerIdentity(), context), X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE);
}

TEST_P(ConnectionVerifyTest, ForAnotherPurpose) {
  const Identity identity = TestCa().Issue(
      {.key_number = 1, .extensions = {{"extendedKeyUsage", mode().server() ? "serverAuth" : "clientAuth"}}});
  EXPECT_EQ(ResultFor(identity), X509_V_ERR_INVALID_PURPOSE);
}

TEST_P(ConnectionVerifyTest, Revoked) {
  const Identity identity = TestCa().Issue({.key_number = 1, .names = "DNS:localhost"});
  SecureContextOptions context = ContextOptionsFor(mode());
  context.crl = {TestCa().CrlPem({&identity})};
  EXPECT_EQ(ResultFor(identity, context), X509_V_ERR_CERT_REVOKED);
  context.crl = {TestCa().CrlPem({})};
  EXPECT_EQ(ResultFor(identity, context), X509_V_OK);
}

TEST_P(ConnectionVerifyTest, AgainstARevocationListThatIsTooOld) {
  SecureContextOptions context = ContextOptionsFor(mode());
  context.crl = {TestCa().CrlPem({}, -2 * kDay, -kDay)};
  EXPECT_EQ(ResultFor(ServerIdentity(), context), X509_V_ERR_CRL_HAS_EXPIRED);
}

TEST_P(ConnectionVerifyTest, ByACaThatIsNone) {
  const Identity no_ca = TestCa().Issue({.key_number = 4, .subject = {{"CN", "no CA"}}});
  EXPECT_EQ(ResultFor(no_ca.Issue({.key_number = 5})), X509_V_ERR_INVALID_PURPOSE);
}

// --- whether there is one at all -------------------------------------------------------------------------------------

class ConnectionClientCertificateTest : public ConnectionVerifyTest {};
INSTANTIATE_TEST_SUITE_P(Modes, ConnectionClientCertificateTest,
                         testing::Values(Mode{Role::kServer, TLS1_2_VERSION}, Mode{Role::kServer, TLS1_3_VERSION}),
                         [](const auto& param) { return ModeName(param.param); });

TEST_P(ConnectionClientCertificateTest, NotAskedFor) {
  const auto pair = Connect(&ClientIdentity(), ContextOptionsFor(mode()), {});
  ExpectWorking(pair->subject, pair->peer);
  EXPECT_THAT(PeerChain(*pair->subject), IsEmpty());
  EXPECT_EQ(VerifyResult(*pair->subject), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
}

TEST_P(ConnectionClientCertificateTest, AskedForAndMissing) {
  const auto pair = Connect(nullptr, ContextOptionsFor(mode()));
  ExpectWorking(pair->subject, pair->peer);
  EXPECT_THAT(PeerChain(*pair->subject), IsEmpty());
  EXPECT_EQ(VerifyResult(*pair->subject), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
}

TEST_P(ConnectionClientCertificateTest, RequiredAndMissing) {
  const auto pair =
      Connect(nullptr, ContextOptionsFor(mode()), {.request_certificate = true, .require_certificate = true});
  ExpectFailedForGood(pair->subject, "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE");
  EXPECT_EQ(pair->peer.fatal_alert_received(), mode().tls13() ? SSL_AD_CERTIFICATE_REQUIRED : SSL_AD_HANDSHAKE_FAILURE);
}

TEST_P(ConnectionClientCertificateTest, RequiredAndBad) {
  const Identity identity = MakeSelfSigned({.key_number = 1});
  const auto pair =
      Connect(&identity, ContextOptionsFor(mode()), {.request_certificate = true, .require_certificate = true});
  ExpectWorking(pair->subject, pair->peer);
  EXPECT_EQ(VerifyResult(*pair->subject), X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

TEST_P(ConnectionClientCertificateTest, TheCasAreNamed) {
  const auto pair = Connect(&ClientIdentity(), ContextOptionsFor(mode()));
  STACK_OF(X509_NAME)* names = SSL_get_client_CA_list(pair->peer.ssl());
  ASSERT_EQ(sk_X509_NAME_num(names), 1);
  EXPECT_EQ(X509_NAME_cmp(sk_X509_NAME_value(names, 0), X509_get_subject_name(TestCa().certificate())), 0);
}

// The mode may change while the handshake runs, until the request has been sent: a server name decides.
TEST_P(ConnectionClientCertificateTest, RequiredWhileTheCertificateIsChosen) {
  PeerOptions peer_options = PeerOptionsFor(mode());
  Pair pair(mode(), ContextOptionsFor(mode()), {.ask_certificate = true}, peer_options);
  pair.Run();
  ASSERT_EQ(pair.subject.progress(), Progress::kSuspended);
  pair.subject->SetVerifyMode(true, true);
  pair.subject->AnswerCertificate(nullptr, {});
  pair.Run();
  ExpectFailedForGood(pair.subject, "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE");
}

TEST_P(ConnectionClientCertificateTest, AResumedSessionRemembersIt) {
  SecureContextOptions options = ContextOptionsFor(mode());
  options.session_id_context = "here";
  const auto context = MakeContext(options);
  PeerOptions peer_options = PeerOptionsFor(mode());
  peer_options.identities = {&ClientIdentity()};
  const ConnectionOptions server_options{.role = Role::kServer, .request_certificate = true};
  Subject first(context, server_options);
  OpensslPeer client(peer_options);
  Exchange(first, client).Run();
  ASSERT_NE(client.session(), nullptr);
  Subject second(context, server_options);
  OpensslPeer again(client, PeerRole::kClient);
  SSL_set_session(again.ssl(), client.session());
  Exchange(second, again).Run();
  ExpectWorking(second, again);
  EXPECT_TRUE(SessionReused(*second));
  EXPECT_EQ(VerifyResult(*second), X509_V_OK);
  EXPECT_EQ(X509_cmp(PeerChain(*second).at(0).get(), ClientIdentity().certificate()), 0);
}

TEST_P(ConnectionClientCertificateTest, AResumedSessionWithoutOneIsStillWithoutOne) {
  SecureContextOptions options = ContextOptionsFor(mode());
  options.session_id_context = "test";
  const auto context = MakeContext(options);
  const ConnectionOptions server_options{.role = Role::kServer, .request_certificate = true};
  Subject first(context, server_options);
  OpensslPeer client(PeerOptionsFor(mode()));
  Exchange(first, client).Run();
  ASSERT_NE(client.session(), nullptr);
  Subject second(context, server_options);
  OpensslPeer again(client, PeerRole::kClient);
  SSL_set_session(again.ssl(), client.session());
  Exchange(second, again).Run();
  ExpectWorking(second, again);
  EXPECT_TRUE(SessionReused(*second));
  EXPECT_EQ(VerifyResult(*second), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
}

// --- the chain -------------------------------------------------------------------------------------------------------

TEST_P(ConnectionVerifyTest, TheChainLeadsFromTheLeafToTheRoot) {
  const Identity upper = TestCa().Issue({.key_number = 10, .subject = {{"CN", "Upper"}}, .ca = true});
  const Identity lower = upper.Issue({.key_number = 11, .subject = {{"CN", "Lower"}}, .ca = true});
  const Identity leaf = lower.Issue({.key_number = 12, .names = "DNS:localhost"});
  for (const bool reversed : {false, true}) {
    SCOPED_TRACE(reversed);
    PeerOptions peer_options = PeerOptionsFor(mode());
    peer_options.identities = {&leaf};
    Pair pair(mode(), ContextOptionsFor(mode()), {.request_certificate = true}, peer_options);
    if (reversed) {
      SSL_clear_chain_certs(pair.peer.ssl());
      SSL_add1_chain_cert(pair.peer.ssl(), upper.certificate());
      SSL_add1_chain_cert(pair.peer.ssl(), lower.certificate());
    }
    pair.Run();
    ExpectWorking(pair.subject, pair.peer);
    EXPECT_EQ(VerifyResult(*pair.subject), X509_V_OK);
    const std::vector<X509Ptr> chain = PeerChain(*pair.subject);
    ASSERT_THAT(chain, SizeIs(4));
    const Identity* expected[] = {&leaf, &lower, &upper, &TestCa()};
    for (size_t i = 0; i < chain.size(); ++i) EXPECT_EQ(X509_cmp(chain[i].get(), expected[i]->certificate()), 0) << i;
  }
}

TEST_P(ConnectionVerifyTest, AChainWithAGapEndsThere) {
  const Identity upper = TestCa().Issue({.key_number = 10, .subject = {{"CN", "Upper"}}, .ca = true});
  const Identity lower = upper.Issue({.key_number = 11, .subject = {{"CN", "Lower"}}, .ca = true});
  const Identity leaf = lower.Issue({.key_number = 12, .names = "DNS:localhost"});
  PeerOptions peer_options = PeerOptionsFor(mode());
  peer_options.identities = {&leaf};
  Pair pair(mode(), ContextOptionsFor(mode()), {.request_certificate = true}, peer_options);
  SSL_clear_chain_certs(pair.peer.ssl());
  SSL_add1_chain_cert(pair.peer.ssl(), upper.certificate());
  pair.Run();
  EXPECT_NE(VerifyResult(*pair.subject), X509_V_OK);
  EXPECT_THAT(PeerChain(*pair.subject), SizeIs(1));
}

// More certificates than anyone would read: refused by their size before one is parsed.
TEST_P(ConnectionVerifyTest, AChainOfTooManyCertificates) {
  Pair pair(mode(), ContextOptionsFor(mode()), {.request_certificate = true}, [&] {
    PeerOptions peer_options = PeerOptionsFor(mode());
    peer_options.identities = {&ServerIdentity()};
    return peer_options;
  }());
  constexpr int kCertificates = 1000;
  for (int i = 0; i < kCertificates; ++i) SSL_add1_chain_cert(pair.peer.ssl(), TestCa().certificate());
  pair.Run(RandomFragments(1), Whole());
  ExpectFailedForGood(pair.subject, "ERR_SSL_EXCESSIVE_MESSAGE_SIZE");
  EXPECT_EQ(pair.peer.fatal_alert_received(), SSL_AD_ILLEGAL_PARAMETER);
}

// Two certificates that name each other as issuer must not send anyone round in circles.
TEST_P(ConnectionVerifyTest, AChainInCirclesEnds) {
  const auto named = [](const char* name) { return std::vector<std::pair<std::string, std::string>>{{"CN", name}}; };
  const Identity a = MakeSelfSigned({.key_number = 20, .subject = named("A"), .ca = true});
  const Identity b = MakeSelfSigned({.key_number = 21, .subject = named("B"), .ca = true});
  const Identity a_by_b = b.Issue({.key_number = 20, .subject = named("A"), .ca = true});
  const Identity b_by_a = a.Issue({.key_number = 21, .subject = named("B"), .ca = true});
  const Identity leaf = a.Issue({.key_number = 22, .names = "DNS:localhost"});
  for (const bool trusted : {false, true}) {
    SecureContextOptions context = ContextOptionsFor(mode());
    if (trusted) context.ca = std::vector<Bytes>{a_by_b.Pem(), b_by_a.Pem()};
    PeerOptions peer_options = PeerOptionsFor(mode());
    peer_options.identities = {&leaf};
    Pair pair(mode(), context, {.request_certificate = true}, peer_options);
    SSL_clear_chain_certs(pair.peer.ssl());
    SSL_add1_chain_cert(pair.peer.ssl(), a_by_b.certificate());
    SSL_add1_chain_cert(pair.peer.ssl(), b_by_a.certificate());
    pair.Run();
    EXPECT_NE(VerifyResult(*pair.subject), X509_V_OK);
    EXPECT_THAT(PeerChain(*pair.subject), SizeIs(testing::AllOf(testing::Ge(3U), testing::Le(100U))));
  }
}

}  // namespace
}  // namespace wasm_tls
