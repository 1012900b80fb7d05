// A peer that has done its handshake honestly and then sends what no honest peer would, under the right keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/engine/support/record_forge.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

constexpr size_t kMaxPlain = 16384;

// A pair whose handshake is done, and a forge that goes on where the peer stopped.
class ConnectionFloodTest : public ConnectionTest {
 protected:
  void SetUp() override {
    SecureContextOptions context = ContextOptionsFor(mode());
    context.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    context.cipher_suites = "TLS_AES_128_GCM_SHA256";
    pair_ = std::make_unique<Pair>(mode(), context, ConnectionOptions{.enc_out_limit = kEncOutLimit},
                                   PeerOptionsFor(mode()));
    SSL_set_num_tickets(pair_->peer.ssl(), 0);
    pair_->Run();
    ASSERT_TRUE(pair_->subject->established());
    forge_ = std::make_unique<RecordForge>(pair_->peer, mode().tls13() ? 0 : 1);
  }

  Subject& subject() { return pair_->subject; }

  void Deliver(ContentType type, BytesView contents, size_t padding = 0) {
    subject().Receive(forge_->Seal(type, contents, padding));
    subject().Advance();
  }

  static constexpr size_t kEncOutLimit = 20'000;

  std::unique_ptr<Pair> pair_;
  std::unique_ptr<RecordForge> forge_;
};
WASM_TLS_ALL_MODES(ConnectionFloodTest);

TEST_P(ConnectionFloodTest, TheForgeIsBelieved) {
  Deliver(ContentType::kData, AsBytes("forged"), 100);
  Deliver(ContentType::kData, AsBytes(" twice"));
  EXPECT_EQ(AsText(subject().received()), "forged twice") << subject().error_code();
}

TEST_P(ConnectionFloodTest, ARecordMayBeAsLongAsTheStandardSays) {
  Deliver(ContentType::kData, Pattern(kMaxPlain));
  EXPECT_EQ(subject().received(), Pattern(kMaxPlain));
}

TEST_P(ConnectionFloodTest, ButNotOneByteLonger) {
  Deliver(ContentType::kData, Pattern(kMaxPlain + 1));
  ExpectFailedForGood(subject(), "ERR_SSL_DATA_LENGTH_TOO_LONG");
  EXPECT_THAT(subject().received(), IsEmpty());
}

TEST_P(ConnectionFloodTest, EmptyRecordsAreSkippedUpToALimit) {
  Deliver(ContentType::kData, {});
  Deliver(ContentType::kData, AsBytes("behind an empty one"));
  EXPECT_EQ(AsText(subject().received()), "behind an empty one");
  for (int i = 0; i < 1000 && subject().progress() != Progress::kFailed; ++i) {
    subject().Receive(forge_->Seal(ContentType::kData, {}));
    if (i % 100 == 99) subject().Advance();
  }
  EXPECT_THAT(subject()->clear_out(), IsEmpty());
}

struct Malice {
  const char* name;
  ContentType type;
  Bytes contents;
  size_t padding;
  const char* tls12_code;  // null: does not apply
  const char* tls13_code;
};

// Under the keys of the connection, and still nothing that belongs there.
const Malice kMalice[] = {
    {"only padding", ContentType::kInvalid, {}, 100, nullptr, "ERR_SSL_BAD_RECORD_TYPE"},
    {"unknown inner type",
     static_cast<ContentType>(99),
     {1, 2, 3},
     0,
     "ERR_SSL_UNEXPECTED_RECORD",
     "ERR_SSL_BAD_RECORD_TYPE"},
    {"change cipher spec",
     ContentType::kChangeCipherSpec,
     {1},
     0,
     "ERR_SSL_CCS_RECEIVED_EARLY",
     "ERR_SSL_BAD_RECORD_TYPE"},
    {"empty alert", ContentType::kAlert, {}, 0, "ERR_SSL_INVALID_ALERT", "ERR_SSL_BAD_LENGTH"},
    {"long alert", ContentType::kAlert, {1, 0, 1, 0}, 0, "ERR_SSL_INVALID_ALERT", "ERR_SSL_INVALID_ALERT"},
    {"unknown alert level",
     ContentType::kAlert,
     {7, 80},
     0,
     "ERR_SSL_UNKNOWN_ALERT_TYPE",
     "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR"},
    {"Finished again",
     ContentType::kHandshake,
     {20, 0, 0, 4, 1, 2, 3, 4},
     0,
     "ERR_SSL_UNEXPECTED_MESSAGE",
     "ERR_SSL_UNEXPECTED_MESSAGE"},
    {"message of 16 MiB", ContentType::kHandshake, {4, 255, 255, 255, 0}, 0, "ERR_SSL_UNEXPECTED_MESSAGE", nullptr},
    {"key update of a strange kind", ContentType::kHandshake, {24, 0, 0, 1, 9}, 0, nullptr, "ERR_SSL_BAD_KEY_UPDATE"},
    {"key update too long", ContentType::kHandshake, {24, 0, 0, 2, 0, 0}, 0, nullptr, "ERR_SSL_EXCESSIVE_MESSAGE_SIZE"},
};

