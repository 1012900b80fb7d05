#include "src/kernels/ml_kem.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "src/hexadecimal.h"
#include "src/kernels/keccak.h"
#include "src/openssl_ptr.h"
#include "test/engine/support/pki.h"

namespace wasm_tls::kernels {
namespace {

using Octets = std::vector<uint8_t>;

struct Variant {
  const char* name;
  MlKemParameters parameters;
  // Of what OpenSSL's C makes of the seeds below.
  const char* digest;
};

constexpr Variant kVariants[] = {
    {"ML-KEM-512", kMlKem512, "0eb30957aef87565c09d33406e7779f4bbdee0a54bd1f5d837088f6c39aa80d0"},
    {"ML-KEM-768", kMlKem768, "fd3ba10d0c3bdbad384b8a0e045ceed43f0206c1ad6818c046b0c45cdb974890"},
    {"ML-KEM-1024", kMlKem1024, "d465cb88b8b9f714a63199005a747f5233d1110574ad596c04dbd808e75751fb"},
};

class Key {
 public:
  explicit Key(const MlKemParameters& parameters) : parameters_(parameters) {}
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  // From d and z.
  void Generate(const uint8_t* seed) {
    std::copy_n(seed + kMlKemBytes, kMlKemBytes, z_);
    MlKemGenerate(parameters_, seed, private_key());
  }

  MlKemPublicKey public_key() { return {t_, matrix_, rho_, hash_}; }
  MlKemPrivateKey private_key() { return {public_key(), s_, z_}; }
  const uint8_t* z() const { return z_; }

  Octets EncodedPublic() {
    Octets out(parameters_.public_bytes());
    MlKemEncodePublicKey(parameters_, public_key(), out.data());
    return out;
  }

  Octets EncodedPrivate() {
    Octets out(parameters_.private_bytes());
    MlKemEncodePrivateKey(parameters_, private_key(), out.data());
    return out;
  }

  MlKemKeyCheck DecodePublic(const Octets& in) { return MlKemDecodePublicKey(parameters_, in.data(), public_key()); }
  MlKemKeyCheck DecodePrivate(const Octets& in) { return MlKemDecodePrivateKey(parameters_, in.data(), private_key()); }

  Octets Encapsulate(const uint8_t* message, Octets& secret) {
    Octets ciphertext(parameters_.ciphertext_bytes());
    secret.resize(kMlKemBytes);
    MlKemEncapsulate(parameters_, public_key(), message, ciphertext.data(), secret.data());
    return ciphertext;
  }

  Octets Decapsulate(const Octets& ciphertext) {
    Octets secret(kMlKemBytes);
    MlKemDecapsulate(parameters_, private_key(), ciphertext.data(), secret.data());
    return secret;
  }

