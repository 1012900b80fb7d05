#include "src/key_material.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <algorithm>

#include "test/engine/support/pki.h"

// The codes and messages expected here are those that Node 20 gives for the same input.

namespace wasm_tls {
namespace {

using test::Identity;
using test::KeyType;
using test::MakeCa;
using test::MakePfx;
using testing::ElementsAre;
using testing::StartsWith;

SecretBytes Secret(std::string_view text) { return {text.begin(), text.end()}; }

Bytes Concatenated(BytesView a, BytesView b) {
  Bytes both = ToBytes(a);
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

// `pem` with a character in the middle of its base64 replaced.
Bytes Damaged(Bytes pem, char replacement) {
  const size_t line = AsText(pem).find('\n', AsText(pem).find('\n') + 1) + 1;
  pem[line] = static_cast<uint8_t>(replacement);
  return pem;
}

Bytes Half(BytesView bytes) { return ToBytes(bytes.first(bytes.size() / 2)); }

bool SameKey(EVP_PKEY* a, EVP_PKEY* b) { return EVP_PKEY_eq(a, b) == 1; }

class KeyMaterial : public testing::Test {
 protected:
  void SetUp() override { test::EnsureLibrary(); }

  const Identity ca_ = MakeCa("Root", KeyType::kRsa2048);
  const Identity leaf_ = ca_.Issue({.names = "DNS:localhost"});
};

TEST_F(KeyMaterial, ReadsALeafWithItsIntermediates) {
  const auto chain = ParseCertificateChain(Concatenated(leaf_.Pem(), ca_.Pem()));
  ASSERT_TRUE(chain) << chain.error().message;
  EXPECT_EQ(X509_cmp(chain->leaf.get(), leaf_.certificate()), 0);
  ASSERT_EQ(chain->intermediates.size(), 1U);
  EXPECT_EQ(X509_cmp(chain->intermediates[0].get(), ca_.certificate()), 0);
}

TEST_F(KeyMaterial, SkipsTextAroundCertificates) {
  Bytes pem = ToBytes(AsBytes("Certificate of localhost:\n"));
  pem = Concatenated(Concatenated(pem, leaf_.Pem()), AsBytes("That was it.\n"));
  ASSERT_TRUE(ParseCertificateChain(pem));
  EXPECT_EQ(ParseCertificateChain(pem)->intermediates.size(), 0U);
}

TEST_F(KeyMaterial, NamesTheDefectOfACertificate) {
  for (const Bytes& pem : {ToBytes(AsBytes("junk")), Bytes(), ToBytes(leaf_.KeyPem())}) {
    const auto chain = ParseCertificateChain(pem);
    ASSERT_FALSE(chain);
    EXPECT_EQ(chain.error().code, "ERR_OSSL_PEM_NO_START_LINE");
    EXPECT_EQ(chain.error().message, "error:0480006C:PEM routines::no start line");
    EXPECT_EQ(chain.error().library, "PEM routines");
    EXPECT_EQ(chain.error().reason, "no start line");
  }
  EXPECT_EQ(ParseCertificateChain(Damaged(leaf_.Pem(), '!')).error().code, "ERR_OSSL_PEM_BAD_BASE64_DECODE");
  EXPECT_EQ(ParseCertificateChain(Half(leaf_.Pem())).error().code, "ERR_OSSL_PEM_BAD_END_LINE");
}

TEST_F(KeyMaterial, ADefectInTheChainIsAnErrorToo) {
  const auto chain = ParseCertificateChain(Concatenated(leaf_.Pem(), Damaged(ca_.Pem(), '!')));
  ASSERT_FALSE(chain);
  EXPECT_EQ(chain.error().code, "ERR_OSSL_PEM_BAD_BASE64_DECODE");
}

TEST_F(KeyMaterial, TheStackTellsTheOtherRecordsLatestFirst) {
  const auto chain =
      ParseCertificateChain(AsBytes("-----BEGIN CERTIFICATE-----\nMAMCAQM=\n-----END CERTIFICATE-----\n"));
  ASSERT_FALSE(chain);
  EXPECT_THAT(chain.error().code, StartsWith("ERR_OSSL_ASN1_"));
  ASSERT_FALSE(chain.error().stack.empty());
  EXPECT_EQ(chain.error().stack.front(), "error:0488000D:PEM routines::ASN1 lib");
}

TEST_F(KeyMaterial, ABundleGivesWhatItHas) {
  EXPECT_EQ(ParseCertificates(Concatenated(leaf_.Pem(), ca_.Pem()))->size(), 2U);
  EXPECT_EQ(ParseCertificates(Concatenated(leaf_.Pem(), Damaged(ca_.Pem(), '!')))->size(), 1U);
  EXPECT_EQ(ParseCertificates(AsBytes("junk"))->size(), 0U);
  EXPECT_EQ(ParseCertificates({})->size(), 0U);
}

TEST_F(KeyMaterial, RootsAreAllOfABundleOrAnError) {
  EXPECT_EQ(ParseRoots(Concatenated(leaf_.Pem(), ca_.Pem()))->size(), 2U);
  EXPECT_EQ(ParseRoots(AsBytes("junk"))->size(), 0U);
  EXPECT_EQ(ParseRoots({})->size(), 0U);
  const auto damaged = ParseRoots(Concatenated(leaf_.Pem(), Damaged(ca_.Pem(), '!')));
  ASSERT_FALSE(damaged.has_value());
  EXPECT_EQ(damaged.error().code, "ERR_OSSL_PEM_BAD_BASE64_DECODE");
  // Of several records the latest counts.
  const auto no_certificate = ParseRoots(AsBytes("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"));
  ASSERT_FALSE(no_certificate.has_value());
  EXPECT_EQ(no_certificate.error().code, "ERR_OSSL_PEM_ASN1_LIB");
  EXPECT_FALSE(no_certificate.error().stack.empty());
}

TEST_F(KeyMaterial, RootsHaveNoRestrictions) {
  std::string pem(AsText(ca_.Pem()));
  for (size_t at = 0; (at = pem.find("CERTIFICATE", at)) != std::string::npos; at += 2 * sizeof("TRUSTED")) {
    pem.insert(at, "TRUSTED ");
  }
  EXPECT_EQ(ParseCertificates(AsBytes(pem))->size(), 1U);
  EXPECT_EQ(ParseRoots(AsBytes(pem))->size(), 0U);
}

TEST_F(KeyMaterial, ADerCertificateHasNothingBehindIt) {
  Bytes der = leaf_.Der();
  ASSERT_TRUE(ParseCertificateDer(der));
  EXPECT_FALSE(ParseCertificateDer(Half(der)));
  der.push_back(0);
  EXPECT_FALSE(ParseCertificateDer(der));
  EXPECT_FALSE(ParseCertificateDer({}));
}

TEST_F(KeyMaterial, ReadsARevocationList) {
  EXPECT_TRUE(ParseCrl(ca_.CrlPem({&leaf_})));
  for (const Bytes& pem : {ToBytes(AsBytes("junk")), Bytes(), ca_.Pem()}) {
    const auto crl = ParseCrl(pem);
    ASSERT_FALSE(crl);
    EXPECT_EQ(crl.error().code, "ERR_CRYPTO_OPERATION_FAILED");
    EXPECT_EQ(crl.error().message, "Failed to parse CRL");
  }
}

class PrivateKeys : public testing::TestWithParam<KeyType> {
 protected:
  void SetUp() override { key_ = test::Key(GetParam()); }
  EVP_PKEY* key_ = nullptr;
};

TEST_P(PrivateKeys, AreReadInEveryForm) {
  const auto plain = ParsePrivateKey(test::KeyPem(key_), std::nullopt);
  ASSERT_TRUE(plain);
  EXPECT_TRUE(SameKey(plain->get(), key_));
  const auto encrypted = ParsePrivateKey(test::EncryptedKeyPem(key_, "secret"), Secret("secret"));
  ASSERT_TRUE(encrypted);
  EXPECT_TRUE(SameKey(encrypted->get(), key_));
  // A passphrase that is not needed does no harm.
  EXPECT_TRUE(ParsePrivateKey(test::KeyPem(key_), Secret("other")));
}

INSTANTIATE_TEST_SUITE_P(Types, PrivateKeys,
                         testing::Values(KeyType::kP256, KeyType::kP384, KeyType::kRsa2048, KeyType::kRsaPss2048,
                                         KeyType::kEd25519),
                         [](const auto& info) { return test::KeyTypeName(info.param); });

TEST_F(KeyMaterial, ReadsTraditionalKeys) {
  for (const KeyType type : {KeyType::kRsa2048, KeyType::kP256}) {
    EVP_PKEY* key = test::Key(type);
    EXPECT_TRUE(ParsePrivateKey(test::TraditionalKeyPem(key), std::nullopt));
    EXPECT_TRUE(ParsePrivateKey(test::TraditionalKeyPem(key, "secret"), Secret("secret")));
    for (const auto& passphrase : {std::optional(Secret("wrong")), std::optional<SecretBytes>()}) {
      auto failed = ParsePrivateKey(test::TraditionalKeyPem(key, "secret"), passphrase);
      // As below: by chance the padding is good.
      for (int i = 0; i < 10 && !failed && failed.error().code != "ERR_OSSL_BAD_DECRYPT"; ++i) {
        failed = ParsePrivateKey(test::TraditionalKeyPem(key, "secret"), passphrase);
      }
      ASSERT_FALSE(failed);
      EXPECT_EQ(failed.error().code, "ERR_OSSL_BAD_DECRYPT");
      EXPECT_EQ(failed.error().message, "error:1C800064:Provider routines::bad decrypt");
      EXPECT_THAT(failed.error().stack, ElementsAre("error:04800065:PEM routines::bad decrypt"));
    }
  }
}

TEST_F(KeyMaterial, AWrongOrMissingPassphraseIsABadDecrypt) {
  for (const auto& passphrase : {std::optional(Secret("wrong")), std::optional(Secret("")),
                                 std::optional<SecretBytes>(), std::optional(Secret(std::string(1024, 'x')))}) {
    auto failed = ParsePrivateKey(test::EncryptedKeyPem(test::Key(KeyType::kP256), "secret"), passphrase);
    // One file in 256 decrypts to what has good padding by chance, and is found to be no key only then.
    for (int i = 0; i < 10 && !failed && failed.error().code != "ERR_OSSL_BAD_DECRYPT"; ++i) {
      failed = ParsePrivateKey(test::EncryptedKeyPem(test::Key(KeyType::kP256), "secret"), passphrase);
    }
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, "ERR_OSSL_BAD_DECRYPT");
    EXPECT_EQ(failed.error().message, "error:1C800064:Provider routines::bad decrypt");
    EXPECT_THAT(failed.error().stack, testing::Contains("error:11800074:PKCS12 routines::pkcs12 cipherfinal error"));
  }
}

TEST_F(KeyMaterial, APassphraseBeyondOpensslsLimitCancels) {
  const auto failed =
      ParsePrivateKey(test::EncryptedKeyPem(test::Key(KeyType::kP256), "secret"), Secret(std::string(1025, 'x')));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED");
  EXPECT_EQ(failed.error().message, "error:07880109:common libcrypto routines::interrupted or cancelled");
}

TEST_F(KeyMaterial, WhatIsNoKeyIsUnsupported) {
  const SecretBytes key = leaf_.KeyPem();
  for (const Bytes& pem : {ToBytes(AsBytes("junk")), Bytes(), leaf_.Pem(), Damaged(ToBytes(key), '!'), Half(key)}) {
    const auto failed = ParsePrivateKey(pem, std::nullopt);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, "ERR_OSSL_UNSUPPORTED");
    EXPECT_EQ(failed.error().message, "error:1E08010C:DECODER routines::unsupported");
    EXPECT_EQ(failed.error().library, "DECODER routines");
  }
}

// `scheme` is that of PKCS #5 version 1.5 or of PKCS #12; for `cipher` it is PBES2. As DER.
Bytes EncryptedPkcs8(const EVP_PKEY* key, int scheme, const EVP_CIPHER* cipher, bool scrypt = false) {
  PKCS8_PRIV_KEY_INFO* plain = EVP_PKEY2PKCS8(key);
  X509_ALGOR* algorithm = scrypt ? PKCS5_pbe2_set_scrypt(cipher, nullptr, 0, nullptr, 1024, 8, 1) : nullptr;
  X509_SIG* encrypted = scrypt ? PKCS8_set0_pbe("secret", 6, plain, algorithm)
                               : PKCS8_encrypt(scheme, cipher, "secret", 6, nullptr, 0, 1000, plain);
  unsigned char* der = nullptr;
  const int size = i2d_X509_SIG(encrypted, &der);
  Bytes bytes(der, der + std::max(size, 0));
  OPENSSL_free(der);
  X509_SIG_free(encrypted);
  PKCS8_PRIV_KEY_INFO_free(plain);
  return bytes;
}

Bytes AsPem(const Bytes& der) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio(bio.get(), PEM_STRING_PKCS8, "", der.data(), static_cast<long>(der.size()));
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, text + size};
}

