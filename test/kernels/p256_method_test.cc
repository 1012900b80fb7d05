// The EC_METHOD of src/stand_ins/kernels/p256.cc against OpenSSL's generic one, by OpenSSL's own functions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ecdh.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include <array>
#include <vector>

#include "src/error.h"
#include "test/engine/support/pki.h"
#include "test/kernels/p256_reference.h"

namespace wasm_tls {
namespace {

using test::BnPtr;
using test::EcdsaSigPtr;
using test::EcKeyPtr;
using test::EcPointPtr;

class P256MethodTest : public testing::Test {
 protected:
  void SetUp() override { test::EnsureLibrary(); }

  BN_CTX* ctx() { return reference_.ctx(); }

  // The same in both groups: a point of `ours` and one of the generic group.
  struct Pair {
    EcPointPtr ours;
    EcPointPtr generic;
  };

  Pair NewPair() { return {EcPointPtr(EC_POINT_new(ours_)), EcPointPtr(EC_POINT_new(generic_))}; }

  // `multiple` times the generator, or the point at infinity.
  Pair PairOf(int multiple) {
    Pair pair = NewPair();
    const BnPtr number = NumberOf(multiple);
    EXPECT_EQ(EC_POINT_mul(ours_, pair.ours.get(), number.get(), nullptr, nullptr, ctx()), 1);
    EXPECT_EQ(EC_POINT_mul(generic_, pair.generic.get(), number.get(), nullptr, nullptr, ctx()), 1);
    return pair;
  }

  // n times `orders`, and `offset`.
  BnPtr NumberOf(int offset, int orders = 0) {
    BnPtr number(BN_dup(reference_.order()));
    BN_mul_word(number.get(), static_cast<BN_ULONG>(std::abs(orders)));
    BN_set_negative(number.get(), orders < 0 ? 1 : 0);
    if (offset >= 0) {
      BN_add_word(number.get(), static_cast<BN_ULONG>(offset));
    } else {
      BN_sub_word(number.get(), static_cast<BN_ULONG>(-offset));
    }
    return number;
  }

  void ExpectSame(const Pair& pair) {
    const auto ours = reference_.Coordinates(ours_, pair.ours.get());
    const auto generic = reference_.Coordinates(generic_, pair.generic.get());
    ASSERT_EQ(ours.has_value(), generic.has_value());
    if (!ours) return;
    EXPECT_EQ(ours->x, generic->x);
    EXPECT_EQ(ours->y, generic->y);
    EXPECT_EQ(EC_POINT_is_on_curve(ours_, pair.ours.get(), ctx()), 1);
  }

  // A key of either group with a secret.
  EcKeyPtr KeyOf(EC_GROUP* group, const BIGNUM* secret) {
    EcKeyPtr key(EC_KEY_new());
    const EcPointPtr point(EC_POINT_new(group));
    EXPECT_EQ(EC_POINT_mul(group, point.get(), secret, nullptr, nullptr, ctx()), 1);
    EXPECT_EQ(EC_KEY_set_group(key.get(), group), 1);
    EXPECT_EQ(EC_KEY_set_private_key(key.get(), secret), 1);
    EXPECT_EQ(EC_KEY_set_public_key(key.get(), point.get()), 1);
    return key;
  }

  BnPtr RandomNumber() {
    BnPtr number(BN_new());
    EXPECT_EQ(BN_rand_range(number.get(), reference_.order()), 1);
    return number;
  }