TEST_P(ConnectionFloodTest, WhatDoesNotBelongThereIsRefused) {
  for (const Malice& malice : kMalice) {
    const char* code = mode().tls13() ? malice.tls13_code : malice.tls12_code;
    if (code == nullptr) continue;
    SCOPED_TRACE(malice.name);
    SetUp();
    Deliver(malice.type, malice.contents, malice.padding);
    ExpectFailedForGood(subject(), code);
  }
}

// What a peer can send for ever without breaking a rule, or almost.
struct Flood {
  const char* name;
  ContentType type;
  Bytes contents;
};

const Flood kFloods[] = {
    {"hello requests", ContentType::kHandshake, {0, 0, 0, 0}},
    {"client hellos", ContentType::kHandshake, {1, 0, 0, 0}},
    {"key updates", ContentType::kHandshake, {24, 0, 0, 1, 1}},
    {"empty data", ContentType::kData, {}},
    {"warnings", ContentType::kAlert, {1, 90}},
    {"no renegotiation", ContentType::kAlert, {1, 100}},
};

// The peer never reads. Whatever it sends, what waits for it stays within the budget, and so does what waits to be
// read.
TEST_P(ConnectionFloodTest, NoFloodFillsTheOutput) {
  // Some, and what one chunk of input asks for.
  constexpr size_t kRoomForReplies = 32 * 1024;
  for (const Flood& flood : kFloods) {
    SCOPED_TRACE(flood.name);
    SetUp();
    subject().Write(Pattern(100'000));
    subject().Advance();
    for (int chunk = 0; chunk < 50 && subject().progress() != Progress::kFailed; ++chunk) {
      for (int i = 0; i < 100; ++i) subject().Receive(forge_->Seal(flood.type, flood.contents));
      subject().Advance();
    }
    EXPECT_THAT(subject()->enc_out(), SizeIs(Le(kEncOutLimit + kMaxPlain + kRoomForReplies)));
    EXPECT_THAT(subject()->clear_out(), IsEmpty());
  }
}

TEST_P(ConnectionFloodTest, AKeyUpdateThatComesAfterCloseNotifyIsNotAnswered) {
  if (!mode().tls13()) GTEST_SKIP() << "TLS 1.3 only";
  subject()->Shutdown();
  subject().Advance();
  subject().Send();
  Deliver(ContentType::kHandshake, Bytes{24, 0, 0, 1, 1});
  EXPECT_EQ(subject().progress(), Progress::kIdle) << subject().error_code();
  EXPECT_THAT(subject().Send(), IsEmpty());
}

// The server asks for a new handshake and then closes: what would have to come first will never come.
TEST_P(ConnectionFloodTest, CloseNotifyInTheMiddleOfARenegotiationIsTheEnd) {
  if (mode().server() || mode().tls13()) GTEST_SKIP() << "TLS 1.2 clients only";
  Deliver(ContentType::kHandshake, Bytes{0, 0, 0, 0});
  EXPECT_EQ(subject().progress(), Progress::kIdle);
  Deliver(ContentType::kAlert, Bytes{1, 0});
  EXPECT_EQ(subject().progress(), Progress::kClosed) << subject().error_code();
  subject().Write(AsBytes("never sent"));
  EXPECT_EQ(subject().Advance(), Progress::kClosed);
  EXPECT_THAT(subject().All<EndOfData>(), SizeIs(1));
}

TEST_P(ConnectionFloodTest, DataAfterTheFatalAlertAreNotRead) {
  constexpr uint8_t kInternalError = 80;
  subject().Receive(forge_->Seal(ContentType::kAlert, Bytes{2, kInternalError}));
  subject().Receive(forge_->Seal(ContentType::kData, AsBytes("ghost")));
  subject().Advance();
  ExpectFailedForGood(subject(), "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR");
  EXPECT_THAT(subject().received(), IsEmpty());
}

}  // namespace
}  // namespace wasm_tls
