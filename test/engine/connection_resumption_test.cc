// Sessions taken up again: by ID from somebody's cache, by ticket on TLS 1.2, by PSK ticket on TLS 1.3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "src/connection_info.h"
#include "src/session.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// --- the connection is the client ------------------------------------------------------------------------------------

class ConnectionClientResumptionTest : public testing::TestWithParam<int> {
 protected:
  static Mode mode() { return {Role::kClient, GetParam()}; }

  // A first connection to a server, which `server_` goes on from.
  SecretBytes FirstSession(bool tickets = true) {
    if (!tickets) SSL_CTX_set_options(first_server_.ctx(), SSL_OP_NO_TICKET);
    Subject client(context_, {.role = Role::kClient, .sessions = true});
    OpensslPeer server(first_server_, PeerRole::kServer);
    Exchange(client, server).Run();
    ExpectWorking(client, server);
    EXPECT_FALSE(SessionReused(*client));
    const auto sessions = client.All<NewSession>();
    // TLS 1.3 servers send two.
    EXPECT_THAT(sessions, SizeIs(GetParam() == TLS1_3_VERSION ? 2 : 1));
    server.Shutdown();
    Exchange(client, server).Run();
    return sessions.empty() ? SecretBytes() : sessions.back().data;
  }

  void ExpectSecond(const SecretBytes& session, bool reused) {
    Subject client(context_, {.role = Role::kClient, .session = session, .sessions = true});
    OpensslPeer server(first_server_, PeerRole::kServer);
    Exchange(client, server, RandomFragments(1), RandomFragments(2)).Run();
    ExpectWorking(client, server);
    EXPECT_EQ(SessionReused(*client), reused);
    EXPECT_EQ(SSL_session_reused(server.ssl()) == 1, reused);
    // The certificate of the first handshake still stands for the server.
    EXPECT_EQ(VerifyResult(*client), X509_V_OK);
    EXPECT_THAT(PeerChain(*client), Not(IsEmpty()));
  }

  std::shared_ptr<SecureContext> context_ = MakeContext(ContextOptionsFor(mode()));
  OpensslPeer first_server_{PeerOptionsFor(mode())};
};

