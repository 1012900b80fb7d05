// What client and server say to each other beside the keys: server name, ALPN, OCSP staples, pre-shared keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/connection_info.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ConnectionExtensionTest : public ConnectionTest {};
WASM_TLS_ALL_MODES(ConnectionExtensionTest);

Bytes Wire(const std::vector<std::string>& protocols) {
  Bytes wire;
  for (const std::string& protocol : protocols) {
    wire.push_back(static_cast<uint8_t>(protocol.size()));
    wire.insert(wire.end(), protocol.begin(), protocol.end());
  }
  return wire;
}

// --- NPN -------------------------------------------------------------------------------------------------------------

// The peer's side of it: what it advertises as a server or accepts as a client, and how often it was asked.
class NpnPeer {
 public:
  NpnPeer(OpensslPeer& peer, const std::vector<std::string>& protocols) : wire_(Wire(protocols)) {
    SSL_CTX_set_next_protos_advertised_cb(
        peer.ctx(),
        [](SSL*, const unsigned char** out, unsigned int* size, void* self) {
          const Bytes& wire = static_cast<NpnPeer*>(self)->wire_;
          *out = wire.data();
          *size = static_cast<unsigned int>(wire.size());
          ++static_cast<NpnPeer*>(self)->asked_;
          return SSL_TLSEXT_ERR_OK;
        },
        this);
    SSL_CTX_set_next_proto_select_cb(
        peer.ctx(),
        [](SSL*, unsigned char** out, unsigned char* size, const unsigned char* in, unsigned int in_size, void* self) {
          const Bytes& wire = static_cast<NpnPeer*>(self)->wire_;
          SSL_select_next_proto(out, size, in, in_size, wire.data(), static_cast<unsigned int>(wire.size()));
          ++static_cast<NpnPeer*>(self)->asked_;
          return SSL_TLSEXT_ERR_OK;
        },
        this);
  }

  int asked() const { return asked_; }

  static std::string Negotiated(const OpensslPeer& peer) {
    const unsigned char* protocol = nullptr;
    unsigned int size = 0;
    SSL_get0_next_proto_negotiated(peer.ssl(), &protocol, &size);
    return size == 0 ? "" : std::string(AsText({protocol, size}));
  }

 private:
  Bytes wire_;
  int asked_ = 0;
};

const Mode kNpnModes[] = {{Role::kClient, TLS1_2_VERSION}, {Role::kServer, TLS1_2_VERSION}};

class ConnectionNpnTest : public ConnectionTest {};
INSTANTIATE_TEST_SUITE_P(Roles, ConnectionNpnTest, testing::ValuesIn(kNpnModes),
                         [](const auto& param) { return ModeName(param.param); });

TEST_P(ConnectionNpnTest, TheServersOrderDecides) {
  const bool server = mode().server();
  Pair pair(mode(), {.npn_protocols = server ? Wire({"c", "a", "b"}) : Wire({"b", "a"})});
  const NpnPeer npn(pair.peer, server ? std::vector<std::string>{"b", "a"} : std::vector<std::string>{"c", "a", "b"});
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(NpnProtocol(*pair.subject), "a");
  EXPECT_EQ(NpnPeer::Negotiated(pair.peer), "a");
}

TEST_P(ConnectionNpnTest, AClientThatKnowsNoneOfThemChoosesItsFirst) {
  Pair pair(mode(), {.npn_protocols = mode().server() ? Wire({"a"}) : Wire({"x", "y"})});
  const NpnPeer npn(pair.peer, mode().server() ? std::vector<std::string>{"x", "y"} : std::vector<std::string>{"a"});
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(NpnPeer::Negotiated(pair.peer), "x");
  EXPECT_EQ(NpnProtocol(*pair.subject), mode().server() ? std::optional<std::string>("x") : std::nullopt);
}

TEST_P(ConnectionNpnTest, WhoDoesNotOfferItDoesNotGetIt) {
  Pair pair(mode());
  const NpnPeer npn(pair.peer, {"a"});
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(NpnProtocol(*pair.subject), std::nullopt);
  EXPECT_EQ(npn.asked(), 0);
}

TEST_P(ConnectionNpnTest, ThePeerMayNotKnowIt) {
  Pair pair(mode(), {.npn_protocols = Wire({"a"})});
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(NpnProtocol(*pair.subject), std::nullopt);
}

