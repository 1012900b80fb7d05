#include "src/queue_bio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

using testing::ElementsAre;

class QueueBioTest : public testing::Test {
 protected:
  void SetUp() override {
    test::EnsureLibrary();
    bio_ = NewQueueBio(&enc_in_, &enc_out_);
    ASSERT_NE(bio_, nullptr);
  }

  ByteQueue enc_in_;
  ByteQueue enc_out_;
  BioPtr bio_;
};

TEST_F(QueueBioTest, AnEmptyQueueMeansTryAgainAndNotTheEnd) {
  char byte = 0;
  EXPECT_LE(BIO_read(bio_.get(), &byte, 1), 0);
  EXPECT_TRUE(BIO_should_retry(bio_.get()));
  EXPECT_TRUE(BIO_should_read(bio_.get()));
  EXPECT_FALSE(BIO_should_write(bio_.get()));
  EXPECT_EQ(BIO_eof(bio_.get()), 0);
}

TEST_F(QueueBioTest, ReadsWhatIsThereAndConsumesIt) {
  enc_in_.Append(Bytes{1, 2, 3, 4, 5});
  Bytes bytes(3);
  EXPECT_EQ(BIO_read(bio_.get(), bytes.data(), 3), 3);
  EXPECT_THAT(bytes, ElementsAre(1, 2, 3));
  EXPECT_THAT(enc_in_.view(), ElementsAre(4, 5));
  EXPECT_EQ(BIO_read(bio_.get(), bytes.data(), 3), 2);
  EXPECT_TRUE(enc_in_.empty());
}

TEST_F(QueueBioTest, ASuccessfulReadTakesTheRetryBack) {
  char byte = 0;
  BIO_read(bio_.get(), &byte, 1);
  enc_in_.Append(Bytes{9});
  EXPECT_EQ(BIO_read(bio_.get(), &byte, 1), 1);
  EXPECT_FALSE(BIO_should_retry(bio_.get()));
}

TEST_F(QueueBioTest, WritesEverythingAlways) {
  const Bytes bytes(1'000'000, 7);
  EXPECT_EQ(BIO_write(bio_.get(), bytes.data(), 1'000'000), 1'000'000);
  EXPECT_EQ(BIO_write(bio_.get(), "ab", 2), 2);
  EXPECT_FALSE(BIO_should_retry(bio_.get()));
  EXPECT_EQ(enc_out_.size(), 1'000'002U);
  EXPECT_TRUE(enc_in_.empty());
}

TEST_F(QueueBioTest, Flushes) { EXPECT_EQ(BIO_flush(bio_.get()), 1); }

TEST_F(QueueBioTest, CountsItsOwnersOnBothSidesOfAnSsl) {
  const SslCtxPtr ctx(SSL_CTX_new(TLS_method()));
  const SslPtr ssl(SSL_new(ctx.get()));
  BIO_up_ref(bio_.get());
  BIO* raw = bio_.release();
  SSL_set0_rbio(ssl.get(), raw);
  SSL_set0_wbio(ssl.get(), raw);
  // LeakSanitizer and AddressSanitizer say whether it is freed just once.
}

}  // namespace
}  // namespace wasm_tls