 private:
  MlKemParameters parameters_;
  Polynomial t_[kMlKemGreatestRank];
  Polynomial matrix_[kMlKemGreatestRank * kMlKemGreatestRank];
  Polynomial s_[kMlKemGreatestRank];
  uint8_t rho_[kMlKemBytes];
  uint8_t hash_[kMlKemBytes];
  uint8_t z_[kMlKemBytes];
};

// d, z and m.
Octets Seeds(uint8_t number) {
  Sponge sponge(kShake128);
  sponge.Absorb(&number, 1);
  Octets seeds(3 * kMlKemBytes);
  sponge.Finish(seeds.data(), seeds.size());
  return seeds;
}

TEST(MlKemTest, GivesWhatOthersGive) {
  for (const auto& [name, parameters, digest] : kVariants) {
    Sponge all(kSha3_256);
    const auto absorb = [&](const Octets& octets) { all.Absorb(octets.data(), octets.size()); };
    for (uint8_t number = 0; number < 50; ++number) {
      const Octets seeds = Seeds(number);
      Key key(parameters);
      key.Generate(seeds.data());
      absorb(key.EncodedPrivate());
      Octets secret;
      Octets ciphertext = key.Encapsulate(seeds.data() + 2 * kMlKemBytes, secret);
      absorb(ciphertext);
      absorb(secret);
      EXPECT_EQ(key.Decapsulate(ciphertext), secret);
      ciphertext[number] ^= 1;
      absorb(key.Decapsulate(ciphertext));
    }
    uint8_t sum[32];
    all.Finish(sum, sizeof(sum));
    std::string text;
    for (const uint8_t octet : sum) text += Hexadecimal(octet, kLowerCase, 2);
    EXPECT_EQ(text, digest) << name;
  }
}

TEST(MlKemTest, DecodesWhatItEncoded) {
  for (const auto& [name, parameters, digest] : kVariants) {
    Key key(parameters);
    key.Generate(Seeds(3).data());
    Key public_only(parameters);
    ASSERT_EQ(public_only.DecodePublic(key.EncodedPublic()), MlKemKeyCheck::kOk);
    Key again(parameters);
    ASSERT_EQ(again.DecodePrivate(key.EncodedPrivate()), MlKemKeyCheck::kOk);
    EXPECT_EQ(again.EncodedPrivate(), key.EncodedPrivate());
    Octets secret;
    const Octets ciphertext = public_only.Encapsulate(Seeds(4).data(), secret);
    EXPECT_EQ(again.Decapsulate(ciphertext), secret);
  }
}

// FIPS 203, section 7.2: each coefficient is below the prime.
TEST(MlKemTest, RefusesCoefficientsThatAreNotCanonical) {
  for (const auto& [name, parameters, digest] : kVariants) {
    Key key(parameters);
    key.Generate(Seeds(5).data());
    const Octets valid = key.EncodedPrivate();
    for (size_t i = 0; i < 2 * kMlKemDegree * parameters.rank; ++i) {
      const bool in_public = i >= kMlKemDegree * parameters.rank;
      Octets changed = valid;
      uint8_t* const three = &changed[i / 2 * 3];
      const auto set = [&](int value) {
        if (i % 2 == 0) {
          three[0] = static_cast<uint8_t>(value);
          three[1] = static_cast<uint8_t>((three[1] & 0xf0) | value >> 8);
        } else {
          three[1] = static_cast<uint8_t>((three[1] & 0x0f) | (value & 0xf) << 4);
          three[2] = static_cast<uint8_t>(value >> 4);
        }
      };
      set(kMlKemPrime);
      Key decoded(parameters);
      ASSERT_EQ(decoded.DecodePrivate(changed),
                in_public ? MlKemKeyCheck::kBadPublicVector : MlKemKeyCheck::kBadPrivateVector);
      // A smaller one is as good as what was there, if it is not for the hash.
      set(kMlKemPrime - 1);
      if (changed != valid) {
        ASSERT_EQ(decoded.DecodePrivate(changed), in_public ? MlKemKeyCheck::kBadHash : MlKemKeyCheck::kOk);
      }
    }
  }
}

// Section 7.3: the hash of the public part is that of the public part.
TEST(MlKemTest, RefusesAPrivateKeyWithAnotherHash) {
  for (const auto& [name, parameters, digest] : kVariants) {
    Key key(parameters);
    key.Generate(Seeds(6).data());
    Octets encoded = key.EncodedPrivate();
    encoded[encoded.size() - 2 * kMlKemBytes] ^= 1;
    EXPECT_EQ(key.DecodePrivate(encoded), MlKemKeyCheck::kBadHash);
  }
}

// A changed ciphertext gives the digest of z and of the ciphertext: no error, and nothing that tells.
TEST(MlKemTest, RejectsImplicitly) {
  for (const auto& [name, parameters, digest] : kVariants) {
    Key key(parameters);
    key.Generate(Seeds(7).data());
    Octets secret;
    const Octets ciphertext = key.Encapsulate(Seeds(8).data(), secret);
    for (size_t i = 0; i < ciphertext.size(); ++i) {
      Octets changed = ciphertext;
      changed[i] ^= static_cast<uint8_t>(1 << i % 8);
      Sponge sponge(kShake256);
      sponge.Absorb(key.z(), kMlKemBytes);
      sponge.Absorb(changed.data(), changed.size());
      Octets expected(kMlKemBytes);
      sponge.Finish(expected.data(), expected.size());
      ASSERT_EQ(key.Decapsulate(changed), expected) << i;
    }
  }
}

// --- In the place of OpenSSL's.

EvpPkeyPtr FromData(const char* name, const char* part, Octets data) {
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_name(nullptr, name, nullptr);
  EVP_PKEY* key = nullptr;
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(part, data.data(), data.size()), OSSL_PARAM_END};
  EVP_PKEY_fromdata_init(context);
  EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters);
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return EvpPkeyPtr(key);
}

