#include "src/kernels/p256.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "test/engine/support/pki.h"
#include "test/kernels/p256_reference.h"

namespace wasm_tls::kernels::p256 {

// For the comparisons of the tests.
bool operator==(const Point& a, const Point& b) { return a.x == b.x && a.y == b.y; }

}  // namespace wasm_tls::kernels::p256

namespace wasm_tls {
namespace {

using kernels::Words256;
using kernels::p256::Point;
using test::BnPtr;
using test::NumberFrom;
using test::WordsFrom;
using test::WordsFromHex;
namespace p256 = kernels::p256;

constexpr Words256 kPrime = {0xffff'ffff'ffff'ffff, 0x0000'0000'ffff'ffff, 0, 0xffff'ffff'0000'0001};

class P256KernelTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    test::EnsureLibrary();
    reference = new test::P256Reference;
  }
  static void TearDownTestSuite() { delete reference; }

  // From 1 to n - 1. One in four has long runs of equal bits.
  Words256 RandomScalar() {
    for (;;) {
      Words256 words;
      for (uint64_t& word : words) {
        word = random_();
        if (random_() % 4 == 0) word = random_() % 2 == 0 ? 0 : ~uint64_t{0};
      }
      if (p256::IsBelow(words, p256::kOrder) && !p256::IsZero(words)) return words;
    }
  }

  // Small ones, those next to n, powers of two and those next to them.
  static std::vector<Words256> EdgeScalars() {
    std::vector<Words256> scalars;
    for (uint64_t i = 1; i <= 70; ++i) {
      scalars.push_back({i, 0, 0, 0});
      scalars.push_back(p256::NegateScalar({i, 0, 0, 0}));
    }
    const BnPtr number(BN_new());
    for (int bit = 7; bit < 256; ++bit) {
      for (const int offset : {-1, 0, 1}) {
        BN_zero(number.get());
        BN_set_bit(number.get(), bit);
        if (offset < 0) BN_sub_word(number.get(), 1);
        if (offset > 0) BN_add_word(number.get(), 1);
        if (BN_cmp(number.get(), reference->order()) < 0) scalars.push_back(WordsFrom(number.get()));
      }
    }
    return scalars;
  }

