// One connection and what is done to it, as an input of the fuzzer says: four bytes of setup, then steps.
//
// The test that records seeds makes the same steps with a real peer at the other end and writes them down. Randomness,
// key and certificate are the same there and here, so that a seed leads all the way through a handshake.
#pragma once

#include <openssl/ec.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "src/connection.h"
#include "src/connection_info.h"
#include "src/secure_context.h"
#include "test/engine/support/encoders.h"
#include "test/fuzz/deterministic_random.h"
#include "test/fuzz/fuzzing.h"

namespace wasm_tls::fuzz {

// The first four bytes of an input.
struct ScenarioSetup {
  bool server = false;
  uint8_t versions = 2;  // 0: TLS 1.2, 1: TLS 1.3, 2: both, 3: TLS 1.0 to 1.2 at security level 0
  bool tickets = true;
  bool answer_at_once = true;
  uint8_t options = 0;       // bits, see Options()
  uint8_t more_options = 0;  // the same
  uint8_t budget = 0;        // 0: the usual ones, otherwise KiB

  static constexpr size_t kSize = 4;

  static ScenarioSetup Decode(BytesView bytes) {
    return {.server = (bytes[0] & 1) != 0,
            .versions = static_cast<uint8_t>(bytes[0] >> 1 & 3),
            .tickets = (bytes[0] & 8) != 0,
            .answer_at_once = (bytes[0] & 16) != 0,
            .options = bytes[1],
            .more_options = bytes[2],
            .budget = bytes[3]};
  }

  Bytes Encode() const {
    const int first = (server ? 1 : 0) | versions << 1 | (tickets ? 8 : 0) | (answer_at_once ? 16 : 0);
    return {static_cast<uint8_t>(first), options, more_options, budget};
  }

  ConnectionOptions Options() const {
    ConnectionOptions result{
        .role = server ? Role::kServer : Role::kClient,
        .servername = (more_options & 1) != 0 ? "a.example" : "",
        .request_ocsp = (more_options & 2) != 0,
        .request_certificate = (options & 1) != 0,
        .require_certificate = (options & 2) != 0,
        .ask_client_hello = (options & 4) != 0,
        .ask_certificate = (options & 8) != 0,
        .ask_new_session = (options & 16) != 0,
        .keylog = (options & 32) != 0,
        .trace = (options & 64) != 0,
        .sessions = (options & 128) != 0,
    };
    if ((more_options & 4) != 0) result.alpn_protocols = {2, 'h', '2', 2, 'h', '3'};
    if ((more_options & 8) != 0) {
      result.choose_alpn = [](const std::string&, const std::vector<std::string>& protocols) {
        return protocols.empty() ? std::nullopt : std::optional<std::string>(protocols.back());
      };
    }
    if ((more_options & 16) != 0) {
      result.psk = [](const std::optional<std::string>&) {
        return std::optional<PskAnswer>({.identity = "alice", .key = SecretBytes(16, 1)});
      };
    }
    if (budget != 0) result.clear_out_limit = result.enc_out_limit = size_t{budget} * 1024;
    return result;
  }
};

// A key and a certificate for it that are the same in every run.
class FixedIdentity {
 public:
  static const FixedIdentity& Get() {
    static const FixedIdentity identity;
    return identity;
  }

  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }
  const Bytes& certificate_pem() const { return certificate_pem_; }
  const SecretBytes& key_pem() const { return key_pem_; }