Octets Parameter(EVP_PKEY* key, const char* name) {
  Octets data(4000);
  size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, name, data.data(), data.size(), &size) != 1) size = 0;
  data.resize(size);
  ERR_clear_error();
  return data;
}

bool Encapsulate(EVP_PKEY* key, Octets& ciphertext, Octets& secret) {
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr);
  size_t ciphertext_size = 4000;
  size_t secret_size = kMlKemBytes;
  ciphertext.resize(ciphertext_size);
  secret.resize(secret_size);
  const bool ok = EVP_PKEY_encapsulate_init(context, nullptr) == 1 &&
                  EVP_PKEY_encapsulate(context, ciphertext.data(), &ciphertext_size, secret.data(), &secret_size) == 1;
  EVP_PKEY_CTX_free(context);
  ciphertext.resize(ciphertext_size);
  return ok;
}

bool Decapsulate(EVP_PKEY* key, const Octets& ciphertext, Octets& secret) {
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr);
  size_t secret_size = kMlKemBytes;
  secret.assign(secret_size, 0);
  const bool ok = EVP_PKEY_decapsulate_init(context, nullptr) == 1 &&
                  EVP_PKEY_decapsulate(context, secret.data(), &secret_size, ciphertext.data(), ciphertext.size()) == 1;
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return ok;
}

class MlKemStandInTest : public testing::TestWithParam<Variant> {
 protected:
  void SetUp() override { test::EnsureLibrary(); }
  EvpPkeyPtr Generate() { return EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, GetParam().name)); }
};

TEST_P(MlKemStandInTest, AgreesOnASecret) {
  const EvpPkeyPtr key = Generate();
  ASSERT_NE(key, nullptr);
  const EvpPkeyPtr other = Generate();
  const EvpPkeyPtr peer =
      FromData(GetParam().name, OSSL_PKEY_PARAM_PUB_KEY, Parameter(key.get(), OSSL_PKEY_PARAM_PUB_KEY));
  ASSERT_NE(peer, nullptr);
  EXPECT_EQ(EVP_PKEY_eq(key.get(), peer.get()), 1);
  EXPECT_EQ(EVP_PKEY_eq(key.get(), other.get()), 0);
  Octets ciphertext;
  Octets secret;
  Octets again;
  ASSERT_TRUE(Encapsulate(peer.get(), ciphertext, secret));
  ASSERT_TRUE(Decapsulate(key.get(), ciphertext, again));
  EXPECT_EQ(again, secret);
  ASSERT_TRUE(Decapsulate(other.get(), ciphertext, again));
  EXPECT_NE(again, secret);
  EXPECT_FALSE(Decapsulate(peer.get(), ciphertext, again));
  ciphertext.pop_back();
  EXPECT_FALSE(Decapsulate(key.get(), ciphertext, again));
}

