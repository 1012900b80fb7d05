#include "src/renegotiation_guard.h"

#include <gtest/gtest.h>

#include <limits>

namespace wasm_tls {
namespace {

constexpr double kWindow = 600'000;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr auto kAllowed = RenegotiationVerdict::kAllowed;
constexpr auto kAttack = RenegotiationVerdict::kAttack;
constexpr auto kDisabled = RenegotiationVerdict::kDisabled;

RenegotiationVerdict Judge(RenegotiationGuard& guard, double now, double limit = 3, double window = kWindow) {
  return guard.Judge({.now_ms = now, .limit = limit, .window_ms = window});
}

TEST(RenegotiationGuardTest, TheFourthInTheWindowIsAnAttack) {
  RenegotiationGuard guard;
  for (const double now : {0.0, 1.0, 2.0}) EXPECT_EQ(Judge(guard, now), kAllowed) << now;
  EXPECT_EQ(Judge(guard, 3), kAttack);
  EXPECT_EQ(Judge(guard, 4), kAttack);
}

TEST(RenegotiationGuardTest, TheWindowSlides) {
  RenegotiationGuard guard;
  EXPECT_EQ(Judge(guard, 1000), kAllowed);
  EXPECT_EQ(Judge(guard, 1000 + kWindow / 2), kAllowed);
  EXPECT_EQ(Judge(guard, 1000 + kWindow / 2), kAllowed);
  // The first is forgotten at this very moment, the other two half a window later.
  EXPECT_EQ(Judge(guard, 1000 + kWindow), kAllowed);
  EXPECT_EQ(Judge(guard, 1000 + kWindow + 1), kAttack);
}

TEST(RenegotiationGuardTest, AMomentBeforeTheWindowHasPassedItHasNot) {
  RenegotiationGuard guard;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Judge(guard, 5), kAllowed);
  EXPECT_EQ(Judge(guard, 4.5 + kWindow), kAttack);
}

TEST(RenegotiationGuardTest, EvenlySpreadWishesAreNeverAnAttack) {
  RenegotiationGuard guard;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Judge(guard, i * kWindow / 3), kAllowed) << i;
}

TEST(RenegotiationGuardTest, WhoGoesOnAskingStaysRefused) {
  RenegotiationGuard guard;
  for (int i = 0; i < 3; ++i) Judge(guard, 0);
  for (int i = 1; i < 50; ++i) EXPECT_EQ(Judge(guard, i * kWindow / 10), kAttack) << i;
}

TEST(RenegotiationGuardTest, LimitAndWindowAreThoseOfTheMoment) {
  RenegotiationGuard guard;
  EXPECT_EQ(Judge(guard, 0, 0), kAttack);
  EXPECT_EQ(Judge(guard, 1, 5), kAllowed);
  EXPECT_EQ(Judge(guard, 2, 2), kAttack);
  EXPECT_EQ(Judge(guard, 3, 1, 1), kAllowed);
}

TEST(RenegotiationGuardTest, ValuesThatMakeNoSenseNeverHarm) {
  RenegotiationGuard no_limit;
  RenegotiationGuard endless;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(Judge(no_limit, i, i % 2 == 0 ? kNan : std::numeric_limits<double>::infinity()), kAllowed);
    EXPECT_EQ(Judge(endless, i * kWindow, 3, kNan), i < 3 ? kAllowed : kAttack);
  }
  RenegotiationGuard no_window;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Judge(no_window, 0, 1, i % 2 == 0 ? 0 : -1), kAllowed);
}

TEST(RenegotiationGuardTest, MemoryIsBounded) {
  RenegotiationGuard guard;
  const double most = RenegotiationGuard::kMostRemembered;
  for (int i = 0; i < 3 * static_cast<int>(most); ++i) EXPECT_EQ(Judge(guard, 0, most), kAllowed);
  EXPECT_EQ(Judge(guard, 0, most - 1), kAttack);
}

TEST(RenegotiationGuardTest, DisabledIsDisabledAndAnAttackAnAttack) {
  RenegotiationGuard guard;
  EXPECT_EQ(Judge(guard, 0), kAllowed);
  guard.Disable();
  EXPECT_EQ(Judge(guard, 1), kDisabled);
  EXPECT_EQ(Judge(guard, 2), kDisabled);
  EXPECT_EQ(Judge(guard, 3), kAttack);
  EXPECT_EQ(Judge(guard, 3 + 2 * kWindow), kDisabled);
}

}  // namespace
}  // namespace wasm_tls
