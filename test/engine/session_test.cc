#include "src/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using test::OpensslPeer;
using test::PeerOptionsFor;
using testing::IsEmpty;
using testing::SizeIs;

// A client's session, made by two bare OpenSSL ends.
SslSessionPtr RealSession(int version, bool tickets) {
  OpensslPeer client(PeerOptionsFor({Role::kServer, version}));
  OpensslPeer server(PeerOptionsFor({Role::kClient, version}));
  if (!tickets) SSL_set_options(server.ssl(), SSL_OP_NO_TICKET);
  for (int i = 0; i < 4; ++i) {
    client.Advance();
    server.Receive(client.Send());
    server.Advance();
    client.Receive(server.Send());
  }
  client.Advance();
  SSL_SESSION_up_ref(client.session());
  return SslSessionPtr(client.session());
}

class SessionTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { test::EnsureLibrary(); }
};

TEST_P(SessionTest, SurvivesTheWayThroughDer) {
  const SslSessionPtr session = RealSession(GetParam(), true);
  const SecretBytes der = EncodeSession(session.get());
  ASSERT_FALSE(der.empty());
  const SslSessionPtr decoded = DecodeSession(der);
  ASSERT_NE(decoded, nullptr);
  EXPECT_EQ(SSL_SESSION_get_protocol_version(decoded.get()), GetParam());
  EXPECT_EQ(EncodeSession(decoded.get()), der);
  EXPECT_EQ(SessionTicket(decoded.get()), SessionTicket(session.get()));
  EXPECT_EQ(SessionId(decoded.get()), SessionId(session.get()));
}

// See src/stand_ins/lean/certificates.cc.
TEST_P(SessionTest, HasTheCertificateOfTheHandshake) {
  const SslSessionPtr session = RealSession(GetParam(), true);
  X509* certificate = SSL_SESSION_get0_peer(session.get());
  ASSERT_NE(certificate, nullptr);
  const SecretBytes der = EncodeSession(session.get());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(SSL_SESSION_get0_peer(DecodeSession(der).get()), certificate);
}

TEST_P(SessionTest, IsReadWholeOrNotAtAll) {
  const SecretBytes der = EncodeSession(RealSession(GetParam(), true).get());
  for (size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(DecodeSession(BytesView(der).first(size)), nullptr) << size << " of " << der.size() << " bytes";
  }
  SecretBytes longer = der;
  longer.push_back(0);
  EXPECT_EQ(DecodeSession(longer), nullptr);
}

TEST_P(SessionTest, AnyChangedByteIsReadSafely) {
  const SecretBytes der = EncodeSession(RealSession(GetParam(), true).get());
  for (size_t i = 0; i < der.size(); ++i) {
    for (const uint8_t mask : {0x01, 0x80, 0xff}) {
      SecretBytes changed = der;
      changed[i] = static_cast<uint8_t>(changed[i] ^ mask);
      const SslSessionPtr session = DecodeSession(changed);
      if (session != nullptr) EXPECT_FALSE(EncodeSession(session.get()).empty());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, SessionTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& param) { return param.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

TEST_F(SessionTest, WithTicketsOffThereIsAnIdAndNoTicket) {
  const SslSessionPtr session = RealSession(TLS1_2_VERSION, false);
  EXPECT_THAT(SessionId(session.get()), SizeIs(32));
  EXPECT_THAT(SessionTicket(session.get()), IsEmpty());
}

TEST_F(SessionTest, WithTicketsThereIsATicket) {
  EXPECT_FALSE(SessionTicket(RealSession(TLS1_2_VERSION, true).get()).empty());
}

TEST_F(SessionTest, NothingOfGarbage) {
  EXPECT_EQ(DecodeSession({}), nullptr);
  EXPECT_EQ(DecodeSession(AsBytes("garbage")), nullptr);
  EXPECT_EQ(DecodeSession(Bytes(5000, 0x30)), nullptr);
  EXPECT_EQ(DecodeSession(Bytes{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}), nullptr);
}

}  // namespace
}  // namespace wasm_tls