INSTANTIATE_TEST_SUITE_P(Versions, ConnectionClientResumptionTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& param) { return param.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

TEST_P(ConnectionClientResumptionTest, ByTicket) { ExpectSecond(FirstSession(), true); }

TEST_P(ConnectionClientResumptionTest, BySessionIdOrStatefulTicket) { ExpectSecond(FirstSession(false), true); }

TEST_P(ConnectionClientResumptionTest, TheSessionMayBeSetLater) {
  const SecretBytes session = FirstSession();
  Subject client(context_, {.role = Role::kClient});
  OpensslPeer server(first_server_, PeerRole::kServer);
  EXPECT_FALSE(client->SetSession(AsBytes("garbage")));
  EXPECT_TRUE(client->SetSession(session));
  Exchange(client, server).Run();
  EXPECT_TRUE(SessionReused(*client));
}

TEST_P(ConnectionClientResumptionTest, AnUnreadableSessionMeansAFullHandshake) {
  const BytesView garbage = AsBytes("garbage");
  ExpectSecond(SecretBytes(garbage.begin(), garbage.end()), false);
}

TEST_P(ConnectionClientResumptionTest, ASessionThatTheServerDoesNotKnowMeansAFullHandshake) {
  const SecretBytes session = FirstSession();
  const OpensslPeer stranger(PeerOptionsFor(mode()));
  Subject client(context_, {.role = Role::kClient, .session = session});
  OpensslPeer server(stranger, PeerRole::kServer);
  Exchange(client, server).Run();
  ExpectWorking(client, server);
  EXPECT_FALSE(SessionReused(*client));
}

TEST_P(ConnectionClientResumptionTest, OnlyUnderTheSameServername) {
  Subject first(context_, {.role = Role::kClient, .servername = "one.test", .sessions = true});
  OpensslPeer first_server(first_server_, PeerRole::kServer);
  Exchange(first, first_server).Run();
  const auto sessions = first.All<NewSession>();
  ASSERT_THAT(sessions, Not(IsEmpty()));
  for (const auto& [servername, reused] : {std::pair{"two.test", false}, {"ONE.test", true}, {"", true}}) {
    Subject client(context_, {.role = Role::kClient, .servername = servername, .session = sessions.back().data});
    OpensslPeer server(first_server_, PeerRole::kServer);
    Exchange(client, server).Run();
    ExpectWorking(client, server);
    EXPECT_EQ(SessionReused(*client), reused) << servername;
  }
}

TEST_P(ConnectionClientResumptionTest, ASessionOfAnotherVersionMeansAFullHandshake) {
  const Mode other{Role::kClient, GetParam() == TLS1_2_VERSION ? TLS1_3_VERSION : TLS1_2_VERSION};
  const SecretBytes session = FirstSession();
  Pair pair(other, {.session = session});
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
  EXPECT_FALSE(SessionReused(*pair.subject));
}

TEST_P(ConnectionClientResumptionTest, WhatTheConnectionTellsOfItsSessionCanBeResumed) {
  FirstSession();
  Subject client(context_, {.role = Role::kClient});
  OpensslPeer server(first_server_, PeerRole::kServer);
  Exchange(client, server).Run();
  ExpectWorking(client, server);
  EXPECT_THAT(client.All<NewSession>(), IsEmpty()) << "nobody asked for them";
  EXPECT_THAT(TicketData(*client), Not(IsEmpty()));
  ExpectSecond(SessionData(*client), true);
}

// --- the connection is the server ------------------------------------------------------------------------------------

class ConnectionServerResumptionTest : public testing::TestWithParam<int> {
 protected:
  static Mode mode() { return {Role::kServer, GetParam()}; }

  static SecureContextOptions Options() {
    SecureContextOptions options = ContextOptionsFor(mode());
    options.session_id_context = "one";
    options.ticket_keys = SecretBytes(48, 7);
    return options;
  }

  // Connects once to a server with `first`, then, with what is left of that, to one with `second`.
  static bool Resumed(const std::shared_ptr<SecureContext>& first, const std::shared_ptr<SecureContext>& second) {
    Subject server(first, {.role = Role::kServer});
    OpensslPeer client(PeerOptionsFor(mode()));
    Exchange(server, client).Run();
    ExpectWorking(server, client);
    EXPECT_NE(client.session(), nullptr);
    Subject again(second, {.role = Role::kServer});
    OpensslPeer client_again(client, PeerRole::kClient);
    if (client.session() != nullptr) SSL_set_session(client_again.ssl(), client.session());
    Exchange(again, client_again, ByteByByte(), ByteByByte()).Run();
    ExpectWorking(again, client_again);
    EXPECT_EQ(SessionReused(*again), SSL_session_reused(client_again.ssl()) == 1);
    return SessionReused(*again);
  }
};

INSTANTIATE_TEST_SUITE_P(Versions, ConnectionServerResumptionTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& param) { return param.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

TEST_P(ConnectionServerResumptionTest, ByTicketInTheSameContext) {
  const auto context = MakeContext(Options());
  EXPECT_TRUE(Resumed(context, context));
}

TEST_P(ConnectionServerResumptionTest, AcrossContextsThatShareTheirTicketKeys) {
  EXPECT_TRUE(Resumed(MakeContext(Options()), MakeContext(Options())));
}

TEST_P(ConnectionServerResumptionTest, WithRandomTicketKeysOnlyInTheirOwnContext) {
  SecureContextOptions options = Options();
  options.ticket_keys.reset();
  const auto context = MakeContext(options);
  EXPECT_TRUE(Resumed(context, context));
  EXPECT_FALSE(Resumed(context, MakeContext(options)));
}

TEST_P(ConnectionServerResumptionTest, NotAfterTheKeysHaveChanged) {
  const auto first = MakeContext(Options());
  const auto second = MakeContext(Options());
  ASSERT_TRUE(second->SetTicketKeys(SecretBytes(48, 8)).has_value());
  EXPECT_FALSE(Resumed(first, second));
  // And what was issued under the new ones is good.
  EXPECT_TRUE(Resumed(second, second));
}

TEST_P(ConnectionServerResumptionTest, NotWhenOnlyTheirNameIsTheSame) {
  SecretBytes keys(48, 7);
  keys[20] = 9;
  const auto second = MakeContext(Options());
  ASSERT_TRUE(second->SetTicketKeys(keys).has_value());
  EXPECT_FALSE(Resumed(MakeContext(Options()), second));
}

TEST_P(ConnectionServerResumptionTest, NotInAnotherSessionIdContext) {
  SecureContextOptions other = Options();
  other.session_id_context = "two";
  EXPECT_FALSE(Resumed(MakeContext(Options()), MakeContext(other)));
}

TEST_P(ConnectionServerResumptionTest, NotWithTicketsOff) {
  SecureContextOptions options = Options();
  options.ssl_options = SSL_OP_NO_TICKET;
  const auto context = MakeContext(options);
  EXPECT_FALSE(Resumed(context, context)) << "no cache holds the session";
}

// Keys of somebody else's choice, of another size for the MAC than the context's own.
TicketAnswer OtherKeys(int verdict) {
  return {.verdict = verdict,
          .hmac = SecretBytes(40, 1),
          .aes = SecretBytes(16, 2),
          .name = Bytes(16, 3),
          .iv = Bytes(16, 4)};
}

TEST_P(ConnectionServerResumptionTest, WithTheKeysThatAChooserGives) {
  const auto context = MakeContext(Options());
  int made = 0;
  Bytes name_read;
  context->SetTicketChooser([&](BytesView name, BytesView, bool encrypt) {
    if (encrypt) {
      ++made;
    } else {
      name_read = ToBytes(name);
    }
    return OtherKeys(1);
  });
  EXPECT_TRUE(Resumed(context, context));
  EXPECT_EQ(name_read, Bytes(16, 3));
  EXPECT_FALSE(Resumed(context, MakeContext(Options()))) << "the context's own keys are others";
  EXPECT_EQ(made, mode().tls13() ? 4 : 2) << "none on a resumed connection";
}

TEST_P(ConnectionServerResumptionTest, AChooserMayRenew) {
  const auto context = MakeContext(Options());
  int made = 0;
  context->SetTicketChooser([&](BytesView, BytesView, bool encrypt) {
    made += encrypt ? 1 : 0;
    return OtherKeys(encrypt ? 1 : 2);
  });
  EXPECT_TRUE(Resumed(context, context));
  EXPECT_EQ(made, mode().tls13() ? 3 : 2);
}

TEST_P(ConnectionServerResumptionTest, AChooserMayNotKnowATicket) {
  const auto context = MakeContext(Options());
  context->SetTicketChooser(
      [](BytesView, BytesView, bool encrypt) { return encrypt ? OtherKeys(1) : TicketAnswer{.verdict = 0}; });
  EXPECT_FALSE(Resumed(context, context));
}

TEST_P(ConnectionServerResumptionTest, AChooserWithoutUsableKeysFailsTheHandshake) {
  TicketAnswer short_aes = OtherKeys(1);
  short_aes.aes.pop_back();
  TicketAnswer short_name = OtherKeys(1);
  short_name.name.pop_back();
  TicketAnswer long_iv = OtherKeys(1);
  long_iv.iv.push_back(0);
  for (const TicketAnswer& answer : {TicketAnswer(), short_aes, short_name, long_iv}) {
    const auto context = MakeContext(Options());
    context->SetTicketChooser([&](BytesView, BytesView, bool) { return answer; });
    Subject server(context, {.role = Role::kServer});
    OpensslPeer client(PeerOptionsFor(mode()));
    Exchange(server, client).Run();
    EXPECT_TRUE(server->error().has_value());
  }
}

TEST_P(ConnectionServerResumptionTest, AChangedTicketMeansAFullHandshake) {
  const auto context = MakeContext(Options());
  Subject server(context, {.role = Role::kServer});
  OpensslPeer client(PeerOptionsFor(mode()));
  Exchange(server, client).Run();
  const Bytes ticket = SessionTicket(client.session());
  ASSERT_THAT(ticket, SizeIs(testing::Gt(64U)));
  SecretBytes der = EncodeSession(client.session());
  const auto found = std::search(der.begin(), der.end(), ticket.begin(), ticket.end());
  ASSERT_NE(found, der.end());
  for (const size_t offset : {size_t{0}, size_t{16}, size_t{40}, ticket.size() - 1}) {
    SecretBytes changed = der;
    changed[static_cast<size_t>(found - der.begin()) + offset] ^= 1;
    const SslSessionPtr session = DecodeSession(changed);
    ASSERT_NE(session, nullptr);
    Subject again(context, {.role = Role::kServer});
    OpensslPeer client_again(client, PeerRole::kClient);
    SSL_set_session(client_again.ssl(), session.get());
    Exchange(again, client_again).Run();
    ExpectWorking(again, client_again);
    EXPECT_FALSE(SessionReused(*again));
  }
}

// --- the server asks somebody's cache --------------------------------------------------------------------------------

class ConnectionCacheTest : public testing::Test {
 protected:
  ConnectionCacheTest() : client_(PeerOptionsFor({Role::kServer, TLS1_2_VERSION})) {
    SecureContextOptions options = ContextOptionsFor({Role::kServer, TLS1_2_VERSION});
    options.ssl_options = SSL_OP_NO_TICKET;
    context_ = MakeContext(options);
  }

  // One connection whose server stores sessions in `cache_` and finds them there.
  bool Connect(bool tickets = false) {
    if (tickets) {
      SSL_CTX_clear_options(context_->get(), SSL_OP_NO_TICKET);
    }
    Subject server(context_,
                   {.role = Role::kServer, .ask_client_hello = true, .ask_new_session = true, .sessions = true});
    server.on_event = [this](Connection& connection, const Event& event) {
      if (const auto* hello = std::get_if<ClientHello>(&event)) {
        ++asked_;
        EXPECT_TRUE(connection.AnswerClientHello(cache_.contains(hello->session_id) ? cache_[hello->session_id]
                                                                                    : SecretBytes()));
      } else if (const auto* session = std::get_if<NewSession>(&event)) {
        cache_[session->id] = session->data;
        EXPECT_TRUE(connection.AnswerNewSession());
      }
    };
    OpensslPeer client(client_, PeerRole::kClient);
    if (session_ != nullptr) SSL_set_session(client.ssl(), session_.get());
    Exchange(server, client, ByteByByte(), Whole()).Run();
    ExpectWorking(server, client);
    session_.reset(SSL_get1_session(client.ssl()));
    client.Shutdown();
    Exchange(server, client).Run();
    EXPECT_EQ(SessionReused(*server), SSL_session_reused(client.ssl()) == 1);
    return SessionReused(*server);
  }

  std::shared_ptr<SecureContext> context_;
  OpensslPeer client_;
  SslSessionPtr session_;
  std::map<Bytes, SecretBytes> cache_;
  int asked_ = 0;
};

TEST_F(ConnectionCacheTest, FindsTheSession) {
  EXPECT_FALSE(Connect());
  EXPECT_EQ(asked_, 0) << "a client without a session offers no ID";
  EXPECT_THAT(cache_, SizeIs(1));
  EXPECT_TRUE(Connect());
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(Connect());
}

TEST_F(ConnectionCacheTest, HasNone) {
  EXPECT_FALSE(Connect());
  cache_.clear();
  EXPECT_FALSE(Connect());
  EXPECT_EQ(asked_, 1);
}

TEST_F(ConnectionCacheTest, HasOneThatCannotBeRead) {
  EXPECT_FALSE(Connect());
  for (const Bytes& bad : {ToBytes(AsBytes("garbage")), Bytes(1, 0), Bytes(100'000, 0x30)}) {
    cache_.begin()->second = SecretBytes(bad.begin(), bad.end());
    EXPECT_FALSE(Connect());
    cache_.erase(cache_.begin(), std::prev(cache_.end()));
  }
}

TEST_F(ConnectionCacheTest, GivesASessionOfAnotherContextAway) {
  SecureContextOptions other = ContextOptionsFor({Role::kServer, TLS1_2_VERSION});
  other.ssl_options = SSL_OP_NO_TICKET;
  other.session_id_context = "other";
  EXPECT_FALSE(Connect());
  context_ = MakeContext(other);
  EXPECT_FALSE(Connect());
}

TEST_F(ConnectionCacheTest, IsNotAskedWhenTheClientHasATicket) {
  EXPECT_FALSE(Connect(true));
  EXPECT_TRUE(Connect(true));
  EXPECT_EQ(asked_, 0);
}

}  // namespace
}  // namespace wasm_tls
