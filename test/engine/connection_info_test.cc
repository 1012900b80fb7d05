// What a connection tells of itself, in every state, and what it lets others watch: key log lines and traces.
#include "src/connection_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ConnectionInfoTest : public ConnectionTest {};
WASM_TLS_ALL_MODES(ConnectionInfoTest);

void AskEverything(const Connection& connection) {
  Protocol(connection);
  CurrentCipher(connection);
  AlpnProtocol(connection);
  Servername(connection);
  GroupName(connection);
  EphemeralKey(connection);
  SharedSigalgs(connection);
  SessionReused(connection);
  SessionData(connection);
  TicketData(connection);
  Finished(connection);
  PeerFinished(connection);
  (void)ExportKeyingMaterial(connection, 16, "label", std::nullopt);
  VerifyResult(connection);
  PeerChain(connection);
  (void)PeerIs(connection, "localhost", "localhost");
  OwnCertificate(connection);
}

TEST_P(ConnectionInfoTest, MayBeAskedInEveryState) {
  Pair pair(mode(), {.request_certificate = true});
  AskEverything(*pair.subject);
  const auto asking = ByRecord([&](size_t, Bytes record) {
    AskEverything(*pair.subject);
    return std::vector<Bytes>{std::move(record)};
  });
  pair.Run(asking, asking);
  AskEverything(*pair.subject);
  pair.peer.Shutdown();
  pair.Run();
  AskEverything(*pair.subject);
  pair.subject->Shutdown();
  pair.Run();
  AskEverything(*pair.subject);

  Pair failed(mode());
  failed.subject.Receive(AsBytes("garbage that is no record"));
  failed.subject.Advance();
  failed.subject.Advance();
  AskEverything(*failed.subject);
}