TEST_P(MlKemStandInTest, KeepsTheSeedOfAKey) {
  const Octets seeds = Seeds(9);
  const Octets seed(seeds.begin(), seeds.begin() + 2 * kMlKemBytes);
  const EvpPkeyPtr key = FromData(GetParam().name, OSSL_PKEY_PARAM_ML_KEM_SEED, seed);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(Parameter(key.get(), OSSL_PKEY_PARAM_ML_KEM_SEED), seed);
  Key expected(GetParam().parameters);
  expected.Generate(seed.data());
  EXPECT_EQ(Parameter(key.get(), OSSL_PKEY_PARAM_PRIV_KEY), expected.EncodedPrivate());
  EXPECT_EQ(Parameter(key.get(), OSSL_PKEY_PARAM_PUB_KEY), expected.EncodedPublic());

  const EvpPkeyPtr without_seed =
      FromData(GetParam().name, OSSL_PKEY_PARAM_PRIV_KEY, Parameter(key.get(), OSSL_PKEY_PARAM_PRIV_KEY));
  ASSERT_NE(without_seed, nullptr);
  EXPECT_TRUE(Parameter(without_seed.get(), OSSL_PKEY_PARAM_ML_KEM_SEED).empty());
  EXPECT_EQ(EVP_PKEY_eq(key.get(), without_seed.get()), 1);
}

TEST_P(MlKemStandInTest, DuplicatesAKey) {
  EvpPkeyPtr key = Generate();
  const EvpPkeyPtr copy(EVP_PKEY_dup(key.get()));
  const EvpPkeyPtr peer =
      FromData(GetParam().name, OSSL_PKEY_PARAM_PUB_KEY, Parameter(key.get(), OSSL_PKEY_PARAM_PUB_KEY));
  const EvpPkeyPtr copy_of_peer(EVP_PKEY_dup(peer.get()));
  ASSERT_NE(copy, nullptr);
  ASSERT_NE(copy_of_peer, nullptr);
  const Octets seed = Parameter(key.get(), OSSL_PKEY_PARAM_ML_KEM_SEED);
  key.reset();
  EXPECT_EQ(Parameter(copy.get(), OSSL_PKEY_PARAM_ML_KEM_SEED), seed);
  EXPECT_EQ(seed.size(), 2 * kMlKemBytes);
  Octets ciphertext;
  Octets secret;
  Octets again;
  ASSERT_TRUE(Encapsulate(copy_of_peer.get(), ciphertext, secret));
  ASSERT_TRUE(Decapsulate(copy.get(), ciphertext, again));
  EXPECT_EQ(again, secret);
}

TEST_P(MlKemStandInTest, RefusesBadKeys) {
  Key key(GetParam().parameters);
  key.Generate(Seeds(10).data());
  Octets bad = key.EncodedPublic();
  bad[0] = bad[1] = 0xff;
  EXPECT_EQ(FromData(GetParam().name, OSSL_PKEY_PARAM_PUB_KEY, bad), nullptr);
  Octets short_one = key.EncodedPublic();
  short_one.pop_back();
  EXPECT_EQ(FromData(GetParam().name, OSSL_PKEY_PARAM_PUB_KEY, short_one), nullptr);
  Octets other_hash = key.EncodedPrivate();
  other_hash[other_hash.size() - 2 * kMlKemBytes] ^= 1;
  EXPECT_EQ(FromData(GetParam().name, OSSL_PKEY_PARAM_PRIV_KEY, other_hash), nullptr);
  // A private vector of another key: found by the test of the pair.
  Key other(GetParam().parameters);
  other.Generate(Seeds(11).data());
  Octets mixed = key.EncodedPrivate();
  const Octets others = other.EncodedPrivate();
  std::copy_n(others.begin(), GetParam().parameters.vector_bytes(), mixed.begin());
  EXPECT_EQ(FromData(GetParam().name, OSSL_PKEY_PARAM_PRIV_KEY, mixed), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Variants, MlKemStandInTest, testing::ValuesIn(kVariants),
                         [](const auto& info) { return "Rank" + std::to_string(info.param.parameters.rank); });

}  // namespace
}  // namespace wasm_tls::kernels