TEST_F(KeyMaterial, ReadsKeysUnderOldAndNewEncryption) {
  struct Encryption {
    int scheme;
    const EVP_CIPHER* cipher;
    bool scrypt;
  };
  for (const auto& [scheme, cipher, scrypt] : std::initializer_list<Encryption>{
           {-1, EVP_aes_128_cbc(), false},
           {-1, EVP_aes_192_cbc(), false},
           {-1, EVP_aes_256_cbc(), false},
           {-1, EVP_aes_256_cbc(), true},
           {-1, EVP_des_ede3_cbc(), false},
           {NID_pbeWithMD5AndDES_CBC, nullptr, false},
           {NID_pbeWithSHA1AndDES_CBC, nullptr, false},
           {NID_pbeWithMD5AndRC2_CBC, nullptr, false},
           {NID_pbeWithSHA1AndRC2_CBC, nullptr, false},
           {NID_pbe_WithSHA1And3_Key_TripleDES_CBC, nullptr, false},
           {NID_pbe_WithSHA1And2_Key_TripleDES_CBC, nullptr, false},
           {NID_pbe_WithSHA1And128BitRC2_CBC, nullptr, false},
           {NID_pbe_WithSHA1And40BitRC2_CBC, nullptr, false},
       }) {
    const std::string name = cipher != nullptr ? EVP_CIPHER_get0_name(cipher) : OBJ_nid2sn(scheme);
    const Bytes pem = AsPem(EncryptedPkcs8(leaf_.key(), scheme, cipher, scrypt));
    const auto key = ParsePrivateKey(pem, Secret("secret"));
    ASSERT_TRUE(key) << name << ": " << key.error().message;
    EXPECT_TRUE(SameKey(key->get(), leaf_.key())) << name;
    EXPECT_FALSE(ParsePrivateKey(pem, Secret("wrong"))) << name;
  }
}

