// Cleartext both ways: sizes, budgets, record sizes, new keys, and the memory that is left when nothing is queued.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/engine/support/record_forge.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

constexpr size_t kMaxRecord = 16384;
constexpr size_t kMiB = 1024 * 1024;

class ConnectionDataTest : public ConnectionTest {
 protected:
  // Empty queues hold no memory: a reservation then gives just what is asked for.
  static void ExpectNoMemory(Subject& subject) {
    EXPECT_TRUE(subject->enc_out().empty());
    EXPECT_TRUE(subject->clear_out().empty());
    EXPECT_EQ(subject->enc_out().data(), nullptr);
    EXPECT_EQ(subject->clear_out().data(), nullptr);
    EXPECT_EQ(subject->ReserveEncIn(1).size(), 1U);
    subject->CommitEncIn(0);
    EXPECT_EQ(subject->ReserveClearIn(1).size(), 1U);
    subject->CommitClearIn(0);
  }
};
WASM_TLS_ALL_MODES(ConnectionDataTest);

TEST_P(ConnectionDataTest, AnySizePassesBothWays) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{100}, kMaxRecord - 1, kMaxRecord, kMaxRecord + 1, kMiB}) {
    SCOPED_TRACE(size);
    Pair pair(mode());
    pair.Run();
    const Bytes out = Pattern(size, 1);
    const Bytes in = Pattern(size, 2);
    pair.subject.Write(out);
    pair.peer.Write(in);
    pair.Run();
    EXPECT_EQ(Sha256(pair.peer.received()), Sha256(out));
    EXPECT_EQ(Sha256(pair.subject.received()), Sha256(in));
    EXPECT_EQ(pair.subject.progress(), Progress::kIdle);
    ExpectNoMemory(pair.subject);
  }
}

