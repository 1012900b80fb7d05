#include "src/error_codes.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evperr.h>
#include <openssl/pemerr.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>

#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

// Every `#define <prefix>NAME number` of an OpenSSL header.
std::map<std::string, long> ConstantsOf(const std::string& header, const std::string& prefix) {
  std::ifstream file(std::string(WASM_TLS_OPENSSL_INCLUDE) + "/openssl/" + header);
  const std::regex define("\\s*#\\s*define\\s+" + prefix + "(\\w+)\\s+(\\d+)\\b.*");
  std::map<std::string, long> constants;
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_match(line, match, define)) constants[match[1]] = std::stol(match[2]);
  }
  return constants;
}

class ErrorCodes : public testing::Test {
 protected:
  void SetUp() override { test::EnsureLibrary(); }
};

// Where Node's code is not the name of the constant: it comes from the sentence that OpenSSL 3.0 has for it.
const std::map<std::string, std::string> kOddSslCodes = {
    {"AT_LEAST_TLS_1_2_NEEDED_IN_SUITEB_MODE", "AT_LEAST_(D)TLS_1.2_NEEDED_IN_SUITE_B_MODE"},
    {"ILLEGAL_SUITEB_DIGEST", "ILLEGAL_SUITE_B_DIGEST"},
    {"MISSING_SRP_PARAM", "CAN'T_FIND_SRP_SERVER_PARAM"},
    {"NO_GOST_CERTIFICATE_SENT_BY_PEER", "PEER_HAVEN'T_SENT_GOST_CERTIFICATE,_REQUIRED_FOR_SELECTED_CIPHERSUITE"},
    {"SRP_A_CALC", "ERROR_WITH_THE_SRP_PARAMS"},
};

TEST_F(ErrorCodes, EverySslReasonHasACode) {
  const auto reasons = ConstantsOf("sslerr.h", "SSL_R_");
  ASSERT_GT(reasons.size(), 300U);
  for (const auto& [name, number] : reasons) {
    const auto odd = kOddSslCodes.find(name);
    const std::string expected = odd == kOddSslCodes.end() ? name : odd->second;
    EXPECT_EQ(SslErrorCode(ERR_PACK(ERR_LIB_SSL, 0, number)), "ERR_SSL_" + expected);
    EXPECT_EQ(OsslErrorCode(ERR_PACK(ERR_LIB_SSL, 0, number)), "ERR_SSL_" + expected);
    EXPECT_NE(ReasonText(ERR_PACK(ERR_LIB_SSL, 0, number)), "") << name;
  }
}

TEST_F(ErrorCodes, AlertsHaveNewNamesOnRequest) {
  const auto alert = ERR_PACK(ERR_LIB_SSL, 0, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE);
  UseNewAlertNames(true);
  EXPECT_EQ(SslErrorCode(alert), "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE");
  EXPECT_EQ(ReasonText(alert), "ssl/tls alert handshake failure");
  EXPECT_EQ(SslErrorCode(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_TLSV1_ALERT_UNKNOWN_CA)), "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA");
  UseNewAlertNames(false);
  EXPECT_EQ(SslErrorCode(alert), "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE");
  EXPECT_EQ(ReasonText(alert), "sslv3 alert handshake failure");
}

TEST_F(ErrorCodes, EveryVerifyErrorHasACodeAndASentence) {
  const auto errors = ConstantsOf("x509_vfy.h", "X509_V_ERR_");
  ASSERT_GT(errors.size(), 90U);
  for (const auto& [name, number] : errors) {
    EXPECT_EQ(VerifyErrorCode(number), name);
    EXPECT_FALSE(VerifyErrorReason(number).empty()) << name;
  }
}

TEST_F(ErrorCodes, VerifyResultsBesidesErrors) {
  EXPECT_EQ(VerifyErrorCode(X509_V_OK), "OK");
  EXPECT_EQ(VerifyErrorCode(9999), "UNSPECIFIED");
  EXPECT_EQ(VerifyErrorReason(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT), "self-signed certificate");
  EXPECT_EQ(VerifyErrorReason(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY), "unable to get local issuer certificate");
}

TEST_F(ErrorCodes, AlertsKeepTheirOldWords) {
  const unsigned long alert = ERR_PACK(ERR_LIB_SSL, 0, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE);
  EXPECT_EQ(SslErrorCode(alert), "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE");
  EXPECT_EQ(ReasonText(alert), "sslv3 alert handshake failure");
  EXPECT_EQ(ReasonText(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_TLSV1_ALERT_UNKNOWN_CA)), "tlsv1 alert unknown ca");
}

TEST_F(ErrorCodes, SslCodesOfOtherLibrariesNameTheReasonAlone) {
  EXPECT_EQ(SslErrorCode(ERR_PACK(ERR_LIB_EVP, 0, EVP_R_BAD_DECRYPT)), "ERR_SSL_BAD_DECRYPT");
  EXPECT_EQ(SslErrorCode(ERR_PACK(ERR_LIB_SSL, 0, 1099)), "ERR_SSL_REASON_1099");
}

TEST_F(ErrorCodes, OsslCodesNameTheLibrariesThatNodeNames) {
  EXPECT_EQ(OsslErrorCode(ERR_PACK(ERR_LIB_PEM, 0, PEM_R_NO_START_LINE)), "ERR_OSSL_PEM_NO_START_LINE");
  EXPECT_EQ(OsslErrorCode(ERR_PACK(ERR_LIB_EVP, 0, EVP_R_BAD_DECRYPT)), "ERR_OSSL_EVP_BAD_DECRYPT");
  EXPECT_EQ(OsslErrorCode(ERR_PACK(ERR_LIB_PROV, 0, 100)), "ERR_OSSL_BAD_DECRYPT");
  EXPECT_EQ(OsslErrorCode(ERR_PACK(ERR_LIB_OSSL_DECODER, 0, ERR_R_UNSUPPORTED)), "ERR_OSSL_UNSUPPORTED");
  EXPECT_EQ(OsslErrorCode(ERR_PACK(ERR_LIB_CRYPTO, 0, ERR_R_INTERRUPTED_OR_CANCELLED)),
            "ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED");
  EXPECT_EQ(OsslErrorCode(ERR_PACK(ERR_LIB_PEM, 0, 3000)), "");
}

}  // namespace
}  // namespace wasm_tls
