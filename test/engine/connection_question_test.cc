// The points at which a connection waits for an answer: which session, which certificate, has the session been stored?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "src/connection_info.h"
#include "src/session.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const Mode kServer12{Role::kServer, TLS1_2_VERSION};
const Mode kServer13{Role::kServer, TLS1_3_VERSION};

class ConnectionQuestionTest : public testing::TestWithParam<Mode> {
 protected:
  const Mode& mode() const { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Servers, ConnectionQuestionTest, testing::Values(kServer12, kServer13),
                         [](const auto& param) { return ModeName(param.param); });

// --- which certificate? ----------------------------------------------------------------------------------------------

std::shared_ptr<SecureContext> OtherContext(int version, KeyType key = KeyType::kRsa2048) {
  SecureContextOptions options = ContextOptions(version);
  Present(options, ServerIdentity(key));
  return MakeContext(options);
}

TEST_P(ConnectionQuestionTest, TheCertificateIsAskedForAndKept) {
  Pair pair(mode(), {.ask_certificate = true});
  SSL_set_tlsext_host_name(pair.peer.ssl(), "a.example");
  pair.Run();
  EXPECT_EQ(pair.subject.progress(), Progress::kSuspended);
  ASSERT_THAT(pair.subject.All<CertificateWanted>(), SizeIs(1));
  EXPECT_EQ(pair.subject.All<CertificateWanted>()[0].servername, "a.example");
  EXPECT_FALSE(pair.subject.All<CertificateWanted>()[0].ocsp_requested);
  EXPECT_TRUE(pair.subject->AnswerCertificate(nullptr, {}));
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(X509_cmp(SSL_get0_peer_certificate(pair.peer.ssl()), ServerIdentity().certificate()), 0);
  EXPECT_THAT(pair.subject.All<CertificateWanted>(), SizeIs(1));
}

TEST_P(ConnectionQuestionTest, AnotherContextTakesOver) {
  Pair pair(mode(), {.ask_certificate = true});
  pair.Run();
  std::shared_ptr<SecureContext> other = OtherContext(mode().version);
  EXPECT_TRUE(pair.subject->AnswerCertificate(other, {}));
  // The connection keeps it alive.
  other.reset();
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  const Identity& expected = ServerIdentity(KeyType::kRsa2048);
  EXPECT_EQ(X509_cmp(SSL_get0_peer_certificate(pair.peer.ssl()), expected.certificate()), 0);
  EXPECT_EQ(X509_cmp(OwnCertificate(*pair.subject).get(), expected.certificate()), 0);
}

// A client certificate is judged by what the context that took over trusts.
TEST_P(ConnectionQuestionTest, TheTrustOfTheOtherContextDecides) {
  for (const bool trusted : {false, true}) {
    SCOPED_TRACE(trusted);
    const Identity other_ca = MakeCa("Other CA", KeyType::kP256, 5);
    const Identity client = other_ca.Issue({.key_number = 6, .names = "DNS:client"});
    PeerOptions peer_options = PeerOptionsFor(mode());
    peer_options.identities = {&client};
    Pair pair(mode(), ContextOptionsFor(mode()), {.request_certificate = true, .ask_certificate = true}, peer_options);
    pair.Run();
    SecureContextOptions other = ContextOptionsFor(mode());
    if (trusted) other.ca = std::vector<Bytes>{other_ca.Pem()};
    EXPECT_TRUE(pair.subject->AnswerCertificate(MakeContext(other), {}));
    pair.Run();
    ExpectWorking(pair.subject, pair.peer);
    EXPECT_EQ(VerifyResult(*pair.subject), trusted ? X509_V_OK : X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE);
  }
}

// The roots of a default trust are parsed when a chain leads to them, which is long after the answer.
TEST_P(ConnectionQuestionTest, TheTrustOfTheOtherContextLivesAsLongAsItIsNeeded) {
  PeerOptions peer_options = PeerOptionsFor(mode());
  peer_options.identities = {&ClientIdentity()};
  Pair pair(mode(), ContextOptionsFor(mode()), {.request_certificate = true, .ask_certificate = true}, peer_options);
  pair.Run();
  {
    SecureContextOptions other = ContextOptionsFor(mode());
    other.ca.reset();
    const Bytes root = TestCa().Der();
    other.default_trust = TrustStore::FromDer({root}).value();
    EXPECT_TRUE(pair.subject->AnswerCertificate(MakeContext(other), {}));
  }
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(VerifyResult(*pair.subject), X509_V_OK);
  EXPECT_THAT(PeerChain(*pair.subject), SizeIs(2));
}

TEST_P(ConnectionQuestionTest, AContextWithoutACertificateChangesNothing) {
  Pair pair(mode(), {.ask_certificate = true});
  pair.Run();
  EXPECT_TRUE(pair.subject->AnswerCertificate(MakeContext(ContextOptions(mode().version)), {}));
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
}

TEST_P(ConnectionQuestionTest, WhereNoContextHasACertificateTheHandshakeFails) {
  const SecureContextOptions bare = ContextOptions(mode().version);
  Pair pair(mode(), bare, {.ask_certificate = true}, PeerOptionsFor(mode()));
  pair.Run();
  EXPECT_TRUE(pair.subject->AnswerCertificate(MakeContext(bare), {}));
  pair.Run();
  EXPECT_THAT(pair.subject->error()->message, testing::HasSubstr("passed a null parameter"));
  ExpectFailedForGood(pair.subject,
                      mode().tls13() ? "ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM" : "ERR_SSL_NO_SHARED_CIPHER");
  EXPECT_EQ(pair.peer.fatal_alert_received(), SSL_AD_HANDSHAKE_FAILURE);
}

TEST_P(ConnectionQuestionTest, WithoutAServernameItIsEmpty) {
  Pair pair(mode(), {.ask_certificate = true});
  pair.Run();
  EXPECT_EQ(pair.subject.All<CertificateWanted>().at(0).servername, "");
}

TEST_P(ConnectionQuestionTest, AnOcspResponseIsStapledWhenItWasAskedFor) {
  const Bytes response = Pattern(500);
  for (const bool asked : {true, false}) {
    SCOPED_TRACE(asked);
    Pair pair(mode(), {.ask_certificate = true});
    if (asked) SSL_set_tlsext_status_type(pair.peer.ssl(), TLSEXT_STATUSTYPE_ocsp);
    pair.Run();
    EXPECT_EQ(pair.subject.All<CertificateWanted>().at(0).ocsp_requested, asked);
    pair.subject->AnswerCertificate(nullptr, response);
    pair.Run();
    ExpectWorking(pair.subject, pair.peer);
    unsigned char* stapled = nullptr;
    const long size = SSL_get_tlsext_status_ocsp_resp(pair.peer.ssl(), &stapled);
    if (asked) {
      ASSERT_EQ(size, static_cast<long>(response.size()));
      EXPECT_TRUE(std::equal(response.begin(), response.end(), stapled));
    } else {
      EXPECT_LE(size, 0);
    }
  }
}

TEST_P(ConnectionQuestionTest, WithoutAResponseNothingIsStapled) {
  for (const bool ask : {true, false}) {
    SCOPED_TRACE(ask);
    Pair pair(mode(), {.ask_certificate = ask});
    SSL_set_tlsext_status_type(pair.peer.ssl(), TLSEXT_STATUSTYPE_ocsp);
    pair.Run();
    EXPECT_EQ(pair.subject->AnswerCertificate(nullptr, {}), ask);
    pair.Run();
    ExpectWorking(pair.subject, pair.peer);
    unsigned char* stapled = nullptr;
    EXPECT_LE(SSL_get_tlsext_status_ocsp_resp(pair.peer.ssl(), &stapled), 0);
  }
}

TEST_P(ConnectionQuestionTest, AnotherContextStaplesToo) {
  Pair pair(mode(), {.ask_certificate = true});
  SSL_set_tlsext_status_type(pair.peer.ssl(), TLSEXT_STATUSTYPE_ocsp);
  pair.Run();
  pair.subject->AnswerCertificate(OtherContext(mode().version), Pattern(50));
  pair.Run();
  unsigned char* stapled = nullptr;
  EXPECT_EQ(SSL_get_tlsext_status_ocsp_resp(pair.peer.ssl(), &stapled), 50);
}

// --- while a question is open ----------------------------------------------------------------------------------------

TEST_P(ConnectionQuestionTest, NothingMovesUntilTheAnswer) {
  Pair pair(mode(), {.ask_certificate = true});
  pair.Run();
  pair.subject.Write(AsBytes("waiting"));
  pair.subject->KeyUpdate();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(pair.subject.Advance(), Progress::kSuspended);
    EXPECT_THAT(pair.subject.Send(), IsEmpty());
  }
  EXPECT_THAT(pair.subject.All<CertificateWanted>(), SizeIs(1));
  EXPECT_TRUE(pair.subject->AnswerCertificate(nullptr, {}));
  pair.Run();
  EXPECT_EQ(AsText(pair.peer.received()), "waiting");
}

