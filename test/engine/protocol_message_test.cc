// What a connection tells of the messages of the protocol, and how a message is described.
#include "src/protocol_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "test/engine/support/record_forge.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::Ge;
using testing::IsEmpty;
using testing::SizeIs;

// --- one message -----------------------------------------------------------------------------------------------------

ProtocolMessage Describe(int version, int content_type, const Bytes& data) {
  const auto message = DescribeMessage(true, version, content_type, data);
  EXPECT_TRUE(message.has_value());
  return message.value_or(ProtocolMessage{});
}

TEST(DescribeMessageTest, NamesWhatTheStandardsName) {
  const ProtocolMessage finished = Describe(TLS1_2_VERSION, SSL3_RT_HANDSHAKE, {SSL3_MT_FINISHED, 0, 0, 0});
  EXPECT_TRUE(finished.sent);
  EXPECT_EQ(finished.protocol, "TLSv1.2");
  EXPECT_EQ(finished.content_type, "handshake");
  EXPECT_EQ(finished.name, "Finished");
  EXPECT_EQ(finished.size, 4u);
  EXPECT_EQ(Describe(TLS1_VERSION, SSL3_RT_ALERT, {2, 40}).name, "handshake_failure");
  EXPECT_EQ(Describe(TLS1_1_VERSION, SSL3_RT_CHANGE_CIPHER_SPEC, {1}).content_type, "changeCipherSpec");
  EXPECT_EQ(Describe(SSL2_VERSION, 0, {1, 3, 3}).name, "ClientHello");
}

// OpenSSL's own text is the other opinion on the names of alerts.
TEST(DescribeMessageTest, KnowsEachAlertThatOpensslKnows) {
  for (int alert = 0; alert < 256; ++alert) {
    std::string theirs = SSL_alert_desc_string_long(alert);
    if (theirs == "unknown") continue;
    std::ranges::transform(theirs, theirs.begin(),
                           [](char each) { return each == ' ' ? '_' : static_cast<char>(std::tolower(each)); });
    EXPECT_EQ(Describe(TLS1_2_VERSION, SSL3_RT_ALERT, {1, static_cast<uint8_t>(alert)}).name, theirs);
  }
}

TEST(DescribeMessageTest, GivesTheNumberOfWhatHasNoName) {
  EXPECT_EQ(Describe(TLS1_3_VERSION, SSL3_RT_HANDSHAKE, {199}).name, "199");
  EXPECT_EQ(Describe(TLS1_3_VERSION, SSL3_RT_ALERT, {2, 255}).name, "255");
  EXPECT_EQ(Describe(0x7f00, SSL3_RT_ALERT, {2, 0}).protocol, "32512");
}

TEST(DescribeMessageTest, PassesOverWhatIsNoMessage) {
  EXPECT_FALSE(DescribeMessage(false, TLS1_2_VERSION, SSL3_RT_HEADER, Bytes(5)).has_value());
  EXPECT_FALSE(DescribeMessage(false, TLS1_3_VERSION, SSL3_RT_INNER_CONTENT_TYPE, Bytes{23}).has_value());
  EXPECT_FALSE(DescribeMessage(false, TLS1_3_VERSION, SSL3_RT_HANDSHAKE, {}).has_value());
  EXPECT_FALSE(DescribeMessage(false, TLS1_3_VERSION, SSL3_RT_ALERT, Bytes{1}).has_value());
}

TEST(DescribeMessageTest, ReadsShortHellos) {
  for (size_t size = 1; size < 60; ++size) {
    Bytes hello(size);
    hello[0] = SSL3_MT_SERVER_HELLO;
    EXPECT_EQ(Describe(TLS1_3_VERSION, SSL3_RT_HANDSHAKE, hello).name, "ServerHello");
  }
}

// --- a connection's --------------------------------------------------------------------------------------------------

class ProtocolMessageTest : public ConnectionTest {};
WASM_TLS_ALL_MODES(ProtocolMessageTest);

// "> ClientHello" is sent by the client.
std::vector<std::string> Flow(const Subject& subject, Role role) {
  std::vector<std::string> flow;
  for (const ProtocolMessage& message : subject.All<ProtocolMessage>()) {
    flow.push_back((message.sent == (role == Role::kClient) ? "> " : "< ") + message.name);
  }
  return flow;
}

