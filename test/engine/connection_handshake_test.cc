// Handshakes: keys, versions, groups, ciphers, and every way in which the bytes may arrive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/connection_info.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::Ge;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ConnectionHandshakeTest : public ConnectionTest {};
WASM_TLS_ALL_MODES(ConnectionHandshakeTest);

void ExpectOneHandshake(const Subject& subject) {
  EXPECT_THAT(subject.All<HandshakeStart>(), SizeIs(1));
  EXPECT_THAT(subject.All<HandshakeDone>(), SizeIs(1));
  ASSERT_FALSE(subject.events().empty());
  EXPECT_TRUE(std::holds_alternative<HandshakeStart>(subject.events().front()));
}

TEST_P(ConnectionHandshakeTest, FlightsArriveWhole) {
  Pair pair(mode());
  EXPECT_EQ(pair.subject->handshake_state(), HandshakeState::kNotStarted);
  EXPECT_EQ(pair.subject.Advance(), Progress::kNeedsInput);
  EXPECT_EQ(pair.subject->handshake_state(), HandshakeState::kRunning);
  pair.Run();
  ASSERT_EQ(pair.subject->handshake_state(), HandshakeState::kDone) << pair.subject.error_code();
  EXPECT_EQ(pair.subject.progress(), Progress::kIdle);
  EXPECT_EQ(Protocol(*pair.subject), mode().tls13() ? "TLSv1.3" : "TLSv1.2");
  ExpectOneHandshake(pair.subject);
  ExpectWorking(pair.subject, pair.peer);
}

TEST_P(ConnectionHandshakeTest, FlightsArriveByteByByte) {
  Pair pair(mode());
  pair.Run(ByteByByte(), ByteByByte());
  ExpectOneHandshake(pair.subject);
  ExpectWorking(pair.subject, pair.peer);
}

TEST_P(ConnectionHandshakeTest, FlightsArriveInFragments) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    Pair pair(mode());
    pair.Run(RandomFragments(seed), RandomFragments(seed + 100));
    ExpectOneHandshake(pair.subject);
    ExpectWorking(pair.subject, pair.peer);
  }
}

TEST_P(ConnectionHandshakeTest, RecordsArriveOneByOne) {
  const auto one_by_one = [](size_t, Bytes record) { return std::vector<Bytes>{std::move(record)}; };
  Pair pair(mode());
  pair.Run(ByRecord(one_by_one), ByRecord(one_by_one));
  ExpectWorking(pair.subject, pair.peer);
}

// RFC 8446 §5.1: "Handshake messages MAY be coalesced into a single TLSPlaintext record or fragmented".
TEST_P(ConnectionHandshakeTest, MessagesSpanManyRecords) {
  PeerOptions peer_options = PeerOptionsFor(mode());
  Pair pair(mode());
  SSL_set_max_send_fragment(pair.peer.ssl(), 512);
  ASSERT_TRUE(pair.subject->SetMaxSendFragment(512));
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
}

TEST_P(ConnectionHandshakeTest, AdvancingWithoutNewsChangesNothing) {
  Pair pair(mode());
  pair.subject.Advance();
  const Bytes sent = ToBytes(pair.subject->enc_out());
  EXPECT_EQ(pair.subject.Advance(), Progress::kNeedsInput);
  EXPECT_EQ(ToBytes(pair.subject->enc_out()), sent);
  EXPECT_THAT(pair.subject.events(), SizeIs(1));
}

TEST_P(ConnectionHandshakeTest, DataGivenBeforeTheHandshakeIsSentAfterIt) {
  Pair pair(mode());
  pair.subject.Write(AsBytes("early"));
  pair.Run();
  EXPECT_EQ(AsText(pair.peer.received()), "early");
}

TEST_P(ConnectionHandshakeTest, WhatDecidesTheHandshakeIsSetBeforeIt) {
  Pair pair(mode());
  const Bytes protocols = {2, 'h', '2'};
  EXPECT_TRUE(pair.subject->SetServername("localhost"));
  EXPECT_TRUE(pair.subject->SetAlpnProtocols(protocols));
  EXPECT_TRUE(pair.subject->SetAskCertificate(false));
  pair.subject.Advance();
  EXPECT_FALSE(pair.subject->SetServername("localhost"));
  EXPECT_FALSE(pair.subject->SetAlpnProtocols(protocols));
  EXPECT_FALSE(pair.subject->SetAskCertificate(true));
  EXPECT_FALSE(pair.subject->SetSession({}));
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
}

// --- keys ------------------------------------------------------------------------------------------------------------

using KeyCase = std::tuple<Mode, KeyType>;