TEST_P(ConnectionInfoTest, HasLittleToTellBeforeTheHandshake) {
  const Pair pair(mode());
  EXPECT_EQ(CurrentCipher(*pair.subject), std::nullopt);
  EXPECT_EQ(AlpnProtocol(*pair.subject), std::nullopt);
  EXPECT_EQ(GroupName(*pair.subject), "");
  EXPECT_EQ(EphemeralKey(*pair.subject).type, "");
  EXPECT_THAT(Finished(*pair.subject), IsEmpty());
  EXPECT_THAT(PeerFinished(*pair.subject), IsEmpty());
  EXPECT_THAT(SessionData(*pair.subject), IsEmpty());
  EXPECT_THAT(PeerChain(*pair.subject), IsEmpty());
  EXPECT_EQ(VerifyResult(*pair.subject), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
  const auto material = ExportKeyingMaterial(*pair.subject, 16, "label", std::nullopt);
  ASSERT_FALSE(material.has_value());
  EXPECT_EQ(material.error().code, "ERR_TLS_INVALID_STATE");
}

TEST_P(ConnectionInfoTest, ThePeerIsWhomItsCertificateNames) {
  Pair pair(mode());
  EXPECT_FALSE(PeerIs(*pair.subject, "localhost", "localhost"));
  pair.Run();
  // A client shows no certificate unless it is asked for one.
  for (const std::string name : {"localhost", "LocalHost", "localhost."}) {
    EXPECT_EQ(PeerIs(*pair.subject, name, name), !mode().server()) << name;
  }
  EXPECT_FALSE(PeerIs(*pair.subject, "localhost", ""));
  for (const std::string name : {"elsewhere.example", "localhos", "localhostt", "127.0.0.2", ""}) {
    EXPECT_FALSE(PeerIs(*pair.subject, name, name)) << name;
  }
}

TEST_P(ConnectionInfoTest, FinishedMessagesAreThoseOfThePeer) {
  Pair pair(mode());
  pair.Run();
  Bytes sent(100);
  Bytes expected(100);
  sent.resize(SSL_get_finished(pair.peer.ssl(), sent.data(), sent.size()));
  expected.resize(SSL_get_peer_finished(pair.peer.ssl(), expected.data(), expected.size()));
  EXPECT_THAT(Finished(*pair.subject), Not(IsEmpty()));
  EXPECT_EQ(Finished(*pair.subject), expected);
  EXPECT_EQ(PeerFinished(*pair.subject), sent);
}

TEST_P(ConnectionInfoTest, ExportedMaterialIsThatOfThePeer) {
  Pair pair(mode());
  pair.Run();
  const Bytes context = ToBytes(AsBytes("context"));
  const std::optional<BytesView> contexts[] = {std::nullopt, BytesView(), BytesView(context)};
  std::vector<SecretBytes> all;
  for (const auto& used : contexts) {
    for (const size_t size : {size_t{1}, size_t{32}, size_t{1000}}) {
      const auto material = ExportKeyingMaterial(*pair.subject, size, "EXPERIMENTAL label", used);
      ASSERT_TRUE(material.has_value());
      SecretBytes expected(size);
      const BytesView bytes = used.value_or(BytesView());
      SSL_export_keying_material(pair.peer.ssl(), expected.data(), size, "EXPERIMENTAL label", 18, bytes.data(),
                                 bytes.size(), used.has_value() ? 1 : 0);
      EXPECT_EQ(*material, expected);
      if (size == 32) all.push_back(*material);
    }
  }
  // RFC 8446 §7.5: without a context TLS 1.3 computes as with an empty one; RFC 5705 §4: TLS 1.2 does not.
  EXPECT_EQ(all[0] == all[1], mode().tls13());
  EXPECT_NE(all[1], all[2]);
}

TEST_P(ConnectionInfoTest, MaterialThatCannotBeExportedIsAnError) {
  if (mode().tls13()) GTEST_SKIP() << "TLS 1.2 keeps labels of its own";
  Pair pair(mode());
  pair.Run();
  const auto material = ExportKeyingMaterial(*pair.subject, 16, "master secret", std::nullopt);
  ASSERT_FALSE(material.has_value());
  EXPECT_EQ(material.error().code, "ERR_SSL_TLS_ILLEGAL_EXPORTER_LABEL");
}

TEST_P(ConnectionInfoTest, TheCipherHasThreeNames) {
  Pair pair(mode());
  pair.Run();
  const CipherInfo cipher = CurrentCipher(*pair.subject).value();
  EXPECT_EQ(cipher.name, SSL_CIPHER_get_name(SSL_get_current_cipher(pair.peer.ssl())));
  EXPECT_THAT(cipher.standard_name, testing::StartsWith("TLS_"));
  EXPECT_EQ(cipher.version, mode().tls13() ? "TLSv1.3" : "TLSv1.2");
}

struct KeyShare {
  const char* group;
  bool tls13_only;
  const char* type;
  const char* name;
  int size;
};

constexpr KeyShare kShares[] = {
    {"X25519", false, "ECDH", "X25519", 253},
    {"X448", false, "ECDH", "X448", 448},
    {"P-256", false, "ECDH", "prime256v1", 256},
    {"P-521", false, "ECDH", "secp521r1", 521},
    {"X25519MLKEM768", true, "TLSGroup", "X25519MLKEM768", 0},
};

TEST(ConnectionEphemeralKeyTest, AClientTellsTheServersShare) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const KeyShare& share : kShares) {
      if (share.tls13_only && version != TLS1_3_VERSION) continue;
      SCOPED_TRACE(testing::Message() << share.group << " " << version);
      const Mode mode{Role::kClient, version};
      PeerOptions peer_options = PeerOptionsFor(mode);
      // An RSA key, so that its curve need not be one of the groups.
      peer_options.identities = {&ServerIdentity(KeyType::kRsa2048)};
      SecureContextOptions context = ContextOptionsFor(mode);
      context.groups = share.group;
      Pair pair(mode, context, {}, peer_options);
      pair.Run();
      ExpectWorking(pair.subject, pair.peer);
      const EphemeralKeyInfo key = EphemeralKey(*pair.subject);
      EXPECT_EQ(key.type, share.type);
      EXPECT_EQ(key.name, share.name);
      EXPECT_EQ(key.size, share.size);
    }
  }
}

