// Bytes changed, lost, doubled and swapped on the way: none of it may ever pass for what was sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::IsEmpty;
using testing::StartsWith;

constexpr int kBadRecordMac = 20;
constexpr size_t kMoreThanAnyHandshake = 12;

class ConnectionTamperTest : public ConnectionTest {
 protected:
  // After whatever happened on the wire: the connection has failed for good, with a code, or it still waits for bytes
  // that will never come and is closed by the end of the transport. In neither case has it given data out.
  static void ExpectRefused(Subject& subject) {
    EXPECT_THAT(subject.received(), IsEmpty());
    if (subject.Advance() == Progress::kFailed) {
      EXPECT_THAT(subject.error_code(), StartsWith("ERR_SSL_"));
      ExpectFailedForGood(subject, subject.error_code());
      return;
    }
    subject->EndEncIn();
    subject->Shutdown();
    EXPECT_EQ(subject.Advance(), Progress::kClosed);
    EXPECT_TRUE(subject->truncated());
  }

  // The earliest record of OpenSSL's queue decides, and AES-GCM on TLS 1.2 has one of its own before libssl's; in Node
  // it is the same.
  const char* BadRecordCode() const {
    return mode().tls13() ? "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC" : "ERR_SSL_CIPHER_OPERATION_FAILED";
  }
};
WASM_TLS_ALL_MODES(ConnectionTamperTest);

// Where a record is changed: a name for each kind of byte in it.
struct Spot {
  const char* name;
  size_t (*offset)(const Bytes& record);
};

constexpr Spot kSpots[] = {
    {"record type", [](const Bytes&) { return size_t{0}; }},
    {"record version", [](const Bytes&) { return size_t{1}; }},
    {"record length, high", [](const Bytes&) { return size_t{3}; }},
    {"record length, low", [](const Bytes&) { return size_t{4}; }},
    {"message type", [](const Bytes&) { return size_t{5}; }},
    {"message length", [](const Bytes& record) { return std::min<size_t>(8, record.size() - 1); }},
    {"message version", [](const Bytes& record) { return std::min<size_t>(9, record.size() - 1); }},
    {"random", [](const Bytes& record) { return std::min<size_t>(20, record.size() - 1); }},
    {"middle", [](const Bytes& record) { return record.size() / 2; }},
    {"three quarters", [](const Bytes& record) { return record.size() * 3 / 4; }},
    {"last", [](const Bytes& record) { return record.size() - 1; }},
};

// Changes one byte of the record with this number; `*hit` says whether there was one.
Delivery Tampered(size_t index, const Spot& spot, bool* hit) {
  return ByRecord([=](size_t i, Bytes record) {
    if (i == index) {
      *hit = true;
      uint8_t& byte = record[spot.offset(record)];
      byte = static_cast<uint8_t>(byte ^ 0x55);
    }
    return std::vector<Bytes>{std::move(record)};
  });
}

// TLS 1.3 sends ChangeCipherSpec for old middleboxes only; whatever it says, it is not part of the handshake.
bool IsCompatibilityRecord(const Mode& mode, const Bytes& record) { return mode.tls13() && record[0] == 20; }

TEST_P(ConnectionTamperTest, NoChangedByteOfAHandshakeIsAccepted) {
  size_t tried = 0;
  for (const bool to_subject : {true, false}) {
    for (size_t index = 0; index < kMoreThanAnyHandshake; ++index) {
      for (const Spot& spot : kSpots) {
        SCOPED_TRACE(testing::Message() << "to subject: " << to_subject << ", record " << index << ", " << spot.name);
        bool hit = false;
        Pair pair(mode(), {.request_certificate = true});
        SSL_set_num_tickets(pair.peer.ssl(), 0);
        Delivery tampered = Tampered(index, spot, &hit);
        pair.Run(to_subject ? tampered : Whole(), to_subject ? Whole() : tampered);
        if (!hit) continue;
        ++tried;
        // What the first record's version says is ignored, RFC 8446 §5.1; the peer that has noticed nothing says so.
        if (pair.subject->established() && pair.peer.established() && pair.peer.error().empty()) {
          EXPECT_STREQ(spot.name, "record version");
          ExpectWorking(pair.subject, pair.peer);
        } else {
          ExpectRefused(pair.subject);
        }
      }
    }
  }
  EXPECT_GE(tried, 50U);
}

TEST_P(ConnectionTamperTest, NoChangedByteOfDataIsAccepted) {
  const Bytes clear = Pattern(20);
  size_t size = 1;
  for (size_t offset = 0; offset < size; ++offset) {
    SCOPED_TRACE(offset);
    Pair pair(mode());
    pair.Run();
    pair.peer.Write(clear);
    pair.peer.Advance();
    Bytes record = pair.peer.Send();
    size = record.size();
    record[offset] = static_cast<uint8_t>(record[offset] ^ 1);
    pair.subject.Receive(record);
    pair.subject.Advance();
    const bool too_long = offset == 3 || (offset == 4 && (record[4] & 1) != 0);
    if (!too_long) EXPECT_TRUE(pair.subject->error().has_value());
    ExpectRefused(pair.subject);
  }
}

TEST_P(ConnectionTamperTest, ThePeerIsTold) {
  Pair pair(mode());
  pair.Run();
  pair.peer.Write(Pattern(20));
  pair.peer.Advance();
  Bytes record = pair.peer.Send();
  record.back() ^= 1;
  pair.subject.Receive(record);
  ASSERT_EQ(pair.subject.Advance(), Progress::kFailed);
  EXPECT_EQ(pair.subject.error_code(), BadRecordCode());
  // Failing does not throw the alert away, however often one asks.
  EXPECT_EQ(pair.subject.Advance(), Progress::kFailed);
  pair.peer.Receive(pair.subject.Send());
  pair.peer.Advance();
  EXPECT_EQ(pair.peer.fatal_alert_received(), kBadRecordMac);
}