class ConnectionKeyTest : public testing::TestWithParam<KeyCase> {};

INSTANTIATE_TEST_SUITE_P(Keys, ConnectionKeyTest,
                         testing::Combine(testing::ValuesIn(AllModes()),
                                          testing::Values(KeyType::kP256, KeyType::kP384, KeyType::kRsa2048,
                                                          KeyType::kRsaPss2048, KeyType::kEd25519)),
                         [](const auto& param) {
                           return ModeName(std::get<0>(param.param)) + KeyTypeName(std::get<1>(param.param));
                         });

TEST_P(ConnectionKeyTest, BothEndsPresentOne) {
  const auto [mode, key] = GetParam();
  const Identity& server = ServerIdentity(key);
  const Identity& client = ClientIdentity(key);
  SecureContextOptions context = ContextOptions(mode.version);
  Present(context, mode.server() ? server : client);
  PeerOptions peer_options = PeerOptionsFor(mode);
  peer_options.identities = {mode.server() ? &client : &server};
  peer_options.request_certificate = true;
  Pair pair(mode, context, {.request_certificate = true}, peer_options);
  pair.Run(RandomFragments(7), RandomFragments(8));
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(VerifyResult(*pair.subject), X509_V_OK);
  EXPECT_EQ(SSL_get_verify_result(pair.peer.ssl()), X509_V_OK);
  EXPECT_EQ(X509_cmp(PeerChain(*pair.subject).at(0).get(), peer_options.identities[0]->certificate()), 0);
  EXPECT_EQ(X509_cmp(OwnCertificate(*pair.subject).get(), (mode.server() ? server : client).certificate()), 0);
}

TEST_P(ConnectionHandshakeTest, TheKeyIsChosenByWhatTheOtherSideCanVerify) {
  for (const auto& [sigalgs, key] : {std::pair("ECDSA+SHA256", KeyType::kP256), {"PSS+SHA256", KeyType::kRsa2048}}) {
    SCOPED_TRACE(sigalgs);
    SecureContextOptions context = ContextOptions(mode().version);
    PeerOptions peer_options = PeerOptionsFor(mode());
    if (mode().server()) {
      Present(context, ServerIdentity(KeyType::kRsa2048));
      Present(context, ServerIdentity(KeyType::kP256));
    } else {
      context.sigalgs = sigalgs;
      peer_options.identities = {&ServerIdentity(KeyType::kRsa2048), &ServerIdentity(KeyType::kP256)};
    }
    Pair pair(mode(), context, {}, peer_options);
    if (mode().server()) SSL_set1_sigalgs_list(pair.peer.ssl(), sigalgs);
    pair.Run();
    ExpectWorking(pair.subject, pair.peer);
    const X509* presented =
        mode().server() ? SSL_get0_peer_certificate(pair.peer.ssl()) : SSL_get0_peer_certificate(pair.subject->ssl());
    EXPECT_EQ(X509_cmp(presented, ServerIdentity(key).certificate()), 0);
    if (mode().server()) {
      EXPECT_EQ(X509_cmp(OwnCertificate(*pair.subject).get(), presented), 0);
      EXPECT_THAT(SharedSigalgs(*pair.subject), SizeIs(1));
    }
  }
}

// --- what both sides must agree on -----------------------------------------------------------------------------------

struct Terms {
  const char* name;
  int version = 0;  // of both; 0: 1.2 to 1.3
  int subject_min = 0, subject_max = 0, peer_min = 0, peer_max = 0;
  const char* subject_ciphers = nullptr;
  const char* subject_suites = nullptr;
  const char* subject_groups = nullptr;
  const char* peer_ciphers = nullptr;
  const char* peer_suites = nullptr;
  const char* peer_groups = nullptr;
  // What comes of it, when they agree …
  const char* protocol = nullptr;
  const char* cipher = nullptr;
  const char* group = nullptr;
  // … and when they do not: the code of a client, and that of a server.
  const char* client_code = nullptr;
  const char* server_code = nullptr;
};

void PrintTo(const Terms& terms, std::ostream* out) { *out << terms.name; }

constexpr const char* kNoCipherAtClient = "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE";

