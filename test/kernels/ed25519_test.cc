#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "src/kernels/edwards25519.h"
#include "src/kernels/order25519.h"
#include "src/openssl_ptr.h"
#include "test/engine/support/pki.h"
#include "test/kernels/curve25519_reference.h"
#include "test/kernels/random_bytes.h"

namespace wasm_tls {
namespace {

namespace edwards25519 = kernels::edwards25519;
namespace order25519 = kernels::order25519;
using BnPtr = OpensslPtr<BIGNUM, BN_free>;
using BnCtxPtr = OpensslPtr<BN_CTX, BN_CTX_free>;
using test::Bytes32;
using test::Ed25519Signature;
using test::kOpenssls;
using test::kOurs;
using Instance = test::Curve25519::Instance;

constexpr std::string_view kOrderHex = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

std::vector<uint8_t> FromHex(std::string_view hex) {
  std::vector<uint8_t> bytes(hex.size() / 2);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(std::stoi(std::string(hex.substr(2 * i, 2)), nullptr, 16));
  }
  return bytes;
}

template <class Array = Bytes32>
Array ArrayFromHex(std::string_view hex) {
  Array array;
  std::ranges::copy(FromHex(hex), array.begin());
  return array;
}

// `number` + `offset`, the lowest byte first.
Bytes32 Plus(Bytes32 number, int offset) {
  int carry = offset;
  for (uint8_t& byte : number) {
    carry += byte;
    byte = static_cast<uint8_t>(carry & 0xff);
    carry >>= 8;
  }
  return number;
}

using CArray = uint8_t[32];
const CArray& AsC(const Bytes32& bytes) { return *reinterpret_cast<const CArray*>(bytes.data()); }
CArray& AsC(Bytes32& bytes) { return *reinterpret_cast<CArray*>(bytes.data()); }

Bytes32 MultiplyBase(const Bytes32& scalar) {
  Bytes32 out;
  edwards25519::MultiplyBase(AsC(out), AsC(scalar));
  return out;
}

Bytes32 MultiplyAdd(const Bytes32& a, const Bytes32& b, const Bytes32& c) {
  Bytes32 out;
  order25519::MultiplyAdd(AsC(out), AsC(a), AsC(b), AsC(c));
  return out;
}

// The points of order 1, 2, 4 and 8, with signs that are right and wrong and a y that is not below 2^255 - 19.
std::vector<Bytes32> SmallOrders() {
  Bytes32 p;
  p.fill(0xff);
  p[0] = 0xed;
  p[31] = 0x7f;
  std::vector<Bytes32> points = {
      {0},
      {1},
      Plus(p, -1),
      p,
      Plus(p, 1),
      ArrayFromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
      ArrayFromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
  };
  for (size_t i = 0, size = points.size(); i < size; ++i) {
    points.push_back(points[i]);
    points.back()[31] |= 0x80;
  }
  return points;
}

class Ed25519KernelTest : public testing::Test {
 protected:
  Ed25519KernelTest() { test::EnsureLibrary(); }
};

TEST_F(Ed25519KernelTest, KnowsTheAnswersOfRfc8032) {
  struct Case {
    std::string_view seed, public_key, message, signature;
    Instance instance = {};
  };
  static constexpr uint8_t kFoo[] = {'f', 'o', 'o'};
  const Case cases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
       "24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
       "eeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
       "8dc027beceea1ec40a"},
      {"0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6",
       "dfc9425e4f968f7f0c29f0259cf5f9aed6851c2bb4ad8bfb860cfee0ab248292",
       "f726936d19c800494e3fdaff20b276a8",
       "55a4cc2f70a54e04288c5f4cd1e45a7bb520b36292911876cada7323198dd87a8b36950b95130022907a7fb7c4e9b2d5f6cca685a587b4"
       "b21f4b888e4e7edb0d",
       {.named = true, .needs_context = true, .context = kFoo}},
      // The message is SHA-512 of "abc".
      {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
       "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce8"
       "0e2a9ac94fa54ca49f",
       "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e63606"
       "2aaad11c2a26083406",
       {.named = true, .prehashed = true}},
  };
  for (const Case& a_case : cases) {
    const auto seed = ArrayFromHex(a_case.seed);
    const auto public_key = ArrayFromHex(a_case.public_key);
    const auto signature = ArrayFromHex<Ed25519Signature>(a_case.signature);
    const std::vector<uint8_t> message = FromHex(a_case.message);
    EXPECT_EQ(kOurs.Ed25519Public(seed), public_key);
    EXPECT_EQ(kOurs.Sign(seed, message, a_case.instance), signature);
    EXPECT_TRUE(kOurs.Verify(public_key, message, signature, a_case.instance));
    EXPECT_FALSE(kOurs.Verify(public_key, message, signature, {.named = true}));
  }
}