  std::mt19937_64 random_{20260113};
  static inline const test::P256Reference* reference = nullptr;
};

TEST_F(P256KernelTest, MultipliesTheGenerator) {
  std::vector<Words256> scalars = EdgeScalars();
  for (int i = 0; i < 1500; ++i) scalars.push_back(RandomScalar());
  for (const Words256& scalar : scalars) {
    ASSERT_EQ(p256::MultiplyGenerator(scalar), reference->Multiply(&scalar));
  }
}

// In the comb's last row a sum of equal or opposite points would be wrong. These are the only scalars where a digit of
// that row would be such a point: of the first addition, k = 2 d + e and k = e, of the second, k = 2 e, modulo n, with
// d and e the digits of the odd comb and of the even one.
TEST_F(P256KernelTest, AddsNoEqualPointsInTheLastRow) {
  const BnPtr number(BN_new()), odd(BN_new()), even(BN_new()), term(BN_new());
  for (int signs = 0; signs < 1024; ++signs) {
    BN_zero(odd.get());
    BN_zero(even.get());
    for (int tooth = 0; tooth < 10; ++tooth) {
      BIGNUM* digit = tooth % 2 == 1 ? odd.get() : even.get();
      BN_zero(term.get());
      BN_set_bit(term.get(), 26 * tooth);
      BN_set_negative(term.get(), (signs >> tooth) & 1);
      BN_add(digit, digit, term.get());
    }
    BN_lshift1(term.get(), odd.get());
    BN_add(term.get(), term.get(), even.get());
    BN_lshift1(odd.get(), even.get());
    for (const BIGNUM* candidate : {term.get(), even.get(), odd.get()}) {
      BN_nnmod(number.get(), candidate, reference->order(), reference->ctx());
      const Words256 scalar = WordsFrom(number.get());
      ASSERT_EQ(p256::MultiplyGenerator(scalar), reference->Multiply(&scalar));
    }
  }
}

TEST_F(P256KernelTest, MultipliesPoints) {
  Point point = p256::MultiplyGenerator({7, 0, 0, 0});
  for (const Words256& scalar : EdgeScalars()) {
    ASSERT_EQ(p256::Multiply(point, scalar), reference->Multiply(nullptr, &point, &scalar));
  }
  for (int i = 0; i < 1500; ++i) {
    const Words256 scalar = RandomScalar();
    const Point product = p256::Multiply(point, scalar);
    ASSERT_EQ(product, reference->Multiply(nullptr, &point, &scalar));
    ASSERT_TRUE(p256::IsOnCurve(product));
    point = product;
  }
}

TEST_F(P256KernelTest, AddsMultiples) {
  const auto check = [](const Words256& a, const Point& point, const Words256& b) {
    Point sum;
    const bool finite = p256::MultiplyAddVariableTime(sum, a, point, b);
    const std::optional<Point> expected = reference->Multiply(&a, &point, &b);
    ASSERT_EQ(finite, expected.has_value());
    if (finite) ASSERT_EQ(sum, *expected);
  };
  for (int i = 0; i < 1000; ++i) {
    const Point point = p256::MultiplyGenerator(RandomScalar());
    ASSERT_NO_FATAL_FAILURE(check(RandomScalar(), point, RandomScalar()));
  }
  const std::vector<Words256> edges = EdgeScalars();
  const Point other = p256::MultiplyGenerator(RandomScalar());
  for (size_t i = 0; i < edges.size(); ++i) {
    ASSERT_NO_FATAL_FAILURE(check(edges[i], other, edges[edges.size() - 1 - i]));
  }
  // Multiples of the generator itself: sums of equal and of opposite points, and with nothing.
  for (const uint64_t multiple : {1, 2, 5}) {
    const Words256 factor = {multiple, 0, 0, 0};
    for (const Point& point : {p256::MultiplyGenerator(factor), p256::MultiplyGenerator(p256::NegateScalar(factor))}) {
      for (uint64_t a = 0; a < 10; ++a) {
        for (uint64_t b = 0; b < 10; ++b) {
          const Words256 a_words = {a, 0, 0, 0};
          const Words256 b_words = {b, 0, 0, 0};
          ASSERT_NO_FATAL_FAILURE(check(a_words, point, b_words));
          if (a == 0 || b == 0) continue;
          ASSERT_NO_FATAL_FAILURE(check(p256::NegateScalar(a_words), point, b_words));
          ASSERT_NO_FATAL_FAILURE(check(a_words, point, p256::NegateScalar(b_words)));
        }
      }
    }
  }
}

TEST_F(P256KernelTest, TellsWhatIsOnTheCurve) {
  const Point good = p256::MultiplyGenerator({5, 0, 0, 0});
  EXPECT_TRUE(p256::IsOnCurve(good));
  Point point = good;
  point.x[0] ^= 1;
  EXPECT_FALSE(p256::IsOnCurve(point));
  point = good;
  point.y[3] ^= uint64_t{1} << 63;
  EXPECT_FALSE(p256::IsOnCurve(point));
  EXPECT_FALSE(p256::IsOnCurve({{}, {}}));
  EXPECT_FALSE(p256::IsOnCurve({kPrime, good.y}));
  // x = 0 has a point; x = p is the same residue, and no coordinate.
  const Point at_zero = {{}, WordsFromHex("66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4")};
  EXPECT_TRUE(p256::IsOnCurve(at_zero));
  EXPECT_FALSE(p256::IsOnCurve({kPrime, at_zero.y}));
  EXPECT_FALSE(p256::IsOnCurve({at_zero.x, Words256{~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}}}));
}

