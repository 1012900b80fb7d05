#include "src/server_name_map.h"

#include <gtest/gtest.h>

#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

class ServerNameMapTest : public testing::Test {
 protected:
  void SetUp() override { test::EnsureLibrary(); }

  // Adds a pattern with a context of its own.
  SecureContext* Add(std::string_view pattern) {
    auto context = *SecureContext::Create({.ciphers = "DEFAULT"});
    SecureContext* added = context.get();
    map_.Add(pattern, std::move(context));
    return added;
  }

  const SecureContext* Find(std::string_view name) const { return map_.Find(name).get(); }

  ServerNameMap map_;
};

TEST_F(ServerNameMapTest, FindsNothingInAnEmptyMap) {
  EXPECT_EQ(Find("a.com"), nullptr);
  EXPECT_EQ(Find(""), nullptr);
}

TEST_F(ServerNameMapTest, FindsExactNamesInAnyCase) {
  const SecureContext* a = Add("A.com");
  const SecureContext* b = Add("b.com");
  EXPECT_EQ(Find("a.COM"), a);
  EXPECT_EQ(Find("b.com"), b);
  EXPECT_EQ(Find("c.com"), nullptr);
  EXPECT_EQ(Find("x.a.com"), nullptr);
}

TEST_F(ServerNameMapTest, AWildcardStaysWithinALabel) {
  const SecureContext* wild = Add("*.a.com");
  EXPECT_EQ(Find("b.a.com"), wild);
  EXPECT_EQ(Find("B.A.com"), wild);
  EXPECT_EQ(Find(".a.com"), wild);
  EXPECT_EQ(Find("a.com"), nullptr);
  EXPECT_EQ(Find("c.b.a.com"), nullptr);
  EXPECT_EQ(Find("b.axcom"), nullptr);
}

TEST_F(ServerNameMapTest, WildcardsStandAnywhere) {
  const SecureContext* inner = Add("w*w.*.org");
  EXPECT_EQ(Find("www.b.org"), inner);
  EXPECT_EQ(Find("wxwyw.b.org"), inner);
  EXPECT_EQ(Find("ww..org"), inner);
  EXPECT_EQ(Find("w.b.org"), nullptr);
  EXPECT_EQ(Find("w.w.b.org"), nullptr);
  EXPECT_EQ(Find("www.b.orgs"), nullptr);
  const SecureContext* any = Add("*");
  EXPECT_EQ(Find("localhost"), any);
  EXPECT_EQ(Find("a.com"), nullptr);
}

TEST_F(ServerNameMapTest, AnExactNameComesBeforeAnyPattern) {
  const SecureContext* exact = Add("b.a.com");
  const SecureContext* wild = Add("*.a.com");
  EXPECT_EQ(Find("b.a.com"), exact);
  EXPECT_EQ(Find("c.a.com"), wild);
  const SecureContext* again = Add("b.a.com");
  EXPECT_EQ(Find("b.a.com"), again);
}

TEST_F(ServerNameMapTest, TheLastAddedOfThePatternsThatMatchWins) {
  const SecureContext* wild = Add("*.a.com");
  const SecureContext* other = Add("b*.a.com");
  EXPECT_EQ(Find("b.a.com"), other);
  EXPECT_EQ(Find("c.a.com"), wild);
  const SecureContext* wild_again = Add("*.a.com");
  EXPECT_EQ(Find("b.a.com"), wild_again);
}

TEST_F(ServerNameMapTest, KeepsItsContextsAlive) {
  auto context = *SecureContext::Create({.ciphers = "DEFAULT"});
  const std::weak_ptr<SecureContext> watch = context;
  map_.Add("a.com", std::move(context));
  EXPECT_FALSE(watch.expired());
  Add("a.com");
  EXPECT_TRUE(watch.expired());
}

TEST_F(ServerNameMapTest, ManyStarsDoNotTakeForever) {
  std::string stars;
  for (int i = 0; i < 200; ++i) stars += "*a";
  Add(stars + "b");
  EXPECT_EQ(Find(std::string(5000, 'a')), nullptr);
}

}  // namespace
}  // namespace wasm_tls
