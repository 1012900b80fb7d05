// Modular exponentiation against OpenSSL's that needs no Montgomery form, and RSA keys of unusual shapes.
#include "src/kernels/exponentiation.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "src/bytes.h"
#include "src/kernels/montgomery.h"
#include "src/openssl_ptr.h"
#include "test/engine/support/pki.h"

namespace wasm_tls::kernels {
namespace {

using Words = std::vector<uint64_t>;
using BnCtxPtr = OpensslPtr<BN_CTX, BN_CTX_free>;

class ExponentiationTest : public testing::Test {
 protected:
  void SetUp() override { test::EnsureLibrary(); }

  // Random words; or words in which carries run far: all bits set or none, a lone bit.
  Words Number(size_t size) {
    Words words(size);
    const unsigned kind = random_() % 5;
    for (uint64_t& word : words) {
      word = kind == 0 ? ~uint64_t{0} : kind == 1 ? 0 - uint64_t{random_() % 2} : random_();
    }
    if (kind == 4) {
      std::ranges::fill(words, 0);
      words[random_() % size] = uint64_t{1} << (random_() % 64);
    }
    return words;
  }

  Words Modulus(size_t size) {
    Words words = Number(size);
    words.front() |= 1;
    words.back() |= uint64_t{1} << (random_() % 64);
    return words;
  }

