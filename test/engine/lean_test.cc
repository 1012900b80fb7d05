// Of src/stand_ins/lean: what has been asked for before is there already, and is the same.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>

#include "src/error.h"
#include "src/openssl_ptr.h"
#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

using EvpCipherPtr = OpensslPtr<EVP_CIPHER, EVP_CIPHER_free>;
using EvpMacPtr = OpensslPtr<EVP_MAC, EVP_MAC_free>;
using EvpKdfPtr = OpensslPtr<EVP_KDF, EVP_KDF_free>;
using EvpSignaturePtr = OpensslPtr<EVP_SIGNATURE, EVP_SIGNATURE_free>;

class FetchTest : public testing::Test {
 protected:
  FetchTest() { test::EnsureLibrary(); }

 private:
  const ErrorQueueScope errors_;
};

TEST_F(FetchTest, GivesTheSameAlgorithmAgain) {
  for (const char* name : {"SHA256", "SHA2-256", "sha384"}) {
    const EvpMdPtr first(EVP_MD_fetch(nullptr, name, nullptr)), second(EVP_MD_fetch(nullptr, name, ""));
    ASSERT_NE(first, nullptr) << name;
    EXPECT_EQ(first, second) << name;
    EXPECT_TRUE(EVP_MD_is_a(second.get(), name)) << name;
  }
}

TEST_F(FetchTest, TellsOperationsOfTheSameNameApart) {
  for (int i = 0; i < 2; ++i) {
    const EvpMacPtr mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    const EvpSignaturePtr signature(EVP_SIGNATURE_fetch(nullptr, "HMAC", nullptr));
    ASSERT_NE(mac, nullptr);
    ASSERT_NE(signature, nullptr);
    EXPECT_STREQ(EVP_MAC_get0_name(mac.get()), "HMAC");
    EXPECT_STREQ(EVP_SIGNATURE_get0_name(signature.get()), "HMAC");
    EXPECT_NE(static_cast<void*>(mac.get()), static_cast<void*>(signature.get()));
    EXPECT_EQ(EvpCipherPtr(EVP_CIPHER_fetch(nullptr, "SHA256", nullptr)), nullptr);
    EXPECT_NE(EvpMdPtr(EVP_MD_fetch(nullptr, "SHA256", nullptr)), nullptr);
  }
}

TEST_F(FetchTest, HeedsPropertiesAndTheLibraryContext) {
  const OpensslPtr<OSSL_LIB_CTX, OSSL_LIB_CTX_free> other(OSSL_LIB_CTX_new());
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(EvpMdPtr(EVP_MD_fetch(nullptr, "SHA256", nullptr)), nullptr);
    EXPECT_EQ(EvpMdPtr(EVP_MD_fetch(nullptr, "SHA256", "provider=another")), nullptr);
    EXPECT_EQ(EvpMdPtr(EVP_MD_fetch(other.get(), "SHA256", nullptr)), nullptr);
  }
}

TEST_F(FetchTest, RefusesUnknownNamesAgain) {
  for (const char* name : {"", "SHA257", "a name that is longer than any other"}) {
    for (int i = 0; i < 2; ++i) EXPECT_EQ(EvpKdfPtr(EVP_KDF_fetch(nullptr, name, nullptr)), nullptr) << name;
  }
}

class PeerCertificateTest : public testing::Test {
 protected:
  // As libssl asks: into an object that is there. How many bytes were read goes to `read`.
  static X509Ptr Decode(BytesView der, size_t* read = nullptr) {
    const ErrorQueueScope errors;
    X509* certificate = X509_new();
    const unsigned char* next = der.data();
    d2i_X509(&certificate, &next, static_cast<long>(der.size()));
    if (read != nullptr) *read = static_cast<size_t>(next - der.data());
    return X509Ptr(certificate);
  }

  static Bytes NewDer() { return test::MakeSelfSigned({.names = "DNS:localhost"}).Der(); }
};

TEST_F(PeerCertificateTest, IsTheSameObjectForTheSameBytes) {
  const Bytes der = NewDer();
  size_t read = 0;
  const X509Ptr first = Decode(der), second = Decode(der, &read);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first, second);
  EXPECT_EQ(read, der.size());
}

TEST_F(PeerCertificateTest, IsAnotherWhenAnyByteDiffers) {
  const Bytes der = NewDer();
  const X509Ptr original = Decode(der);
  for (size_t i = 0; i < der.size(); ++i) {
    Bytes changed = der;
    changed[i] ^= 1;
    EXPECT_NE(Decode(changed), original) << i;
  }
  for (size_t size = 1; size < der.size(); ++size) EXPECT_EQ(Decode(BytesView(der).first(size)), nullptr) << size;
}

TEST_F(PeerCertificateTest, IsReadToItsOwnEnd) {
  const Bytes der = NewDer();
  Bytes longer = der;
  longer.push_back(0);
  for (int i = 0; i < 2; ++i) {
    size_t read = 0;
    EXPECT_NE(Decode(longer, &read), nullptr);
    EXPECT_EQ(read, der.size());
  }
}

TEST_F(PeerCertificateTest, IsNoOneElses) {
  const Bytes der = NewDer();
  const X509Ptr of_peer = Decode(der);
  for (int i = 0; i < 2; ++i) {
    const unsigned char* next = der.data();
    const X509Ptr own(d2i_X509(nullptr, &next, static_cast<long>(der.size())));
    ASSERT_NE(own, nullptr);
    EXPECT_NE(own, of_peer);
  }
}

TEST_F(PeerCertificateTest, IsForgottenAfterManyOthers) {
  const Bytes der = NewDer();
  const X509Ptr original = Decode(der);
  for (int i = 0; i < 16; ++i) EXPECT_NE(Decode(NewDer()), nullptr);
  EXPECT_NE(Decode(der), original);
}

}  // namespace
}  // namespace wasm_tls
