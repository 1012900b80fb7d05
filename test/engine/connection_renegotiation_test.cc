// Later handshakes of a connection, TLS 1.2 and older: who wishes for one, who may, and what goes on meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/connection_info.h"
#include "test/engine/support/record_forge.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;

const Mode kClient12{Role::kClient, TLS1_2_VERSION};
const Mode kServer12{Role::kServer, TLS1_2_VERSION};

// Allows what Node allows, at a time that stands still.
void AllowRenegotiation(Connection& connection, const Event& event) {
  if (!std::holds_alternative<RenegotiationWish>(event)) return;
  EXPECT_TRUE(connection.AnswerRenegotiation({.now_ms = 1, .limit = 3, .window_ms = 600'000}));
}

class ConnectionRenegotiationTest : public testing::TestWithParam<Mode> {
 protected:
  const Mode& mode() const { return GetParam(); }

  // A pair that has done its first handshake.
  std::unique_ptr<Pair> Established(ConnectionOptions options = {}) const {
    auto pair = std::make_unique<Pair>(mode(), std::move(options));
    pair->subject.on_event = AllowRenegotiation;
    pair->Run();
    EXPECT_TRUE(pair->subject->established());
    return pair;
  }

  static void ExpectHandshakes(Pair& pair, size_t count) {
    EXPECT_THAT(pair.subject.All<HandshakeStart>(), SizeIs(count));
    EXPECT_THAT(pair.subject.All<HandshakeDone>(), SizeIs(count));
  }
};
INSTANTIATE_TEST_SUITE_P(Roles, ConnectionRenegotiationTest, testing::Values(kClient12, kServer12),
                         [](const auto& param) { return ModeName(param.param); });

// --- who wishes for one ----------------------------------------------------------------------------------------------

TEST_P(ConnectionRenegotiationTest, OurWishIsFollowed) {
  for (const bool byte_by_byte : {false, true}) {
    const auto pair = Established();
    const Bytes finished = Finished(*pair->subject);
    ASSERT_TRUE(pair->subject->Renegotiate().has_value());
    pair->Run(byte_by_byte ? ByteByByte() : Whole(), byte_by_byte ? ByteByByte() : Whole());
    ExpectHandshakes(*pair, 2);
    EXPECT_NE(Finished(*pair->subject), finished);
    ExpectWorking(pair->subject, pair->peer);
    ExpectHandshakes(*pair, 2);
  }
}

TEST_P(ConnectionRenegotiationTest, ThePeersWishIsFollowed) {
  for (const bool byte_by_byte : {false, true}) {
    const auto pair = Established();
    pair->peer.Renegotiate();
    pair->Run(byte_by_byte ? ByteByByte() : Whole(), byte_by_byte ? ByteByByte() : Whole());
    ExpectHandshakes(*pair, 2);
    ExpectWorking(pair->subject, pair->peer);
    EXPECT_THAT(pair->subject.All<RenegotiationWish>(), SizeIs(mode().server() ? 1 : 0));
  }
}

TEST_P(ConnectionRenegotiationTest, ManyInARow) {
  const auto pair = Established();
  for (size_t i = 2; i < 10; ++i) {
    ASSERT_TRUE(pair->subject->Renegotiate().has_value());
    pair->Run();
    ExpectHandshakes(*pair, i);
  }
  ExpectWorking(pair->subject, pair->peer);
}

// Whatever the second wish was for may not have been part of the first: it gets a handshake of its own.
TEST_P(ConnectionRenegotiationTest, AWishInTheMiddleOfOneWaits) {
  const auto pair = Established();
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  pair->subject.Advance();
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  pair->Run();
  ExpectHandshakes(*pair, 3);
  ExpectWorking(pair->subject, pair->peer);
}

TEST_P(ConnectionRenegotiationTest, BothWishAtOnce) {
  const auto pair = Established();
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  pair->peer.Renegotiate();
  pair->Run();
  EXPECT_GE(pair->subject.All<HandshakeDone>().size(), 2U);
  EXPECT_EQ(pair->subject.All<HandshakeStart>().size(), pair->subject.All<HandshakeDone>().size());
  ExpectWorking(pair->subject, pair->peer);
}

TEST_P(ConnectionRenegotiationTest, NothingIsSentBeforeAdvance) {
  const auto pair = Established();
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  EXPECT_THAT(pair->subject->enc_out(), IsEmpty());
  EXPECT_EQ(pair->subject->TakeEvent(), std::nullopt);
}

TEST_P(ConnectionRenegotiationTest, BeforeTheFirstHandshakeItIsAnError) {
  Pair pair(mode());
  for (int i = 0; i < 2; ++i) {
    const auto wish = pair.subject->Renegotiate();
    ASSERT_FALSE(wish.has_value());
    EXPECT_EQ(wish.error().code, "ERR_TLS_INVALID_STATE");
    pair.subject.Advance();
  }
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
}

TEST_P(ConnectionRenegotiationTest, AfterShutdownItIsAnError) {
  const auto pair = Established();
  pair->subject->Shutdown();
  EXPECT_EQ(pair->subject->Renegotiate().error().code, "ERR_TLS_INVALID_STATE");
}

TEST_P(ConnectionRenegotiationTest, ACloseThatIsWishedForLaterComesLater) {
  const auto pair = Established();
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  pair->subject.Write(AsBytes("last words"));
  pair->subject->Shutdown();
  pair->Run();
  EXPECT_EQ(AsText(pair->peer.received()), "last words");
  EXPECT_TRUE(pair->peer.close_notify_received());
  if (!mode().server()) ExpectHandshakes(*pair, 2);
}

class ConnectionRenegotiationTls13Test : public ConnectionTest {};
INSTANTIATE_TEST_SUITE_P(Roles, ConnectionRenegotiationTls13Test,
                         testing::Values(Mode{Role::kClient, TLS1_3_VERSION}, Mode{Role::kServer, TLS1_3_VERSION}),
                         [](const auto& param) { return ModeName(param.param); });

TEST_P(ConnectionRenegotiationTls13Test, HasNoSuchThing) {
  Pair pair(mode());
  pair.Run();
  const auto wish = pair.subject->Renegotiate();
  ASSERT_FALSE(wish.has_value());
  EXPECT_EQ(wish.error().code, "ERR_SSL_WRONG_SSL_VERSION");
  EXPECT_EQ(wish.error().message, "error:0A00010A:SSL routines::wrong ssl version");
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_THAT(pair.subject.All<HandshakeStart>(), SizeIs(1)) << "tickets and key updates are no handshakes";
  pair.subject->KeyUpdate();
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_THAT(pair.subject.All<HandshakeDone>(), SizeIs(1));
}

// --- who may ---------------------------------------------------------------------------------------------------------

TEST(ConnectionRenegotiationWishTest, SuspendsBeforeAnythingIsAnswered) {
  Pair pair(kServer12);
  pair.Run();
  pair.peer.Renegotiate();
  pair.Run();
  EXPECT_EQ(pair.subject.progress(), Progress::kSuspended);
  EXPECT_THAT(pair.subject.All<RenegotiationWish>(), SizeIs(1));
  EXPECT_THAT(pair.subject.All<HandshakeStart>(), SizeIs(1));
  EXPECT_THAT(pair.subject.Send(), IsEmpty());
  EXPECT_EQ(pair.subject.Advance(), Progress::kSuspended);
  EXPECT_FALSE(pair.subject->AnswerClientHello({}));
  EXPECT_FALSE(pair.subject->AnswerCertificate(nullptr, {}));
  EXPECT_TRUE(pair.subject->AnswerRenegotiation({.window_ms = 1}));
  EXPECT_FALSE(pair.subject->AnswerRenegotiation({.window_ms = 1}));
  pair.Run();
  EXPECT_THAT(pair.subject.All<HandshakeDone>(), SizeIs(2));
  ExpectWorking(pair.subject, pair.peer);
}

TEST(ConnectionRenegotiationWishTest, DestroyedWhileItIsOpen) {
  Pair pair(kServer12);
  pair.Run();
  pair.peer.Renegotiate();
  pair.Run();
  pair.subject.Destroy();
}

TEST(ConnectionRenegotiationWishTest, OneTooManyEndsTheConnection) {
  Pair pair(kServer12);
  pair.subject.on_event = AllowRenegotiation;
  pair.Run();
  for (size_t i = 0; i < 3; ++i) {
    pair.peer.Renegotiate();
    pair.Run();
    EXPECT_THAT(pair.subject.All<HandshakeDone>(), SizeIs(i + 2));
  }
  ExpectWorking(pair.subject, pair.peer);
  pair.peer.Renegotiate();
  pair.Run();
  EXPECT_THAT(pair.subject.All<HandshakeStart>(), SizeIs(4)) << "the fourth must not cost anything";
  ExpectFailedForGood(pair.subject, "ERR_TLS_SESSION_ATTACK");
  EXPECT_EQ(pair.peer.fatal_alert_received(), 0);
}

TEST(ConnectionRenegotiationWishTest, DisabledEndsTheConnection) {
  Pair pair(kServer12);
  pair.subject.on_event = AllowRenegotiation;
  pair.Run();
  pair.subject->DisableRenegotiation();
  pair.peer.Renegotiate();
  pair.Run();
  ExpectFailedForGood(pair.subject, "ERR_TLS_RENEGOTIATION_DISABLED");
}

// As in Node.
TEST(ConnectionRenegotiationWishTest, DisabledIsDisabledForTheServerToo) {
  Pair pair(kServer12);
  pair.Run();
  pair.subject->DisableRenegotiation();
  EXPECT_TRUE(pair.subject->Renegotiate().has_value());
  pair.Run();
  ExpectFailedForGood(pair.subject, "ERR_TLS_RENEGOTIATION_DISABLED");
}

TEST(ConnectionRenegotiationWishTest, DisablingMeansNothingToAClient) {
  Pair pair(kClient12);
  pair.Run();
  pair.subject->DisableRenegotiation();
  ASSERT_TRUE(pair.subject->Renegotiate().has_value());
  pair.Run();
  EXPECT_THAT(pair.subject.All<HandshakeDone>(), SizeIs(2));
}

TEST(ConnectionRenegotiationWishTest, TheAnswerToOurOwnIsNone) {
  Pair pair(kServer12);
  pair.Run();
  for (size_t i = 0; i < 6; ++i) {
    ASSERT_TRUE(pair.subject->Renegotiate().has_value());
    pair.Run();
  }
  EXPECT_THAT(pair.subject.All<HandshakeDone>(), SizeIs(7));
  EXPECT_THAT(pair.subject.All<RenegotiationWish>(), IsEmpty());
  // And it is used up.
  pair.peer.Renegotiate();
  pair.Run();
  EXPECT_THAT(pair.subject.All<RenegotiationWish>(), SizeIs(1));
}

TEST_P(ConnectionRenegotiationTest, APeerThatRefusesOursFailsTheConnection) {
  const auto pair = Established();
  SSL_set_options(pair->peer.ssl(), SSL_OP_NO_RENEGOTIATION);
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  pair->Run();
  ExpectFailedForGood(pair->subject, "ERR_SSL_NO_RENEGOTIATION");
  EXPECT_THAT(pair->subject.All<HandshakeDone>(), SizeIs(1));
  EXPECT_EQ(pair->peer.fatal_alert_received(), SSL_AD_HANDSHAKE_FAILURE);
}

TEST_P(ConnectionRenegotiationTest, AContextMayForbidIt) {
  SecureContextOptions options = ContextOptionsFor(mode());
  options.ssl_options = SSL_OP_NO_RENEGOTIATION;
  Pair pair(mode(), options, {}, PeerOptionsFor(mode()));
  pair.Run();
  EXPECT_EQ(pair.subject->Renegotiate().error().code, "ERR_SSL_NO_RENEGOTIATION");
  ExpectWorking(pair.subject, pair.peer);
  pair.peer.Renegotiate();
  pair.Run();
  EXPECT_EQ(pair.peer.error(), "no renegotiation");
  EXPECT_EQ(pair.subject.error_code(), "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE") << "the peer took it badly";
  EXPECT_THAT(pair.subject.All<HandshakeStart>(), SizeIs(1)) << "a refusal is no handshake";
  EXPECT_THAT(pair.subject.All<HandshakeDone>(), SizeIs(1));
}

// --- what goes on meanwhile ------------------------------------------------------------------------------------------

TEST_P(ConnectionRenegotiationTest, DataThatWereOnTheirWayArrive) {
  const auto pair = Established();
  const Bytes pattern = Pattern(100'000);
  // The peer's leave before it hears of the wish, ours wait.
  pair->peer.Write(pattern);
  pair->peer.Advance();
  const Bytes before = pair->peer.Send();
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  pair->subject.Advance();
  pair->subject.Write(pattern);
  pair->subject.Receive(BytesView(before).first(before.size() / 2));
  pair->subject.Advance();
  pair->subject.Receive(BytesView(before).subspan(before.size() / 2));
  pair->Run();
  EXPECT_EQ(Sha256(pair->subject.received()), Sha256(pattern)) << pair->subject.error_code();
  EXPECT_EQ(Sha256(pair->peer.received()), Sha256(pattern)) << pair->peer.error();
  ExpectHandshakes(*pair, 2);
}

TEST_P(ConnectionRenegotiationTest, AReaderThatPausesHoldsItUpAndNothingElse) {
  const auto pair = Established({.clear_out_limit = 20'000});
  const Bytes pattern = Pattern(200'000);
  pair->subject.reading = false;
  pair->peer.Write(pattern);
  pair->Run();
  EXPECT_EQ(pair->subject.progress(), Progress::kBudgetFull);
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  pair->subject.Write(Pattern(1000, 2));
  pair->Run();
  pair->subject.reading = true;
  pair->Run();
  EXPECT_EQ(Sha256(pair->subject.received()), Sha256(pattern)) << pair->subject.error_code();
  EXPECT_EQ(pair->peer.received(), Pattern(1000, 2)) << pair->peer.error();
  ExpectHandshakes(*pair, 2);
}

// Half a record waits for its other half when the wish comes.
TEST_P(ConnectionRenegotiationTest, InTheMiddleOfARecord) {
  const auto pair = Established();
  pair->peer.Write(Pattern(1000));
  pair->peer.Advance();
  const Bytes record = pair->peer.Send();
  pair->subject.Receive(BytesView(record).first(500));
  pair->subject.Advance();
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  pair->subject.Write(AsBytes("waits for nobody"));
  pair->subject.Advance();
  pair->subject.Receive(BytesView(record).subspan(500));
  pair->Run();
  EXPECT_EQ(pair->subject.received(), Pattern(1000));
  EXPECT_EQ(AsText(pair->peer.received()), "waits for nobody") << pair->subject.error_code();
  ExpectHandshakes(*pair, 2);
}

TEST_P(ConnectionRenegotiationTest, ACloseInTheMiddleOfARecordComesBehindIt) {
  for (const bool ends : {false, true}) {
    const auto pair = Established();
    pair->peer.Write(Pattern(1000));
    pair->peer.Advance();
    const Bytes record = pair->peer.Send();
    pair->subject.Receive(BytesView(record).first(500));
    pair->subject.Advance();
    ASSERT_TRUE(pair->subject->Renegotiate().has_value());
    pair->subject->Shutdown();
    EXPECT_EQ(pair->subject.Advance(), Progress::kIdle);
    EXPECT_FALSE(pair->subject->close_notify_sent());
    if (ends) {
      pair->subject->EndEncIn();
      EXPECT_EQ(pair->subject.Advance(), Progress::kClosed) << pair->subject.error_code();
      EXPECT_TRUE(pair->subject->close_notify_sent());
      continue;
    }
    pair->subject.Receive(BytesView(record).subspan(500));
    pair->Run();
    EXPECT_TRUE(pair->peer.close_notify_received());
    EXPECT_EQ(pair->peer.error(), "");
    EXPECT_EQ(pair->subject.error_code(), "");
  }
}

TEST_P(ConnectionRenegotiationTest, SmallBudgets) {
  const auto pair = Established({.clear_out_limit = 1000, .enc_out_limit = 1000});
  for (int i = 0; i < 3; ++i) {
    pair->peer.Write(Pattern(30'000));
    pair->subject.Write(Pattern(30'000));
    if (i == 1) {
      pair->peer.Renegotiate();
    } else {
      ASSERT_TRUE(pair->subject->Renegotiate().has_value());
    }
    pair->Run();
  }
  EXPECT_THAT(pair->subject.received(), SizeIs(90'000)) << pair->subject.error_code();
  EXPECT_THAT(pair->peer.received(), SizeIs(90'000)) << pair->peer.error();
  ExpectHandshakes(*pair, 4);
}

TEST_P(ConnectionRenegotiationTest, InputThatEndsInTheMiddleIsTheEnd) {
  const auto pair = Established();
  pair->peer.Renegotiate();
  pair->subject.Receive(pair->peer.Send());
  pair->subject.Advance();
  pair->subject.Write(AsBytes("never sent"));
  pair->subject->EndEncIn();
  EXPECT_EQ(pair->subject.Advance(), Progress::kClosed) << pair->subject.error_code();
  EXPECT_TRUE(pair->subject->truncated());
  EXPECT_THAT(pair->subject.All<HandshakeDone>(), SizeIs(1));
}

TEST_P(ConnectionRenegotiationTest, GarbageInTheMiddleFails) {
  const auto pair = Established();
  ASSERT_TRUE(pair->subject->Renegotiate().has_value());
  pair->subject.Advance();
  pair->subject.Receive(Bytes{22, 9, 9, 0, 40});
  pair->subject.Advance();
  ExpectFailedForGood(pair->subject, "ERR_SSL_WRONG_VERSION_NUMBER");
}

// RFC 5746 §3.5: what binds a new handshake to the one before must be right.
TEST_P(ConnectionRenegotiationTest, ATamperedFlightFails) {
  const auto pair = Established();
  pair->peer.Renegotiate();
  size_t records = 0;
  pair->Run(ByRecord([&](size_t, Bytes record) -> std::vector<Bytes> {
              if (records++ == 1) record.back() ^= 1;
              return {std::move(record)};
            }),
            Whole());
  EXPECT_EQ(pair->subject.Advance(), mode().server() || records > 1 ? Progress::kFailed : Progress::kIdle);
}

TEST_P(ConnectionRenegotiationTest, DestroyedInTheMiddle) {
  for (const bool ours : {true, false}) {
    const auto pair = Established();
    if (ours) {
      ASSERT_TRUE(pair->subject->Renegotiate().has_value());
    } else {
      pair->peer.Renegotiate();
      pair->subject.Receive(pair->peer.Send());
    }
    pair->subject.Advance();
    pair->subject.Destroy();
  }
}

// --- what it is for --------------------------------------------------------------------------------------------------

// A server asks for a certificate when it turns out that it needs one. The client's session must not get in the way.
TEST(ConnectionRenegotiatedCertificateTest, IsAskedForLater) {
  PeerOptions peer_options = PeerOptionsFor(kServer12);
  peer_options.identities = {&ClientIdentity()};
  SecureContextOptions context = ContextOptionsFor(kServer12);
  context.session_id_context = "here";
  Pair pair(kServer12, context, {}, peer_options);
  pair.Run();
  EXPECT_THAT(PeerChain(*pair.subject), IsEmpty());
  pair.subject->SetVerifyMode(true, true);
  ASSERT_TRUE(pair.subject->Renegotiate().has_value());
  pair.Run();
  EXPECT_THAT(PeerChain(*pair.subject), Not(IsEmpty()));
  EXPECT_EQ(VerifyResult(*pair.subject), X509_V_OK);
  EXPECT_FALSE(SessionReused(*pair.subject));
  ExpectWorking(pair.subject, pair.peer);
}

TEST(ConnectionRenegotiatedCertificateTest, IsMissedWhenItIsRequired) {
  Pair pair(kServer12);
  pair.Run();
  pair.subject->SetVerifyMode(true, true);
  ASSERT_TRUE(pair.subject->Renegotiate().has_value());
  pair.Run();
  ExpectFailedForGood(pair.subject, "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE");
}

TEST(ConnectionRenegotiatedCertificateTest, IsMissedAndToldWhenItIsNot) {
  Pair pair(kServer12);
  pair.Run();
  pair.subject->SetVerifyMode(true, false);
  ASSERT_TRUE(pair.subject->Renegotiate().has_value());
  pair.Run();
  EXPECT_THAT(pair.subject.All<HandshakeDone>(), SizeIs(2));
  EXPECT_EQ(VerifyResult(*pair.subject), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
  ExpectWorking(pair.subject, pair.peer);
}

// As in Node: which session and which certificate is asked once a connection; each new session is to be stored.
TEST(ConnectionRenegotiationQuestionTest, OnlyNewSessionsAreAskedAboutAgain) {
  SecureContextOptions context = ContextOptionsFor(kServer12);
  context.ssl_options = SSL_OP_NO_TICKET;
  Pair pair(kServer12, context,
            {.ask_client_hello = true, .ask_certificate = true, .ask_new_session = true, .sessions = true},
            PeerOptionsFor(kServer12));
  pair.subject.on_event = [](Connection& connection, const Event& event) {
    AllowRenegotiation(connection, event);
    connection.AnswerClientHello({});
    connection.AnswerCertificate(nullptr, {});
  };
  for (size_t i = 1; i < 4; ++i) {
    pair.Run();
    EXPECT_EQ(pair.subject.progress(), Progress::kSuspended);
    EXPECT_THAT(pair.subject->enc_out(), IsEmpty());
    EXPECT_THAT(pair.subject.All<NewSession>(), SizeIs(i));
    EXPECT_TRUE(pair.subject->AnswerNewSession());
    pair.Run();
    EXPECT_THAT(pair.subject.All<HandshakeDone>(), SizeIs(i));
    ExpectWorking(pair.subject, pair.peer);
    pair.peer.Renegotiate();
  }
  EXPECT_THAT(pair.subject.All<CertificateWanted>(), SizeIs(1));
  EXPECT_THAT(pair.subject.All<ClientHello>(), SizeIs(Le(1)));
}

}  // namespace
}  // namespace wasm_tls