TEST_P(ConnectionDataTest, FragmentsMakeNoDifference) {
  const Bytes out = Pattern(50'000, 1);
  const Bytes in = Pattern(50'000, 2);
  for (uint32_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(seed);
    Pair pair(mode());
    pair.Run();
    pair.subject.Write(out);
    pair.peer.Write(in);
    // Seed 0: byte by byte.
    pair.Run(seed == 0 ? ByteByByte() : RandomFragments(seed), seed == 0 ? ByteByByte() : RandomFragments(seed + 50));
    EXPECT_EQ(pair.peer.received(), out);
    EXPECT_EQ(pair.subject.received(), in);
    ExpectNoMemory(pair.subject);
  }
}

TEST_P(ConnectionDataTest, ManySmallWritesKeepTheirOrder) {
  Pair pair(mode());
  pair.Run();
  Bytes out;
  for (uint32_t i = 0; i < 500; ++i) {
    const Bytes piece = Pattern(i % 37, i);
    pair.subject.Write(piece);
    out.insert(out.end(), piece.begin(), piece.end());
    if (i % 3 == 0) pair.subject.Advance();
    if (i % 7 == 0) Exchange(pair.subject, pair.peer).Step();
  }
  pair.Run();
  EXPECT_EQ(pair.peer.received(), out);
}

TEST_P(ConnectionDataTest, NoMemoryIsLeftBehindTheHandshake) {
  Pair pair(mode());
  pair.Run(ByteByByte(), Whole());
  ExpectNoMemory(pair.subject);
}

TEST_P(ConnectionDataTest, HalfARecordTakesOnlyItsOwnMemory) {
  Pair pair(mode());
  pair.Run();
  pair.peer.Write(Pattern(1000));
  pair.peer.Advance();
  const Bytes record = pair.peer.Send();
  pair.subject.Receive(BytesView(record).first(500));
  pair.subject.Advance();
  ExpectNoMemory(pair.subject);
  pair.subject.Receive(BytesView(record).subspan(500));
  pair.subject.Advance();
  EXPECT_EQ(pair.subject.received(), Pattern(1000));
}

// --- budgets ---------------------------------------------------------------------------------------------------------

TEST_P(ConnectionDataTest, ClearOutStopsAtItsLimit) {
  constexpr size_t kLimit = 30'000;
  Pair pair(mode(), {.clear_out_limit = kLimit});
  pair.Run();
  const Bytes in = Pattern(300'000);
  pair.peer.Write(in);
  pair.subject.reading = false;
  pair.Run();
  EXPECT_EQ(pair.subject.progress(), Progress::kBudgetFull);
  EXPECT_THAT(pair.subject->clear_out(), SizeIs(Ge(kLimit)));
  EXPECT_THAT(pair.subject->clear_out(), SizeIs(Le(kLimit + kMaxRecord)));
  // It stays full however often it is asked, and goes on as soon as there is room.
  const size_t full = pair.subject->clear_out().size();
  EXPECT_EQ(pair.subject.Advance(), Progress::kBudgetFull);
  EXPECT_THAT(pair.subject->clear_out(), SizeIs(full));
  pair.subject.reading = true;
  pair.Run();
  EXPECT_EQ(pair.subject.received(), in);
}

TEST_P(ConnectionDataTest, EncOutStopsAtItsLimit) {
  constexpr size_t kLimit = 30'000;
  Pair pair(mode(), {.enc_out_limit = kLimit});
  pair.Run();
  const Bytes out = Pattern(300'000);
  pair.subject.Write(out);
  EXPECT_EQ(pair.subject.Advance(), Progress::kBudgetFull);
  EXPECT_EQ(pair.subject.Advance(), Progress::kBudgetFull);
  EXPECT_THAT(pair.subject->enc_out(), SizeIs(Ge(kLimit)));
  EXPECT_THAT(pair.subject->enc_out(), SizeIs(Le(kLimit + kMaxRecord + 1000)));
  EXPECT_GT(pair.subject->clear_in_size(), 0U);
  pair.Run();
  EXPECT_EQ(pair.peer.received(), out);
}

TEST_P(ConnectionDataTest, ReadingGoesOnWhileTheWriterIsHeldUp) {
  Pair pair(mode(), {.enc_out_limit = 10'000});
  pair.Run();
  pair.subject.Write(Pattern(100'000));
  ASSERT_EQ(pair.subject.Advance(), Progress::kBudgetFull);
  const Bytes in = Pattern(200'000, 2);
  pair.peer.Write(in);
  pair.peer.Advance();
  pair.subject.Receive(pair.peer.Send());
  EXPECT_EQ(pair.subject.Advance(), Progress::kBudgetFull);
  EXPECT_EQ(pair.subject.received(), in);
}

TEST_P(ConnectionDataTest, WritingGoesOnWhileTheReaderIsHeldUp) {
  Pair pair(mode(), {.clear_out_limit = 10'000});
  pair.Run();
  pair.subject.reading = false;
  pair.peer.Write(Pattern(100'000));
  pair.Run();
  ASSERT_EQ(pair.subject.progress(), Progress::kBudgetFull);
  const Bytes out = Pattern(200'000, 2);
  pair.subject.Write(out);
  pair.Run();
  EXPECT_EQ(pair.peer.received(), out);
}

TEST_P(ConnectionDataTest, CloseNotifyIsSentWhileTheReaderIsHeldUp) {
  Pair pair(mode(), {.clear_out_limit = 10'000});
  pair.Run();
  pair.subject.reading = false;
  pair.peer.Write(Pattern(100'000));
  pair.subject->Shutdown();
  pair.Run();
  EXPECT_TRUE(pair.peer.close_notify_received());
}

// --- record sizes ----------------------------------------------------------------------------------------------------

TEST_P(ConnectionDataTest, RecordsAreAsLargeAsAllowed) {
  for (const size_t fragment : {size_t{512}, size_t{1000}, kMaxRecord}) {
    SCOPED_TRACE(fragment);
    Pair pair(mode());
    pair.Run();
    ASSERT_TRUE(pair.subject->SetMaxSendFragment(fragment));
    const Bytes out = Pattern(40'000);
    pair.subject.Write(out);
    pair.subject.Advance();
    const Bytes sent = pair.subject.Send();
    const std::vector<Bytes> records = SplitRecords(sent);
    EXPECT_THAT(records, SizeIs((out.size() + fragment - 1) / fragment));
    EXPECT_THAT(records, Each(SizeIs(Le(fragment + 100))));
    pair.peer.Receive(sent);
    pair.peer.Advance();
    EXPECT_EQ(pair.peer.received(), out);
  }
}

TEST_P(ConnectionDataTest, TellsHowTheCleartextWasCutIntoRecords) {
  Pair pair(mode());
  pair.Run();
  EXPECT_THAT(pair.subject->clear_out_records(), IsEmpty());
  for (const size_t size : {5, 1, 700}) {
    pair.peer.Write(Pattern(size));
    pair.peer.Advance();
  }
  pair.subject.Receive(pair.peer.Send());
  pair.subject->Advance();
  EXPECT_THAT(pair.subject->clear_out_records(), ElementsAre(5, 1, 700));
  pair.subject->ConsumeClearOut(5);
  EXPECT_THAT(pair.subject->clear_out_records(), ElementsAre(1, 700));
  pair.subject->ConsumeClearOut(101);
  EXPECT_THAT(pair.subject->clear_out_records(), ElementsAre(600));
  pair.subject->ConsumeClearOut(600);
  EXPECT_THAT(pair.subject->clear_out_records(), IsEmpty());
}

TEST_P(ConnectionDataTest, ARecordSizeOutsideTheRangeIsRefused) {
  const Pair pair(mode());
  for (const size_t size : {size_t{0}, size_t{1}, size_t{511}, kMaxRecord + 1, SIZE_MAX}) {
    EXPECT_FALSE(pair.subject->SetMaxSendFragment(size)) << size;
  }
}

// --- new keys --------------------------------------------------------------------------------------------------------

TEST_P(ConnectionDataTest, KeysAreUpdatedOrTheWishIsIgnored) {
  Pair pair(mode());
  pair.Run();
  pair.subject->KeyUpdate();
  EXPECT_EQ(pair.subject.Advance(), Progress::kIdle);
  // TLS 1.2 has no such thing.
  EXPECT_THAT(SplitRecords(pair.subject->enc_out()), SizeIs(mode().tls13() ? 1 : 0));
  ExpectWorking(pair.subject, pair.peer);
  pair.subject->KeyUpdate();
  ExpectWorking(pair.subject, pair.peer);
}

TEST_P(ConnectionDataTest, KeyUpdatesOfThePeerAreFollowed) {
  if (!mode().tls13()) GTEST_SKIP() << "TLS 1.3 only";
  for (const int request : {SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED}) {
    Pair pair(mode());
    pair.Run();
    for (int i = 0; i < 3; ++i) {
      SSL_key_update(pair.peer.ssl(), request);
      pair.peer.Advance();
      ExpectWorking(pair.subject, pair.peer);
    }
  }
}

TEST_P(ConnectionDataTest, AKeyUpdateWishedForBeforeTheHandshakeComesAfterIt) {
  Pair pair(mode());
  pair.subject->KeyUpdate();
  pair.Run();
  ExpectWorking(pair.subject, pair.peer);
}

// A server may send tickets at any time, in as many records as it likes. Whoever wishes for new keys or to close in the
// middle of one gets it as soon as that is through.
class ConnectionMidMessageTest : public testing::Test {
 protected:
  ConnectionMidMessageTest() : pair_({Role::kClient, TLS1_3_VERSION}) {
    SSL_set_num_tickets(pair_.peer.ssl(), 0);
    pair_.Run();
    RecordForge forge(pair_.peer, 0);
    Bytes message = {4, 0, 0, 0};  // NewSessionTicket
    const Bytes body = Ticket();
    message[3] = static_cast<uint8_t>(body.size());
    message.insert(message.end(), body.begin(), body.end());
    first_half_ = forge.Seal(ContentType::kHandshake, BytesView(message).first(20));
    second_half_ = forge.Seal(ContentType::kHandshake, BytesView(message).subspan(20));
    pair_.subject.Receive(first_half_);
    pair_.subject.Advance();
  }

  // RFC 8446 §4.6.1: lifetime, age_add, nonce<0..255>, ticket<1..2^16-1>, extensions<0..2^16-2>.
  static Bytes Ticket() {
    Bytes body = {0, 0, 14, 16, 1, 2, 3, 4, 1, 0, 0, 32};
    body.insert(body.end(), 32, 0x55);
    body.insert(body.end(), {0, 0});
    return body;
  }

  Pair pair_;
  Bytes first_half_;
  Bytes second_half_;
};

TEST_F(ConnectionMidMessageTest, NewKeysWaitForTheEndOfTheMessage) {
  pair_.subject->KeyUpdate();
  EXPECT_EQ(pair_.subject.Advance(), Progress::kIdle) << pair_.subject.error_code();
  EXPECT_TRUE(pair_.subject.Send().empty());
  pair_.subject.Receive(second_half_);
  EXPECT_EQ(pair_.subject.Advance(), Progress::kIdle);
  pair_.subject.Advance();
  EXPECT_THAT(SplitRecords(pair_.subject.Send()), SizeIs(1));
}

TEST_F(ConnectionMidMessageTest, CloseNotifyWaitsForTheEndOfTheMessage) {
  pair_.subject->Shutdown();
  EXPECT_EQ(pair_.subject.Advance(), Progress::kIdle) << pair_.subject.error_code();
  pair_.subject.Receive(second_half_);
  EXPECT_EQ(pair_.subject.Advance(), Progress::kIdle);
  EXPECT_TRUE(pair_.subject->close_notify_sent());
}

TEST_F(ConnectionMidMessageTest, WhenTheRestNeverComesTheConnectionIsClosed) {
  pair_.subject->Shutdown();
  pair_.subject->EndEncIn();
  EXPECT_EQ(pair_.subject.Advance(), Progress::kClosed);
  EXPECT_TRUE(pair_.subject->truncated());
}

TEST_F(ConnectionMidMessageTest, DataWaitForTheEndOfTheMessageWithoutExtraMemory) {
  pair_.subject.Write(AsBytes("waiting"));
  EXPECT_EQ(pair_.subject.Advance(), Progress::kIdle);
  EXPECT_EQ(pair_.subject->enc_out().data(), nullptr);
  pair_.subject.Receive(second_half_);
  pair_.subject.Advance();
  pair_.peer.Receive(pair_.subject.Send());
  pair_.peer.Advance();
  EXPECT_EQ(AsText(pair_.peer.received()), "waiting");
}

}  // namespace
}  // namespace wasm_tls