  test::P256Reference reference_;
  EC_GROUP* ours_ = reference_.ours();
  EC_GROUP* generic_ = reference_.generic();
};

TEST_F(P256MethodTest, TakesAnyScalar) {
  const Pair point = PairOf(11);
  for (const int orders : {-2, -1, 0, 1, 2, 3}) {
    for (const int offset : {-2, -1, 0, 1, 2}) {
      const BnPtr number = NumberOf(offset, orders);
      const Pair result = NewPair();
      ASSERT_EQ(EC_POINT_mul(ours_, result.ours.get(), number.get(), nullptr, nullptr, ctx()), 1);
      ASSERT_EQ(EC_POINT_mul(generic_, result.generic.get(), number.get(), nullptr, nullptr, ctx()), 1);
      ExpectSame(result);
      ASSERT_EQ(EC_POINT_mul(ours_, result.ours.get(), nullptr, point.ours.get(), number.get(), ctx()), 1);
      ASSERT_EQ(EC_POINT_mul(generic_, result.generic.get(), nullptr, point.generic.get(), number.get(), ctx()), 1);
      ExpectSame(result);
      ASSERT_EQ(EC_POINT_mul(ours_, result.ours.get(), number.get(), point.ours.get(), number.get(), ctx()), 1);
      ASSERT_EQ(EC_POINT_mul(generic_, result.generic.get(), number.get(), point.generic.get(), number.get(), ctx()),
                1);
      ExpectSame(result);
    }
  }
}

TEST_F(P256MethodTest, MultipliesTheGeneratorAndThePointAtInfinity) {
  const BnPtr number = RandomNumber();
  const Pair infinity = PairOf(0);
  const Pair result = NewPair();
  for (const BIGNUM* of_generator : {static_cast<const BIGNUM*>(nullptr), static_cast<const BIGNUM*>(number.get())}) {
    ASSERT_EQ(EC_POINT_mul(ours_, result.ours.get(), of_generator, infinity.ours.get(), number.get(), ctx()), 1);
    ASSERT_EQ(EC_POINT_mul(generic_, result.generic.get(), of_generator, infinity.generic.get(), number.get(), ctx()),
              1);
    ExpectSame(result);
    // The generator as the point, too.
    ASSERT_EQ(EC_POINT_mul(ours_, result.ours.get(), of_generator, EC_GROUP_get0_generator(ours_), number.get(), ctx()),
              1);
    ASSERT_EQ(EC_POINT_mul(generic_, result.generic.get(), of_generator, EC_GROUP_get0_generator(generic_),
                           number.get(), ctx()),
              1);
    ExpectSame(result);
  }
}

// Sums and doublings are OpenSSL's: their z is not 1.
TEST_F(P256MethodTest, TakesPointsThatAreNotAffine) {
  const Pair five = PairOf(5);
  const Pair three = PairOf(3);
  const Pair sum = NewPair();
  const BnPtr number = RandomNumber();
  for (const bool with_generator : {false, true}) {
    ASSERT_EQ(EC_POINT_add(ours_, sum.ours.get(), five.ours.get(), three.ours.get(), ctx()), 1);
    ASSERT_EQ(EC_POINT_add(generic_, sum.generic.get(), five.generic.get(), three.generic.get(), ctx()), 1);
    ASSERT_EQ(EC_POINT_dbl(ours_, sum.ours.get(), sum.ours.get(), ctx()), 1);
    ASSERT_EQ(EC_POINT_dbl(generic_, sum.generic.get(), sum.generic.get(), ctx()), 1);
    ExpectSame(sum);
    const BIGNUM* of_generator = with_generator ? number.get() : nullptr;
    // The result takes the place of the point.
    ASSERT_EQ(EC_POINT_mul(ours_, sum.ours.get(), of_generator, sum.ours.get(), number.get(), ctx()), 1);
    ASSERT_EQ(EC_POINT_mul(generic_, sum.generic.get(), of_generator, sum.generic.get(), number.get(), ctx()), 1);
    ExpectSame(sum);
  }
}

TEST_F(P256MethodTest, AddsMultiplesOfSeveralPoints) {
  const Pair a = PairOf(5);
  const Pair b = PairOf(-5);
  const Pair c = PairOf(7);
  const BnPtr x = RandomNumber();
  const BnPtr y = RandomNumber();
  const BIGNUM* scalars[] = {x.get(), x.get(), y.get()};
  for (const BIGNUM* of_generator : {static_cast<const BIGNUM*>(nullptr), static_cast<const BIGNUM*>(y.get())}) {
    for (size_t count : {2, 3}) {
      const Pair result = NewPair();
      const EC_POINT* ours[] = {a.ours.get(), b.ours.get(), c.ours.get()};
      const EC_POINT* generic[] = {a.generic.get(), b.generic.get(), c.generic.get()};
      ASSERT_EQ(EC_POINTs_mul(ours_, result.ours.get(), of_generator, count, ours, scalars, ctx()), 1);
      ASSERT_EQ(EC_POINTs_mul(generic_, result.generic.get(), of_generator, count, generic, scalars, ctx()), 1);
      ExpectSame(result);
    }
  }
}

TEST_F(P256MethodTest, UsesWhateverGeneratorAGroupHas) {
  const Pair seven = PairOf(7);
  const BnPtr number = RandomNumber();
  ASSERT_EQ(EC_GROUP_set_generator(ours_, seven.ours.get(), reference_.order(), BN_value_one()), 1);
  ASSERT_EQ(EC_GROUP_set_generator(generic_, seven.generic.get(), reference_.order(), BN_value_one()), 1);
  const Pair result = NewPair();
  for (const bool with_point : {false, true}) {
    ASSERT_EQ(EC_POINT_mul(ours_, result.ours.get(), number.get(), with_point ? seven.ours.get() : nullptr,
                           with_point ? number.get() : nullptr, ctx()),
              1);
    ASSERT_EQ(EC_POINT_mul(generic_, result.generic.get(), number.get(), with_point ? seven.generic.get() : nullptr,
                           with_point ? number.get() : nullptr, ctx()),
              1);
    ExpectSame(result);
  }
}

TEST_F(P256MethodTest, RefusesOtherCurvesAndPoints) {
  const ErrorQueueScope errors;
  const BnPtr p(BN_new()), a(BN_new()), b(BN_new());
  ASSERT_EQ(EC_GROUP_get_curve(generic_, p.get(), a.get(), b.get(), ctx()), 1);
  BN_add_word(b.get(), 1);
  EXPECT_EQ(EC_GROUP_set_curve(ours_, p.get(), a.get(), b.get(), ctx()), 0);
  EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), EC_R_WRONG_CURVE_PARAMETERS);

