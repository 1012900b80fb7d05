#include "src/secure_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>

#include <set>

#include "test/engine/support/pki.h"

// The codes and messages expected here are those that Node 20 gives for the same options.

namespace wasm_tls {
namespace {

using test::Identity;
using test::KeyType;
using test::MakeCa;
using test::MakePfx;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kSuites = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";

SecretBytes Secret(std::string_view text) { return {text.begin(), text.end()}; }

Bytes Concatenated(const Bytes& a, const Bytes& b) {
  Bytes both = a;
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

std::vector<std::string> Ciphers(const SecureContext& context) {
  std::vector<std::string> names;
  STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
  names.reserve(static_cast<size_t>(sk_SSL_CIPHER_num(ciphers)));
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    names.emplace_back(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i)));
  }
  return names;
}

class SecureContextTest : public testing::Test {
 protected:
  void SetUp() override { test::EnsureLibrary(); }

  static SecureContextOptions Defaults() { return {.ciphers = "DEFAULT", .cipher_suites = std::string(kSuites)}; }

  SecureContextOptions WithIdentity(const Identity& identity) {
    SecureContextOptions options = Defaults();
    options.cert.push_back(identity.ChainPem());
    options.key.push_back({.pem = identity.KeyPem()});
    return options;
  }

  std::shared_ptr<SecureContext> Make(SecureContextOptions options) {
    auto context = SecureContext::Create(std::move(options));
    EXPECT_TRUE(context.has_value()) << context.error().message;
    return context.value_or(nullptr);
  }

  void ExpectFailure(SecureContextOptions options, std::string_view code, std::string_view message) {
    const auto context = SecureContext::Create(std::move(options));
    ASSERT_FALSE(context.has_value());
    EXPECT_EQ(context.error().code, code);
    EXPECT_EQ(context.error().message, message);
  }

  const Identity root_ = MakeCa("Root", KeyType::kP256, 0);
  const Identity intermediate_ = root_.Issue({.key_number = 1, .subject = {{"CN", "Intermediate"}}, .ca = true});
  const Identity rsa_ = intermediate_.Issue({.key = KeyType::kRsa2048, .names = "DNS:localhost"});
  const Identity ec_ = intermediate_.Issue({.key = KeyType::kP256, .key_number = 2, .names = "DNS:localhost"});
};

// --- certificates and keys -------------------------------------------------------------------------------------------

TEST_F(SecureContextTest, TellsItsCertificateAndIssuer) {
  const auto context = Make(WithIdentity(rsa_));
  EXPECT_EQ(context->certificate(), rsa_.Der());
  EXPECT_EQ(context->issuer(), intermediate_.Der());
  const auto bare = Make(Defaults());
  EXPECT_THAT(bare->certificate(), IsEmpty());
  EXPECT_THAT(bare->issuer(), IsEmpty());
}

TEST_F(SecureContextTest, FindsTheIssuerAmongTheTrusted) {
  SecureContextOptions options = Defaults();
  options.cert.push_back(rsa_.Pem());
  EXPECT_THAT(Make(options)->issuer(), IsEmpty());
  options.ca = {{intermediate_.Pem()}};
  EXPECT_EQ(Make(options)->issuer(), intermediate_.Der());
}

TEST_F(SecureContextTest, TrustsWhatIsAddedLaterAsWell) {
  SecureContextOptions options = Defaults();
  options.cert.push_back(rsa_.Pem());
  options.ca = {{root_.Pem()}};
  const auto context = Make(options);
  EXPECT_THAT(context->issuer(), IsEmpty());
  ASSERT_TRUE(context->AddCa(intermediate_.Pem()).has_value());
  EXPECT_EQ(context->issuer(), intermediate_.Der());
  const X509StackPtr all(X509_STORE_get1_all_certs(context->trust()->get()));
  EXPECT_EQ(sk_X509_num(all.get()), 2);
}

TEST_F(SecureContextTest, AnAddedCrlTurnsItsCheckOnAndStaysWithWhatIsAddedAfterIt) {
  const auto context = Make(Defaults());
  const auto flags = [&] { return X509_VERIFY_PARAM_get_flags(X509_STORE_get0_param(context->trust()->get())); };
  EXPECT_EQ(flags() & X509_V_FLAG_CRL_CHECK, 0);
  ASSERT_TRUE(context->AddCrl(root_.CrlPem({})).has_value());
  ASSERT_TRUE(context->AddCa(root_.Pem()).has_value());
  EXPECT_NE(flags() & X509_V_FLAG_CRL_CHECK, 0);
  const X509ObjectStackPtr objects(X509_STORE_get1_objects(context->trust()->get()));
  EXPECT_EQ(sk_X509_OBJECT_num(objects.get()), 2);
}