TEST_F(KeyMaterial, SaysThatAnEncryptionIsUnsupported) {
  Bytes der = EncryptedPkcs8(leaf_.key(), -1, EVP_aes_256_cbc());
  // 2.16.840.1.101.3.4.1.42, AES-256-CBC, becomes …44, AES-256-CFB.
  const Bytes oid = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a};
  const auto found = std::ranges::search(der, oid);
  ASSERT_FALSE(found.empty());
  found.back() = 0x2c;
  const auto failed = ParsePrivateKey(AsPem(der), Secret("secret"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "ERR_OSSL_EVP_UNSUPPORTED");
}

TEST_F(KeyMaterial, ReadsPfxFiles) {
  for (const bool legacy : {false, true}) {
    const SecretBytes file = MakePfx(leaf_, {.passphrase = "secret", .extra = {&ca_}, .legacy = legacy});
    const auto pfx = ParsePfx(file, Secret("secret"));
    ASSERT_TRUE(pfx) << pfx.error().message;
    EXPECT_TRUE(SameKey(pfx->key.get(), leaf_.key()));
    EXPECT_EQ(X509_cmp(pfx->chain.leaf.get(), leaf_.certificate()), 0);
    ASSERT_EQ(pfx->chain.intermediates.size(), 1U);
    EXPECT_EQ(X509_cmp(pfx->chain.intermediates[0].get(), ca_.certificate()), 0);
  }
}

