#include "src/library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/rand.h>

#include <algorithm>

#include "src/stand_ins/random.h"
#include "test/engine/support/pki.h"
#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using testing::Contains;
using testing::StartsWith;

class LibraryTest : public testing::Test {
 protected:
  void SetUp() override { test::EnsureLibrary(); }
};

TEST_F(LibraryTest, ASecondInitializationChangesNothing) {
  // The first source of randomness stays: this one would fail.
  EXPECT_TRUE(InitLibrary({.fill_random = [](uint8_t*, size_t) { return false; }}).has_value());
  uint8_t byte = 0;
  EXPECT_EQ(RAND_bytes(&byte, 1), 1);
}

TEST_F(LibraryTest, NamesCiphersAsNodeDoes) {
  const std::vector<std::string> names = CipherNames();
  EXPECT_THAT(names, Contains("tls_aes_256_gcm_sha384"));
  EXPECT_THAT(names, Contains("tls_aes_128_ccm_8_sha256"));
  EXPECT_THAT(names, Contains("ecdhe-rsa-aes128-gcm-sha256"));
  EXPECT_THAT(names, Contains("psk-aes128-gcm-sha256"));
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end()) << "a name occurs twice";
  for (const std::string& name : names) {
    EXPECT_TRUE(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; })) << name;
  }
}

TEST_F(LibraryTest, TellsItsOpenssl) { EXPECT_THAT(OpensslVersion(), StartsWith("OpenSSL 3.5.")); }

// Every random byte of a handshake comes from the host: without one it fails, and says so.
class NoRandomness {
 public:
  NoRandomness() : before_(SetRandomSource({.fill = [](uint8_t*, size_t) { return false; }})) {}
  ~NoRandomness() { SetRandomSource(before_); }

 private:
  RandomSource before_;
};

TEST_F(LibraryTest, WithoutRandomnessAHandshakeFailsWithACode) {
  test::Subject client(test::MakeContext(test::ContextOptions()), {.role = Role::kClient});
  {
    const NoRandomness none;
    EXPECT_EQ(client.Advance(), Progress::kFailed);
  }
  EXPECT_THAT(client.error_code(), StartsWith("ERR_SSL_"));
  EXPECT_EQ(client.Advance(), Progress::kFailed);
}

}  // namespace
}  // namespace wasm_tls