TEST_P(ConnectionQuestionTest, WhatArrivesInTheMeantimeIsDealtWithAfterwards) {
  Pair pair(mode(), {.ask_certificate = true});
  pair.Run();
  // An alert, and then nothing more: the client has lost patience.
  pair.subject.Receive(Bytes{21, 3, 3, 0, 2, 2, SSL_AD_ACCESS_DENIED});
  pair.subject->EndEncIn();
  EXPECT_EQ(pair.subject.Advance(), Progress::kSuspended);
  EXPECT_FALSE(pair.subject->truncated());
  pair.subject->AnswerCertificate(nullptr, {});
  pair.subject.Advance();
  ExpectFailedForGood(pair.subject, "ERR_SSL_TLSV1_ALERT_ACCESS_DENIED");
}

TEST_P(ConnectionQuestionTest, TheTransportMayEndInTheMeantime) {
  Pair pair(mode(), {.ask_certificate = true});
  pair.Run();
  pair.subject->EndEncIn();
  EXPECT_EQ(pair.subject.Advance(), Progress::kSuspended);
  pair.subject->AnswerCertificate(nullptr, {});
  EXPECT_EQ(pair.subject.Advance(), Progress::kClosed);
}

TEST_P(ConnectionQuestionTest, ItIsDestroyedWhileAQuestionIsOpen) {
  for (const bool certificate : {true, false}) {
    Pair pair(mode(), {.ask_certificate = certificate, .ask_new_session = !certificate, .sessions = true});
    if (!mode().tls13()) SSL_set_options(pair.subject->ssl(), SSL_OP_NO_TICKET);
    pair.Run();
    EXPECT_EQ(pair.subject.progress(), Progress::kSuspended);
    pair.subject.Destroy();
  }
}

