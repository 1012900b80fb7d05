// Writes what the fuzzers of connections and sessions start from, when WASM_TLS_CORPUS names a folder. That a seed
// leads through a handshake when it is played again is tested in any case.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "src/session.h"
#include "src/stand_ins/random.h"
#include "test/engine/support/scenario.h"
#include "test/fuzz/connection_scenario.h"

namespace wasm_tls {
namespace {

using fuzz::ConnectionScenario;
using fuzz::DeterministicRandom;
using fuzz::ScenarioSetup;
using fuzz::Step;
using fuzz::Stream;

// Puts the fuzzers' randomness in the place of the tests'.
class FuzzRandomness {
 public:
  FuzzRandomness() : before_(SetRandomSource(DeterministicRandom::kSource)) {}
  ~FuzzRandomness() { SetRandomSource(before_); }

 private:
  RandomSource before_;
};

void WriteSeed(const std::string& fuzzer, const std::string& name, BytesView bytes) {
  const char* folder = std::getenv("WASM_TLS_CORPUS");
  if (folder == nullptr) return;
  const std::filesystem::path directory = std::filesystem::path(folder) / fuzzer;
  std::filesystem::create_directories(directory);
  std::ofstream file(directory / name, std::ios::binary);
  file << AsText(bytes);
  ASSERT_TRUE(file.good()) << name;
}

// Makes steps and writes them down.
class Recorder {
 public:
  explicit Recorder(const ScenarioSetup& setup) : scenario_(setup), input_(setup.Encode()), peer_(MakePeer(setup)) {
    SSL_set_session_id_context(peer_->ssl(), reinterpret_cast<const unsigned char*>("fuzz"), 4);
    SSL_use_cert_and_key(peer_->ssl(), fuzz::FixedIdentity::Get().certificate(), fuzz::FixedIdentity::Get().key(),
                         nullptr, 1);
  }

  test::OpensslPeer& peer() { return *peer_; }
  const Bytes& input() const { return input_; }
  std::string error() const {
    const auto& error = scenario_.connection().error();
    return (error ? error->code : "") + " " + peer_->error();
  }
  bool established() const { return scenario_.connection().established(); }

  void Do(Step step, uint8_t variant = 0) {
    const Bytes bytes = {static_cast<uint8_t>(static_cast<uint8_t>(step) | variant << 3)};
    input_.insert(input_.end(), bytes.begin(), bytes.end());
    scenario_.Take(bytes);
  }

  void Write(size_t size) { Sized(Step::kWrite, size, {}); }

  // Until neither has anything more to say.
  void Exchange() {
    Write(0);
    while (true) {
      const Bytes sent = ToBytes(scenario_.connection().enc_out());
      if (!sent.empty()) Do(Step::kConsume);
      DeterministicRandom::Select(Stream::kPeer);
      peer_->Receive(sent);
      peer_->Advance();
      const Bytes reply = peer_->Send();
      DeterministicRandom::Select(Stream::kConnection);
      if (sent.empty() && reply.empty()) return;
      if (!reply.empty()) Sized(Step::kReceive, reply.size(), reply);
    }
  }

 private:
  void Sized(Step step, size_t size, const Bytes& contents) {
    Bytes bytes = {static_cast<uint8_t>(step), static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)};
    bytes.insert(bytes.end(), contents.begin(), contents.end());
    input_.insert(input_.end(), bytes.begin(), bytes.end());
    scenario_.Take(bytes);
  }