TEST_P(ConnectionTamperTest, WhatWasQueuedBeforeTheFailureStillGoesOut) {
  Pair pair(mode());
  pair.Run();
  pair.subject.Write(AsBytes("on its way"));
  pair.subject.Advance();
  pair.subject.Receive(Bytes{23, 3,  3,  0,  30, 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                             14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30});
  ASSERT_EQ(pair.subject.Advance(), Progress::kFailed);
  pair.peer.Receive(pair.subject.Send());
  pair.peer.Advance();
  EXPECT_EQ(AsText(pair.peer.received()), "on its way");
  EXPECT_EQ(pair.peer.fatal_alert_received(), kBadRecordMac);
}

// --- records that are lost, doubled or swapped -----------------------------------------------------------------------

struct Mischief {
  const char* name;
  // What becomes of the record with this number out of three.
  std::vector<Bytes> (*done)(std::vector<Bytes> records);
};

constexpr Mischief kMischief[] = {
    {"first lost", [](std::vector<Bytes> r) { return std::vector<Bytes>{r[1], r[2]}; }},
    {"second lost", [](std::vector<Bytes> r) { return std::vector<Bytes>{r[0], r[2]}; }},
    {"first doubled", [](std::vector<Bytes> r) { return std::vector<Bytes>{r[0], r[0], r[1], r[2]}; }},
    {"last doubled", [](std::vector<Bytes> r) { return std::vector<Bytes>{r[0], r[1], r[2], r[2]}; }},
    {"swapped", [](std::vector<Bytes> r) { return std::vector<Bytes>{r[1], r[0], r[2]}; }},
    {"reversed", [](std::vector<Bytes> r) { return std::vector<Bytes>{r[2], r[1], r[0]}; }},
    {"replayed", [](std::vector<Bytes> r) { return std::vector<Bytes>{r[0], r[1], r[0]}; }},
    {"second cut",
     [](std::vector<Bytes> r) {
       r[1].resize(r[1].size() - 1);
       return r;
     }},
};

TEST_P(ConnectionTamperTest, DataRecordsComeInOrderOrNotAtAll) {
  for (const Mischief& mischief : kMischief) {
    SCOPED_TRACE(mischief.name);
    Pair pair(mode());
    pair.Run();
    Bytes sent;
    std::vector<Bytes> records;
    for (const char* word : {"one", "two", "three"}) {
      pair.peer.Write(AsBytes(word));
      pair.peer.Advance();
      records.push_back(pair.peer.Send());
    }
    for (const Bytes& record : mischief.done(records)) {
      pair.subject.Receive(record);
      pair.subject.Advance();
    }
    EXPECT_EQ(pair.subject.error_code(), BadRecordCode());
    // What came before the mischief is good.
    EXPECT_TRUE(std::string_view("onetwothree").starts_with(AsText(pair.subject.received())));
  }
}

enum class Loss { kLost, kDoubled, kSwappedWithNext, kCut };

Delivery Lossy(size_t index, Loss loss, bool* hit) {
  return ByRecord([=, held = Bytes()](size_t i, Bytes record) mutable {
    if (i == index + 1 && !held.empty()) return std::vector<Bytes>{std::move(record), std::move(held)};
    if (i != index) return std::vector<Bytes>{std::move(record)};
    *hit = true;
    switch (loss) {
      case Loss::kLost:
        return std::vector<Bytes>();
      case Loss::kDoubled:
        return std::vector<Bytes>{record, record};
      case Loss::kSwappedWithNext:
        held = std::move(record);
        return std::vector<Bytes>();
      case Loss::kCut:
        record.resize(record.size() - 1);
        return std::vector<Bytes>{std::move(record)};
    }
    return std::vector<Bytes>();
  });
}

TEST_P(ConnectionTamperTest, HandshakeRecordsComeInOrderOrNotAtAll) {
  size_t refused = 0;
  for (const bool to_subject : {true, false}) {
    for (size_t index = 0; index < kMoreThanAnyHandshake; ++index) {
      for (const Loss loss : {Loss::kLost, Loss::kDoubled, Loss::kSwappedWithNext, Loss::kCut}) {
        SCOPED_TRACE(testing::Message() << "to subject: " << to_subject << ", record " << index << ", loss "
                                        << static_cast<int>(loss));
        bool hit = false;
        bool compatibility = false;
        Pair pair(mode(), {.request_certificate = true});
        // A lost ticket would be noticed only by what follows it.
        SSL_set_num_tickets(pair.peer.ssl(), 0);
        SSL_set_num_tickets(pair.subject->ssl(), 0);
        const Delivery lossy = [&, inner = Lossy(index, loss, &hit), seen = size_t{0}](Bytes sent) mutable {
          for (const Bytes& record : SplitRecords(sent)) {
            const bool affected = seen == index || (seen == index + 1 && loss == Loss::kSwappedWithNext);
            compatibility = compatibility || (affected && IsCompatibilityRecord(mode(), record));
            ++seen;
          }
          return inner(std::move(sent));
        };
        pair.Run(to_subject ? lossy : Whole(), to_subject ? Whole() : lossy);
        if (!hit) continue;
        if (pair.subject->established() && pair.peer.established() && pair.peer.error().empty()) {
          EXPECT_TRUE(compatibility);
          ExpectWorking(pair.subject, pair.peer);
        } else {
          ++refused;
          ExpectRefused(pair.subject);
        }
      }
    }
  }
  EXPECT_GE(refused, 16U);
}

}  // namespace
}  // namespace wasm_tls