TEST_P(ConnectionQuestionTest, AnAnswerIsTakenOnceAndOnlyWhenItIsAskedFor) {
  Pair pair(mode(), {.ask_certificate = true});
  EXPECT_FALSE(pair.subject->AnswerCertificate(nullptr, {}));
  EXPECT_FALSE(pair.subject->AnswerClientHello({}));
  EXPECT_FALSE(pair.subject->AnswerNewSession());
  pair.Run();
  EXPECT_FALSE(pair.subject->AnswerClientHello({}));
  EXPECT_FALSE(pair.subject->AnswerNewSession());
  EXPECT_TRUE(pair.subject->AnswerCertificate(nullptr, {}));
  EXPECT_FALSE(pair.subject->AnswerCertificate(OtherContext(mode().version), {}));
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(X509_cmp(SSL_get0_peer_certificate(pair.peer.ssl()), ServerIdentity().certificate()), 0);
  EXPECT_FALSE(pair.subject->AnswerCertificate(nullptr, {}));
}

TEST_P(ConnectionQuestionTest, OneQuestionComesAfterTheOther) {
  Pair pair(mode(), {.ask_client_hello = true, .ask_certificate = true, .ask_new_session = true, .sessions = true});
  std::vector<std::string> asked;
  pair.subject.on_event = [&](Connection& connection, const Event& event) {
    if (std::holds_alternative<ClientHello>(event)) {
      asked.emplace_back("session");
      EXPECT_TRUE(connection.AnswerClientHello({}));
    } else if (std::holds_alternative<CertificateWanted>(event)) {
      asked.emplace_back("certificate");
      EXPECT_TRUE(connection.AnswerCertificate(nullptr, {}));
    } else if (std::holds_alternative<NewSession>(event)) {
      asked.emplace_back("stored");
      EXPECT_TRUE(connection.AnswerNewSession());
    }
  };
  SSL_set_options(pair.peer.ssl(), SSL_OP_NO_TICKET);
  pair.Run(ByteByByte(), ByteByByte());
  ExpectWorking(pair.subject, pair.peer);
  // Only on TLS 1.3 does a first hello carry an ID, made up for old middleboxes (RFC 8446 §D.4), and two tickets
  // follow.
  const std::vector<std::string> expected = mode().tls13()
                                                ? std::vector<std::string>{"session", "certificate", "stored", "stored"}
                                                : std::vector<std::string>{"certificate", "stored"};
  EXPECT_EQ(asked, expected);
}

