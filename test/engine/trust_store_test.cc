#include "src/trust_store.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "src/key_material.h"
#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

using test::Identity;
using test::KeyType;
using test::MakeCa;

long Verify(const TrustStore& trust, const Identity& identity, const std::vector<const Identity*>& untrusted = {}) {
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  const X509StackViewPtr chain(sk_X509_new_null());
  for (const Identity* more : untrusted) sk_X509_push(chain.get(), more->certificate());
  X509_STORE_CTX_init(context.get(), trust.get(), identity.certificate(), chain.get());
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

int LoadedCertificates(const TrustStore& trust) {
  const X509StackPtr loaded(X509_STORE_get1_all_certs(trust.get()));
  return sk_X509_num(loaded.get());
}

std::vector<X509Ptr> List(const Identity& identity) {
  std::vector<X509Ptr> list;
  list.push_back(UpRef(identity.certificate()));
  return list;
}

std::shared_ptr<const TrustStore> Trusting(const Identity& identity) {
  return *TrustStore::Create({.certificates = List(identity)});
}

class TrustStoreTest : public testing::Test {
 protected:
  const Identity root_ = MakeCa("Root", KeyType::kP256, 0);
  const Identity other_root_ = MakeCa("Other Root", KeyType::kP256, 1);
  const Identity intermediate_ = root_.Issue({.key_number = 2, .subject = {{"CN", "Intermediate"}}, .ca = true});
  const Identity leaf_ = intermediate_.Issue({.key_number = 3, .names = "DNS:localhost"});
  const Identity other_leaf_ = other_root_.Issue({.key_number = 4, .names = "DNS:localhost"});
};

TEST_F(TrustStoreTest, TrustsWhatItWasGiven) {
  const auto trust = Trusting(root_);
  EXPECT_EQ(Verify(*trust, leaf_, {&intermediate_}), X509_V_OK);
  EXPECT_EQ(Verify(*trust, leaf_), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  EXPECT_EQ(Verify(*trust, other_leaf_), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

TEST_F(TrustStoreTest, AnEmptyOneTrustsNobody) {
  const auto trust = TrustStore::Create({});
  ASSERT_TRUE(trust);
  EXPECT_EQ(Verify(**trust, root_), X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

TEST_F(TrustStoreTest, TheSameCertificateTwiceIsOne) {
  auto list = List(root_);
  list.push_back(UpRef(root_.certificate()));
  const auto trust = TrustStore::Create({.certificates = std::move(list)});
  ASSERT_TRUE(trust);
  EXPECT_EQ(LoadedCertificates(**trust), 1);
}

TEST_F(TrustStoreTest, APartialChainEndsWhereTrustBegins) {
  EXPECT_EQ(Verify(*Trusting(intermediate_), leaf_), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
  const auto partial = TrustStore::Create({.certificates = List(intermediate_), .allow_partial_chain = true});
  EXPECT_EQ(Verify(**partial, leaf_), X509_V_OK);
}

TEST_F(TrustStoreTest, ARevocationListIsAskedForEachCertificate) {
  const auto store = [&](const std::vector<Bytes>& pems) {
    TrustStoreOptions options{.certificates = List(root_)};
    for (const Bytes& pem : pems) options.crls.push_back(*ParseCrl(pem));
    return *TrustStore::Create(options);
  };
  const Bytes good = root_.CrlPem({});
  EXPECT_EQ(Verify(*store({good, intermediate_.CrlPem({})}), leaf_, {&intermediate_}), X509_V_OK);
  EXPECT_EQ(Verify(*store({good, intermediate_.CrlPem({&leaf_})}), leaf_, {&intermediate_}), X509_V_ERR_CERT_REVOKED);
  EXPECT_EQ(Verify(*store({good}), leaf_, {&intermediate_}), X509_V_ERR_UNABLE_TO_GET_CRL);
  EXPECT_EQ(Verify(*store({intermediate_.CrlPem({})}), leaf_, {&intermediate_}), X509_V_ERR_UNABLE_TO_GET_CRL);
  const Bytes expired = intermediate_.CrlPem({}, -7'200, -3'600);
  EXPECT_EQ(Verify(*store({good, expired}), leaf_, {&intermediate_}), X509_V_ERR_CRL_HAS_EXPIRED);
}

class LazyTrustStore : public TrustStoreTest {
 protected:
  const Bytes root_der_ = root_.Der();
  const Bytes other_root_der_ = other_root_.Der();
  const std::shared_ptr<const TrustStore> lazy_ = *TrustStore::FromDer({root_der_, other_root_der_});
};

TEST_F(LazyTrustStore, ParsesARootWhenAChainLeadsToIt) {
  EXPECT_EQ(LoadedCertificates(*lazy_), 0);
  EXPECT_EQ(Verify(*lazy_, leaf_, {&intermediate_}), X509_V_OK);
  EXPECT_EQ(LoadedCertificates(*lazy_), 1);
  EXPECT_EQ(Verify(*lazy_, leaf_, {&intermediate_}), X509_V_OK);
  EXPECT_EQ(LoadedCertificates(*lazy_), 1);
  EXPECT_EQ(Verify(*lazy_, other_leaf_), X509_V_OK);
  EXPECT_EQ(LoadedCertificates(*lazy_), 2);
}

TEST_F(LazyTrustStore, TrustsARootAsAPeer) { EXPECT_EQ(Verify(*lazy_, root_), X509_V_OK); }

TEST_F(LazyTrustStore, DoesNotTrustAnotherKeyUnderAKnownName) {
  const Identity impostor = MakeCa("Root", KeyType::kP256, 5);
  const Identity leaf = impostor.Issue({.names = "DNS:localhost"});
  EXPECT_NE(Verify(*lazy_, leaf), X509_V_OK);
  EXPECT_NE(Verify(*lazy_, leaf, {&impostor}), X509_V_OK);
}

TEST_F(LazyTrustStore, TriesEveryRootOfOneName) {
  const Identity twin = MakeCa("Root", KeyType::kP256, 6);
  const Bytes twin_der = twin.Der();
  const auto trust = TrustStore::FromDer({root_der_, twin_der});
  ASSERT_TRUE(trust);
  EXPECT_EQ(Verify(**trust, leaf_, {&intermediate_}), X509_V_OK);
  EXPECT_EQ(Verify(**trust, twin.Issue({.names = "DNS:localhost"})), X509_V_OK);
}

TEST_F(LazyTrustStore, FindsANameInOtherCaseAndSpacing) {
  const Identity odd = MakeCa("rOOT  ", KeyType::kP256, 0);
  const Identity leaf = odd.Issue({.names = "DNS:localhost"});
  EXPECT_EQ(Verify(*lazy_, leaf), X509_V_OK);
}

TEST_F(LazyTrustStore, IsABaseForOthers) {
  const Identity extra = MakeCa("Extra", KeyType::kP256, 7);
  const auto derived = TrustStore::Create({.certificates = List(extra), .base = lazy_});
  ASSERT_TRUE(derived);
  EXPECT_EQ(LoadedCertificates(**derived), 1);
  EXPECT_EQ(Verify(**derived, extra.Issue({.names = "DNS:localhost"})), X509_V_OK);
  EXPECT_EQ(Verify(**derived, leaf_, {&intermediate_}), X509_V_OK);
  EXPECT_NE(Verify(*lazy_, extra), X509_V_OK);
  const auto derived_twice = TrustStore::Create({.base = *derived});
  EXPECT_EQ(Verify(**derived_twice, extra.Issue({.names = "DNS:localhost"})), X509_V_OK);
  EXPECT_EQ(Verify(**derived_twice, other_leaf_), X509_V_OK);
}

TEST_F(LazyTrustStore, AnAddedRootDoesNotHideOneOfTheSameName) {
  const Identity twin = MakeCa("Root", KeyType::kP256, 6);
  const auto derived = TrustStore::Create({.certificates = List(twin), .base = lazy_});
  ASSERT_TRUE(derived);
  EXPECT_EQ(Verify(**derived, leaf_, {&intermediate_}), X509_V_OK);
  EXPECT_EQ(Verify(**derived, twin.Issue({.names = "DNS:localhost"})), X509_V_OK);
}

TEST_F(LazyTrustStore, OutlivesItsBase) {
  auto base = *TrustStore::FromDer({root_der_});
  const auto derived = *TrustStore::Create({.base = base});
  base.reset();
  EXPECT_EQ(Verify(*derived, leaf_, {&intermediate_}), X509_V_OK);
}

TEST_F(LazyTrustStore, TakesWhatArrivesLater) {
  const auto base = *TrustStore::FromDer({});
  const auto derived = *TrustStore::Create({.base = base});
  EXPECT_EQ(Verify(*derived, leaf_, {&intermediate_}), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  ASSERT_TRUE(base->Add({root_der_}));
  EXPECT_EQ(Verify(*base, leaf_, {&intermediate_}), X509_V_OK);
  EXPECT_EQ(Verify(*derived, leaf_, {&intermediate_}), X509_V_OK);
}

TEST_F(LazyTrustStore, TakesAllThatArrivesOrNothing) {
  const auto trust = *TrustStore::FromDer({});
  const Result<void> added = trust->Add({root_der_, AsBytes("junk")});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "Not a certificate: number 1");
  EXPECT_EQ(Verify(*trust, leaf_, {&intermediate_}), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

TEST_F(LazyTrustStore, RefusesWhatHasNoSubject) {
  for (const std::string_view junk : {"", "junk", "\x30\x03\x02\x01\x03", "\x30\x80"}) {
    const auto trust = TrustStore::FromDer({AsBytes(junk)});
    ASSERT_FALSE(trust);
    EXPECT_EQ(trust.error().code, "ERR_INVALID_ARG_VALUE");
  }
  for (size_t size = 0; size < 120; ++size) EXPECT_FALSE(TrustStore::FromDer({BytesView(root_der_).first(size)}));
}

TEST_F(LazyTrustStore, NeverFindsOneThatIsMalformedInside) {
  Bytes damaged = root_der_;
  // The algorithm of the outer signature: its length now runs past the end.
  const std::string_view text = AsText(damaged);
  const size_t signature = text.rfind(std::string_view("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 12));
  ASSERT_NE(signature, std::string_view::npos);
  damaged[signature + 1] = 0x7f;
  const auto trust = TrustStore::FromDer({damaged});
  ASSERT_TRUE(trust);
  ERR_clear_error();
  EXPECT_EQ(Verify(**trust, intermediate_), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace wasm_tls