  std::mt19937_64 random_{20260101};
  BnCtxPtr context_{BN_CTX_new()};
};

BignumPtr ToBignum(const Words& words) {
  return BignumPtr(BN_lebin2bn(reinterpret_cast<const unsigned char*>(words.data()),
                               static_cast<int>(words.size() * sizeof(uint64_t)), nullptr));
}

Words ToWords(const BIGNUM* number, size_t size) {
  Words words(size);
  EXPECT_GE(
      BN_bn2lebinpad(number, reinterpret_cast<unsigned char*>(words.data()), static_cast<int>(size * sizeof(uint64_t))),
      0);
  return words;
}

Words Remainder(const Words& number, const Words& modulus, BN_CTX* context) {
  const BignumPtr result = ToBignum(number);
  BN_mod(result.get(), result.get(), ToBignum(modulus).get(), context);
  return ToWords(result.get(), modulus.size());
}

Words RadixSquared(const Words& modulus, BN_CTX* context) {
  Words radix(2 * modulus.size() + 1);
  radix.back() = 1;
  return Remainder(radix, modulus, context);
}

Words Power(const Words& base, const Words& exponent, ExponentKind kind, const Words& modulus, BN_CTX* context) {
  const Words radix_squared = RadixSquared(modulus, context);
  const size_t size = ExponentiationMemory(modulus.size(), exponent.size());
  // What was there before does not matter, and nothing is touched beyond.
  std::vector<std::byte> memory(size + 64, std::byte{0xa5});
  Words result(modulus.size());
  Exponentiate(result, base, exponent, kind, {modulus, radix_squared}, memory.data());
  EXPECT_TRUE(std::all_of(memory.begin() + static_cast<std::ptrdiff_t>(size), memory.end(),
                          [](std::byte byte) { return byte == std::byte{0xa5}; }));
  return result;
}

Words Expected(const Words& base, const Words& exponent, const Words& modulus, BN_CTX* context) {
  const BignumPtr result(BN_new());
  BN_mod_exp_simple(result.get(), ToBignum(base).get(), ToBignum(exponent).get(), ToBignum(modulus).get(), context);
  return ToWords(result.get(), modulus.size());
}

void ExpectPowers(const Words& base, const Words& exponent, const Words& modulus, BN_CTX* context) {
  const Words expected = Expected(base, exponent, modulus, context);
  EXPECT_EQ(Power(base, exponent, ExponentKind::kSecret, modulus, context), expected) << modulus.size() << " words";
  EXPECT_EQ(Power(base, exponent, ExponentKind::kPublic, modulus, context), expected) << modulus.size() << " words";
}

TEST_F(ExponentiationTest, AgreesWithOpensslAtAllSizes) {
  for (size_t size = kLeastModulusWords; size <= 66; ++size) {
    for (int i = 0; i < 12; ++i) {
      const Words modulus = Modulus(size);
      const Words base = Remainder(Number(size), modulus, context_.get());
      ExpectPowers(base, Number(1 + random_() % 2), modulus, context_.get());
    }
  }
}

TEST_F(ExponentiationTest, AgreesWithOpensslForLongExponents) {
  for (const size_t size : {8, 12, 16, 17, 24, 25, 32, 33}) {
    const Words modulus = Modulus(size);
    const Words base = Remainder(Number(size), modulus, context_.get());
    for (const size_t exponent_size : {size_t{4}, size_t{5}, size}) {
      ExpectPowers(base, Number(exponent_size), modulus, context_.get());
    }
  }
}

TEST_F(ExponentiationTest, AgreesWithOpensslForTheLargestModuli) {
  for (const size_t size : {96, 128, 256}) {
    const Words modulus = Modulus(size);
    const Words base = Remainder(Number(size), modulus, context_.get());
    ExpectPowers(base, {65537}, modulus, context_.get());
  }
}

TEST_F(ExponentiationTest, TakesEdgesOfBaseAndExponent) {
  for (const size_t size : {8, 16, 24, 32, 48, 64}) {
    for (const Words& modulus : {Words(size, ~uint64_t{0}), Modulus(size)}) {
      Words zero(size);
      Words one(size);
      one.front() = 1;
      Words last = modulus;
      --last.front();
      const std::vector<Words> exponents = {{0}, {1}, {2}, {3}, {65537}, {~uint64_t{0}}, {0, 0}, {1, 0}, {0, 1}};
      for (const Words& base : {zero, one, last}) {
        for (const Words& exponent : exponents) ExpectPowers(base, exponent, modulus, context_.get());
      }
    }
  }
}

// The value of a row of limbs, of either sign.
BignumPtr ValueOf(std::span<const int16_t> limbs) {
  BignumPtr value(BN_new());
  const BignumPtr limb(BN_new());
  for (size_t i = limbs.size(); i-- > 0;) {
    BN_lshift(value.get(), value.get(), 13);
    BN_set_word(limb.get(), static_cast<BN_ULONG>(std::abs(limbs[i])));
    BN_set_negative(limb.get(), static_cast<int>(limbs[i] < 0));
    BN_add(value.get(), value.get(), limb.get());
  }
  return value;
}

// What a multiplication may be given: limbs as large as carries leave them, all products of the same sign or of both.
TEST_F(ExponentiationTest, MultipliesLimbsAtTheirLimits) {
  constexpr int kLargest = 4226;
  const auto fills = {+[](size_t) { return kLargest; }, +[](size_t) { return -kLargest; },
                      +[](size_t i) { return i % 2 != 0 ? kLargest : -kLargest; },
                      +[](size_t i) { return i % 3 != 0 ? kLargest : -kLargest; }};
  for (const size_t size : {8, 16, 23, 24, 25, 32, 47, 48, 49, 64, 128}) {
    const Words modulus(size, ~uint64_t{0});
    const BignumPtr divisor = ToBignum(modulus);
    const size_t limb_count = Montgomery::LimbCount(size);
    // Those of a number that is not larger than the modulus.
    const size_t filled = size * 64 / 13;
    std::vector<std::byte> memory(Montgomery::MemorySize(limb_count));
    const Montgomery montgomery(modulus, memory.data());
    std::vector<std::byte> places(3 * Montgomery::NumberSize(limb_count));
    const MontgomeryNumber a = montgomery.Place(places.data());
    const MontgomeryNumber b = montgomery.Place(places.data() + Montgomery::NumberSize(limb_count));
    const MontgomeryNumber result = montgomery.Place(places.data() + 2 * Montgomery::NumberSize(limb_count));
    const auto check = [&](const char* what) {
      const BignumPtr expected(BN_new());
      BN_mod_mul(expected.get(), ValueOf({a.limbs, limb_count}).get(), ValueOf({b.limbs, limb_count}).get(),
                 divisor.get(), context_.get());
      Words words(size);
      montgomery.ToWords(words, result.limbs);
      const BignumPtr got = ToBignum(words);
      BN_lshift(got.get(), got.get(), static_cast<int>(montgomery.radix_bits()));
      BN_mod(got.get(), got.get(), divisor.get(), context_.get());
      EXPECT_EQ(BN_cmp(got.get(), expected.get()), 0) << what << ", " << size << " words";
    };
    for (const auto fill_a : fills) {
      for (size_t i = 0; i < limb_count; ++i) a.limbs[i] = static_cast<int16_t>(i < filled ? fill_a(i) : 0);
      montgomery.Complete(a);
      for (const auto fill_b : fills) {
        for (size_t i = 0; i < limb_count; ++i) b.limbs[i] = static_cast<int16_t>(i < filled ? fill_b(i) : 0);
        montgomery.Complete(b);
        montgomery.Multiply(result, a.limbs, b.pairs);
        check("product");
      }
      std::copy_n(a.limbs, limb_count, b.limbs);
      montgomery.Square(result, a);
      check("square");
    }
  }
}

// --- Through RSA, where the functions of src/stand_ins/kernels/exponentiation.cc stand in for OpenSSL's.

using ParamBuilderPtr = OpensslPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using ParamsPtr = OpensslPtr<OSSL_PARAM, OSSL_PARAM_free>;

class RsaKey {
 public:
  RsaKey(const std::vector<int>& prime_bits, BN_CTX* context) {
    BN_one(Add(OSSL_PKEY_PARAM_RSA_N));
    BN_set_word(Add(OSSL_PKEY_PARAM_RSA_E), RSA_F4);
    BIGNUM* n = numbers_[0].second.get();
    BIGNUM* e = numbers_[1].second.get();
    const BignumPtr totient(BN_new());
    BN_one(totient.get());
    std::vector<BignumPtr> primes;
    for (const int bits : prime_bits) {
      primes.push_back(Prime(bits, e, context));
      const BignumPtr less(BN_dup(primes.back().get()));
      BN_sub_word(less.get(), 1);
      BN_mul(totient.get(), totient.get(), less.get(), context);
    }
    BIGNUM* d = Add(OSSL_PKEY_PARAM_RSA_D);
    BN_mod_inverse(d, e, totient.get(), context);
    static const char* const kFactors[] = {OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
                                           OSSL_PKEY_PARAM_RSA_FACTOR3};
    static const char* const kExponents[] = {OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
                                             OSSL_PKEY_PARAM_RSA_EXPONENT3};
    // The first is that of the second prime modulo the first; the next that of the product of those before.
    static const char* const kCoefficients[] = {nullptr, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
                                                OSSL_PKEY_PARAM_RSA_COEFFICIENT2};
    for (size_t i = 0; i < primes.size(); ++i) {
      const BIGNUM* prime = primes[i].get();
      if (i == 1) BN_mod_inverse(Add(kCoefficients[i]), prime, primes[0].get(), context);
      if (i == 2) BN_mod_inverse(Add(kCoefficients[i]), n, prime, context);
      BN_mul(n, n, prime, context);
      BN_copy(Add(kFactors[i]), prime);
      const BignumPtr less(BN_dup(prime));
      BN_sub_word(less.get(), 1);
      BN_mod(Add(kExponents[i]), d, less.get(), context);
    }
  }