TEST_F(Ed25519KernelTest, AgreesWithOpenssl) {
  std::mt19937_64 random(8032);
  for (size_t i = 0; i < 300; ++i) {
    Bytes32 seed;
    for (uint8_t& byte : seed) byte = static_cast<uint8_t>(random());
    const std::vector<uint8_t> message = test::RandomBytes(i);
    const std::vector<uint8_t> context = test::RandomBytes(i % 3 == 0 ? 0 : i);
    const Instance instance = {.named = i % 2 == 0, .prehashed = i % 4 == 0, .context = context};
    const Bytes32 public_key = kOurs.Ed25519Public(seed);
    ASSERT_EQ(public_key, kOpenssls.Ed25519Public(seed));
    Ed25519Signature signature = kOurs.Sign(seed, message, instance);
    ASSERT_EQ(signature, kOpenssls.Sign(seed, message, instance)) << i;
    const bool valid = signature != Ed25519Signature{};
    // Contexts are for instances that have a name, and up to 255 bytes long.
    ASSERT_EQ(valid, context.empty() || (instance.named && context.size() <= 255)) << i;
    ASSERT_EQ(kOurs.Verify(public_key, message, signature, instance), valid);
    signature[random() % 64] ^= static_cast<uint8_t>(1U << (random() % 8));
    ASSERT_FALSE(kOurs.Verify(public_key, message, signature, instance));
  }
}

TEST_F(Ed25519KernelTest, WantsAContextWhereOneIsNeeded) {
  const Instance instance = {.named = true, .needs_context = true};
  EXPECT_EQ(kOurs.Sign({1}, {}, instance), Ed25519Signature{});
  const Ed25519Signature without = kOurs.Sign({1}, {}, {.named = true});
  EXPECT_TRUE(kOurs.Verify(kOurs.Ed25519Public({1}), {}, without, {.named = true}));
  EXPECT_FALSE(kOurs.Verify(kOurs.Ed25519Public({1}), {}, without, instance));
}

TEST_F(Ed25519KernelTest, ReadsPointsAsOpensslDoes) {
  std::mt19937_64 random(25519);
  Bytes32 top;
  top.fill(0xff);
  size_t points = 0;
  const auto compare = [&](Bytes32 encoded) {
    for (const uint8_t sign : {0x00, 0x80}) {
      encoded[31] = static_cast<uint8_t>((encoded[31] & 0x7f) | sign);
      const bool expected = kOpenssls.IsPoint(encoded);
      ASSERT_EQ(kOurs.IsPoint(encoded), expected) << testing::PrintToString(encoded);
      points += expected ? 1 : 0;
    }
  };
  for (int i = 0; i < 100; ++i) {
    compare(Plus({}, i));
    compare(Plus(top, -i));
    Bytes32 any;
    for (uint8_t& byte : any) byte = static_cast<uint8_t>(random());
    compare(any);
  }
  for (const Bytes32& small : SmallOrders()) compare(small);
  EXPECT_GT(points, 200U);
  EXPECT_EQ(ossl_ed25519_pubkey_verify(top.data(), 31), 0);
}

// The equation is that of section 5.1.7 without the cofactor; which of these hold depends on the digest.
TEST_F(Ed25519KernelTest, VerifiesWithSmallOrdersAsOpensslDoes) {
  size_t valid = 0;
  for (const Bytes32& public_key : SmallOrders()) {
    for (const Bytes32& r : SmallOrders()) {
      for (const uint8_t s : {0, 8}) {
        Ed25519Signature signature = {};
        std::ranges::copy(r, signature.begin());
        signature[32] = s;
        const std::vector<uint8_t> message = {public_key[0], r[0]};
        const bool expected = kOpenssls.Verify(public_key, message, signature, {});
        ASSERT_EQ(kOurs.Verify(public_key, message, signature, {}), expected);
        valid += expected ? 1 : 0;
      }
    }
  }
  EXPECT_GT(valid, 0U);
}

TEST_F(Ed25519KernelTest, RefusesScalarsThatAreNotReduced) {
  const auto order = ArrayFromHex(kOrderHex);
  const Bytes32 public_key = kOurs.Ed25519Public({7});
  const Ed25519Signature signature = kOurs.Sign({7}, {}, {});
  ASSERT_TRUE(kOurs.Verify(public_key, {}, signature, {}));
  // S, S + L, S + 2 L, … are the same multiples.
  Ed25519Signature other = signature;
  for (int i = 0; i < 14; ++i) {
    unsigned carry = 0;
    for (size_t j = 0; j < 32; ++j) {
      carry += other[32 + j] + order[j];
      other[32 + j] = static_cast<uint8_t>(carry);
      carry >>= 8;
    }
    EXPECT_FALSE(kOurs.Verify(public_key, {}, other, {}));
    EXPECT_FALSE(kOpenssls.Verify(public_key, {}, other, {}));
  }
  for (int offset = -20; offset <= 20; ++offset) {
    EXPECT_EQ(order25519::IsReduced(AsC(Plus(order, offset))), offset < 0) << offset;
  }
}