// The hello is read twice when the client has guessed the wrong group; the question is asked once.
TEST_P(ConnectionQuestionTest, AHelloRetryRequestAsksNothingTwice) {
  SecureContextOptions context = ContextOptionsFor(mode());
  context.groups = "P-384:P-256";
  PeerOptions peer_options = PeerOptionsFor(mode());
  peer_options.groups = "X25519:P-384:P-256";
  Pair pair(mode(), context, {.ask_client_hello = true, .ask_certificate = true}, peer_options);
  pair.subject.on_event = [](Connection& connection, const Event& event) {
    if (std::holds_alternative<ClientHello>(event)) connection.AnswerClientHello({});
    if (std::holds_alternative<CertificateWanted>(event)) connection.AnswerCertificate(nullptr, {});
  };
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(GroupName(*pair.subject), "secp384r1");
  EXPECT_THAT(pair.subject.All<ClientHello>(), SizeIs(mode().tls13() ? 1 : 0));
  EXPECT_THAT(pair.subject.All<CertificateWanted>(), SizeIs(1));
}

// --- has the session been stored? ------------------------------------------------------------------------------------

TEST_P(ConnectionQuestionTest, TheOutputIsWithheldUntilTheSessionIsStored) {
  Pair pair(mode(), {.ask_new_session = true, .sessions = true});
  SSL_set_options(pair.peer.ssl(), SSL_OP_NO_TICKET);
  pair.Run();
  const size_t questions = mode().tls13() ? 2 : 1;
  ASSERT_THAT(pair.subject.All<NewSession>(), SizeIs(questions));
  EXPECT_EQ(pair.subject.progress(), Progress::kSuspended);
  EXPECT_TRUE(pair.subject->established());
  pair.subject.Write(AsBytes("after the session"));
  pair.subject->Shutdown();
  for (size_t i = 0; i < questions; ++i) {
    EXPECT_EQ(pair.subject.Advance(), Progress::kSuspended);
    EXPECT_THAT(pair.subject->enc_out(), IsEmpty());
    // Whoever ends the transport behind the close_notify must not lose what is withheld.
    EXPECT_FALSE(pair.subject->close_notify_sent());
    EXPECT_TRUE(pair.subject->AnswerNewSession());
  }
  EXPECT_FALSE(pair.subject->AnswerNewSession());
  pair.Run();
  EXPECT_EQ(AsText(pair.peer.received()), "after the session");
  EXPECT_TRUE(pair.peer.close_notify_received());
}

TEST_P(ConnectionQuestionTest, ReadingGoesOnWhileTheOutputIsWithheld) {
  if (!mode().tls13()) GTEST_SKIP() << "a TLS 1.2 client waits for what is withheld";
  Pair pair(mode(), {.ask_new_session = true, .sessions = true, .clear_out_limit = 10'000});
  pair.peer.Write(Pattern(50'000));
  pair.Run();
  EXPECT_EQ(pair.subject.progress(), Progress::kSuspended);
  EXPECT_EQ(pair.subject.received(), Pattern(50'000));
}

TEST_P(ConnectionQuestionTest, AFailureLetsTheAlertOut) {
  if (!mode().tls13()) GTEST_SKIP() << "a TLS 1.2 client waits for what is withheld";
  Pair pair(mode(), {.ask_new_session = true, .sessions = true});
  pair.Run();
  ASSERT_EQ(pair.subject.progress(), Progress::kSuspended);
  pair.subject.Receive(Bytes(100, 23));
  EXPECT_EQ(pair.subject.Advance(), Progress::kFailed);
  EXPECT_FALSE(pair.subject->AnswerNewSession());
  pair.peer.Receive(pair.subject.Send());
  pair.peer.Advance();
  EXPECT_NE(pair.peer.fatal_alert_received(), 0);
}

TEST_P(ConnectionQuestionTest, WithoutTheQuestionNothingIsWithheld) {
  Pair pair(mode(), {.sessions = true});
  SSL_set_options(pair.peer.ssl(), SSL_OP_NO_TICKET);
  pair.Run();
  EXPECT_THAT(pair.subject.All<NewSession>(), Not(IsEmpty()));
  ExpectWorking(pair.subject, pair.peer);
}

// Only servers have a session to store before anyone may use it.
TEST(ConnectionClientQuestionTest, AClientIsNeverAsked) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Pair pair({Role::kClient, version},
              {.ask_client_hello = true, .ask_certificate = true, .ask_new_session = true, .sessions = true});
    pair.Run();
    EXPECT_THAT(pair.subject.All<NewSession>(), Not(IsEmpty()));
    EXPECT_THAT(pair.subject.All<CertificateWanted>(), IsEmpty());
    EXPECT_THAT(pair.subject.All<ClientHello>(), IsEmpty());
    ExpectWorking(pair.subject, pair.peer);
  }
}

}  // namespace
}  // namespace wasm_tls