TEST_P(ProtocolMessageTest, AHandshakeIsToldInItsOrder) {
  Pair pair(mode(), {.messages = true});
  SSL_set_num_tickets(pair.peer.ssl(), 0);
  pair.Run();
  std::vector<std::string> flow = Flow(pair.subject, mode().role);
  std::erase(flow, "> ChangeCipherSpec");  // in TLS 1.3 it is for old machines in between, and may or may not be seen
  std::erase(flow, "< ChangeCipherSpec");
  std::erase(flow, "< NewSessionTicket");
  if (mode().tls13()) {
    EXPECT_THAT(flow, ElementsAre("> ClientHello", "< ServerHello", "< EncryptedExtensions", "< Certificate",
                                  "< CertificateVerify", "< Finished", "> Finished"));
  } else {
    EXPECT_THAT(flow, ElementsAre("> ClientHello", "< ServerHello", "< Certificate", "< ServerKeyExchange",
                                  "< ServerHelloDone", "> ClientKeyExchange", "> Finished", "< Finished"));
  }
  EXPECT_THAT(pair.subject.All<ProtocolMessage>(),
              Each(AllOf(Field(&ProtocolMessage::size, Ge(1u)), Field(&ProtocolMessage::missed, 0u))));
}

TEST_P(ProtocolMessageTest, NothingIsToldUnlessAsked) {
  Pair pair(mode());
  pair.Run();
  EXPECT_THAT(pair.subject.All<ProtocolMessage>(), IsEmpty());
}

TEST_P(ProtocolMessageTest, ItIsSwitchedOnAndOff) {
  Pair pair(mode());
  pair.Run();
  pair.subject->SetMessages(true);
  pair.subject->Shutdown();
  pair.Run();
  EXPECT_THAT(pair.subject.All<ProtocolMessage>(),
              Contains(AllOf(Field(&ProtocolMessage::name, "close_notify"),
                             Field(&ProtocolMessage::content_type, "alert"), Field(&ProtocolMessage::sent, true))));
}

TEST_P(ProtocolMessageTest, ARetryIsNoServerHello) {
  if (!mode().tls13()) GTEST_SKIP() << "a message of TLS 1.3";
  SecureContextOptions context = ContextOptionsFor(mode());
  context.groups = mode().server() ? "P-384" : "X25519:P-384";
  PeerOptions peer = PeerOptionsFor(mode());
  peer.groups = mode().server() ? "X25519:P-384" : "P-384";
  Pair pair(mode(), context, {.messages = true}, peer);
  pair.Run();
  ASSERT_TRUE(pair.subject->established());
  std::vector<std::string> flow = Flow(pair.subject, mode().role);
  std::erase(flow, "> ChangeCipherSpec");
  std::erase(flow, "< ChangeCipherSpec");
  flow.resize(4);
  EXPECT_THAT(flow, ElementsAre("> ClientHello", "< HelloRetryRequest", "> ClientHello", "< ServerHello"));
}

TEST_P(ProtocolMessageTest, AFloodIsCountedAndNotKept) {
  if (!mode().tls13()) GTEST_SKIP() << "warnings of TLS 1.3";
  SecureContextOptions context = ContextOptionsFor(mode());
  context.cipher_suites = "TLS_AES_128_GCM_SHA256";
  Pair pair(mode(), context, {}, PeerOptionsFor(mode()));
  SSL_set_num_tickets(pair.peer.ssl(), 0);
  pair.Run();
  ASSERT_TRUE(pair.subject->established());
  pair.subject->SetMessages(true);
  RecordForge forge(pair.peer, 0);
  // Warnings of TLS 1.3 that need no answer. A sixth in a row would be an offence; data between them make peace.
  const size_t rounds = 2 * Connection::kMaxMessages;
  for (size_t i = 0; i < rounds; ++i) {
    pair.subject.Receive(forge.Seal(ContentType::kAlert, Bytes{1, SSL_AD_USER_CANCELLED}));
    pair.subject.Receive(forge.Seal(ContentType::kData, AsBytes("x")));
  }
  pair.subject.Advance();
  const size_t before = pair.subject.All<ProtocolMessage>().size();
  EXPECT_EQ(before, Connection::kMaxMessages);
  pair.subject->Shutdown();
  pair.subject.Advance();
  const auto messages = pair.subject.All<ProtocolMessage>();
  ASSERT_THAT(messages, SizeIs(before + 1));
  EXPECT_EQ(messages.back().missed, rounds - before);
}

}  // namespace
}  // namespace wasm_tls
