#include "src/stand_ins/free_lists.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace wasm_tls {
namespace {

class FreeListsTest : public testing::Test {
 protected:
  ~FreeListsTest() override {
    for (void* block : blocks_) std::free(block);
  }

  // Of zeros, as a list wants it.
  void* NewBlock(size_t size) {
    blocks_.push_back(std::calloc(1, size));
    return blocks_.back();
  }

  FreeLists lists_;

 private:
  std::vector<void*> blocks_;
};

TEST_F(FreeListsTest, HaveNothingAtFirst) {
  for (const size_t size : {1U, 12U, 100U, 516U, 517U, 100'000U}) EXPECT_EQ(lists_.Take(size), nullptr) << size;
}

TEST_F(FreeListsTest, GiveABlockToWhomItIsLargeEnough) {
  void* block = NewBlock(28);
  for (size_t size = 21; size <= 28; ++size) {
    ASSERT_TRUE(lists_.Keep(block, 28));
    EXPECT_EQ(lists_.Take(20), nullptr);
    EXPECT_EQ(lists_.Take(29), nullptr);
    EXPECT_EQ(lists_.Take(size), block) << size;
  }
  EXPECT_EQ(lists_.Take(28), nullptr);
}

TEST_F(FreeListsTest, NeverGiveLessThanIsAskedFor) {
  for (size_t size = 12; size <= FreeLists::kLargest; ++size) {
    FreeLists lists;
    ASSERT_TRUE(lists.Keep(NewBlock(size), size)) << size;
    for (size_t more = FreeLists::kLargest; more > size; --more) ASSERT_EQ(lists.Take(more), nullptr) << size;
  }
}

TEST_F(FreeListsTest, GiveTheLatestFirstAndZeros) {
  constexpr size_t kSize = 100;
  void* blocks[] = {NewBlock(kSize), NewBlock(kSize), NewBlock(kSize)};
  for (void* block : blocks) ASSERT_TRUE(lists_.Keep(block, kSize));
  for (void* block : {blocks[2], blocks[1], blocks[0]}) {
    void* taken = lists_.Take(kSize);
    ASSERT_EQ(taken, block);
    const auto* bytes = static_cast<const char*>(taken);
    EXPECT_EQ(std::count(bytes, bytes + kSize, 0), kSize);
  }
}

TEST_F(FreeListsTest, RefuseWhatIsTooSmallOrTooLarge) {
  EXPECT_FALSE(lists_.Keep(NewBlock(11), 11));
  EXPECT_FALSE(lists_.Keep(NewBlock(FreeLists::kLargest + 1), FreeLists::kLargest + 1));
}

TEST_F(FreeListsTest, HoldSoMuchAndNoMore) {
  size_t kept = 0;
  while (lists_.Keep(NewBlock(516), 516)) kept += 516;
  EXPECT_LE(kept, FreeLists::kMostHeld);
  EXPECT_GT(kept, FreeLists::kMostHeld - 516);
  EXPECT_NE(lists_.Take(516), nullptr);
  EXPECT_TRUE(lists_.Keep(NewBlock(516), 516));
}

}  // namespace
}  // namespace wasm_tls
