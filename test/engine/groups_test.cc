// The groups that src/stand_ins/groups.cc computes are those of OpenSSL's tables.
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/dh.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "src/error.h"
#include "src/openssl_ptr.h"
#include "test/engine/support/pki.h"

extern "C" {
#include <internal/ffc.h>

// OpenSSL's objects, their names with a prefix: see scripts/cmake/native.cmake.
#define WASM_TLS_GROUP(name) extern const BIGNUM openssl_ossl_bignum_##name##_p, openssl_ossl_bignum_##name##_q;
#define WASM_TLS_GROUPS(with)                                                                                     \
  with(ffdhe2048) with(ffdhe3072) with(ffdhe4096) with(ffdhe6144) with(ffdhe8192) with(modp_1536) with(modp_2048) \
      with(modp_3072) with(modp_4096) with(modp_6144) with(modp_8192)
WASM_TLS_GROUPS(WASM_TLS_GROUP)
#undef WASM_TLS_GROUP
}

namespace wasm_tls {
namespace {

using DhPtr = OpensslPtr<DH, DH_free>;

struct Group {
  int number;
  const char* name;
  const BIGNUM *p, *q;
};

constexpr Group kGroups[] = {
#define WASM_TLS_GROUP(name) {NID_##name, SN_##name, &openssl_ossl_bignum_##name##_p, &openssl_ossl_bignum_##name##_q},
    WASM_TLS_GROUPS(WASM_TLS_GROUP)
#undef WASM_TLS_GROUP
};

class GroupsTest : public testing::Test {
 protected:
  void SetUp() override { test::EnsureLibrary(); }
};

TEST_F(GroupsTest, AreThoseOfOpenssl) {
  for (const auto& [number, name, p, q] : kGroups) {
    const DhPtr dh(DH_new_by_nid(number));
    ASSERT_NE(dh, nullptr) << name;
    EXPECT_EQ(BN_cmp(DH_get0_p(dh.get()), p), 0) << name;
    EXPECT_EQ(BN_cmp(DH_get0_q(dh.get()), q), 0) << name;
    EXPECT_TRUE(BN_is_word(DH_get0_g(dh.get()), 2)) << name;
    EXPECT_EQ(ossl_ffc_named_group_get_uid(ossl_ffc_name_to_dh_named_group(name)), number) << name;
  }
}

TEST_F(GroupsTest, AreFoundByTheirNumbers) {
  const BignumPtr two(BN_new());
  const BignumPtr three(BN_new());
  ASSERT_EQ(BN_set_word(two.get(), 2) & BN_set_word(three.get(), 3), 1);
  const auto find = [](const BIGNUM* p, const BIGNUM* q, const BIGNUM* g) {
    return ossl_ffc_named_group_get_uid(ossl_ffc_numbers_to_dh_named_group(p, q, g));
  };
  for (const auto& [number, name, p, q] : kGroups) {
    EXPECT_EQ(find(p, nullptr, two.get()), number) << name;
    EXPECT_EQ(find(p, q, two.get()), number) << name;
    EXPECT_EQ(find(p, p, two.get()), NID_undef) << name;
    EXPECT_EQ(find(p, q, three.get()), NID_undef) << name;
    EXPECT_EQ(find(q, nullptr, two.get()), NID_undef) << name;
  }
}

TEST_F(GroupsTest, HaveThePrimesOfAutomaticParameters) {
  EXPECT_EQ(BN_cmp(BignumPtr(BN_get_rfc3526_prime_2048(nullptr)).get(), &openssl_ossl_bignum_modp_2048_p), 0);
  EXPECT_EQ(BN_cmp(BignumPtr(BN_get_rfc3526_prime_3072(nullptr)).get(), &openssl_ossl_bignum_modp_3072_p), 0);
  EXPECT_EQ(BN_cmp(BignumPtr(BN_get_rfc3526_prime_4096(nullptr)).get(), &openssl_ossl_bignum_modp_4096_p), 0);
  EXPECT_EQ(BN_cmp(BignumPtr(BN_get_rfc3526_prime_8192(nullptr)).get(), &openssl_ossl_bignum_modp_8192_p), 0);
  // RFC 2409, section 6.2: its end.
  const BignumPtr prime(BN_get_rfc2409_prime_1024(nullptr));
  ASSERT_EQ(BN_num_bits(prime.get()), 1024);
  ASSERT_EQ(BN_mask_bits(prime.get(), 128), 1);
  const OpensslMemoryPtr<char> end(BN_bn2hex(prime.get()));
  EXPECT_STREQ(end.get(), "49286651ECE65381FFFFFFFFFFFFFFFF");
}

// A group with a subgroup, as DSA has them, in numbers that are large enough and no primes: none is looked for.
TEST_F(GroupsTest, NeedAGeneratorOfTheSubgroup) {
  const ErrorQueueScope errors;
  const BignumPtr p(BN_new());
  const BignumPtr q(BN_new());
  const BignumPtr g(BN_new());
  const auto valid = [&](unsigned int flags = 0) {
    FFC_PARAMS parameters = {};
    parameters.flags = flags;
    parameters.p = p.get();
    parameters.q = q.get();
    parameters.g = g.get();
    return ossl_ffc_params_simple_validate(nullptr, &parameters, FFC_PARAM_TYPE_DH, nullptr) == 1;
  };
  // Modulo 2^2047 + 1, 2 has the order 2 * 2047: some multiple of that with 256 bits.
  ASSERT_EQ(BN_lshift(p.get(), BN_value_one(), 2047) & BN_add_word(p.get(), 1), 1);
  ASSERT_EQ(BN_set_word(q.get(), 4094) & BN_lshift(q.get(), q.get(), 244), 1);
  ASSERT_EQ(BN_set_word(g.get(), 2), 1);
  EXPECT_TRUE(valid());
  ASSERT_EQ(BN_set_word(g.get(), 3), 1);
  EXPECT_FALSE(valid());
  ASSERT_EQ(BN_set_word(g.get(), 1), 1);
  EXPECT_FALSE(valid());
  ASSERT_EQ(BN_set_word(g.get(), 2) & BN_lshift1(q.get(), q.get()), 1);
  EXPECT_FALSE(valid());
  // 1536 bits are no size of today's; what OpenSSL's program makes has it still.
  ASSERT_EQ(BN_lshift(p.get(), BN_value_one(), 1535) & BN_add_word(p.get(), 1), 1);
  ASSERT_EQ(BN_set_word(q.get(), 3070) & BN_lshift(q.get(), q.get(), 212), 1);
  EXPECT_FALSE(valid());
  EXPECT_TRUE(valid(FFC_PARAM_FLAG_VALIDATE_LEGACY));
}

}  // namespace
}  // namespace wasm_tls
