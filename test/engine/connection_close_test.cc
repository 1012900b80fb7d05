// The end of a connection: close_notify in either order, truncation at every point, and destruction in every state.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ConnectionCloseTest : public ConnectionTest {};
WASM_TLS_ALL_MODES(ConnectionCloseTest);

TEST_P(ConnectionCloseTest, ThePeerClosesFirstAndDataStillGoOut) {
  Pair pair(mode());
  pair.Run();
  pair.peer.Write(AsBytes("last words"));
  pair.peer.Shutdown();
  pair.Run();
  EXPECT_EQ(AsText(pair.subject.received()), "last words");
  EXPECT_TRUE(pair.subject->close_notify_received());
  EXPECT_FALSE(pair.subject->close_notify_sent());
  EXPECT_THAT(pair.subject.All<EndOfData>(), SizeIs(1));
  EXPECT_EQ(pair.subject.progress(), Progress::kIdle) << "the other direction is still open";
  const Bytes out = Pattern(100'000);
  pair.subject.Write(out);
  pair.Run();
  EXPECT_EQ(pair.peer.received(), out);
  pair.subject->Shutdown();
  EXPECT_EQ(pair.subject.Advance(), Progress::kClosed);
  EXPECT_TRUE(pair.subject->close_notify_sent());
  pair.Run();
  EXPECT_TRUE(pair.peer.close_notify_received());
  EXPECT_EQ(pair.subject.Advance(), Progress::kClosed);
  EXPECT_THAT(pair.subject.All<EndOfData>(), SizeIs(1));
}

TEST_P(ConnectionCloseTest, TheConnectionClosesFirstAndDataStillComeIn) {
  Pair pair(mode());
  pair.Run();
  pair.subject.Write(AsBytes("last words"));
  pair.subject->Shutdown();
  pair.Run();
  EXPECT_EQ(AsText(pair.peer.received()), "last words");
  EXPECT_TRUE(pair.subject->close_notify_sent());
  EXPECT_TRUE(pair.peer.close_notify_received());
  EXPECT_EQ(pair.subject.progress(), Progress::kIdle) << "the other direction is still open";
  const Bytes in = Pattern(100'000);
  pair.peer.Write(in);
  pair.Run();
  EXPECT_EQ(pair.subject.received(), in);
  pair.peer.Shutdown();
  pair.Run();
  EXPECT_EQ(pair.subject.progress(), Progress::kClosed);
  EXPECT_TRUE(pair.subject->close_notify_received());
}

TEST_P(ConnectionCloseTest, CloseNotifyComesAfterAllThatWasWritten) {
  Pair pair(mode(), {.enc_out_limit = 20'000});
  pair.Run();
  const Bytes out = Pattern(100'000);
  pair.subject.Write(out);
  pair.subject->Shutdown();
  EXPECT_EQ(pair.subject.Advance(), Progress::kBudgetFull);
  EXPECT_FALSE(pair.subject->close_notify_sent());
  pair.Run();
  EXPECT_EQ(pair.peer.received(), out);
  EXPECT_TRUE(pair.peer.close_notify_received());
}

TEST_P(ConnectionCloseTest, ShutdownBeforeTheHandshakeWaitsForIt) {
  Pair pair(mode());
  pair.subject.Write(AsBytes("hello"));
  pair.subject->Shutdown();
  pair.Run(ByteByByte(), ByteByByte());
  EXPECT_TRUE(pair.subject->established());
  EXPECT_EQ(AsText(pair.peer.received()), "hello");
  EXPECT_TRUE(pair.peer.close_notify_received());
}

TEST_P(ConnectionCloseTest, ShutdownTwiceSendsOneCloseNotify) {
  Pair pair(mode());
  pair.Run();
  pair.subject->Shutdown();
  pair.subject.Advance();
  EXPECT_THAT(SplitRecords(pair.subject.Send()), SizeIs(1));
  pair.subject->Shutdown();
  pair.subject.Advance();
  EXPECT_THAT(pair.subject.Send(), IsEmpty());
}

// RFC 8446 §6.1: "Any data received after a closure alert has been received MUST be ignored."
TEST_P(ConnectionCloseTest, WhatComesAfterCloseNotifyIsDropped) {
  Pair pair(mode());
  pair.Run();
  pair.peer.Shutdown();
  pair.peer.Advance();
  Bytes sent = pair.peer.Send();
  sent.insert(sent.end(), 5000, 0x42);
  pair.subject.Receive(sent);
  EXPECT_EQ(pair.subject.Advance(), Progress::kIdle);
  pair.subject.Receive(Bytes(5000, 0x42));
  EXPECT_EQ(pair.subject.Advance(), Progress::kIdle);
  EXPECT_THAT(pair.subject.received(), IsEmpty());
  EXPECT_EQ(pair.subject->ReserveEncIn(1).size(), 1U) << "it is kept";
}

TEST_P(ConnectionCloseTest, TheTransportEndsWithoutCloseNotify) {
  Pair pair(mode());
  pair.Run();
  pair.peer.Write(AsBytes("cut off"));
  pair.Run();
  pair.subject->EndEncIn();
  EXPECT_TRUE(pair.subject->truncated());
  EXPECT_EQ(pair.subject.Advance(), Progress::kIdle) << "it may still write";
  EXPECT_THAT(pair.subject.All<EndOfData>(), IsEmpty());
  EXPECT_FALSE(pair.subject->error().has_value());
  pair.subject->Shutdown();
  EXPECT_EQ(pair.subject.Advance(), Progress::kClosed);
  EXPECT_THAT(pair.subject->enc_out(), Not(IsEmpty()));
}

TEST_P(ConnectionCloseTest, TheTransportEndsAfterCloseNotify) {
  Pair pair(mode());
  pair.Run();
  pair.peer.Write(AsBytes("all of it"));
  pair.peer.Shutdown();
  pair.peer.Advance();
  pair.subject.Receive(pair.peer.Send());
  // Both facts arrive before the connection has looked at either.
  pair.subject->EndEncIn();
  EXPECT_FALSE(pair.subject->truncated()) << "it cannot know yet";
  pair.subject.Advance();
  EXPECT_FALSE(pair.subject->truncated());
  EXPECT_EQ(AsText(pair.subject.received()), "all of it");
  EXPECT_THAT(pair.subject.All<EndOfData>(), SizeIs(1));
}

TEST_P(ConnectionCloseTest, TheTransportEndsInTheMiddleOfARecord) {
  Pair pair(mode());
  pair.Run();
  pair.peer.Write(Pattern(1000));
  pair.peer.Advance();
  const Bytes record = pair.peer.Send();
  for (const size_t size : {size_t{1}, size_t{4}, size_t{5}, size_t{6}, record.size() - 1}) {
    SCOPED_TRACE(size);
    Pair fresh(mode());
    fresh.Run();
    fresh.peer.Write(Pattern(1000));
    fresh.peer.Advance();
    fresh.subject.Receive(BytesView(fresh.peer.Send()).first(size));
    fresh.subject->EndEncIn();
    EXPECT_EQ(fresh.subject.Advance(), Progress::kIdle);
    EXPECT_TRUE(fresh.subject->truncated());
    EXPECT_THAT(fresh.subject.received(), IsEmpty());
    fresh.subject->Shutdown();
    EXPECT_EQ(fresh.subject.Advance(), Progress::kClosed);
  }
}

// What is queued behind the budget counts as not yet read, however the transport has ended.
TEST_P(ConnectionCloseTest, TheTransportEndsWhileTheReaderIsHeldUp) {
  Pair pair(mode(), {.clear_out_limit = 1000});
  pair.Run();
  const Bytes in = Pattern(100'000);
  pair.peer.Write(in);
  pair.peer.Shutdown();
  pair.subject.reading = false;
  pair.Run();
  pair.subject->EndEncIn();
  pair.subject->Shutdown();
  EXPECT_EQ(pair.subject.Advance(), Progress::kBudgetFull);
  pair.subject.reading = true;
  EXPECT_EQ(pair.subject.Advance(), Progress::kClosed);
  EXPECT_EQ(pair.subject.received(), in);
  EXPECT_FALSE(pair.subject->truncated());
}

// Runs `pair` and, before each record and each half record that the subject would get, calls `visit`, until that
// returns true.
void WalkThroughHandshake(Pair& pair, size_t stop) {
  size_t pieces = 0;
  const auto halves = [&](size_t, const Bytes& record) {
    std::vector<Bytes> delivered;
    const size_t half = record.size() / 2;
    for (const BytesView piece : {BytesView(record).first(half), BytesView(record).subspan(half)}) {
      if (pieces++ < stop) delivered.push_back(ToBytes(piece));
    }
    return delivered;
  };
  pair.Run(ByRecord(halves), Whole());
}

constexpr size_t kMoreThanAnyHandshake = 40;

TEST_P(ConnectionCloseTest, TheTransportEndsDuringEveryFlight) {
  size_t unfinished = 0;
  for (size_t stop = 0; stop < kMoreThanAnyHandshake; ++stop) {
    SCOPED_TRACE(stop);
    Pair pair(mode(), {.request_certificate = true});
    WalkThroughHandshake(pair, stop);
    pair.subject->EndEncIn();
    const bool established = pair.subject->established();
    unfinished += established ? 0 : 1;
    EXPECT_EQ(pair.subject.Advance(), established ? Progress::kIdle : Progress::kClosed);
    EXPECT_EQ(pair.subject.Advance(), established ? Progress::kIdle : Progress::kClosed);
    EXPECT_TRUE(pair.subject->truncated());
    EXPECT_FALSE(pair.subject->error().has_value());
    EXPECT_THAT(pair.subject.All<EndOfData>(), IsEmpty());
  }
  EXPECT_GE(unfinished, 4U);
}

TEST_P(ConnectionCloseTest, ItIsDestroyedAfterEveryFlight) {
  for (size_t stop = 0; stop < kMoreThanAnyHandshake; ++stop) {
    Pair pair(mode(), {.request_certificate = true, .keylog = true, .trace = true, .sessions = true});
    pair.subject.Write(AsBytes("never sent"));
    WalkThroughHandshake(pair, stop);
    pair.subject.Destroy();
  }
}

TEST_P(ConnectionCloseTest, ItIsDestroyedInEveryOtherState) {
  const auto states = std::to_array<void (*)(Pair&)>({
      [](Pair&) {},
      [](Pair& pair) { pair.subject.Receive(AsBytes("unread")); },
      [](Pair& pair) {
        pair.Run();
        pair.subject.Write(Pattern(100'000));
        pair.subject.Advance();
      },
      [](Pair& pair) {
        pair.Run();
        pair.subject->Shutdown();
      },
      [](Pair& pair) {
        pair.Run();
        pair.subject->Shutdown();
        pair.subject.Advance();
      },
      [](Pair& pair) {
        pair.Run();
        pair.subject->KeyUpdate();
        pair.subject.Advance();
      },
      [](Pair& pair) {
        pair.Run();
        pair.peer.Shutdown();
        pair.Run();
      },
      [](Pair& pair) {
        pair.Run();
        pair.subject->EndEncIn();
        pair.subject.Advance();
      },
      [](Pair& pair) {
        pair.subject.Receive(AsBytes("GET / HTTP/1.1\r\n\r\n"));
        pair.subject.Advance();
      },
  });
  for (const auto& reach : states) {
    Pair pair(mode());
    reach(pair);
    pair.subject.Destroy();
  }
}

// A context outlives whoever made it as long as a connection uses it.
TEST_P(ConnectionCloseTest, TheContextMayGoFirst) {
  std::shared_ptr<SecureContext> context = MakeContext(ContextOptionsFor(mode()));
  Subject subject(context, {.role = mode().role});
  context.reset();
  OpensslPeer peer(PeerOptionsFor(mode()));
  Exchange(subject, peer).Run();
  ExpectWorking(subject, peer);
}

// Sent in the clear: during a handshake nobody can tell who closes.
TEST_P(ConnectionCloseTest, CloseNotifyInsteadOfAHandshakeEndsItOnce) {
  Pair pair(mode());
  ReachHandshake(pair);
  pair.subject.Receive(Bytes{21, 3, 3, 0, 2, 1, 0});
  EXPECT_EQ(pair.subject.Advance(), Progress::kClosed);
  EXPECT_EQ(pair.subject.Advance(), Progress::kClosed);
  EXPECT_THAT(pair.subject.All<EndOfData>(), SizeIs(1));
  EXPECT_TRUE(pair.subject->close_notify_received());
  EXPECT_FALSE(pair.subject->established());
  pair.subject.Receive(Bytes(1000, 22));
  EXPECT_EQ(pair.subject.Advance(), Progress::kClosed);
  EXPECT_EQ(pair.subject->ReserveEncIn(1).size(), 1U) << "input is kept after the end";
}

}  // namespace
}  // namespace wasm_tls