TEST(ConnectionEphemeralKeyTest, WithoutAnExchangeThereIsNone) {
  const Mode mode{Role::kClient, TLS1_2_VERSION};
  PeerOptions peer_options = PeerOptionsFor(mode);
  peer_options.identities = {&ServerIdentity(KeyType::kRsa2048)};
  SecureContextOptions context = ContextOptionsFor(mode);
  context.ciphers = "AES128-SHA256";
  Pair pair(mode, context, {}, peer_options);
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(EphemeralKey(*pair.subject).type, "");
}

TEST_P(ConnectionInfoTest, SharedSigalgsAreKnownToAServer) {
  Pair pair(mode());
  pair.Run();
  const std::vector<std::string> names = SharedSigalgs(*pair.subject);
  if (mode().server()) {
    EXPECT_THAT(names, Contains("ECDSA+SHA256"));
    EXPECT_THAT(names, Contains("RSA-PSS+SHA256"));
    EXPECT_THAT(names, Contains("Ed25519+UNDEF"));
  }
}

// --- key log ---------------------------------------------------------------------------------------------------------

TEST_P(ConnectionInfoTest, TheKeyLogIsCompleteAndWellFormed) {
  Pair pair(mode(), {.keylog = true});
  pair.Run(ByteByByte(), Whole());
  const std::regex form("[A-Z0-9_]+ [0-9a-f]{64} ([0-9a-f]{64}|[0-9a-f]{96})");
  std::vector<std::string> lines;
  for (const KeylogLine& event : pair.subject.All<KeylogLine>()) {
    EXPECT_TRUE(std::regex_match(event.line, form)) << event.line;
    lines.push_back(event.line);
  }
  EXPECT_THAT(lines, SizeIs(mode().tls13() ? 5 : 1));
  EXPECT_THAT(lines, testing::UnorderedElementsAreArray(pair.peer.keylog()));
}

TEST_P(ConnectionInfoTest, WithoutTheOptionNothingIsLogged) {
  Pair pair(mode());
  pair.Run();
  EXPECT_THAT(pair.subject.All<KeylogLine>(), IsEmpty());
}

TEST_P(ConnectionInfoTest, TheKeyLogIsSwitchedWhileTheHandshakeRuns) {
  Pair pair(mode());
  pair.subject.Advance();
  pair.subject->SetKeylog(true);
  pair.Run();
  EXPECT_THAT(pair.subject.All<KeylogLine>(), Not(IsEmpty()));
}

// --- trace -----------------------------------------------------------------------------------------------------------

std::string TraceOf(const Subject& subject) {
  std::string text;
  for (const TraceText& event : subject.All<TraceText>()) text += event.text;
  return text;
}

TEST_P(ConnectionInfoTest, TheTraceTellsTheMessages) {
  Pair pair(mode(), {.trace = true});
  pair.Run();
  const std::string text = TraceOf(pair.subject);
  for (const char* word : {"Sent TLS Record", "Received TLS Record", "ClientHello", "ServerHello", "Finished"}) {
    EXPECT_THAT(text, HasSubstr(word));
  }
}

TEST_P(ConnectionInfoTest, TheTraceIsSwitchedOnAndOff) {
  Pair pair(mode());
  pair.Run();
  EXPECT_EQ(TraceOf(pair.subject), "");
  pair.subject->SetTrace(true);
  ExpectWorking(pair.subject, pair.peer);
  const std::string text = TraceOf(pair.subject);
  EXPECT_THAT(text, HasSubstr("Application"));
  pair.subject->SetTrace(false);
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(TraceOf(pair.subject), text);
}

TEST_P(ConnectionInfoTest, TheTraceOfGarbageIsText) {
  Pair pair(mode(), {.trace = true});
  pair.subject.Receive(Pattern(1000));
  pair.subject.Advance();
  EXPECT_EQ(pair.subject.Advance(), Progress::kFailed);
}

}  // namespace
}  // namespace wasm_tls