const Terms kTerms[] = {
    {.name = "Highest", .protocol = "TLSv1.3"},
    {.name = "PeerKnowsOnly12", .peer_min = TLS1_2_VERSION, .peer_max = TLS1_2_VERSION, .protocol = "TLSv1.2"},
    {.name = "SubjectKnowsOnly12", .subject_max = TLS1_2_VERSION, .protocol = "TLSv1.2"},
    {.name = "NoCommonVersionSubjectNewer",
     .subject_min = TLS1_3_VERSION,
     .peer_min = TLS1_2_VERSION,
     .peer_max = TLS1_2_VERSION,
     .client_code = "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
     .server_code = "ERR_SSL_UNSUPPORTED_PROTOCOL"},
    {.name = "NoCommonVersionPeerNewer",
     .subject_max = TLS1_2_VERSION,
     .peer_min = TLS1_3_VERSION,
     .peer_max = TLS1_3_VERSION,
     .client_code = "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
     .server_code = "ERR_SSL_UNSUPPORTED_PROTOCOL"},
    {.name = "Cipher12",
     .version = TLS1_2_VERSION,
     .subject_ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305",
     .protocol = "TLSv1.2",
     .cipher = "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {.name = "CipherCbc",
     .version = TLS1_2_VERSION,
     .subject_ciphers = "ECDHE-ECDSA-AES128-SHA",
     .cipher = "ECDHE-ECDSA-AES128-SHA"},
    {.name = "CipherCcm8",
     .version = TLS1_2_VERSION,
     .subject_ciphers = "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0",
     .peer_ciphers = "ALL:@SECLEVEL=0",
     .cipher = "ECDHE-ECDSA-AES128-CCM8"},
    {.name = "Suite13Chacha",
     .version = TLS1_3_VERSION,
     .subject_suites = "TLS_CHACHA20_POLY1305_SHA256",
     .cipher = "TLS_CHACHA20_POLY1305_SHA256"},
    {.name = "Suite13Ccm",
     .version = TLS1_3_VERSION,
     .subject_suites = "TLS_AES_128_CCM_SHA256",
     .peer_suites = "TLS_AES_128_CCM_SHA256",
     .cipher = "TLS_AES_128_CCM_SHA256"},
    {.name = "NoCommonCipher12",
     .version = TLS1_2_VERSION,
     .subject_ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256",
     .peer_ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384",
     .client_code = kNoCipherAtClient,
     .server_code = "ERR_SSL_NO_SHARED_CIPHER"},
    {.name = "NoCommonSuite13",
     .version = TLS1_3_VERSION,
     .subject_suites = "TLS_AES_128_GCM_SHA256",
     .peer_suites = "TLS_AES_256_GCM_SHA384",
     .client_code = kNoCipherAtClient,
     .server_code = "ERR_SSL_NO_SHARED_CIPHER"},
    {.name = "CipherFitsNoKey",
     .version = TLS1_2_VERSION,
     .subject_ciphers = "ECDHE-RSA-AES128-GCM-SHA256",
     .client_code = kNoCipherAtClient,
     .server_code = "ERR_SSL_NO_SHARED_CIPHER"},
    {.name = "GroupDefault", .version = TLS1_3_VERSION, .group = "X25519MLKEM768"},
    {.name = "GroupHybrid",
     .version = TLS1_3_VERSION,
     .subject_groups = "X25519MLKEM768",
     .peer_groups = "X25519:X25519MLKEM768",
     .group = "X25519MLKEM768"},
    {.name = "GroupByHelloRetry",
     .version = TLS1_3_VERSION,
     .subject_groups = "X25519:P-256",
     .peer_groups = "P-256",
     .group = "secp256r1"},
    {.name = "GroupByHelloRetryOfPeer",
     .version = TLS1_3_VERSION,
     .subject_groups = "P-384",
     .peer_groups = "X25519:P-384",
     .group = "secp384r1"},
    {.name = "Group12",
     .version = TLS1_2_VERSION,
     .subject_groups = "P-521:P-384:P-256",
     .peer_groups = "P-384:P-256",
     .group = "secp384r1"},
    {.name = "NoCommonGroup13",
     .version = TLS1_3_VERSION,
     .subject_groups = "X25519",
     .peer_groups = "P-256",
     .client_code = kNoCipherAtClient,
     .server_code = "ERR_SSL_NO_SUITABLE_KEY_SHARE"},
    {.name = "NoCommonGroup12",
     .version = TLS1_2_VERSION,
     .subject_groups = "P-521",
     .peer_groups = "P-384",
     .client_code = kNoCipherAtClient,
     .server_code = "ERR_SSL_NO_SHARED_CIPHER"},
    {.name = "Tls10",
     .subject_min = TLS1_VERSION,
     .subject_max = TLS1_VERSION,
     .peer_min = TLS1_VERSION,
     .peer_max = TLS1_2_VERSION,
     .subject_ciphers = "DEFAULT:@SECLEVEL=0",
     .peer_ciphers = "DEFAULT:@SECLEVEL=0",
     .protocol = "TLSv1"},
    {.name = "Tls11",
     .subject_min = TLS1_VERSION,
     .subject_max = TLS1_2_VERSION,
     .peer_min = TLS1_1_VERSION,
     .peer_max = TLS1_1_VERSION,
     .subject_ciphers = "DEFAULT:@SECLEVEL=0",
     .peer_ciphers = "DEFAULT:@SECLEVEL=0",
     .protocol = "TLSv1.1"},
};