TEST_F(KeyMaterial, AnEmptyPassphraseOfAPfxMayBeLeftOut) {
  const SecretBytes file = MakePfx(leaf_, {.passphrase = ""});
  EXPECT_TRUE(ParsePfx(file, std::nullopt));
  EXPECT_TRUE(ParsePfx(file, Secret("")));
  EXPECT_EQ(ParsePfx(file, Secret("x")).error().message, "mac verify failure");
}

TEST_F(KeyMaterial, APfxWithoutItsPassphraseFailsItsMac) {
  const SecretBytes file = MakePfx(leaf_, {.passphrase = "secret"});
  for (const auto& passphrase : {std::optional(Secret("wrong")), std::optional<SecretBytes>()}) {
    const auto failed = ParsePfx(file, passphrase);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, "");
    EXPECT_EQ(failed.error().message, "mac verify failure");
    EXPECT_TRUE(failed.error().stack.empty());
  }
}

TEST_F(KeyMaterial, APfxWithoutAMacIsReadOnlyWithoutAPassphrase) {
  const SecretBytes file = MakePfx(leaf_, {.passphrase = "secret", .mac = false});
  EXPECT_EQ(ParsePfx(file, Secret("secret")).error().message, "mac absent");
  EXPECT_EQ(ParsePfx(file, std::nullopt).error().message, "bad decrypt");
}