TEST_F(SecureContextTest, CiphersCanBeChangedLater) {
  const auto context = Make(Defaults());
  ASSERT_TRUE(context->SetCiphers("AES128-SHA").has_value());
  EXPECT_THAT(Ciphers(*context), testing::Contains("AES128-SHA"));
  EXPECT_THAT(Ciphers(*context), testing::Not(testing::Contains("AES256-SHA")));
  EXPECT_EQ(context->SetCiphers("no-such").error().code, "ERR_SSL_NO_CIPHER_MATCH");
}

TEST_F(SecureContextTest, KeepsAPairOfEachKeyType) {
  SecureContextOptions options = WithIdentity(rsa_);
  options.cert.push_back(ec_.ChainPem());
  options.key.push_back({.pem = ec_.KeyPem()});
  const auto context = Make(options);
  EXPECT_EQ(context->certificate(), ec_.Der());
  for (const auto position : {SSL_CERT_SET_FIRST, SSL_CERT_SET_NEXT}) {
    ASSERT_EQ(SSL_CTX_set_current_cert(context->get(), position), 1);
    EXPECT_NE(SSL_CTX_get0_privatekey(context->get()), nullptr);
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(context->get(), &chain);
    EXPECT_EQ(sk_X509_num(chain), 1);
  }
}

TEST_F(SecureContextTest, AKeyMustFitItsCertificate) {
  SecureContextOptions options = WithIdentity(rsa_);
  options.key = {{.pem = test::KeyPem(test::Key(KeyType::kRsa2048, 1))}};
  ExpectFailure(options, "ERR_OSSL_X509_KEY_VALUES_MISMATCH",
                "error:05800074:x509 certificate routines::key values mismatch");
  // Of another type it waits for a certificate that never comes.
  options.key = {{.pem = ec_.KeyPem()}};
  EXPECT_NE(Make(options), nullptr);
}

TEST_F(SecureContextTest, PassesOnWhatKeyMaterialLacks) {
  SecureContextOptions options = Defaults();
  options.cert = {ToBytes(AsBytes("junk"))};
  ExpectFailure(options, "ERR_OSSL_PEM_NO_START_LINE", "error:0480006C:PEM routines::no start line");
  options.cert.clear();
  options.key = {{.pem = test::EncryptedKeyPem(rsa_.key(), "secret"), .passphrase = Secret("wrong")}};
  ExpectFailure(options, "ERR_OSSL_BAD_DECRYPT", "error:1C800064:Provider routines::bad decrypt");
  options.key = {{.pem = test::EncryptedKeyPem(rsa_.key(), "secret"), .passphrase = Secret("secret")}};
  EXPECT_NE(Make(options), nullptr);
}

TEST_F(SecureContextTest, TheSecurityLevelOfTheCipherListHoldsForCertificates) {
  const Identity weak = root_.Issue({.key = KeyType::kRsa1024, .names = "DNS:localhost"});
  SecureContextOptions options = WithIdentity(weak);
  EXPECT_NE(Make(options), nullptr);
  options.ciphers = "DEFAULT@SECLEVEL=2";
  ExpectFailure(options, "ERR_SSL_EE_KEY_TOO_SMALL", "error:0A00018F:SSL routines::ee key too small");
  options.ciphers = "DEFAULT@SECLEVEL=0";
  EXPECT_NE(Make(options), nullptr);
}

// --- PKCS#12 ---------------------------------------------------------------------------------------------------------

TEST_F(SecureContextTest, APfxBringsPairChainAndTrust) {
  SecureContextOptions options = Defaults();
  options.pfx = {{.der = MakePfx(rsa_, {.passphrase = "secret", .extra = {&intermediate_, &root_}, .legacy = true}),
                  .passphrase = Secret("secret")}};
  const auto context = Make(options);
  EXPECT_EQ(context->certificate(), rsa_.Der());
  EXPECT_EQ(context->issuer(), intermediate_.Der());
  EXPECT_EQ(SSL_CTX_check_private_key(context->get()), 1);
  const X509StoreCtxPtr verify(X509_STORE_CTX_new());
  X509_STORE_CTX_init(verify.get(), context->trust()->get(), ec_.certificate(), nullptr);
  EXPECT_EQ(X509_verify_cert(verify.get()), 1);
  EXPECT_EQ(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(context->get())), 2);
}

