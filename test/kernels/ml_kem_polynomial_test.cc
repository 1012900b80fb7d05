#include "src/kernels/ml_kem_polynomial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace wasm_tls::kernels {
namespace {

constexpr int kDegree = kMlKemDegree;

int Modulo(int64_t value) {
  const auto rest = static_cast<int>(value % kMlKemPrime);
  return rest < 0 ? rest + kMlKemPrime : rest;
}

Polynomial Filled(int16_t value) {
  Polynomial p;
  std::ranges::fill(p.c, value);
  return p;
}

class Random {
 public:
  Polynomial Between(int low, int high) {
    Polynomial p;
    for (int16_t& c : p.c) c = static_cast<int16_t>(std::uniform_int_distribution<int>(low, high)(engine_));
    return p;
  }

  // Numbers at the ends of a range find what overflows.
  Polynomial Extreme(int low, int high) {
    Polynomial p = Between(0, 1);
    for (int16_t& c : p.c) c = static_cast<int16_t>(c != 0 ? high : low);
    return p;
  }

  std::vector<uint8_t> Bytes(size_t size) {
    std::vector<uint8_t> bytes(size);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(engine_());
    return bytes;
  }

 private:
  std::mt19937 engine_{1};
};

// The rest of p modulo X^2 - root: by definition, what algorithm 9 computes.
std::array<int, 2> RestOf(const Polynomial& p, int root) {
  std::array<int, 2> rest = {};
  for (int i = kDegree - 1; i >= 0; --i) rest[i % 2] = Modulo(int64_t{rest[i % 2]} * root + p.c[i]);
  return rest;
}

int RootOfPair(int pair) {
  int exponent = 1;
  for (int bit = 0; bit < 7; ++bit) exponent += 2 * ((pair >> bit & 1) << (6 - bit));
  int root = 1;
  for (; exponent > 0; --exponent) root = root * 17 % kMlKemPrime;
  return root;
}

std::array<int, kDegree> Product(const Polynomial& a, const Polynomial& b) {
  std::array<int64_t, kDegree> sums = {};
  for (int i = 0; i < kDegree; ++i) {
    for (int j = 0; j < kDegree; ++j) {
      const int product = a.c[i] * b.c[j];
      sums[(i + j) % kDegree] += i + j < kDegree ? product : -product;
    }
  }
  std::array<int, kDegree> product;
  std::ranges::transform(sums, product.begin(), Modulo);
  return product;
}

void ExpectWithin(const Polynomial& p, double primes) {
  for (const int16_t c : p.c) EXPECT_LT(std::abs(c), primes * kMlKemPrime);
}

TEST(MlKemPolynomialTest, TransformsToTheRestsOfItsDefinition) {
  Random random;
  for (const Polynomial& p : {random.Between(-3, 3), random.Between(0, kMlKemPrime - 1), Filled(kMlKemPrime),
                              Filled(-kMlKemPrime), random.Extreme(-kMlKemPrime, kMlKemPrime)}) {
    Polynomial transformed = p;
    Transform(transformed);
    ExpectWithin(transformed, 5.5);
    MakeCanonical(transformed);
    for (int pair = 0; pair < kDegree / 2; ++pair) {
      const std::array<int, 2> rest = RestOf(p, RootOfPair(pair));
      ASSERT_EQ(transformed.c[2 * pair], rest[0]) << pair;
      ASSERT_EQ(transformed.c[2 * pair + 1], rest[1]) << pair;
    }
  }
}

TEST(MlKemPolynomialTest, TransformsBack) {
  Random random;
  for (const Polynomial& p : {random.Between(0, kMlKemPrime - 1), Filled(0), random.Extreme(0, kMlKemPrime - 1)}) {
    Polynomial there_and_back = p;
    Transform(there_and_back);
    MakeCanonical(there_and_back);
    InverseTransform(there_and_back);
    ExpectWithin(there_and_back, 0.6);
    MakeCanonical(there_and_back);
    EXPECT_TRUE(std::ranges::equal(there_and_back.c, p.c));
  }
  for (const int16_t end : {int16_t{kMlKemPrime - 1}, int16_t{1 - kMlKemPrime}}) {
    Polynomial p = Filled(end);
    InverseTransform(p);
    ExpectWithin(p, 0.6);
    // All pairs are the same (c, c): it is c + c X.
    MakeCanonical(p);
    for (int i = 0; i < kDegree; ++i) ASSERT_EQ(p.c[i], i < 2 ? Modulo(end) : 0) << i;
  }
}

// Four products of the greatest coefficients that there may be, and any other.
TEST(MlKemPolynomialTest, MultipliesAsAtSchool) {
  Random random;
  for (size_t round = 0; round < 40; ++round) {
    const size_t count = round % 4 + 1;
    const bool extreme = round < 8;
    Polynomial a[4];
    Factor factors[4];
    std::array<int, kDegree> expected = {};
    for (size_t i = 0; i < count; ++i) {
      a[i] = extreme ? random.Extreme(0, kMlKemPrime - 1) : random.Between(0, kMlKemPrime - 1);
      Polynomial b = extreme ? random.Extreme(-kMlKemPrime, kMlKemPrime) : random.Between(-3, 3);
      const auto product = Product(a[i], b);
      for (int j = 0; j < kDegree; ++j) expected[j] = Modulo(expected[j] + product[j]);
      Transform(a[i]);
      MakeCanonical(a[i]);
      Transform(b);
      MakeFactor(factors[i], b);
    }
    Polynomial sum;
    InnerProduct(sum, a, 1, factors, count);
    ExpectWithin(sum, 1);
    InverseTransform(sum);
    MakeCanonical(sum);
    ASSERT_TRUE(std::ranges::equal(sum.c, expected)) << round;
  }
}

TEST(MlKemPolynomialTest, MultipliesTheGreatestOfTransformedOnes) {
  Random random;
  for (const int16_t greatest : {int16_t{18300}, int16_t{-18300}, int16_t{32767}, int16_t{-32768}}) {
    const Polynomial b = Filled(greatest);
    const std::array<Polynomial, 4> a = {Filled(kMlKemPrime - 1), Filled(kMlKemPrime - 1), Filled(kMlKemPrime - 1),
                                         random.Extreme(0, kMlKemPrime - 1)};
    std::array<Factor, 4> factors;
    for (Factor& factor : factors) MakeFactor(factor, b);
    Polynomial sum;
    InnerProduct(sum, a.data(), 1, factors.data(), 4);
    ExpectWithin(sum, 1);
    for (int i = 0; i < kDegree; i += 2) {
      int64_t first = 0;
      int64_t second = 0;
      for (const Polynomial& p : a) {
        first += p.c[i] * greatest + int64_t{p.c[i + 1]} * greatest * RootOfPair(i / 2);
        second += (p.c[i] + p.c[i + 1]) * greatest;
      }
      ASSERT_EQ(Modulo(sum.c[i]), Modulo(first)) << i;
      ASSERT_EQ(Modulo(sum.c[i + 1]), Modulo(second)) << i;
    }
  }
}

TEST(MlKemPolynomialTest, TakesEveryStridethPolynomial) {
  Random random;
  Polynomial matrix[9];
  for (Polynomial& p : matrix) p = random.Between(0, kMlKemPrime - 1);
  Factor factors[3];
  for (Factor& factor : factors) MakeFactor(factor, random.Between(-3000, 3000));
  const Polynomial column[3] = {matrix[1], matrix[4], matrix[7]};
  Polynomial by_stride;
  Polynomial by_copy;
  InnerProduct(by_stride, matrix + 1, 3, factors, 3);
  InnerProduct(by_copy, column, 1, factors, 3);
  EXPECT_TRUE(std::ranges::equal(by_stride.c, by_copy.c));
}

TEST(MlKemPolynomialTest, MakesEveryCoefficientCanonical) {
  for (int value = INT16_MIN; value <= INT16_MAX; ++value) {
    Polynomial p = Filled(0);
    const int at = (value & 0xff);
    p.c[at] = static_cast<int16_t>(value);
    EXPECT_EQ(IsCanonical(p), value < kMlKemPrime) << value;
    MakeCanonical(p);
    ASSERT_EQ(p.c[at], Modulo(value)) << value;
  }
}

TEST(MlKemPolynomialTest, AddsAndSubtracts) {
  Random random;
  const Polynomial a = random.Between(-9000, 9000);
  const Polynomial b = random.Between(-9000, 9000);
  Polynomial sum = a;
  Polynomial difference = a;
  Add(sum, b);
  Subtract(difference, b);
  for (int i = 0; i < kDegree; ++i) {
    EXPECT_EQ(sum.c[i], a.c[i] + b.c[i]);
    EXPECT_EQ(difference.c[i], a.c[i] - b.c[i]);
  }
}

TEST(MlKemPolynomialTest, EncodesBitByBit) {
  Random random;
  for (const size_t bits : {4U, 5U, 10U, 11U, 12U}) {
    const Polynomial p = random.Between(0, (1 << bits) - 1);
    std::vector<uint8_t> expected(32 * bits);
    for (size_t i = 0; i < kDegree * bits; ++i) {
      if ((p.c[i / bits] >> i % bits & 1) != 0) expected[i / 8] |= static_cast<uint8_t>(1 << i % 8);
    }
    std::vector<uint8_t> encoded(32 * bits);
    Encode(encoded.data(), p, bits);
    EXPECT_EQ(encoded, expected) << bits;
    Polynomial decoded;
    Decode(decoded, encoded.data(), bits);
    EXPECT_TRUE(std::ranges::equal(decoded.c, p.c)) << bits;
  }
}

TEST(MlKemPolynomialTest, CompressesEveryCoefficient) {
  constexpr int kLimit = kMlKemPrime * 8 / 5;
  for (const size_t bits : {4U, 5U, 10U, 11U}) {
    const int scale = 1 << bits;
    for (int value = -kLimit; value <= kLimit; ++value) {
      Polynomial p = Filled(static_cast<int16_t>(value));
      Compress(p, bits);
      ASSERT_EQ(p.c[value & 0xff], (Modulo(value) * scale * 2 + kMlKemPrime) / (2 * kMlKemPrime) % scale) << value;
    }
    for (int value = 0; value < scale; ++value) {
      Polynomial p = Filled(static_cast<int16_t>(value));
      Decompress(p, bits);
      ASSERT_EQ(p.c[value & 0xff], (value * kMlKemPrime * 2 + scale) / (2 * scale)) << value;
    }
  }
}

TEST(MlKemPolynomialTest, CarriesAMessage) {
  constexpr int kLimit = kMlKemPrime * 8 / 5;
  for (int value = -kLimit; value <= kLimit; ++value) {
    Polynomial p = Filled(0);
    const int at = value & 0xff;
    p.c[at] = static_cast<int16_t>(value);
    std::array<uint8_t, kMlKemMessageBytes> message;
    ExtractMessage(message.data(), p);
    const int bit = (Modulo(value) * 4 + kMlKemPrime) / (2 * kMlKemPrime) % 2;
    for (int i = 0; i < kDegree; ++i) ASSERT_EQ(message[i / 8] >> i % 8 & 1, i == at ? bit : 0) << value;
  }
  Random random;
  const std::vector<uint8_t> message = random.Bytes(kMlKemMessageBytes);
  const Polynomial before = random.Between(-3, 3);
  Polynomial p = before;
  AddMessage(p, message.data());
  for (int i = 0; i < kDegree; ++i) EXPECT_EQ(p.c[i] - before.c[i], (message[i / 8] >> i % 8 & 1) * 1665);
}

TEST(MlKemPolynomialTest, SamplesTheDifferenceOfBits) {
  Random random;
  for (const size_t eta : {2U, 3U}) {
    const std::vector<uint8_t> bytes = random.Bytes(64 * eta);
    const auto ones = [&](size_t from) {
      int sum = 0;
      for (size_t i = from; i < from + eta; ++i) sum += bytes[i / 8] >> i % 8 & 1;
      return sum;
    };
    Polynomial p;
    SampleCentred(p, bytes.data(), eta);
    for (size_t i = 0; i < kMlKemDegree; ++i) ASSERT_EQ(p.c[i], ones(2 * i * eta) - ones((2 * i + 1) * eta)) << i;
  }
}

TEST(MlKemPolynomialTest, SamplesWhatIsBelowThePrime) {
  Random random;
  for (int round = 0; round < 200; ++round) {
    const size_t blocks = static_cast<size_t>(round) % 5 + 1;
    std::vector<uint8_t> bytes = random.Bytes(168 * blocks);
    // Some with nothing but rejected candidates at the end, and some at the limit itself.
    if (round % 3 == 0) std::fill(bytes.end() - 60, bytes.end(), uint8_t{0xff});
    if (round % 3 == 1) bytes.insert(bytes.begin(), {0x01, 0x0d, 0xd0, 0x00, 0x1d, 0xd0});
    std::vector<int16_t> expected;
    for (size_t i = 0; i < bytes.size() / 3 * 2; ++i) {
      const uint8_t* const three = &bytes[i / 2 * 3];
      const int candidate = i % 2 == 0 ? three[0] + 256 * (three[1] % 16) : three[1] / 16 + 16 * three[2];
      if (candidate < kMlKemPrime && expected.size() < kMlKemDegree)
        expected.push_back(static_cast<int16_t>(candidate));
    }
    Polynomial p = Filled(-1);
    size_t count = 0;
    // In pieces of any size.
    const size_t piece = 3 * (static_cast<size_t>(round) % 70 + 1);
    for (size_t i = 0; i < bytes.size(); i += piece) {
      count = SampleUniform(p, count, bytes.data() + i, std::min(piece, bytes.size() - i));
    }
    ASSERT_EQ(count, expected.size());
    ASSERT_TRUE(std::equal(expected.begin(), expected.end(), p.c)) << round;
  }
}

}  // namespace
}  // namespace wasm_tls::kernels
