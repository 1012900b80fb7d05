// X25519MLKEM768 against its halves, which libcrypto has each for itself.

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <vector>

#include "src/openssl_ptr.h"
#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

using Octets = std::vector<uint8_t>;

constexpr char kHybrid[] = "X25519MLKEM768";
constexpr size_t kX25519 = 32;
constexpr size_t kMlKemPublic = 1184;
constexpr size_t kMlKemPrivate = 2400;
constexpr size_t kMlKemCiphertext = 1088;

Octets First(const Octets& octets, size_t size) { return {octets.begin(), octets.begin() + static_cast<int>(size)}; }
Octets Last(const Octets& octets, size_t size) { return {octets.end() - static_cast<int>(size), octets.end()}; }

Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

EvpPkeyCtxPtr ContextOf(EVP_PKEY* key) { return EvpPkeyCtxPtr(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)); }

EvpPkeyPtr FromData(const char* algorithm, const char* part, Octets data) {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(part, data.data(), data.size()), OSSL_PARAM_END};
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters);
  ERR_clear_error();
  return EvpPkeyPtr(key);
}

// As a server makes what it puts a client's key share into.
EvpPkeyPtr Empty() {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, kHybrid, nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_paramgen_init(context.get());
  EVP_PKEY_CTX_set_group_name(context.get(), kHybrid);
  EVP_PKEY_paramgen(context.get(), &key);
  return EvpPkeyPtr(key);
}

Octets EncodedPublic(EVP_PKEY* key) {
  unsigned char* encoded = nullptr;
  const size_t size = EVP_PKEY_get1_encoded_public_key(key, &encoded);
  const Octets octets(encoded, encoded + size);
  OPENSSL_free(encoded);
  return octets;
}

Octets PrivateKey(EVP_PKEY* key) {
  Octets octets(3000);
  size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PRIV_KEY, octets.data(), octets.size(), &size) != 1)
    size = 0;
  octets.resize(size);
  return octets;
}

bool SetPublic(EVP_PKEY* key, const Octets& octets) {
  const bool ok = EVP_PKEY_set1_encoded_public_key(key, octets.data(), octets.size()) == 1;
  ERR_clear_error();
  return ok;
}

struct Encapsulated {
  Octets ciphertext;
  Octets secret;
};

// Nothing when it fails.
Encapsulated Encapsulate(EVP_PKEY* key) {
  const EvpPkeyCtxPtr context = ContextOf(key);
  size_t ciphertext_size = 0;
  size_t secret_size = 0;
  Encapsulated made;
  if (EVP_PKEY_encapsulate_init(context.get(), nullptr) == 1 &&
      EVP_PKEY_encapsulate(context.get(), nullptr, &ciphertext_size, nullptr, &secret_size) == 1) {
    made = {Octets(ciphertext_size), Octets(secret_size)};
    if (EVP_PKEY_encapsulate(context.get(), made.ciphertext.data(), &ciphertext_size, made.secret.data(),
                             &secret_size) != 1) {
      made = {};
    }
  }
  ERR_clear_error();
  return made;
}

Octets Decapsulate(EVP_PKEY* key, const Octets& ciphertext) {
  const EvpPkeyCtxPtr context = ContextOf(key);
  size_t size = 0;
  Octets secret;
  if (EVP_PKEY_decapsulate_init(context.get(), nullptr) == 1 &&
      EVP_PKEY_decapsulate(context.get(), nullptr, &size, ciphertext.data(), ciphertext.size()) == 1) {
    secret.resize(size);
    if (EVP_PKEY_decapsulate(context.get(), secret.data(), &size, ciphertext.data(), ciphertext.size()) != 1) {
      secret.clear();
    }
  }
  ERR_clear_error();
  return secret;
}

Octets Derive(EVP_PKEY* key, EVP_PKEY* peer) {
  const EvpPkeyCtxPtr context = ContextOf(key);
  Octets secret(kX25519);
  size_t size = secret.size();
  EXPECT_EQ(EVP_PKEY_derive_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_derive_set_peer(context.get(), peer), 1);
  EXPECT_EQ(EVP_PKEY_derive(context.get(), secret.data(), &size), 1);
  return secret;
}