// By the group's laws, for scalars that no seed gives: the sum of two multiples is the multiple of the sum.
TEST_F(Ed25519KernelTest, MultipliesByEveryScalar) {
  const auto order = ArrayFromHex(kOrderHex);
  const Bytes32 minus_one = Plus(order, -1);
  Bytes32 base;
  base.fill(0x66);
  base[0] = 0x58;
  EXPECT_EQ(MultiplyBase({1}), base);
  EXPECT_EQ(MultiplyBase({0}), Bytes32{1});
  EXPECT_EQ(MultiplyBase(order), Bytes32{1});
  EXPECT_EQ(MultiplyBase(Plus(order, 1)), base);
  std::vector<Bytes32> scalars = {{0}, minus_one, order};
  for (const uint8_t fill : {0x00, 0x11, 0xff}) {
    for (unsigned bit = 0; bit < 256; bit += 5) {
      Bytes32 scalar;
      scalar.fill(fill);
      scalar[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
      scalars.push_back(scalar);
    }
  }
  for (const Bytes32& scalar : scalars) {
    const Bytes32 reduced = MultiplyAdd(scalar, {1}, {0});
    ASSERT_EQ(MultiplyBase(scalar), MultiplyBase(reduced));
    Bytes32 sum;
    ASSERT_TRUE(
        edwards25519::MultiplySubtractVariableTime(AsC(sum), AsC({5}), AsC(MultiplyBase(scalar)), AsC(minus_one)));
    ASSERT_EQ(sum, MultiplyBase(MultiplyAdd(scalar, {1}, {5})));
    ASSERT_TRUE(edwards25519::MultiplySubtractVariableTime(AsC(sum), AsC({5}), AsC(base), AsC(reduced)));
    ASSERT_EQ(sum, MultiplyBase(MultiplyAdd(minus_one, scalar, {5})));
  }
}

TEST(Order25519Test, AgreesWithBignum) {
  const auto order_bytes = ArrayFromHex(kOrderHex);
  const BnPtr order(BN_lebin2bn(order_bytes.data(), 32, nullptr));
  const BnCtxPtr ctx(BN_CTX_new());
  const auto residue = [&](const BIGNUM* number) {
    const BnPtr reduced(BN_new());
    EXPECT_EQ(BN_nnmod(reduced.get(), number, order.get(), ctx.get()), 1);
    Bytes32 bytes;
    EXPECT_EQ(BN_bn2lebinpad(reduced.get(), bytes.data(), 32), 32);
    return bytes;
  };
  std::mt19937_64 random(252);
  for (int i = 0; i < 3000; ++i) {
    uint8_t wide[64];
    for (uint8_t& byte : wide) byte = static_cast<uint8_t>(random());
    // Long runs of the same bits, and multiples of the order and their neighbours.
    if (i % 3 != 0) std::fill_n(wide + random() % 32, random() % 33, i % 3 == 1 ? 0xff : 0);
    const BnPtr number(BN_lebin2bn(wide, 64, nullptr));
    if (i % 4 == 3) {
      ASSERT_EQ(BN_rshift(number.get(), number.get(), 253), 1);
      ASSERT_EQ(BN_mul(number.get(), number.get(), order.get(), ctx.get()), 1);
      if (i % 8 == 3) ASSERT_EQ(BN_is_zero(number.get()) == 1 || BN_sub_word(number.get(), 1) == 1, true);
      ASSERT_EQ(BN_bn2lebinpad(number.get(), wide, 64), 64);
    }
    Bytes32 out;
    order25519::Reduce(AsC(out), wide);
    ASSERT_EQ(out, residue(number.get())) << i;

    Bytes32 a, b, c;
    std::copy_n(wide, 32, a.begin());
    std::copy_n(wide + 32, 32, b.begin());
    std::ranges::reverse_copy(a, c.begin());
    const BnPtr product(BN_new());
    const BnPtr bn_a(BN_lebin2bn(a.data(), 32, nullptr));
    const BnPtr bn_b(BN_lebin2bn(b.data(), 32, nullptr));
    const BnPtr bn_c(BN_lebin2bn(c.data(), 32, nullptr));
    ASSERT_EQ(BN_mul(product.get(), bn_a.get(), bn_b.get(), ctx.get()), 1);
    ASSERT_EQ(BN_add(product.get(), product.get(), bn_c.get()), 1);
    ASSERT_EQ(MultiplyAdd(a, b, c), residue(product.get())) << i;
  }
}

}  // namespace
}  // namespace wasm_tls