  const Pair point = PairOf(3);
  const BnPtr x(BN_new()), y(BN_new());
  ASSERT_EQ(EC_POINT_get_affine_coordinates(ours_, point.ours.get(), x.get(), y.get(), ctx()), 1);
  BN_add_word(y.get(), 1);
  EXPECT_EQ(EC_POINT_set_affine_coordinates(ours_, point.ours.get(), x.get(), y.get(), ctx()), 0);
  EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), EC_R_POINT_IS_NOT_ON_CURVE);
  const Pair infinity = PairOf(0);
  EXPECT_EQ(EC_POINT_get_affine_coordinates(ours_, infinity.ours.get(), x.get(), y.get(), ctx()), 0);
  EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), EC_R_POINT_AT_INFINITY);
}

TEST_F(P256MethodTest, ReadsAndWritesPoints) {
  const Pair point = PairOf(12345);
  for (const point_conversion_form_t form : {POINT_CONVERSION_COMPRESSED, POINT_CONVERSION_UNCOMPRESSED}) {
    std::array<unsigned char, 65> ours = {};
    std::array<unsigned char, 65> generic = {};
    const size_t size = EC_POINT_point2oct(ours_, point.ours.get(), form, ours.data(), ours.size(), ctx());
    ASSERT_EQ(size, EC_POINT_point2oct(generic_, point.generic.get(), form, generic.data(), generic.size(), ctx()));
    ASSERT_EQ(ours, generic);
    const EcPointPtr read(EC_POINT_new(ours_));
    ASSERT_EQ(EC_POINT_oct2point(ours_, read.get(), ours.data(), size, ctx()), 1);
    EXPECT_EQ(EC_POINT_cmp(ours_, read.get(), point.ours.get(), ctx()), 0);
    const ErrorQueueScope errors;
    ours[size - 1] ^= 1;
    if (form == POINT_CONVERSION_UNCOMPRESSED) {
      EXPECT_EQ(EC_POINT_oct2point(ours_, read.get(), ours.data(), size, ctx()), 0);
    }
  }
}