TEST_P(ConnectionNpnTest, AlpnGoesFirst) {
  Pair pair(mode(), {.alpn_protocols = Wire({"h2"}), .npn_protocols = Wire({"a"})});
  const NpnPeer npn(pair.peer, {"a"});
  const Bytes alpn = Wire({"h2"});
  SSL_set_alpn_protos(pair.peer.ssl(), alpn.data(), static_cast<unsigned int>(alpn.size()));
  SSL_CTX_set_alpn_select_cb(
      pair.peer.ctx(),
      [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned int, void*) {
        *out = in + 1;
        *size = in[0];
        return SSL_TLSEXT_ERR_OK;
      },
      nullptr);
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(AlpnProtocol(*pair.subject), "h2");
  EXPECT_EQ(NpnProtocol(*pair.subject), std::nullopt);
}

TEST_P(ConnectionNpnTest, ARenegotiationKeepsTheProtocol) {
  Pair pair(mode(), {.npn_protocols = Wire({"a"})});
  const NpnPeer npn(pair.peer, {"a"});
  pair.Run();
  ASSERT_TRUE(pair.subject->Renegotiate().has_value());
  pair.Run();
  EXPECT_THAT(pair.subject.All<HandshakeDone>(), SizeIs(2));
  EXPECT_EQ(NpnProtocol(*pair.subject), "a");
}

// To OpenSSL it is the context that offers NPN.
TEST(ConnectionNpnContextTest, OtherClientsOfTheContextDoNotOfferIt) {
  const Mode client{Role::kClient, TLS1_2_VERSION};
  const auto context = MakeContext(ContextOptionsFor(client));
  Subject with(context, {.npn_protocols = Wire({"a"})});
  Subject without(context, {});
  OpensslPeer first(PeerOptionsFor(client));
  OpensslPeer second(PeerOptionsFor(client));
  const NpnPeer first_npn(first, {"a"});
  const NpnPeer second_npn(second, {"a"});
  Exchange with_first(with, first);
  Exchange without_second(without, second);
  for (bool more = true; more;) {
    more = with_first.Step();
    more = without_second.Step() || more;
  }
  EXPECT_EQ(NpnProtocol(*with), "a");
  EXPECT_EQ(NpnProtocol(*without), std::nullopt);
  EXPECT_EQ(second_npn.asked(), 0);
}

TEST(ConnectionNpnContextTest, NotEvenInTheMiddleOfOneThatDoes) {
  const Mode client{Role::kClient, TLS1_2_VERSION};
  const auto context = MakeContext(ContextOptionsFor(client));
  const NpnScope outer(*context, true);
  Subject without(context, {});
  OpensslPeer peer(PeerOptionsFor(client));
  const NpnPeer npn(peer, {"a"});
  Exchange(without, peer).Run();
  ExpectWorking(without, peer);
  EXPECT_EQ(npn.asked(), 0);
}

TEST(ConnectionNpnContextTest, MalformedListsAreRefused) {
  const auto context = MakeContext(ContextOptionsFor(kNpnModes[0]));
  for (const Bytes& wire : {Bytes{0}, Bytes{1}, Bytes{2, 'a'}, Bytes{1, 'a', 0}, Bytes{1, 'a', 3, 'b'}}) {
    const auto connection = Connection::Create(context, {.npn_protocols = wire});
    ASSERT_FALSE(connection.has_value());
    EXPECT_EQ(connection.error().code, "ERR_INVALID_ARG_VALUE");
  }
}

TEST_P(ConnectionExtensionTest, NpnIsNotForTls13) {
  Pair pair(mode(), {.npn_protocols = Wire({"a"})});
  const NpnPeer npn(pair.peer, {"a"});
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(NpnProtocol(*pair.subject).has_value(), !mode().tls13());
}

// --- server name -----------------------------------------------------------------------------------------------------

TEST_P(ConnectionExtensionTest, TheServerNameIsSentAndSeen) {
  const bool server = mode().server();
  Pair pair(mode(), {.servername = server ? "" : "a.example"});
  if (server) SSL_set_tlsext_host_name(pair.peer.ssl(), "a.example");
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_EQ(Servername(*pair.subject), "a.example");
  EXPECT_STREQ(SSL_get_servername(pair.peer.ssl(), TLSEXT_NAMETYPE_host_name), "a.example");
}

TEST_P(ConnectionExtensionTest, NoServerNameIsNone) {
  Pair pair(mode());
  pair.Run();
  EXPECT_EQ(Servername(*pair.subject), std::nullopt);
  EXPECT_EQ(SSL_get_servername(pair.peer.ssl(), TLSEXT_NAMETYPE_host_name), nullptr);
}