TEST_F(SecureContextTest, ErrorsOfAPfxHaveNoCode) {
  SecureContextOptions options = Defaults();
  options.pfx = {{.der = MakePfx(rsa_, {.passphrase = "secret"})}};
  ExpectFailure(options, "", "mac verify failure");
  const Identity weak = root_.Issue({.key = KeyType::kRsa1024});
  options.ciphers = "DEFAULT@SECLEVEL=2";
  options.pfx = {{.der = MakePfx(weak, {.passphrase = "s"}), .passphrase = Secret("s")}};
  ExpectFailure(options, "", "ee key too small");
}

// --- trust -----------------------------------------------------------------------------------------------------------

TEST_F(SecureContextTest, SharesTheDefaultTrustUnlessItAddsToIt) {
  const Bytes der = root_.Der();
  const auto base = *TrustStore::FromDer({der});
  SecureContextOptions options = Defaults();
  options.default_trust = base;
  EXPECT_EQ(Make(options)->trust(), base.get());
  options.crl = {root_.CrlPem({})};
  EXPECT_NE(Make(options)->trust(), base.get());
  options.crl.clear();
  options.allow_partial_trust_chain = true;
  EXPECT_NE(Make(options)->trust(), base.get());
}

TEST_F(SecureContextTest, CaReplacesTheDefaultTrust) {
  const Bytes der = root_.Der();
  SecureContextOptions options = Defaults();
  options.default_trust = *TrustStore::FromDer({der});
  const auto verifies = [&](const SecureContext& context) {
    const X509StoreCtxPtr verify(X509_STORE_CTX_new());
    X509_STORE_CTX_init(verify.get(), SSL_CTX_get_cert_store(context.get()), intermediate_.certificate(), nullptr);
    return X509_verify_cert(verify.get()) == 1;
  };
  EXPECT_TRUE(verifies(*Make(options)));
  options.ca = {{MakeCa("Other").Pem()}};
  EXPECT_FALSE(verifies(*Make(options)));
  options.ca = {{ToBytes(AsBytes("junk"))}};
  EXPECT_FALSE(verifies(*Make(options)));
  options.ca = {{Concatenated(MakeCa("Other").Pem(), root_.Pem())}};
  const auto context = Make(options);
  EXPECT_TRUE(verifies(*context));
  // Servers name these to their clients.
  EXPECT_EQ(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(context->get())), 2);
}

TEST_F(SecureContextTest, ACrlMustBeOne) {
  SecureContextOptions options = Defaults();
  options.crl = {ToBytes(AsBytes("junk"))};
  ExpectFailure(options, "ERR_CRYPTO_OPERATION_FAILED", "Failed to parse CRL");
}

// --- versions, ciphers, groups ---------------------------------------------------------------------------------------

TEST_F(SecureContextTest, LimitsVersions) {
  SecureContextOptions options = Defaults();
  options.min_version = TLS1_1_VERSION;
  options.max_version = TLS1_2_VERSION;
  const auto context = Make(options);
  EXPECT_EQ(SSL_CTX_get_min_proto_version(context->get()), TLS1_1_VERSION);
  EXPECT_EQ(SSL_CTX_get_max_proto_version(context->get()), TLS1_2_VERSION);
  options.min_version = TLS1_3_VERSION;
  EXPECT_NE(Make(options), nullptr);  // Node finds out in the handshake, too
  options.min_version = 0x1234;
  EXPECT_FALSE(SecureContext::Create(options).has_value());
}

TEST_F(SecureContextTest, RefusesUnknownCiphers) {
  SecureContextOptions options = Defaults();
  for (const std::string_view list : {"no-such", "!AES:no-such"}) {
    options.ciphers = list;
    ExpectFailure(options, "ERR_SSL_NO_CIPHER_MATCH", "error:0A0000B9:SSL routines::no cipher match");
  }
  for (const std::string_view list : {"@@@", "DEFAULT@SECLEVEL=9"}) {
    options.ciphers = list;
    ExpectFailure(options, "ERR_SSL_INVALID_COMMAND", "error:0A000118:SSL routines::invalid command");
  }
  options = {.ciphers = "", .cipher_suites = "TLS_NOPE"};
  ExpectFailure(options, "ERR_SSL_NO_CIPHER_MATCH", "error:0A0000B9:SSL routines::no cipher match");
}

TEST_F(SecureContextTest, AnEmptyCipherListLeavesTheSuitesAlone) {
  EXPECT_THAT(Ciphers(*Make({.ciphers = "", .cipher_suites = "TLS_AES_128_GCM_SHA256"})),
              ElementsAre("TLS_AES_128_GCM_SHA256"));
}

