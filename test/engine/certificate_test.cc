#include "src/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "test/engine/support/pki.h"

// The expected texts are what Node 20 makes of the same certificate.

namespace wasm_tls {
namespace {

using test::CertificateSpec;
using test::Identity;
using test::KeyType;
using test::MakeSelfSigned;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Pair;
using testing::StartsWith;

CertificateData Describe(const CertificateSpec& spec) {
  const Identity identity = MakeSelfSigned(spec);
  return DescribeCertificate(identity.certificate());
}

// A certificate with one name of this kind and text.
CertificateData WithName(int kind, int string_type, std::string_view text) {
  const Identity identity = MakeSelfSigned({});
  GENERAL_NAMES* names = sk_GENERAL_NAME_new_null();
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING* string = ASN1_STRING_type_new(string_type);
  ASN1_STRING_set(string, text.data(), static_cast<int>(text.size()));
  GENERAL_NAME_set0_value(name, kind, string);
  sk_GENERAL_NAME_push(names, name);
  X509_add1_ext_i2d(identity.certificate(), NID_subject_alt_name, names, 0, 0);
  sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
  return DescribeCertificate(identity.certificate());
}

TEST(Certificate, ListsTheEntriesOfANameInOrder) {
  const CertificateData data =
      Describe({.subject = {{"C", "UK"}, {"OU", "a"}, {"OU", "b, c"}, {"CN", "Zürich \"x\"\n"}, {"1.2.3.4.5", "odd"}}});
  EXPECT_THAT(data.subject, ElementsAre(Pair("C", "UK"), Pair("OU", "a"), Pair("OU", "b, c"),
                                        Pair("CN", "Zürich \"x\"\n"), Pair("1.2.3.4.5", "odd")));
  EXPECT_EQ(data.issuer, data.subject);
}

TEST(Certificate, WritesEachKindOfAlternativeName) {
  const CertificateData data =
      Describe({.names = "DNS:a.com,DNS:*.b.com,IP:127.0.0.1,IP:::1,IP:2001:db8::abcd,URI:http://x/?a=b,email:a@b.c,"
                         "RID:1.2.3.4,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:u@x,otherName:1.2.3;UTF8:x"});
  EXPECT_TRUE(data.has_subject_alt_name);
  EXPECT_EQ(data.subject_alt_name,
            "DNS:a.com, DNS:*.b.com, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, "
            "IP Address:2001:DB8:0:0:0:0:0:ABCD, URI:http://x/?a=b, email:a@b.c, Registered ID:1.2.3.4, "
            "othername:UPN:u@x, othername:<unsupported>");
}

TEST(Certificate, HasNoAlternativeNames) {
  const CertificateData data = Describe({});
  EXPECT_FALSE(data.has_subject_alt_name);
  EXPECT_EQ(data.subject_alt_name, "");
}

TEST(Certificate, QuotesANameThatCouldBeMistaken) {
  const auto dns = [](std::string_view text) { return WithName(GEN_DNS, V_ASN1_IA5STRING, text).subject_alt_name; };
  EXPECT_EQ(dns("good.com, DNS:evil.com"), R"(DNS:"good.com\u002c DNS:evil.com")");
  EXPECT_EQ(dns("a\"b"), R"(DNS:"a\"b")");
  EXPECT_EQ(dns("a\\b"), R"(DNS:"a\\b")");
  EXPECT_EQ(dns("a'b"), R"(DNS:"a'b")");
  EXPECT_EQ(dns(std::string_view("a\0b", 3)), R"(DNS:"a\u0000b")");
  EXPECT_EQ(dns("\xfc\x7f"), R"(DNS:"\u00fc\u007f")");
  EXPECT_EQ(WithName(GEN_URI, V_ASN1_IA5STRING, "http://a,b").subject_alt_name, R"(URI:"http://a\u002cb")");
  EXPECT_EQ(WithName(GEN_IPADD, V_ASN1_OCTET_STRING, "12345").subject_alt_name, "IP Address:<invalid length=5>");
}

TEST(Certificate, TellsWhereInformationIs) {
  const CertificateData data = Describe(
      {.extensions = {{"authorityInfoAccess",
                       "OCSP;URI:http://ocsp/,OCSP;URI:http://ocsp2/,caIssuers;URI:http://ca/?a\"b,1.2.3.4;DNS:x"}}});
  EXPECT_THAT(data.info_access, ElementsAre(Pair("OCSP - URI", "http://ocsp/"), Pair("OCSP - URI", "http://ocsp2/"),
                                            Pair("CA Issuers - URI", "http://ca/?a\"b"), Pair("1.2.3.4 - DNS", "x")));
  EXPECT_THAT(Describe({}).info_access, IsEmpty());
}

TEST(Certificate, AnRsaKeyHasModulusAndExponent) {
  const CertificateData data = Describe({.key = KeyType::kRsa2048});
  EXPECT_THAT(data.modulus, MatchesRegex("[0-9A-F]{512}"));
  EXPECT_EQ(data.exponent, "0x10001");
  EXPECT_EQ(data.bits, 2048);
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(test::Key(KeyType::kRsa2048), &der);
  EXPECT_EQ(data.pubkey, Bytes(der, der + size));
  OPENSSL_free(der);
  EXPECT_EQ(data.asn1_curve + data.nist_curve, "");
}

TEST(Certificate, AnEcKeyHasACurveAndAPoint) {
  const CertificateData data = Describe({.key = KeyType::kP256});
  EXPECT_EQ(data.asn1_curve, "prime256v1");
  EXPECT_EQ(data.nist_curve, "P-256");
  EXPECT_EQ(data.bits, 256);
  EXPECT_EQ(data.pubkey.size(), 65U);
  EXPECT_EQ(data.pubkey.at(0), 4);
  EXPECT_EQ(data.modulus + data.exponent, "");
  EXPECT_EQ(Describe({.key = KeyType::kP384}).asn1_curve, "secp384r1");
}

TEST(Certificate, OtherKeysAreNotDescribed) {
  for (const KeyType type : {KeyType::kEd25519, KeyType::kRsaPss2048}) {
    const CertificateData data = Describe({.key = type});
    EXPECT_EQ(data.bits, 0);
    EXPECT_EQ(data.modulus + data.asn1_curve, "");
    EXPECT_THAT(data.pubkey, IsEmpty());
  }
}

TEST(Certificate, SaysWhetherItIsACa) {
  EXPECT_TRUE(Describe({.ca = true}).ca);
  EXPECT_FALSE(Describe({}).ca);
}

TEST(Certificate, ListsExtendedKeyUsageByNumber) {
  EXPECT_THAT(Describe({.extensions = {{"extendedKeyUsage", "serverAuth,clientAuth,1.2.3.4"}}}).ext_key_usage,
              ElementsAre("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.2.3.4"));
  EXPECT_THAT(Describe({}).ext_key_usage, IsEmpty());
}

TEST(Certificate, WritesNumbersAndTimes) {
  const CertificateData data = Describe({.serial = 0x0a0b0c});
  EXPECT_EQ(data.serial_number, "0A0B0C");
  const char* const kTime = "[A-Z][a-z][a-z] [ 1-3][0-9] [0-9]+:[0-9]+:[0-9]+ 20[0-9][0-9] GMT";
  EXPECT_THAT(data.valid_from, MatchesRegex(kTime));
  EXPECT_THAT(data.valid_to, MatchesRegex(kTime));
  const Identity identity = MakeSelfSigned({});
  ASN1_TIME_set_string(X509_getm_notBefore(identity.certificate()), "20260102030405Z");
  EXPECT_EQ(DescribeCertificate(identity.certificate()).valid_from, "Jan  2 03:04:05 2026 GMT");
}

TEST(Certificate, HasFingerprintsOfItsDer) {
  const Identity identity = MakeSelfSigned({});
  const CertificateData data = DescribeCertificate(identity.certificate());
  EXPECT_EQ(data.raw, identity.Der());
  EXPECT_THAT(data.fingerprint, MatchesRegex("([0-9A-F]{2}:){19}[0-9A-F]{2}"));
  EXPECT_THAT(data.fingerprint256, MatchesRegex("([0-9A-F]{2}:){31}[0-9A-F]{2}"));
  EXPECT_THAT(data.fingerprint512, MatchesRegex("([0-9A-F]{2}:){63}[0-9A-F]{2}"));
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(data.raw.data(), data.raw.size(), digest, nullptr, EVP_sha256(), nullptr);
  char first[4];
  std::snprintf(first, sizeof(first), "%02X:", digest[0]);
  EXPECT_THAT(data.fingerprint256, StartsWith(first));
}

TEST(Certificate, TheIdentityIsThatOfTheDescription) {
  const std::vector<CertificateSpec> specs = {
      {.subject = {{"CN", "a.com"}, {"OU", "x"}, {"CN", "b.com"}}, .names = "DNS:c.com,IP:::1"},
      {.subject = {{"OU", "x"}}},
      {.subject = {}, .names = "URI:http://x/"},
  };
  for (const CertificateSpec& spec : specs) {
    const Identity identity = MakeSelfSigned(spec);
    const CertificateData data = DescribeCertificate(identity.certificate());
    const IdentityClaims claims = DescribeIdentity(identity.certificate());
    EXPECT_EQ(claims.subject_alt_name.has_value(), data.has_subject_alt_name);
    EXPECT_EQ(claims.subject_alt_name.value_or(""), data.subject_alt_name);
    std::vector<std::string> names;
    for (const auto& [key, value] : data.subject) {
      if (key == "CN") names.push_back(value);
    }
    EXPECT_EQ(claims.common_names, names);
    EXPECT_TRUE(claims.has_subject);
  }
}

TEST(Certificate, OfExtensionsThatOccurTwiceTheFirstCounts) {
  const Identity identity =
      MakeSelfSigned({.names = "DNS:first.com", .extensions = {{"subjectAltName", "DNS:second.com"}}});
  EXPECT_EQ(DescribeCertificate(identity.certificate()).subject_alt_name, "DNS:first.com");
}

TEST(Certificate, MalformedExtensionsLeaveNoErrorBehind) {
  const Identity identity = MakeSelfSigned({.extensions = {{"2.5.29.17", "DER:0102"}}});
  ERR_clear_error();
  EXPECT_FALSE(DescribeCertificate(identity.certificate()).has_subject_alt_name);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace wasm_tls
