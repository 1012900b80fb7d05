// The tables that src/stand_ins/curve448_tables.cc computes are those of OpenSSL's own object, octet by octet.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "src/openssl_ptr.h"
#include "test/engine/support/pki.h"

extern "C" {
extern const uint8_t *ossl_curve448_precomputed_base, *ossl_curve448_wnaf_base;
// OpenSSL's object, its names with a prefix: see scripts/cmake/native.cmake.
extern const uint8_t *openssl_ossl_curve448_precomputed_base, *openssl_ossl_curve448_wnaf_base;
}

namespace wasm_tls {
namespace {

// A point in three numbers of 512 bits.
constexpr size_t kPoint = 3 * 64;
constexpr size_t kCombs = 5 * 16 * kPoint;
constexpr size_t kOddMultiples = 32 * kPoint;

bool Equal(const uint8_t* ours, const uint8_t* theirs, size_t size) {
  return std::ranges::equal(std::span(ours, size), std::span(theirs, size));
}

TEST(Curve448TablesTest, AreThoseOfOpenssl) {
  test::EnsureLibrary();
  // Whatever uses the base point fills both.
  const EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "X448"));
  ASSERT_NE(key, nullptr);
  EXPECT_TRUE(Equal(ossl_curve448_precomputed_base, openssl_ossl_curve448_precomputed_base, kCombs));
  EXPECT_TRUE(Equal(ossl_curve448_wnaf_base, openssl_ossl_curve448_wnaf_base, kOddMultiples));
}

}  // namespace
}  // namespace wasm_tls