TEST_F(SecureContextTest, WithoutSuitesThoseOfOpensslStay) {
  EXPECT_THAT(
      Ciphers(*Make({.ciphers = "AES128-SHA", .cipher_suites = ""})),
      ElementsAre("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256", "AES128-SHA"));
}

TEST_F(SecureContextTest, SetsGroups) {
  SecureContextOptions options = Defaults();
  for (const std::string_view groups : {"", "auto", "P-256:X25519", "X25519MLKEM768"}) {
    options.groups = groups;
    EXPECT_NE(Make(options), nullptr) << groups;
  }
  options.groups = "no-such";
  ExpectFailure(options, "ERR_CRYPTO_OPERATION_FAILED", "Failed to set ECDH curve");
}

TEST_F(SecureContextTest, SetsSignatureAlgorithms) {
  SecureContextOptions options = Defaults();
  options.sigalgs = "RSA-PSS+SHA256:ECDSA+SHA256";
  EXPECT_NE(Make(options), nullptr);
  options.sigalgs = "no-such";
  ExpectFailure(options, "", "error:00000000:lib(0)::reason(0)");
}

TEST_F(SecureContextTest, SetsDiffieHellmanParameters) {
  SecureContextOptions options = Defaults();
  options.dh_parameters = test::DhParametersPem("ffdhe2048");
  EXPECT_THAT(Make(options)->warnings(), IsEmpty());
  options.dh_parameters = test::DhParametersPem("modp_1536");
  EXPECT_THAT(Make(options)->warnings(), ElementsAre("DH parameter is less than 2048 bits"));
  options.ciphers = "DEFAULT@SECLEVEL=2";
  ExpectFailure(options, "ERR_CRYPTO_OPERATION_FAILED", "Error setting temp DH parameter");
  options.dh_parameters = test::GeneratedDhParametersPem(512);
  ExpectFailure(options, "ERR_INVALID_ARG_VALUE", "DH parameter is less than 1024 bits");
  options.dh_parameters = ToBytes(AsBytes("junk"));
  EXPECT_NE(Make(options), nullptr);
  options.dh_parameters.reset();
  options.dh_auto = true;
  EXPECT_NE(Make(options), nullptr);
}

TEST_F(SecureContextTest, SetsOptionBits) {
  SecureContextOptions options = Defaults();
  options.ssl_options = SSL_OP_CIPHER_SERVER_PREFERENCE;
  EXPECT_NE(SSL_CTX_get_options(Make(options)->get()) & SSL_OP_CIPHER_SERVER_PREFERENCE, 0U);
}

// --- sessions --------------------------------------------------------------------------------------------------------

TEST_F(SecureContextTest, OpensslKeepsNoSessionsItself) {
  SecureContextOptions options = Defaults();
  options.session_timeout = 100;
  const auto context = Make(options);
  EXPECT_EQ(SSL_CTX_get_session_cache_mode(context->get()),
            SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL | SSL_SESS_CACHE_NO_AUTO_CLEAR);
  EXPECT_EQ(SSL_CTX_get_timeout(context->get()), 100);
}

TEST_F(SecureContextTest, ASessionIdContextHasAtMost32Bytes) {
  SecureContextOptions options = Defaults();
  options.session_id_context = std::string(32, 'x');
  EXPECT_NE(Make(options), nullptr);
  options.session_id_context += 'x';
  EXPECT_EQ(SecureContext::Create(options).error().code, "ERR_INVALID_ARG_VALUE");
}

TEST_F(SecureContextTest, TicketKeysHave48Bytes) {
  SecureContextOptions options = Defaults();
  options.ticket_keys = SecretBytes(47);
  EXPECT_EQ(SecureContext::Create(options).error().code, "ERR_INVALID_ARG_VALUE");
  options.ticket_keys = SecretBytes(48, 7);
  const auto context = Make(options);
  EXPECT_EQ(context->ticket_keys(), SecretBytes(48, 7));
  EXPECT_FALSE(context->SetTicketKeys(Bytes(49)).has_value());
  EXPECT_TRUE(context->SetTicketKeys(Bytes(48, 9)).has_value());
  EXPECT_EQ(context->ticket_keys(), SecretBytes(48, 9));
}

TEST_F(SecureContextTest, TicketKeysAreRandomByDefault) {
  const std::set<SecretBytes> keys = {Make(Defaults())->ticket_keys(), Make(Defaults())->ticket_keys(),
                                      SecretBytes(48)};
  EXPECT_EQ(keys.size(), 3U);
}

// --- tickets ---------------------------------------------------------------------------------------------------------

struct EvpMacDeleter {
  void operator()(EVP_MAC_CTX* p) const { EVP_MAC_CTX_free(p); }
};

