// Of src/stand_ins what no handshake of the other tests leads to.
#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/http.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "src/error.h"
#include "src/openssl_ptr.h"
#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

class StandInsTest : public testing::Test {
 protected:
  void SetUp() override { test::EnsureLibrary(); }
};

// Scheme and host.
std::optional<std::pair<std::string, std::string>> Parts(const char* url) {
  const ErrorQueueScope errors;
  char* scheme = nullptr;
  char* host = nullptr;
  if (OSSL_parse_url(url, &scheme, nullptr, &host, nullptr, nullptr, nullptr, nullptr, nullptr) != 1) return {};
  const OpensslMemoryPtr<char> scheme_owner(scheme), host_owner(host);
  return std::pair(std::string(scheme), std::string(host));
}

TEST_F(StandInsTest, TellSchemeAndHostOfAUrl) {
  const auto parts = [](const char* scheme, const char* host) {
    return std::pair<std::string, std::string>(scheme, host);
  };
  EXPECT_EQ(Parts("https://example.org/a?b#c"), parts("https", "example.org"));
  EXPECT_EQ(Parts("https://user:word@example.org:8443/"), parts("https", "example.org"));
  EXPECT_EQ(Parts("spiffe://example.org"), parts("spiffe", "example.org"));
  EXPECT_EQ(Parts("http://example.org?a@b"), parts("http", "example.org"));
  EXPECT_EQ(Parts("http://example.org#a@b:c"), parts("http", "example.org"));
  EXPECT_EQ(Parts("http://[::1]:80/"), parts("http", "[::1]"));
  EXPECT_EQ(Parts("example.org"), parts("", "example.org"));
}

TEST_F(StandInsTest, RefuseWhatIsNoUrl) {
  for (const char* url : {"://example.org", "http://[::1", "http://[::1]a", "http://example.org:", "http://a:x",
                          "http://a:80x/", "http://a:65536/", "http://a:-1/"}) {
    EXPECT_FALSE(Parts(url).has_value()) << url;
  }
}

TEST_F(StandInsTest, RefuseControlsOfKeysThatAreNotTranslated) {
  const ErrorQueueScope errors;
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(test::Key(test::KeyType::kRsa2048), nullptr));
  ASSERT_EQ(EVP_PKEY_encrypt_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()), -2);
  EXPECT_EQ(EVP_PKEY_CTX_ctrl_str(context.get(), "rsa_padding_mode", "oaep"), -2);
}

TEST_F(StandInsTest, ReallocateAsOpensslDoes) {
  EXPECT_EQ(CRYPTO_realloc(nullptr, 0, nullptr, 0), nullptr);
  for (const size_t first : {1, 95, 96, 1000}) {
    for (const size_t second : {1, 95, 96, 1000, 5000}) {
      auto* block = static_cast<uint8_t*>(CRYPTO_realloc(nullptr, first, nullptr, 0));
      ASSERT_NE(block, nullptr);
      std::fill_n(block, first, uint8_t{7});
      block = static_cast<uint8_t*>(CRYPTO_realloc(block, second, nullptr, 0));
      ASSERT_NE(block, nullptr);
      const size_t kept = std::min(first, second);
      EXPECT_EQ(static_cast<size_t>(std::count(block, block + kept, 7)), kept);
      block[second - 1] = 8;
      // Freed, or the sanitizer will say so.
      EXPECT_EQ(CRYPTO_realloc(block, 0, nullptr, 0), nullptr);
    }
  }
}

}  // namespace
}  // namespace wasm_tls