TEST_F(P256KernelTest, ComputesWithScalars) {
  std::vector<Words256> scalars = EdgeScalars();
  for (int i = 0; i < 1500; ++i) scalars.push_back(RandomScalar());
  const BnPtr expected(BN_new());
  for (const Words256& a : scalars) {
    const Words256 b = RandomScalar();
    const BnPtr a_number = NumberFrom(a);
    const BnPtr b_number = NumberFrom(b);
    BN_mod_inverse(expected.get(), a_number.get(), reference->order(), reference->ctx());
    ASSERT_EQ(p256::InvertScalar(a), WordsFrom(expected.get()));
    BN_mod_mul(expected.get(), a_number.get(), b_number.get(), reference->order(), reference->ctx());
    ASSERT_EQ(p256::MultiplyScalars(a, b), WordsFrom(expected.get()));
    BN_sub(expected.get(), reference->order(), a_number.get());
    ASSERT_EQ(p256::NegateScalar(a), WordsFrom(expected.get()));
  }
  EXPECT_EQ(p256::InvertScalar({}), Words256{});
  EXPECT_EQ(p256::ReduceOnce(p256::kOrder), Words256{});
  EXPECT_EQ(p256::ReduceOnce(p256::NegateScalar({1, 0, 0, 0})), p256::NegateScalar({1, 0, 0, 0}));
  // 2^256 - 1, which a digest may be, times 1.
  const Words256 ones = {~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}};
  EXPECT_EQ(p256::MultiplyScalars(ones, {1, 0, 0, 0}), p256::ReduceOnce(ones));
}

// RFC 6979, A.2.5: P-256 with SHA-256, "sample".
const Point kKey = {WordsFromHex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"),
                    WordsFromHex("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299")};
const Words256 kDigest = WordsFromHex("AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF");
const Words256 kR = WordsFromHex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716");
const Words256 kS = WordsFromHex("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");

TEST_F(P256KernelTest, KnowsTheKeysOfRfc6979) {
  const Words256 secret = WordsFromHex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
  const Words256 nonce = WordsFromHex("A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60");
  EXPECT_EQ(p256::MultiplyGenerator(secret), kKey);
  EXPECT_EQ(p256::ReduceOnce(p256::MultiplyGenerator(nonce).x), kR);
}

TEST_F(P256KernelTest, Verifies) {
  EXPECT_TRUE(p256::VerifyVariableTime(kKey, kDigest, kR, kS));
  EXPECT_TRUE(p256::VerifyVariableTime(kKey, kDigest, kR, p256::NegateScalar(kS)));
  for (size_t bit = 0; bit < 256; bit += 5) {
    const auto flipped = [&](Words256 words) {
      words[bit / 64] ^= uint64_t{1} << (bit % 64);
      return words;
    };
    EXPECT_FALSE(p256::VerifyVariableTime(kKey, flipped(kDigest), kR, kS));
    EXPECT_FALSE(p256::VerifyVariableTime(kKey, kDigest, flipped(kR), kS));
    EXPECT_FALSE(p256::VerifyVariableTime(kKey, kDigest, kR, flipped(kS)));
  }
}

// a + b c modulo n, for scalars.
Words256 AddProduct(const test::P256Reference& reference, const Words256& a, const Words256& b, const Words256& c) {
  const BnPtr sum(BN_new());
  BN_mod_mul(sum.get(), NumberFrom(b).get(), NumberFrom(c).get(), reference.order(), reference.ctx());
  BN_mod_add(sum.get(), sum.get(), NumberFrom(a).get(), reference.order(), reference.ctx());
  return WordsFrom(sum.get());
}