using TermsCase = std::tuple<Role, Terms>;

class ConnectionTermsTest : public testing::TestWithParam<TermsCase> {
 protected:
  static const Terms& terms() { return std::get<1>(GetParam()); }
  static Mode mode() { return {std::get<0>(GetParam()), terms().version}; }

  static SecureContextOptions Context() {
    SecureContextOptions options = ContextOptions(terms().version);
    if (mode().server()) Present(options, ServerIdentity());
    if (terms().subject_min != 0) options.min_version = terms().subject_min;
    if (terms().subject_max != 0) options.max_version = terms().subject_max;
    if (terms().subject_ciphers != nullptr) options.ciphers = terms().subject_ciphers;
    if (terms().subject_suites != nullptr) options.cipher_suites = terms().subject_suites;
    if (terms().subject_groups != nullptr) options.groups = terms().subject_groups;
    return options;
  }

  static PeerOptions PeerTerms() {
    PeerOptions options = PeerOptionsFor(mode());
    const auto or_else = [](int wanted, int version, int otherwise) {
      return wanted != 0 ? wanted : version != 0 ? version : otherwise;
    };
    options.min_version = or_else(terms().peer_min, terms().version, TLS1_2_VERSION);
    options.max_version = or_else(terms().peer_max, terms().version, TLS1_3_VERSION);
    options.ciphers = terms().peer_ciphers;
    options.cipher_suites = terms().peer_suites;
    options.groups = terms().peer_groups;
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Terms, ConnectionTermsTest,
                         testing::Combine(testing::Values(Role::kClient, Role::kServer), testing::ValuesIn(kTerms)),
                         [](const auto& param) {
                           const bool server = std::get<0>(param.param) == Role::kServer;
                           return std::string(server ? "Server" : "Client") + std::get<1>(param.param).name;
                         });

TEST_P(ConnectionTermsTest, AreAgreedOnOrTheHandshakeFails) {
  Pair pair(mode(), Context(), {}, PeerTerms());
  pair.Run();
  if (terms().client_code != nullptr) {
    ExpectFailedForGood(pair.subject, mode().server() ? terms().server_code : terms().client_code);
    EXPECT_THAT(pair.peer.error(), Not(IsEmpty()));
    return;
  }
  ExpectWorking(pair.subject, pair.peer);
  if (terms().protocol != nullptr) EXPECT_EQ(Protocol(*pair.subject), terms().protocol);
  if (terms().cipher != nullptr) EXPECT_EQ(CurrentCipher(*pair.subject)->name, terms().cipher);
  if (terms().group != nullptr) EXPECT_EQ(GroupName(*pair.subject), terms().group);
}

// --- Diffie-Hellman over a finite field ------------------------------------------------------------------------------

TEST(ConnectionDiffieHellmanTest, AServerChoosesAGroupByItself) {
  const Mode mode{Role::kServer, TLS1_2_VERSION};
  SecureContextOptions context = ContextOptions(mode.version);
  Present(context, ServerIdentity(KeyType::kRsa2048));
  context.ciphers = "DHE-RSA-AES128-GCM-SHA256";
  context.dh_auto = true;
  Pair pair(mode, context, {}, PeerOptionsFor(mode));
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(CurrentCipher(*pair.subject)->name, "DHE-RSA-AES128-GCM-SHA256");
}

TEST(ConnectionDiffieHellmanTest, AClientTellsTheSizeOfTheServersKey) {
  const Mode mode{Role::kClient, TLS1_2_VERSION};
  SecureContextOptions context = ContextOptions(mode.version);
  context.ciphers = "DHE-RSA-AES128-GCM-SHA256";
  PeerOptions peer_options = PeerOptionsFor(mode);
  peer_options.identities = {&ServerIdentity(KeyType::kRsa2048)};
  Pair pair(mode, context, {}, peer_options);
  SSL_set_dh_auto(pair.peer.ssl(), 1);
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(EphemeralKey(*pair.subject).type, "DH");
  EXPECT_THAT(EphemeralKey(*pair.subject).size, Ge(2048));
}

}  // namespace
}  // namespace wasm_tls