  EvpPkeyPtr Make() const {
    const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    for (const auto& [name, number] : numbers_) OSSL_PARAM_BLD_push_BN(builder.get(), name, number.get());
    const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    EXPECT_EQ(EVP_PKEY_fromdata_init(context.get()), 1);
    EXPECT_EQ(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()), 1);
    return EvpPkeyPtr(key);
  }

 private:
  // Its exponent has an inverse modulo prime - 1.
  static BignumPtr Prime(int bits, const BIGNUM* exponent, BN_CTX* context) {
    BignumPtr prime(BN_new());
    const BignumPtr rest(BN_new());
    do {
      BN_generate_prime_ex(prime.get(), bits, 0, nullptr, nullptr, nullptr);
      BN_mod(rest.get(), prime.get(), exponent, context);
    } while (BN_is_one(rest.get()));
    return prime;
  }

  BIGNUM* Add(const char* name) {
    numbers_.emplace_back(name, BN_new());
    return numbers_.back().second.get();
  }

  std::vector<std::pair<const char*, BignumPtr>> numbers_;
};

TEST_F(ExponentiationTest, SignsWithRsaKeysOfUnusualShapes) {
  // Primes of the same size, of different sizes either way round, too small for the kernel, more than two.
  const std::vector<std::vector<int>> shapes = {{512, 512}, {513, 512}, {768, 512}, {512, 768},     {1025, 256},
                                                {180, 332}, {700, 701}, {768, 768}, {512, 512, 512}};
  for (const std::vector<int>& shape : shapes) {
    SCOPED_TRACE(testing::PrintToString(shape));
    const EvpPkeyPtr key = RsaKey(shape, context_.get()).Make();
    ASSERT_NE(key, nullptr);
    // More than one makes the blinding anew (32).
    for (uint8_t i = 0; i < 36; ++i) {
      const std::vector<uint8_t> digest(32, i);
      std::vector<uint8_t> signature(static_cast<size_t>(EVP_PKEY_get_size(key.get())));
      size_t size = signature.size();
      const EvpPkeyCtxPtr signer(EVP_PKEY_CTX_new(key.get(), nullptr));
      ASSERT_EQ(EVP_PKEY_sign_init(signer.get()), 1);
      ASSERT_EQ(EVP_PKEY_sign(signer.get(), signature.data(), &size, digest.data(), digest.size()), 1);
      const EvpPkeyCtxPtr verifier(EVP_PKEY_CTX_new(key.get(), nullptr));
      ASSERT_EQ(EVP_PKEY_verify_init(verifier.get()), 1);
      EXPECT_EQ(EVP_PKEY_verify(verifier.get(), signature.data(), size, digest.data(), digest.size()), 1);
      signature[size / 2] ^= 1;
      EXPECT_NE(EVP_PKEY_verify(verifier.get(), signature.data(), size, digest.data(), digest.size()), 1);
    }
  }
}

}  // namespace
}  // namespace wasm_tls::kernels