TEST_F(P256MethodTest, SignsAndVerifiesDigestsOfAnyLength) {
  const BnPtr secret = RandomNumber();
  const EcKeyPtr ours = KeyOf(ours_, secret.get());
  const EcKeyPtr generic = KeyOf(generic_, secret.get());
  ASSERT_EQ(EC_KEY_check_key(ours.get()), 1);
  for (int size = 0; size <= 66; ++size) {
    const std::vector<unsigned char> digest(66, static_cast<unsigned char>(0xff - size));
    const EcdsaSigPtr by_ours(ECDSA_do_sign(digest.data(), size, ours.get()));
    const EcdsaSigPtr by_generic(ECDSA_do_sign(digest.data(), size, generic.get()));
    ASSERT_TRUE(by_ours && by_generic);
    for (const ECDSA_SIG* signature : {by_ours.get(), by_generic.get()}) {
      ASSERT_EQ(ECDSA_do_verify(digest.data(), size, signature, ours.get()), 1);
      ASSERT_EQ(ECDSA_do_verify(digest.data(), size, signature, generic.get()), 1);
      // A digest that ends earlier is another number; what comes after 256 bits does not count.
      const int other = size < 32 ? size + 1 : 31;
      ASSERT_EQ(ECDSA_do_verify(digest.data(), other, signature, ours.get()), 0);
    }
  }
}

TEST_F(P256MethodTest, RefusesSignaturesOutOfRange) {
  const ErrorQueueScope errors;
  const BnPtr secret = RandomNumber();
  const EcKeyPtr key = KeyOf(ours_, secret.get());
  const std::array<unsigned char, 32> digest = {1};
  const EcdsaSigPtr good(ECDSA_do_sign(digest.data(), 32, key.get()));
  const BIGNUM* good_numbers[2] = {};
  ECDSA_SIG_get0(good.get(), &good_numbers[0], &good_numbers[1]);
  const BnPtr huge(BN_new());
  BN_set_bit(huge.get(), 300);
  const BnPtr negative(BN_dup(good_numbers[0]));
  BN_set_negative(negative.get(), 1);
  const BnPtr zero(BN_new());
  for (const BIGNUM* bad : {static_cast<const BIGNUM*>(zero.get()), reference_.order(),
                            static_cast<const BIGNUM*>(huge.get()), static_cast<const BIGNUM*>(negative.get())}) {
    for (const bool is_r : {true, false}) {
      const EcdsaSigPtr signature(ECDSA_SIG_new());
      ASSERT_EQ(
          ECDSA_SIG_set0(signature.get(), BN_dup(is_r ? bad : good_numbers[0]), BN_dup(is_r ? good_numbers[1] : bad)),
          1);
      EXPECT_EQ(ECDSA_do_verify(digest.data(), 32, signature.get(), key.get()), 0);
      EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), EC_R_BAD_SIGNATURE);
    }
  }
}

TEST_F(P256MethodTest, AgreesOnASecret) {
  const BnPtr secrets[] = {RandomNumber(), RandomNumber()};
  const EcKeyPtr ours[] = {KeyOf(ours_, secrets[0].get()), KeyOf(ours_, secrets[1].get())};
  const EcKeyPtr generic[] = {KeyOf(generic_, secrets[0].get()), KeyOf(generic_, secrets[1].get())};
  std::array<std::array<unsigned char, 32>, 3> shared = {};
  EXPECT_EQ(ECDH_compute_key(shared[0].data(), 32, EC_KEY_get0_public_key(ours[1].get()), ours[0].get(), nullptr), 32);
  EXPECT_EQ(ECDH_compute_key(shared[1].data(), 32, EC_KEY_get0_public_key(ours[0].get()), ours[1].get(), nullptr), 32);
  EXPECT_EQ(ECDH_compute_key(shared[2].data(), 32, EC_KEY_get0_public_key(generic[1].get()), generic[0].get(), nullptr),
            32);
  EXPECT_EQ(shared[0], shared[1]);
  EXPECT_EQ(shared[0], shared[2]);
}

}  // namespace
}  // namespace wasm_tls