TEST(ConnectionOptionsTest, AServerNameThatOpensslRefusesIsAnErrorWithACode) {
  const auto connection =
      Connection::Create(MakeContext(ContextOptions()), {.role = Role::kClient, .servername = std::string(256, 'a')});
  ASSERT_FALSE(connection.has_value());
  EXPECT_EQ(connection.error().code, "ERR_SSL_SSL3_EXT_INVALID_SERVERNAME");
}

TEST(ConnectionOptionsTest, MalformedAlpnIsAnErrorWithACode) {
  for (const Role role : {Role::kClient, Role::kServer}) {
    for (const Bytes& bad : {Bytes{0}, Bytes{3, 'h', '2'}, Bytes{2, 'h', '2', 0}, Bytes(70'000, 1)}) {
      const auto connection = Connection::Create(MakeContext(ContextOptions()), {.role = role, .alpn_protocols = bad});
      ASSERT_FALSE(connection.has_value());
      EXPECT_EQ(connection.error().code, "ERR_INVALID_ARG_VALUE");
    }
  }
}

TEST(ConnectionOptionsTest, AnIdentityHintThatIsTooLongFailsTheHandshake) {
  const auto connection = Connection::Create(MakeContext(ContextOptions()),
                                             {.role = Role::kServer, .psk_identity_hint = std::string(300, 'h')});
  ASSERT_TRUE(connection.has_value());
  EXPECT_EQ((*connection)->Advance(), Progress::kFailed);
  EXPECT_EQ((*connection)->error()->code, "ERR_TLS_PSK_SET_IDENTIY_HINT_FAILED");
  EXPECT_TRUE((*connection)->enc_out().empty());
}

// --- ALPN ------------------------------------------------------------------------------------------------------------

int SelectForPeer(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                  unsigned int in_size, void* wire) {
  const Bytes& own = *static_cast<Bytes*>(wire);
  return SSL_select_next_proto(const_cast<unsigned char**>(out), out_size, own.data(),
                               static_cast<unsigned int>(own.size()), in, in_size) == OPENSSL_NPN_NEGOTIATED
             ? SSL_TLSEXT_ERR_OK
             : SSL_TLSEXT_ERR_ALERT_FATAL;
}

struct AlpnCase {
  std::vector<std::string> client;
  std::vector<std::string> server;
  std::optional<std::string> chosen;
  bool refused;
};

const AlpnCase kAlpnCases[] = {
    {{"h2", "http/1.1"}, {"http/1.1", "h2"}, "http/1.1", false},  // the server's order
    {{"h2"}, {"h2"}, "h2", false},
    {{std::string(255, 'p')}, {std::string(255, 'p')}, std::string(255, 'p'), false},
    {{"h2", "spdy"}, {"http/1.1"}, std::nullopt, true},
    {{"h2"}, {}, std::nullopt, false},
    {{}, {"h2"}, std::nullopt, false},
};

TEST_P(ConnectionExtensionTest, AlpnIsAgreedOnInTheServersOrder) {
  for (const AlpnCase& alpn : kAlpnCases) {
    SCOPED_TRACE(testing::PrintToString(alpn.client) + " " + testing::PrintToString(alpn.server));
    Bytes server_wire = Wire(alpn.server);
    Pair pair(mode(), {.alpn_protocols = Wire(mode().server() ? alpn.server : alpn.client)});
    if (mode().server()) {
      const Bytes wire = Wire(alpn.client);
      SSL_set_alpn_protos(pair.peer.ssl(), wire.data(), static_cast<unsigned int>(wire.size()));
    } else if (!alpn.server.empty()) {
      SSL_CTX_set_alpn_select_cb(pair.peer.ctx(), SelectForPeer, &server_wire);
    }
    pair.Run();
    if (alpn.refused) {
      // RFC 7301 §3.2: a fatal "no_application_protocol" alert.
      ExpectFailedForGood(pair.subject, mode().server() ? "ERR_SSL_NO_APPLICATION_PROTOCOL"
                                                        : "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL");
      if (mode().server()) EXPECT_EQ(pair.peer.fatal_alert_received(), SSL_AD_NO_APPLICATION_PROTOCOL);
      continue;
    }
    ExpectWorking(pair.subject, pair.peer);
    EXPECT_EQ(AlpnProtocol(*pair.subject), alpn.chosen);
  }
}

using Chooser = decltype(ConnectionOptions::choose_alpn);

class ConnectionAlpnChooserTest : public testing::TestWithParam<int> {
 protected:
  static Mode mode() { return {Role::kServer, GetParam()}; }

  static std::unique_ptr<Pair> Choose(Chooser chooser) {
    // The list is there and counts for nothing.
    auto pair = std::make_unique<Pair>(
        mode(), ConnectionOptions{.alpn_protocols = Wire({"h2"}), .choose_alpn = std::move(chooser)});
    const Bytes wire = Wire({"h2", "http/1.1", "h3"});
    SSL_set_alpn_protos(pair->peer.ssl(), wire.data(), static_cast<unsigned int>(wire.size()));
    SSL_set_tlsext_host_name(pair->peer.ssl(), "a.example");
    pair->Run();
    return pair;
  }
};

INSTANTIATE_TEST_SUITE_P(Versions, ConnectionAlpnChooserTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& param) { return param.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

TEST_P(ConnectionAlpnChooserTest, GetsTheNamesAndDecides) {
  const auto pair = Choose([](const std::string& servername, const std::vector<std::string>& protocols) {
    EXPECT_EQ(servername, "a.example");
    EXPECT_THAT(protocols, ElementsAre("h2", "http/1.1", "h3"));
    return std::optional<std::string>("h3");
  });
  ExpectWorking(pair->subject, pair->peer);
  EXPECT_EQ(AlpnProtocol(*pair->subject), "h3");
}

TEST_P(ConnectionAlpnChooserTest, RefusesByChoosingNothingOrWhatWasNotOffered) {
  for (const std::optional<std::string>& answer :
       {std::optional<std::string>(), std::optional<std::string>("spdy"), std::optional<std::string>(""),
        std::optional<std::string>(std::string(300, 'x'))}) {
    const auto pair = Choose([&](const std::string&, const std::vector<std::string>&) { return answer; });
    ExpectFailedForGood(pair->subject, "ERR_SSL_NO_APPLICATION_PROTOCOL");
    EXPECT_EQ(pair->peer.fatal_alert_received(), SSL_AD_NO_APPLICATION_PROTOCOL);
  }
}

// --- OCSP ------------------------------------------------------------------------------------------------------------

TEST(ConnectionOcspTest, AClientIsToldWhatWasStapled) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const size_t size : {size_t{0}, size_t{700}}) {
      Pair pair({Role::kClient, version}, {.request_ocsp = true});
      Bytes response = Pattern(size);
      if (size != 0) {
        SSL_CTX_set_tlsext_status_cb(
            pair.peer.ctx(), +[](SSL* ssl, void* arg) {
              const Bytes& staple = *static_cast<Bytes*>(arg);
              SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup(staple.data(), staple.size()),
                                              static_cast<long>(staple.size()));
              return SSL_TLSEXT_ERR_OK;
            });
        SSL_CTX_set_tlsext_status_arg(pair.peer.ctx(), &response);
      }
      pair.Run();
      ExpectWorking(pair.subject, pair.peer);
      ASSERT_THAT(pair.subject.All<OcspResponse>(), SizeIs(1));
      EXPECT_EQ(pair.subject.All<OcspResponse>()[0].response, response);
    }
  }
}

