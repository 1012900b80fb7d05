#include "src/issuer.h"

#include <gtest/gtest.h>

#include "src/trust_store.h"
#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

using test::Identity;
using test::KeyType;
using test::MakeCa;

class Issuer : public testing::Test {
 protected:
  const Identity root_ = MakeCa("Root");
  const Identity twin_ = MakeCa("Root", KeyType::kP256, 1);
  const Identity leaf_ = root_.Issue({.key_number = 2, .names = "DNS:localhost"});
};

TEST_F(Issuer, IsToldByNameAndKeyIdentifier) {
  EXPECT_TRUE(IssuedBy(leaf_.certificate(), root_.certificate()));
  EXPECT_TRUE(IssuedBy(root_.certificate(), root_.certificate()));
  EXPECT_FALSE(IssuedBy(root_.certificate(), leaf_.certificate()));
  EXPECT_FALSE(IssuedBy(leaf_.certificate(), twin_.certificate()));
  EXPECT_FALSE(IssuedBy(leaf_.certificate(), MakeCa("Other").certificate()));
}

TEST_F(Issuer, IsFoundInAStore) {
  const Bytes der = root_.Der();
  const auto lazy = *TrustStore::FromDer({der});
  const X509Ptr found = FindIssuer(leaf_.certificate(), lazy->get());
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(X509_cmp(found.get(), root_.certificate()), 0);
  EXPECT_EQ(FindIssuer(leaf_.certificate(), (*TrustStore::Create({}))->get()), nullptr);
  EXPECT_EQ(FindIssuer(leaf_.certificate(), nullptr), nullptr);
}

}  // namespace
}  // namespace wasm_tls