TEST_F(KeyMaterial, APfxNeedNotBeEncrypted) {
  const auto pfx = ParsePfx(MakePfx(leaf_, {.mac = false, .encrypted = false}), std::nullopt);
  ASSERT_TRUE(pfx) << pfx.error().message;
  EXPECT_TRUE(SameKey(pfx->key.get(), leaf_.key()));
}

TEST_F(KeyMaterial, APfxNeedsAKeyAndItsCertificate) {
  const auto no_key = ParsePfx(MakePfx(leaf_, {.passphrase = "s", .key = false}), Secret("s"));
  ASSERT_FALSE(no_key);
  EXPECT_EQ(no_key.error().code, "ERR_CRYPTO_OPERATION_FAILED");
  EXPECT_EQ(no_key.error().message, "Unable to load private key from PFX data");
  const auto no_cert = ParsePfx(MakePfx(leaf_, {.passphrase = "s", .certificate = false}), Secret("s"));
  ASSERT_FALSE(no_cert);
  EXPECT_EQ(no_cert.error().code, "ERR_CRYPTO_OPERATION_FAILED");
  EXPECT_EQ(no_cert.error().message, "Unable to load certificate from PFX data");
}

TEST_F(KeyMaterial, WhatIsNoPfxSaysWhatDerLacks) {
  const SecretBytes file = MakePfx(leaf_, {.passphrase = "secret"});
  EXPECT_EQ(ParsePfx(AsBytes("junk"), std::nullopt).error().message, "not enough data");
  EXPECT_EQ(ParsePfx({}, std::nullopt).error().message, "not enough data");
  EXPECT_EQ(ParsePfx(Half(file), Secret("secret")).error().message, "not enough data");
  EXPECT_EQ(ParsePfx(AsBytes(std::string(100, 'A')), std::nullopt).error().message, "wrong tag");
  EXPECT_EQ(ParsePfx(AsBytes("\x30\x03\x02\x01\x03"), std::nullopt).error().message, "field missing");
}

TEST_F(KeyMaterial, DhParametersHaveAtLeast1024Bits) {
  EXPECT_TRUE(ParseDhParameters(test::DhParametersPem("ffdhe2048")));
  EXPECT_TRUE(ParseDhParameters(test::DhParametersPem("modp_1536")));
  const auto weak = ParseDhParameters(test::GeneratedDhParametersPem(512));
  ASSERT_FALSE(weak);
  EXPECT_EQ(weak.error().code, "ERR_INVALID_ARG_VALUE");
  EXPECT_EQ(weak.error().message, "DH parameter is less than 1024 bits");
  EXPECT_FALSE(ParseDhParameters(AsBytes("junk")));
  EXPECT_FALSE(ParseDhParameters(leaf_.Pem()));
}

}  // namespace
}  // namespace wasm_tls