 private:
  FixedIdentity() {
    DeterministicRandom::Restart();
    Require(test::Encoders::Load());
    key_.reset(EVP_EC_gen("P-256"));
    certificate_.reset(X509_new());
    X509* x = certificate_.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    ASN1_TIME_set_string(X509_getm_notBefore(x), "20200101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(x), "20991231235959Z");
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("fuzz"), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_set_pubkey(x, key_.get());
    Require(X509_sign(x, key_.get(), EVP_sha256()) > 0);
    const BioPtr certificate(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(certificate.get(), x);
    certificate_pem_ = Contents<Bytes>(certificate.get());
    const BioPtr key(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(key.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    key_pem_ = Contents<SecretBytes>(key.get());
  }

  template <class Container>
  static Container Contents(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return Container(data, data + size);
  }

  EvpPkeyPtr key_;
  X509Ptr certificate_;
  Bytes certificate_pem_;
  SecretBytes key_pem_;
};

inline std::shared_ptr<SecureContext> MakeContext(const ScenarioSetup& setup) {
  static constexpr int kMin[] = {TLS1_2_VERSION, TLS1_3_VERSION, TLS1_2_VERSION, TLS1_VERSION};
  static constexpr int kMax[] = {TLS1_2_VERSION, TLS1_3_VERSION, TLS1_3_VERSION, TLS1_2_VERSION};
  const FixedIdentity& identity = FixedIdentity::Get();
  SecureContextOptions options{
      .min_version = kMin[setup.versions],
      .max_version = kMax[setup.versions],
      .cert = {identity.certificate_pem()},
      .key = {},
      .ca = std::vector<Bytes>{identity.certificate_pem()},
      .ciphers = setup.versions == 3 ? "ALL:@SECLEVEL=0" : "DEFAULT:PSK",
      .cipher_suites = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
      .groups = "X25519:P-256",
      .session_id_context = "fuzz",
      .ticket_keys = SecretBytes(48, 7),
      .ssl_options = setup.tickets ? 0 : SSL_OP_NO_TICKET,
  };
  options.key.push_back({.pem = identity.key_pem(), .passphrase = {}});
  auto context = SecureContext::Create(std::move(options));
  Require(context.has_value());
  return *context;
}

// Contexts are made once: their making is not what is fuzzed here.
inline std::shared_ptr<SecureContext> SharedContext(const ScenarioSetup& setup) {
  static std::shared_ptr<SecureContext> contexts[8];
  std::shared_ptr<SecureContext>& context = contexts[setup.versions * 2 + (setup.tickets ? 1 : 0)];
  if (context == nullptr) context = MakeContext(setup);
  return context;
}

// The steps, as they are numbered in an input: step byte = number + 8 × variant. Any variant of a key update but 0 is a
// renegotiation.
enum class Step : uint8_t { kReceive, kWrite, kShutdown, kKeyUpdate, kEndEncIn, kAnswer, kConsume, kAsk };

class ConnectionScenario {
 public:
  explicit ConnectionScenario(const ScenarioSetup& setup) : setup_(setup), options_(setup.Options()) {
    const std::shared_ptr<SecureContext> context = SharedContext(setup);
    DeterministicRandom::Restart();
    DeterministicRandom::Select(Stream::kConnection);
    auto created = Connection::Create(context, options_);
    Require(created.has_value());
    connection_ = std::move(*created);
  }

  const Connection& connection() const { return *connection_; }

  void Receive(BytesView enc) {
    if (ended_) return;  // as promised by EndEncIn()
    chunk_ = std::max(chunk_, enc.size());
    std::ranges::copy(enc, connection_->ReserveEncIn(enc.size()).begin());
    connection_->CommitEncIn(enc.size());
    Advance();
  }

  void Write(size_t size) {
    // Nobody writes after Shutdown(); the engine asserts it.
    if (shutdown_ || connection_->clear_in_size() > 200'000) return;
    std::ranges::fill(connection_->ReserveClearIn(size).first(size), 'w');
    connection_->CommitClearIn(size);
    Advance();
  }

  void Shutdown() {
    shutdown_ = true;
    connection_->Shutdown();
    Advance();
  }

  void KeyUpdate() {
    connection_->KeyUpdate();
    Advance();
  }

  void Renegotiate() {
    const bool begun = connection_->Renegotiate().has_value();
    Require(!begun || connection_->established());
    Advance();
  }

  void EndEncIn() {
    ended_ = true;
    connection_->EndEncIn();
    Advance();
  }

  // Whatever question is open. Answers to the others must be refused.
  void Answer(uint8_t variant) {
    const Bytes bytes(variant, variant);
    open_ -= connection_->AnswerClientHello((variant & 1) != 0 ? BytesView(bytes) : BytesView()) ? 1 : 0;
    const bool other = (variant & 2) != 0;
    open_ -= connection_->AnswerCertificate(other ? MakeContext(setup_) : nullptr, bytes) ? 1 : 0;
    open_ -= connection_->AnswerNewSession() ? 1 : 0;
    // The clock stands still in most inputs; in the others the window passes.
    now_ += (variant & 4) != 0 ? 600'000 : 0;
    open_ -= AnswerRenegotiation() ? 1 : 0;
    Advance();
  }

  // All of enc_out and clear_out, or as much of each as a variant of 1 to 31 says.
  Bytes Consume(uint8_t variant) {
    const BytesView enc = connection_->enc_out();
    const BytesView clear = connection_->clear_out();
    const size_t limit = variant == 0 ? SIZE_MAX : size_t{1} << (variant / 2);
    Bytes sent = ToBytes(enc.first(std::min(enc.size(), limit)));
    const size_t read = std::min(clear.size(), limit);
    connection_->ConsumeEncOut(sent.size());
    connection_->ConsumeClearOut(read);
    Advance();
    return sent;
  }

  void Ask(uint8_t variant) {
    const Connection& c = *connection_;
    Protocol(c);
    CurrentCipher(c);
    AlpnProtocol(c);
    Servername(c);
    GroupName(c);
    EphemeralKey(c);
    SharedSigalgs(c);
    SessionData(c);
    TicketData(c);
    Finished(c);
    PeerFinished(c);
    (void)ExportKeyingMaterial(c, variant, "fuzz", std::nullopt);
    VerifyResult(c);
    PeerChain(c);
    OwnCertificate(c);
    connection_->SetTrace((variant & 1) != 0);
    connection_->SetVerifyMode((variant & 2) != 0, (variant & 4) != 0);
    connection_->SetMaxSendFragment(size_t{variant} * 600);
  }

  // One step of an input; what it leaves of `bytes` are the steps that follow.
  BytesView Take(BytesView bytes) {
    const auto step = static_cast<Step>(bytes[0] & 7);
    const auto variant = static_cast<uint8_t>(bytes[0] >> 3);
    bytes = bytes.subspan(1);
    switch (step) {
      case Step::kReceive:
      case Step::kWrite: {
        if (bytes.size() < 2) return {};
        const size_t size = size_t{bytes[0]} << 8 | bytes[1];
        bytes = bytes.subspan(2);
        if (step == Step::kWrite) {
          Write(size);
          return bytes;
        }
        const BytesView enc = bytes.first(std::min(size, bytes.size()));
        Receive(enc);
        return bytes.subspan(enc.size());
      }
      case Step::kShutdown:
        Shutdown();
        return bytes;
      case Step::kKeyUpdate:
        if (variant == 0) {
          KeyUpdate();
        } else {
          Renegotiate();
        }
        return bytes;
      case Step::kEndEncIn:
        EndEncIn();
        return bytes;
      case Step::kAnswer:
        Answer(variant);
        return bytes;
      case Step::kConsume:
        Consume(variant);
        return bytes;
      case Step::kAsk:
        Ask(variant);
        return bytes;
    }
    return {};
  }

  // Answers and consumes all there is, and ends both directions: then the connection must come to rest.
  void Finish() {
    Settle();
    Shutdown();
    EndEncIn();
    Settle();
    Require(progress_ == Progress::kClosed || progress_ == Progress::kFailed);
    Require(connection_->enc_out().empty() && connection_->clear_out().empty());
  }

 private:
  void Settle() {
    Advance();
    while (progress_ == Progress::kSuspended || !connection_->enc_out().empty() || !connection_->clear_out().empty()) {
      if (progress_ == Progress::kSuspended) Answer(0);
      Consume(0);
    }
  }

  void Advance() {
    do {
      progress_ = connection_->Advance();
      TakeEvents();
      Check();
    } while (progress_ == Progress::kSuspended && setup_.answer_at_once && AnswerAll());
  }

  bool AnswerAll() {
    const int before = open_;
    open_ -= connection_->AnswerClientHello({}) ? 1 : 0;
    open_ -= connection_->AnswerCertificate(nullptr, Bytes(10, 1)) ? 1 : 0;
    while (connection_->AnswerNewSession()) --open_;
    open_ -= AnswerRenegotiation() ? 1 : 0;
    return open_ != before;
  }

  bool AnswerRenegotiation() {
    return connection_->AnswerRenegotiation({.now_ms = now_, .limit = 3, .window_ms = 600'000});
  }

  void TakeEvents() {
    while (const auto event = connection_->TakeEvent()) {
      const bool server = options_.role == Role::kServer;
      const bool question = std::holds_alternative<ClientHello>(*event) ||
                            std::holds_alternative<RenegotiationWish>(*event) ||
                            std::holds_alternative<CertificateWanted>(*event) ||
                            (std::holds_alternative<NewSession>(*event) && server && options_.ask_new_session);
      open_ += question ? 1 : 0;
      starts_ += std::holds_alternative<HandshakeStart>(*event) ? 1 : 0;
      done_ += std::holds_alternative<HandshakeDone>(*event) ? 1 : 0;
      ends_ += std::holds_alternative<EndOfData>(*event) ? 1 : 0;
    }
  }

  // What must be true whatever the input was.
  void Check() {
    constexpr size_t kRecord = 17'000;
    constexpr size_t kReplies = 16 * 1024;
    // Of the handshake's own output and of one chunk's replies.
    const size_t slack = 2 * kRecord + kReplies + 4 * chunk_;
    Require(connection_->clear_out().size() <= options_.clear_out_limit + kRecord);
    Require(connection_->enc_out().size() <= options_.enc_out_limit + slack);
    Require(starts_ >= done_ && starts_ <= done_ + 1 && ends_ <= 1);
    Require((done_ >= 1) == connection_->established());
    Require((ends_ == 1) == connection_->close_notify_received());
    Require((progress_ == Progress::kFailed) == connection_->error().has_value());
    Require(progress_ != Progress::kSuspended || open_ > 0);
    Require(!was_over_ || progress_ == was_progress_);
    if (progress_ == Progress::kFailed) {
      open_ = 0;
      Require(connection_->error()->code.starts_with("ERR_") && !connection_->error()->message.empty());
      Require(connection_->clear_in_size() == 0);
    }
    was_over_ = progress_ == Progress::kFailed || progress_ == Progress::kClosed;
    was_progress_ = progress_;
  }

  ScenarioSetup setup_;
  ConnectionOptions options_;
  std::unique_ptr<Connection> connection_;
  Progress progress_ = Progress::kNeedsInput;
  Progress was_progress_ = Progress::kNeedsInput;
  bool was_over_ = false;
  bool shutdown_ = false;
  bool ended_ = false;
  size_t chunk_ = 0;
  int open_ = 0;
  int starts_ = 0;
  int done_ = 0;
  double now_ = 0;
  int ends_ = 0;
};

// Runs a whole input; true when its handshake came through.
inline bool RunConnectionInput(BytesView input) {
  if (input.size() < ScenarioSetup::kSize) return false;
  ConnectionScenario scenario(ScenarioSetup::Decode(input));
  constexpr int kMostSteps = 200;
  BytesView steps = input.subspan(ScenarioSetup::kSize);
  for (int i = 0; i < kMostSteps && !steps.empty(); ++i) steps = scenario.Take(steps);
  const bool established = scenario.connection().established();
  scenario.Finish();
  return established;
}

}  // namespace wasm_tls::fuzz