class X25519MlKemTest : public testing::Test {
 protected:
  void SetUp() override {
    test::EnsureLibrary();
    key_ = EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, kHybrid));
    ASSERT_NE(key_, nullptr);
  }

  EvpPkeyPtr Peer() {
    EvpPkeyPtr peer = Empty();
    EXPECT_TRUE(SetPublic(peer.get(), EncodedPublic(key_.get())));
    return peer;
  }

  EvpPkeyPtr key_;
};

TEST_F(X25519MlKemTest, AgreesOnASecret) {
  const EvpPkeyPtr peer = Peer();
  const auto [ciphertext, secret] = Encapsulate(peer.get());
  EXPECT_EQ(ciphertext.size(), kMlKemCiphertext + kX25519);
  EXPECT_EQ(secret.size(), 64U);
  EXPECT_EQ(Decapsulate(key_.get(), ciphertext), secret);
  EXPECT_NE(Encapsulate(peer.get()).secret, secret);
  EXPECT_TRUE(Decapsulate(peer.get(), ciphertext).empty());
  EXPECT_TRUE(Encapsulate(Empty().get()).ciphertext.empty());
}

// A client whose halves are two keys understands a server with one, and the other way round.
TEST_F(X25519MlKemTest, IsItsHalvesSideBySide) {
  const Octets encoded = EncodedPublic(key_.get());
  const Octets both = PrivateKey(key_.get());
  ASSERT_EQ(encoded.size(), kMlKemPublic + kX25519);
  ASSERT_EQ(both.size(), kMlKemPrivate + kX25519);
  const EvpPkeyPtr ml_kem = FromData("ML-KEM-768", OSSL_PKEY_PARAM_PRIV_KEY, First(both, kMlKemPrivate));
  const EvpPkeyPtr x25519 = FromData("X25519", OSSL_PKEY_PARAM_PRIV_KEY, Last(both, kX25519));
  ASSERT_NE(ml_kem, nullptr);
  ASSERT_NE(x25519, nullptr);
  EXPECT_EQ(EncodedPublic(ml_kem.get()) + EncodedPublic(x25519.get()), encoded);

  const auto [ciphertext, secret] = Encapsulate(Peer().get());
  const EvpPkeyPtr ephemeral = FromData("X25519", OSSL_PKEY_PARAM_PUB_KEY, Last(ciphertext, kX25519));
  EXPECT_EQ(Decapsulate(ml_kem.get(), First(ciphertext, kMlKemCiphertext)) + Derive(x25519.get(), ephemeral.get()),
            secret);

  const EvpPkeyPtr other(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  const Encapsulated half = Encapsulate(ml_kem.get());
  EXPECT_EQ(Decapsulate(key_.get(), half.ciphertext + EncodedPublic(other.get())),
            half.secret + Derive(other.get(), x25519.get()));
}

TEST_F(X25519MlKemTest, RefusesWhatIsNoKeyShare) {
  const Octets valid = EncodedPublic(key_.get());
  EXPECT_FALSE(SetPublic(Empty().get(), First(valid, valid.size() - 1)));
  EXPECT_FALSE(SetPublic(Empty().get(), valid + Octets{0}));
  Octets not_canonical = valid;
  not_canonical[0] = not_canonical[1] = 0xff;
  EXPECT_FALSE(SetPublic(Empty().get(), not_canonical));
  EXPECT_FALSE(SetPublic(key_.get(), valid)) << "a key is set once";

  // RFC 7748, section 6.1: a point of small order gives zeros, whoever else takes part.
  const EvpPkeyPtr peer = Empty();
  ASSERT_TRUE(SetPublic(peer.get(), First(valid, kMlKemPublic) + Octets(kX25519)));
  EXPECT_TRUE(Encapsulate(peer.get()).secret.empty());
  const Octets ciphertext = Encapsulate(Peer().get()).ciphertext;
  EXPECT_TRUE(Decapsulate(key_.get(), First(ciphertext, kMlKemCiphertext) + Octets(kX25519)).empty());
  EXPECT_TRUE(Decapsulate(key_.get(), First(ciphertext, ciphertext.size() - 1)).empty());
  EXPECT_TRUE(Decapsulate(key_.get(), ciphertext + Octets{0}).empty());
}

TEST_F(X25519MlKemTest, RefusesTooLittleRoom) {
  const EvpPkeyCtxPtr context = ContextOf(key_.get());
  Octets ciphertext(kMlKemCiphertext + kX25519);
  Octets secret(64);
  ASSERT_EQ(EVP_PKEY_encapsulate_init(context.get(), nullptr), 1);
  for (const auto& [less_ciphertext, less_secret] : {std::pair<size_t, size_t>{1, 0}, {0, 1}}) {
    size_t ciphertext_size = ciphertext.size() - less_ciphertext;
    size_t secret_size = secret.size() - less_secret;
    EXPECT_NE(EVP_PKEY_encapsulate(context.get(), ciphertext.data(), &ciphertext_size, secret.data(), &secret_size), 1);
  }
  const EvpPkeyCtxPtr other = ContextOf(key_.get());
  ASSERT_EQ(EVP_PKEY_decapsulate_init(other.get(), nullptr), 1);
  size_t secret_size = secret.size() - 1;
  EXPECT_NE(EVP_PKEY_decapsulate(other.get(), secret.data(), &secret_size, ciphertext.data(), ciphertext.size()), 1);
  ERR_clear_error();
}

TEST_F(X25519MlKemTest, IsCopied) {
  const EvpPkeyPtr peer = Peer();
  const EvpPkeyPtr copy(EVP_PKEY_dup(key_.get()));
  const EvpPkeyPtr copy_of_peer(EVP_PKEY_dup(peer.get()));
  const EvpPkeyPtr imported = FromData(kHybrid, OSSL_PKEY_PARAM_PRIV_KEY, PrivateKey(key_.get()));
  const EvpPkeyPtr other(EVP_PKEY_Q_keygen(nullptr, nullptr, kHybrid));
  ASSERT_NE(copy, nullptr);
  ASSERT_NE(copy_of_peer, nullptr);
  ASSERT_NE(imported, nullptr);
  for (const EvpPkeyPtr* const same : {&peer, &copy, &copy_of_peer, &imported}) {
    EXPECT_EQ(EVP_PKEY_eq(key_.get(), same->get()), 1);
  }
  EXPECT_EQ(EVP_PKEY_eq(key_.get(), other.get()), 0);
  key_.reset();
  const auto [ciphertext, secret] = Encapsulate(copy_of_peer.get());
  EXPECT_EQ(Decapsulate(copy.get(), ciphertext), secret);
  EXPECT_EQ(Decapsulate(imported.get(), ciphertext), secret);
  EXPECT_TRUE(PrivateKey(copy_of_peer.get()).empty());
  ERR_clear_error();

  const EvpPkeyPtr empty = Empty();
  const EvpPkeyPtr copy_of_nothing(EVP_PKEY_dup(empty.get()));
  ASSERT_NE(copy_of_nothing, nullptr);
  EXPECT_TRUE(SetPublic(copy_of_nothing.get(), EncodedPublic(copy.get())));
}

// Halves of two private keys of ML-KEM.
TEST_F(X25519MlKemTest, RefusesAPrivateKeyThatIsNoPair) {
  const EvpPkeyPtr other(EVP_PKEY_Q_keygen(nullptr, nullptr, kHybrid));
  Octets mixed = PrivateKey(key_.get());
  const Octets others = PrivateKey(other.get());
  std::copy_n(others.begin(), kMlKemPublic - kX25519, mixed.begin());
  EXPECT_EQ(FromData(kHybrid, OSSL_PKEY_PARAM_PRIV_KEY, mixed), nullptr);
  mixed.pop_back();
  EXPECT_EQ(FromData(kHybrid, OSSL_PKEY_PARAM_PRIV_KEY, mixed), nullptr);
}

TEST_F(X25519MlKemTest, DescribesItself) {
  EXPECT_EQ(EVP_PKEY_get_bits(key_.get()), 768);
  EXPECT_EQ(EVP_PKEY_get_security_bits(key_.get()), 192);
  EXPECT_EQ(EVP_PKEY_get_size(key_.get()), static_cast<int>(kMlKemCiphertext + kX25519));
  EXPECT_EQ(EVP_PKEY_is_a(key_.get(), kHybrid), 1);
}

}  // namespace
}  // namespace wasm_tls