TEST(ConnectionOcspTest, AClientThatDidNotAskHearsNothing) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Pair pair({Role::kClient, version});
    pair.Run();
    EXPECT_THAT(pair.subject.All<OcspResponse>(), IsEmpty());
  }
}

// --- pre-shared keys -------------------------------------------------------------------------------------------------

constexpr unsigned char kKey[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

unsigned int PeerClientKey(SSL*, const char*, char* identity, unsigned int, unsigned char* key, unsigned int) {
  std::snprintf(identity, 10, "alice");
  std::copy(std::begin(kKey), std::end(kKey), key);
  return sizeof(kKey);
}

unsigned int PeerServerKey(SSL*, const char* identity, unsigned char* key, unsigned int) {
  if (std::string_view(identity) != "alice" && identity[0] != 'L') return 0;
  std::copy(std::begin(kKey), std::end(kKey), key);
  return sizeof(kKey);
}

class ConnectionPskTest : public ConnectionTest {
 protected:
  using Psk = decltype(ConnectionOptions::psk);

  // Neither side has a certificate.
  std::unique_ptr<Pair> Connect(Psk psk, const std::string& hint = "") const {
    SecureContextOptions context = ContextOptions(mode().version);
    context.ciphers = "PSK";
    PeerOptions peer_options = PeerOptionsFor(mode());
    peer_options.identities = {};
    peer_options.ciphers = "PSK";
    peer_options.cipher_suites = "TLS_AES_128_GCM_SHA256";
    auto pair = std::make_unique<Pair>(
        mode(), context, ConnectionOptions{.psk_identity_hint = mode().server() ? hint : "", .psk = std::move(psk)},
        peer_options);
    if (mode().server()) {
      SSL_set_psk_client_callback(pair->peer.ssl(), PeerClientKey);
    } else {
      SSL_set_psk_server_callback(pair->peer.ssl(), PeerServerKey);
      if (!hint.empty()) SSL_use_psk_identity_hint(pair->peer.ssl(), hint.c_str());
    }
    pair->Run();
    return pair;
  }

  static PskAnswer Right() { return {.identity = "alice", .key = SecretBytes(std::begin(kKey), std::end(kKey))}; }
};
WASM_TLS_ALL_MODES(ConnectionPskTest);

TEST_P(ConnectionPskTest, StandsForACertificate) {
  std::vector<std::optional<std::string>> asked;
  const auto pair = Connect([&](const std::optional<std::string>& hint_or_identity) {
    asked.push_back(hint_or_identity);
    return Right();
  });
  EXPECT_EQ(pair->peer.error(), "");
  ExpectWorking(pair->subject, pair->peer);
  EXPECT_THAT(asked, Not(IsEmpty()));
  EXPECT_EQ(asked.front(), mode().server() ? std::optional<std::string>("alice") : std::nullopt);
  // To a server that asked for one, a key is no certificate.
  EXPECT_EQ(VerifyResult(*pair->subject), mode().server() ? X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT : X509_V_OK);
  EXPECT_THAT(PeerChain(*pair->subject), IsEmpty());
}

TEST_P(ConnectionPskTest, ThereMayBeAHint) {
  if (mode().tls13()) GTEST_SKIP() << "TLS 1.3 has no hints";
  std::optional<std::string> asked;
  const auto pair = Connect(
      [&](const std::optional<std::string>& hint_or_identity) {
        asked = hint_or_identity;
        return Right();
      },
      "a hint");
  ExpectWorking(pair->subject, pair->peer);
  EXPECT_EQ(asked, mode().server() ? "alice" : "a hint");
}

TEST_P(ConnectionPskTest, TheWrongKeyFails) {
  const auto pair = Connect(
      [](const std::optional<std::string>&) { return PskAnswer{.identity = "alice", .key = SecretBytes(16, 0x77)}; });
  EXPECT_EQ(pair->subject.Advance(), Progress::kFailed);
  EXPECT_THAT(pair->subject.error_code(), testing::StartsWith("ERR_SSL_"));
  ExpectFailedForGood(pair->subject, pair->subject.error_code());
}

TEST_P(ConnectionPskTest, AnIdentityThatNobodyKnowsFails) {
  const auto pair = Connect([this](const std::optional<std::string>&) {
    return mode().server() ? std::optional<PskAnswer>()
                           : PskAnswer{.identity = "mallory", .key = SecretBytes(16, 0x77)};
  });
  EXPECT_EQ(pair->subject.Advance(), Progress::kFailed);
  EXPECT_THAT(pair->subject.error_code(), testing::StartsWith("ERR_SSL_"));
}

// The room that OpenSSL gives, header and limit: nothing is ever written beyond it.
TEST_P(ConnectionPskTest, AnAnswerThatIsTooLongIsNone) {
  for (const size_t key_size : {size_t{16}, size_t{512}, size_t{513}, size_t{10'000}}) {
    for (const size_t identity_size : {size_t{0}, size_t{1}, size_t{128}, size_t{256}, size_t{257}, size_t{10'000}}) {
      SCOPED_TRACE(testing::Message() << key_size << " " << identity_size);
      const auto pair = Connect([&](const std::optional<std::string>&) {
        PskAnswer answer{.identity = std::string(identity_size, 'L'), .key = SecretBytes(key_size, 1)};
        if (key_size == sizeof(kKey)) answer.key = Right().key;
        return answer;
      });
      const bool fits = key_size == sizeof(kKey) && (mode().server() || (identity_size > 0 && identity_size <= 256));
      EXPECT_EQ(pair->subject->established() && pair->peer.error().empty(), fits) << pair->subject.error_code();
      if (!fits) EXPECT_EQ(pair->subject.Advance(), Progress::kFailed);
    }
  }
}

TEST_P(ConnectionPskTest, AnEmptyKeyIsNone) {
  const auto pair =
      Connect([](const std::optional<std::string>&) { return PskAnswer{.identity = "alice", .key = {}}; });
  EXPECT_EQ(pair->subject.Advance(), Progress::kFailed);
}

}  // namespace
}  // namespace wasm_tls