// With the generator or its opposite as the key, and digests that make s 1 or n - 1, one of the two multiples 0, or
// both multiples the same.
TEST_F(P256KernelTest, VerifiesAtTheEdges) {
  const Words256 zero = {};
  const Words256 one = {1, 0, 0, 0};
  const Words256 two = {2, 0, 0, 0};
  const Words256 minus_one = p256::NegateScalar(one);
  for (const Words256& secret : {one, minus_one, two, RandomScalar()}) {
    for (const Words256& nonce : {one, minus_one, two, RandomScalar()}) {
      const Point key = p256::MultiplyGenerator(secret);
      const Words256 r = p256::ReduceOnce(p256::MultiplyGenerator(nonce).x);
      const Words256 product = AddProduct(*reference, zero, r, secret);
      const Words256 negative = p256::NegateScalar(product);
      const Words256 digests[] = {zero,
                                  one,
                                  minus_one,
                                  product,
                                  AddProduct(*reference, negative, one, nonce),
                                  AddProduct(*reference, negative, minus_one, nonce)};
      for (const Words256& digest : digests) {
        const Words256 s = p256::MultiplyScalars(p256::InvertScalar(nonce), AddProduct(*reference, digest, r, secret));
        EXPECT_TRUE(p256::VerifyVariableTime(key, digest, r, s));
        EXPECT_TRUE(p256::VerifyVariableTime(key, digest, r, p256::NegateScalar(s)));
        EXPECT_FALSE(p256::VerifyVariableTime(key, digest, r, AddProduct(*reference, one, one, s)));
        EXPECT_FALSE(p256::VerifyVariableTime(key, digest, AddProduct(*reference, one, one, r), s));
      }
    }
  }
}

TEST_F(P256KernelTest, RefusesNumbersOutOfRange) {
  const Words256 zero = {};
  const Words256 ones = {~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}};
  for (const Words256& bad : {zero, p256::kOrder, kPrime, ones}) {
    EXPECT_FALSE(p256::VerifyVariableTime(kKey, kDigest, bad, kS));
    EXPECT_FALSE(p256::VerifyVariableTime(kKey, kDigest, kR, bad));
    EXPECT_FALSE(p256::VerifyVariableTime(kKey, zero, bad, bad));
  }
}

// A signature is r = x modulo n, and x may be n or above. The key is the one that a signature (r, 1) of 1 belongs to:
// (point - G) / r.
TEST_F(P256KernelTest, VerifiesWhereXIsAboveTheOrder) {
  const Words256 one = {1, 0, 0, 0};
  int found = 0;
  for (uint64_t r = 1; r < 40; ++r) {
    const BnPtr x = NumberFrom({r, 0, 0, 0});
    BN_add(x.get(), x.get(), reference->order());
    const test::EcPointPtr generic(EC_POINT_new(reference->generic()));
    if (EC_POINT_set_compressed_coordinates(reference->generic(), generic.get(), x.get(), 0, reference->ctx()) != 1) {
      continue;
    }
    const Point point = *reference->Coordinates(reference->generic(), generic.get());
    const Words256 minus_one = p256::NegateScalar(one);
    Point difference;
    ASSERT_TRUE(p256::MultiplyAddVariableTime(difference, minus_one, point, one));
    const Point key = p256::Multiply(difference, p256::InvertScalar({r, 0, 0, 0}));
    EXPECT_TRUE(p256::VerifyVariableTime(key, one, {r, 0, 0, 0}, one));
    EXPECT_FALSE(p256::VerifyVariableTime(key, one, {r + 1, 0, 0, 0}, one));
    ++found;
  }
  EXPECT_GT(found, 5);
}

// u1 G + u2 Q at infinity: r = 1 and s = 1 of the digest n - k, by the key k G.
TEST_F(P256KernelTest, RefusesTheSumAtInfinity) {
  const Words256 one = {1, 0, 0, 0};
  const Words256 secret = RandomScalar();
  EXPECT_FALSE(p256::VerifyVariableTime(p256::MultiplyGenerator(secret), p256::NegateScalar(secret), one, one));
}

}  // namespace
}  // namespace wasm_tls
