#include "src/byte_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace wasm_tls {
namespace {

using testing::ElementsAre;

void Put(ByteQueue& queue, BytesView bytes) {
  std::copy(bytes.begin(), bytes.end(), queue.Reserve(bytes.size()).begin());
  queue.Commit(bytes.size());
}

// What the block holds beyond the queued bytes tells whether there is one.
bool HoldsMemory(ByteQueue& queue) { return queue.Reserve(0).data() != nullptr; }

TEST(ByteQueueTest, StartsEmptyAndWithoutMemory) {
  ByteQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_TRUE(queue.view().empty());
  EXPECT_FALSE(HoldsMemory(queue));
}

TEST(ByteQueueTest, GivesBytesInTheOrderTheyCame) {
  ByteQueue queue;
  queue.Append(Bytes{1, 2, 3});
  Put(queue, Bytes{4, 5});
  EXPECT_THAT(queue.view(), ElementsAre(1, 2, 3, 4, 5));
  queue.Consume(2);
  EXPECT_THAT(queue.view(), ElementsAre(3, 4, 5));
  queue.Append(Bytes{6});
  EXPECT_THAT(queue.view(), ElementsAre(3, 4, 5, 6));
}

TEST(ByteQueueTest, CommitsLessThanWasReserved) {
  ByteQueue queue;
  const std::span<uint8_t> room = queue.Reserve(100);
  ASSERT_GE(room.size(), 100U);
  room[0] = 7;
  queue.Commit(1);
  EXPECT_THAT(queue.view(), ElementsAre(7));
}

TEST(ByteQueueTest, HoldsNoMemoryOnceConsumed) {
  ByteQueue queue;
  queue.Append(Bytes(1000, 1));
  queue.Consume(400);
  EXPECT_TRUE(HoldsMemory(queue));
  queue.Consume(600);
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(HoldsMemory(queue));
}

TEST(ByteQueueTest, HoldsNoMemoryOnceCleared) {
  ByteQueue queue;
  queue.Append(Bytes(1000, 1));
  queue.Clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(HoldsMemory(queue));
}

TEST(ByteQueueTest, HoldsNoMemoryWhenNothingCameOfAReservation) {
  ByteQueue queue;
  queue.Reserve(1000);
  queue.Commit(0);
  EXPECT_FALSE(HoldsMemory(queue));
}

TEST(ByteQueueTest, AppendingNothingNeedsNoMemory) {
  ByteQueue queue;
  queue.Append({});
  EXPECT_FALSE(HoldsMemory(queue));
}

TEST(ByteQueueTest, FirstBlockIsAsLargeAsAskedFor) {
  ByteQueue queue;
  EXPECT_EQ(queue.Reserve(1234).size(), 1234U);
}

// A queue that is never quite empty must not grow with what has passed through it.
TEST(ByteQueueTest, RoomAtTheFrontIsUsedAgain) {
  ByteQueue queue;
  queue.Append(Bytes(100, 0));
  for (int i = 0; i < 10'000; ++i) {
    queue.Append(Bytes(90, 1));
    queue.Consume(90);
  }
  EXPECT_EQ(queue.size(), 100U);
  EXPECT_LE(queue.size() + queue.Reserve(0).size(), 1000U);
}

TEST(ByteQueueTest, AgreesWithADequeWhateverIsDone) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    ByteQueue queue;
    std::deque<uint8_t> model;
    uint8_t next = 0;
    for (int step = 0; step < 2000; ++step) {
      const size_t size = random() % (random() % 10 == 0 ? 5000 : 50);
      if (random() % 2 == 0) {
        Bytes bytes(size);
        for (uint8_t& byte : bytes) byte = next++;
        model.insert(model.end(), bytes.begin(), bytes.end());
        if (random() % 2 == 0) {
          queue.Append(bytes);
        } else {
          Put(queue, bytes);
        }
      } else {
        const size_t consumed = std::min(size, model.size());
        queue.Consume(consumed);
        model.erase(model.begin(), model.begin() + static_cast<ptrdiff_t>(consumed));
      }
      ASSERT_EQ(queue.size(), model.size());
      ASSERT_EQ(queue.empty(), model.empty());
      ASSERT_TRUE(std::equal(model.begin(), model.end(), queue.view().begin())) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace wasm_tls