  static std::unique_ptr<test::OpensslPeer> MakePeer(const ScenarioSetup& setup) {
    test::PeerOptions options{.role = setup.server ? test::PeerRole::kClient : test::PeerRole::kServer};
    if (setup.versions == 3) {
      options.min_version = TLS1_VERSION;
      options.max_version = TLS1_1_VERSION;
      options.ciphers = "ALL:@SECLEVEL=0";
    }
    DeterministicRandom::Select(Stream::kPeer);
    auto peer = std::make_unique<test::OpensslPeer>(options);
    DeterministicRandom::Select(Stream::kConnection);
    if (!setup.server) SSL_set_verify(peer->ssl(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    return peer;
  }

  ConnectionScenario scenario_;
  Bytes input_;
  std::unique_ptr<test::OpensslPeer> peer_;
};

class ConnectionCorpusTest : public testing::TestWithParam<std::tuple<bool, uint8_t>> {
 protected:
  void SetUp() override { test::EnsureLibrary(); }

  static ScenarioSetup Basic() { return {.server = std::get<0>(GetParam()), .versions = std::get<1>(GetParam())}; }

  static std::string Name(const std::string& what) {
    const auto [server, versions] = GetParam();
    return std::string(server ? "server" : "client") + "-" + std::to_string(versions) + "-" + what;
  }

  static void Finish(const std::string& name, const Recorder& recorder) {
    EXPECT_TRUE(recorder.established()) << name << ": " << recorder.error();
    EXPECT_TRUE(fuzz::RunConnectionInput(recorder.input())) << name << " does not lead through the handshake again";
    WriteSeed("connection", Name(name), recorder.input());
  }

  FuzzRandomness randomness_;
};

INSTANTIATE_TEST_SUITE_P(Setups, ConnectionCorpusTest, testing::Combine(testing::Bool(), testing::Range<uint8_t>(0, 4)),
                         [](const auto& param) {
                           return std::string(std::get<0>(param.param) ? "Server" : "Client") +
                                  std::to_string(std::get<1>(param.param));
                         });

TEST_P(ConnectionCorpusTest, DataAndCloseNotify) {
  Recorder recorder(Basic());
  recorder.Exchange();
  recorder.Write(2000);
  recorder.peer().Write(test::Pattern(300));
  recorder.Exchange();
  recorder.Do(Step::kKeyUpdate);
  recorder.Do(Step::kAsk, 5);
  recorder.Exchange();
  recorder.peer().Shutdown();
  recorder.Exchange();
  recorder.Do(Step::kShutdown);
  recorder.Exchange();
  recorder.Do(Step::kEndEncIn);
  Finish("data", recorder);
}

TEST_P(ConnectionCorpusTest, Renegotiation) {
  Recorder recorder(Basic());
  recorder.Exchange();
  recorder.Do(Step::kKeyUpdate, 1);
  recorder.peer().Write(test::Pattern(300));
  recorder.Write(300);
  recorder.Exchange();
  if (SSL_renegotiate(recorder.peer().ssl()) == 1) recorder.Exchange();
  recorder.Do(Step::kAnswer, 4);
  Finish("renegotiation", recorder);
}

TEST_P(ConnectionCorpusTest, EveryOption) {
  ScenarioSetup setup = Basic();
  setup.tickets = false;
  setup.options = 0xff & ~2;
  setup.more_options = 0x0f;
  setup.budget = 1;
  Recorder recorder(setup);
  SSL_set_tlsext_host_name(recorder.peer().ssl(), "a.example");
  SSL_set_tlsext_status_type(recorder.peer().ssl(), TLSEXT_STATUSTYPE_ocsp);
  const Bytes protocols = {2, 'h', '2', 2, 'h', '3'};
  SSL_set_alpn_protos(recorder.peer().ssl(), protocols.data(), static_cast<unsigned int>(protocols.size()));
  recorder.Exchange();
  recorder.peer().Write(test::Pattern(5000));
  recorder.Exchange();
  Finish("options", recorder);
}

TEST_P(ConnectionCorpusTest, QuestionsAnsweredOneByOne) {
  ScenarioSetup setup = Basic();
  setup.answer_at_once = false;
  setup.options = 4 | 8 | 16 | 128;
  Recorder recorder(setup);
  constexpr int kMoreThanQuestions = 6;
  for (int i = 0; i < kMoreThanQuestions; ++i) {
    recorder.Exchange();
    recorder.Do(Step::kAnswer, static_cast<uint8_t>(i % 4));
  }
  recorder.Exchange();
  Finish("questions", recorder);
}

TEST_P(ConnectionCorpusTest, AFatalAlert) {
  Recorder recorder(Basic());
  recorder.Exchange();
  // What the peer cannot read, it answers by an alert.
  recorder.peer().Receive(test::Pattern(100));
  recorder.Exchange();
  Finish("alert", recorder);
}

TEST(SessionCorpusTest, Sessions) {
  test::EnsureLibrary();
  const FuzzRandomness randomness;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const bool tickets : {true, false}) {
      const std::shared_ptr<SecureContext> context = fuzz::SharedContext({.versions = 2, .tickets = tickets});
      const test::Mode mode{Role::kServer, version};
      test::Subject server(context, {.role = Role::kServer, .sessions = true});
      test::OpensslPeer client(test::PeerOptionsFor(mode));
      test::Exchange(server, client).Run();
      ASSERT_TRUE(server->established());
      const std::string name = std::to_string(version & 0xff) + (tickets ? "-tickets" : "-no-tickets");
      WriteSeed("session", "client-" + name, EncodeSession(client.session()));
      for (const NewSession& session : server.All<NewSession>()) WriteSeed("session", "server-" + name, session.data);
    }
  }
}

}  // namespace
}  // namespace wasm_tls
