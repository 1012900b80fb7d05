#include "src/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/asn1err.h>
#include <openssl/err.h>
#include <openssl/pemerr.h>
#include <openssl/sslerr.h>

#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void Raise(int library, int reason) {
  ERR_new();
  ERR_set_debug("file.c", 1, "SomeFunction");
  ERR_set_error(library, reason, nullptr);
}

class ErrorTest : public testing::Test {
 protected:
  void SetUp() override { test::EnsureLibrary(); }
  ErrorQueueScope scope_;
};

TEST_F(ErrorTest, SslErrorTellsTheCauseAndTheLatestMessage) {
  Raise(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER);
  Raise(ERR_LIB_ASN1, ASN1_R_WRONG_TAG);
  Raise(ERR_LIB_SSL, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE);
  const Error error = TakeSslError("fallback");
  EXPECT_EQ(error.kind, ErrorKind::kSsl);
  EXPECT_EQ(error.code, "ERR_SSL_WRONG_VERSION_NUMBER");
  EXPECT_EQ(error.library, "SSL routines");
  EXPECT_EQ(error.function, "SomeFunction");
  EXPECT_EQ(error.reason, "wrong version number");
  EXPECT_EQ(error.message, "error:0A000410:SSL routines::sslv3 alert handshake failure");
  EXPECT_THAT(error.stack, ElementsAre("error:068000A8:asn1 encoding routines::wrong tag",
                                       "error:0A00010B:SSL routines::wrong version number"));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(ErrorTest, OsslErrorTellsTheEarliestRecord) {
  Raise(ERR_LIB_ASN1, ASN1_R_FIELD_MISSING);
  Raise(ERR_LIB_ASN1, ERR_R_NESTED_ASN1_ERROR);
  Raise(ERR_LIB_PEM, ERR_R_ASN1_LIB);
  const Error error = TakeOsslError("fallback");
  EXPECT_EQ(error.kind, ErrorKind::kOssl);
  EXPECT_EQ(error.code, "ERR_OSSL_ASN1_FIELD_MISSING");
  EXPECT_EQ(error.reason, "field missing");
  EXPECT_EQ(error.message, "error:06800079:asn1 encoding routines::field missing");
  EXPECT_THAT(error.stack, ElementsAre("error:0488000D:PEM routines::ASN1 lib",
                                       "error:0688010A:asn1 encoding routines::nested asn1 error"));
}

TEST_F(ErrorTest, AnEmptyQueueGivesTheFallback) {
  for (const Error& error : {TakeSslError("fallback"), TakeOsslError("fallback")}) {
    EXPECT_EQ(error.message, "fallback");
    EXPECT_EQ(error.code, "");
    EXPECT_EQ(error.library, "");
    EXPECT_THAT(error.stack, IsEmpty());
  }
}

TEST_F(ErrorTest, NumbersWithoutWordsAreWritten) {
  Raise(ERR_LIB_USER, 77);
  EXPECT_EQ(TakeOsslError("").message, "error:4000004D:lib(128)::reason(77)");
}

TEST_F(ErrorTest, TheScopeEmptiesTheQueueBothWays) {
  Raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  {
    ErrorQueueScope inner;
    EXPECT_EQ(ERR_peek_error(), 0U);
    Raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(ErrorTest, TheMarkForgetsOnlyWhatCameAfterIt) {
  Raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  {
    ErrorQueueMark mark;
    Raise(ERR_LIB_ASN1, ASN1_R_WRONG_TAG);
  }
  EXPECT_TRUE(LatestErrorIs(ERR_LIB_PEM, PEM_R_NO_START_LINE));
}

TEST_F(ErrorTest, LatestErrorIsLooksAtLibraryAndReason) {
  EXPECT_FALSE(LatestErrorIs(ERR_LIB_PEM, PEM_R_NO_START_LINE));
  Raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  EXPECT_TRUE(LatestErrorIs(ERR_LIB_PEM, PEM_R_NO_START_LINE));
  EXPECT_FALSE(LatestErrorIs(ERR_LIB_ASN1, PEM_R_NO_START_LINE));
  Raise(ERR_LIB_PEM, PEM_R_BAD_END_LINE);
  EXPECT_FALSE(LatestErrorIs(ERR_LIB_PEM, PEM_R_NO_START_LINE));
}

TEST_F(ErrorTest, ErrorsOfTheEngineItself) {
  const Error argument = ArgumentError("ERR_INVALID_ARG_VALUE", "too small");
  EXPECT_EQ(argument.kind, ErrorKind::kArgument);
  EXPECT_EQ(argument.code, "ERR_INVALID_ARG_VALUE");
  EXPECT_EQ(argument.message, "too small");
  EXPECT_EQ(StateError("ERR_TLS_INVALID_STATE", "too late").kind, ErrorKind::kState);
}

}  // namespace
}  // namespace wasm_tls
