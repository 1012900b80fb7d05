#include "src/stand_ins/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <array>

#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

int g_calls = 0;

// Bytes that count the calls.
bool Count(uint8_t* out, size_t size) {
  ++g_calls;
  std::fill_n(out, size, static_cast<uint8_t>(g_calls));
  return true;
}

class RandomTest : public ::testing::Test {
 protected:
  RandomTest() {
    test::EnsureLibrary();
    g_calls = 0;
    before_ = SetRandomSource({.fill = Count});
  }
  ~RandomTest() override {
    SetRandomSource(before_);
    ERR_clear_error();
  }

  template <size_t kSize>
  static std::array<uint8_t, kSize> Take() {
    std::array<uint8_t, kSize> bytes{};
    EXPECT_EQ(RAND_bytes(bytes.data(), kSize), 1);
    return bytes;
  }

 private:
  RandomSource before_;
};

TEST_F(RandomTest, AsksOnceForManySmallPieces) {
  for (int i = 0; i < 1024 / 32; ++i) EXPECT_THAT(Take<32>(), Each(1));
  EXPECT_EQ(g_calls, 1);
  EXPECT_THAT(Take<32>(), Each(2));
}

TEST_F(RandomTest, NeverGivesThePartsOfTwoStores) {
  for (int i = 0; i < 9; ++i) Take<100>();
  Take<24>();
  EXPECT_THAT(Take<100>(), Each(1));
  EXPECT_THAT(Take<1>(), Each(2));
}

TEST_F(RandomTest, AsksForALargePieceItself) {
  EXPECT_THAT(Take<2>(), ElementsAre(1, 1));
  EXPECT_THAT(Take<200>(), Each(2));
  EXPECT_THAT(Take<2>(), ElementsAre(1, 1));
}

TEST_F(RandomTest, KeepsNothingOfTheSourceBefore) {
  Take<32>();
  const RandomSource counting = SetRandomSource({.fill = [](uint8_t*, size_t) { return false; }});
  uint8_t byte = 0;
  EXPECT_EQ(RAND_bytes(&byte, 1), 0);
  SetRandomSource(counting);
  EXPECT_EQ(RAND_bytes(&byte, 1), 1);
}

}  // namespace
}  // namespace wasm_tls