class Tickets : public SecureContextTest {
 protected:
  using MacPtr = std::unique_ptr<EVP_MAC_CTX, EvpMacDeleter>;

  void SetUp() override {
    SecureContextTest::SetUp();
    SecureContextOptions options = Defaults();
    options.ticket_keys = Keys();
    context_ = Make(options);
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    mac_.reset(EVP_MAC_CTX_new(hmac));
    EVP_MAC_free(hmac);
  }

  static SecretBytes Keys() {
    SecretBytes keys;
    for (uint8_t i = 0; i < 48; ++i) keys.push_back(i);
    return keys;
  }

  // What the prepared cipher makes of `in`.
  Bytes Crypt(BytesView in) {
    Bytes out(in.size() + 32);
    int size = 0;
    int rest = 0;
    EXPECT_EQ(EVP_CipherUpdate(cipher_.get(), out.data(), &size, in.data(), static_cast<int>(in.size())), 1);
    EXPECT_EQ(EVP_CipherFinal_ex(cipher_.get(), out.data() + size, &rest), 1);
    out.resize(static_cast<size_t>(size) + static_cast<size_t>(rest));
    return out;
  }

  std::shared_ptr<SecureContext> context_;
  const CipherCtxPtr cipher_{EVP_CIPHER_CTX_new()};
  MacPtr mac_;
  unsigned char name_[16] = {};
  unsigned char iv_[16] = {};
};

// The format is Node's since its first releases, so that servers of both kinds can share keys.
TEST_F(Tickets, AreEncryptedAsNodeDoes) {
  ASSERT_EQ(context_->ProtectTicket(name_, iv_, cipher_.get(), mac_.get(), true), 1);
  const SecretBytes keys = Keys();
  EXPECT_TRUE(std::equal(name_, name_ + 16, keys.begin()));
  const Bytes encrypted = Crypt(AsBytes("a session"));
  const CipherCtxPtr plain(EVP_CIPHER_CTX_new());
  EVP_DecryptInit_ex(plain.get(), EVP_aes_128_cbc(), nullptr, &keys[32], iv_);
  Bytes out(encrypted.size() + 16);
  int size = 0;
  int rest = 0;
  EVP_DecryptUpdate(plain.get(), out.data(), &size, encrypted.data(), static_cast<int>(encrypted.size()));
  ASSERT_EQ(EVP_DecryptFinal_ex(plain.get(), out.data() + size, &rest), 1);
  EXPECT_EQ(AsText({out.data(), static_cast<size_t>(size) + static_cast<size_t>(rest)}), "a session");

  unsigned char tag[32];
  size_t tag_size = 0;
  ASSERT_EQ(EVP_MAC_init(mac_.get(), nullptr, 0, nullptr), 1);
  EVP_MAC_update(mac_.get(), encrypted.data(), encrypted.size());
  ASSERT_EQ(EVP_MAC_final(mac_.get(), tag, &tag_size, sizeof(tag)), 1);
  unsigned char expected[32];
  HMAC(EVP_sha256(), &keys[16], 16, encrypted.data(), encrypted.size(), expected, nullptr);
  EXPECT_EQ(tag_size, 32U);
  EXPECT_TRUE(std::equal(tag, tag + 32, expected));
}

TEST_F(Tickets, AreReadByAnotherContextWithTheSameKeys) {
  ASSERT_EQ(context_->ProtectTicket(name_, iv_, cipher_.get(), mac_.get(), true), 1);
  const Bytes encrypted = Crypt(AsBytes("a session"));
  SecureContextOptions options = Defaults();
  options.ticket_keys = Keys();
  ASSERT_EQ(Make(options)->ProtectTicket(name_, iv_, cipher_.get(), mac_.get(), false), 1);
  EXPECT_EQ(AsText(Crypt(encrypted)), "a session");
}

TEST_F(Tickets, OfOtherKeysAreRefused) {
  ASSERT_EQ(context_->ProtectTicket(name_, iv_, cipher_.get(), mac_.get(), true), 1);
  ASSERT_TRUE(context_->SetTicketKeys(Bytes(48, 1)).has_value());
  EXPECT_EQ(context_->ProtectTicket(name_, iv_, cipher_.get(), mac_.get(), false), 0);
}

TEST_F(Tickets, NeverUseAnInitialVectorTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 16; ++i) {
    ASSERT_EQ(context_->ProtectTicket(name_, iv_, cipher_.get(), mac_.get(), true), 1);
    seen.emplace(reinterpret_cast<const char*>(iv_), sizeof(iv_));
  }
  EXPECT_EQ(seen.size(), 16U);
}

}  // namespace
}  // namespace wasm_tls
