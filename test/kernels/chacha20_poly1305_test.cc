// The cipher as libssl sees it, through EVP, beside OpenSSL's own.
#include "src/kernels/chacha20_poly1305.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "src/openssl_ptr.h"
#include "test/engine/support/scenario.h"
#include "test/kernels/openssl_provider.h"
#include "test/kernels/random_bytes.h"

extern "C" {
#include <prov/implementations.h>
}

namespace wasm_tls {
namespace {

using kernels::ChaCha20Poly1305;
using test::RandomBytes;
using Bytes = std::vector<uint8_t>;
using CipherPtr = OpensslPtr<EVP_CIPHER, EVP_CIPHER_free>;

constexpr char kName[] = "ChaCha20-Poly1305";
constexpr size_t kTagSize = 16;

constinit const OSSL_ALGORITHM kOpenssl[] = {
    {kName, "provider=openssl", ossl_chacha20_ossl_poly1305_functions, nullptr},
    {nullptr, nullptr, nullptr, nullptr},
};

// A context of EVP with a key; every call is expected to succeed where nothing else is said.
class Evp {
 public:
  Evp(EVP_CIPHER* cipher, bool encrypt) : ctx_(EVP_CIPHER_CTX_new()), encrypt_(encrypt) {
    EXPECT_EQ(EVP_CipherInit_ex2(ctx_.get(), cipher, Key().data(), nullptr, encrypt ? 1 : 0, nullptr), 1);
  }

  static const Bytes& Key() {
    static const Bytes key = RandomBytes(32);
    return key;
  }

  EVP_CIPHER_CTX* get() const { return ctx_.get(); }

  void Start(uint32_t number) {
    const Bytes nonce = RandomBytes(12, number);
    EXPECT_EQ(EVP_CipherInit_ex2(ctx_.get(), nullptr, nullptr, nonce.data(), -1, nullptr), 1);
  }

  void Authenticate(const Bytes& data) {
    int size = 0;
    EXPECT_EQ(EVP_CipherUpdate(ctx_.get(), nullptr, &size, data.data(), static_cast<int>(data.size())), 1);
  }

  // In pieces of `step`.
  Bytes Transform(const Bytes& in, size_t step) {
    Bytes out(in.size());
    for (size_t done = 0; done < in.size(); done += step) {
      int size = 0;
      const size_t part = std::min(step, in.size() - done);
      EXPECT_EQ(EVP_CipherUpdate(ctx_.get(), out.data() + done, &size, in.data() + done, static_cast<int>(part)), 1);
      EXPECT_EQ(static_cast<size_t>(size), part);
    }
    return out;
  }

  bool Finish(uint8_t* out) {
    int size = 0;
    return EVP_CipherFinal_ex(ctx_.get(), out, &size) == 1;
  }

  Bytes Tag() {
    Bytes tag(kTagSize);
    EXPECT_EQ(EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag.data()), 1);
    return tag;
  }

  void SetTag(Bytes tag) {
    EXPECT_EQ(EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data()), 1);
  }

  // A record of TLS 1.2, text and room for the tag, in place. The size that EVP returns: -1 when it failed.
  int TransformRecord(uint64_t number, Bytes& record) {
    Bytes nonce = RandomBytes(12);
    EXPECT_EQ(EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_SET_IV_FIXED, 12, nonce.data()), 1);
    const size_t size = encrypt_ ? record.size() - kTagSize : record.size();
    uint8_t header[EVP_AEAD_TLS1_AAD_LEN] = {};
    for (size_t i = 0; i < 8; ++i) header[i] = static_cast<uint8_t>(number >> (56 - 8 * i));
    header[8] = 0x17, header[9] = 3, header[10] = 3;
    header[11] = static_cast<uint8_t>(size >> 8), header[12] = static_cast<uint8_t>(size);
    EXPECT_EQ(EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_TLS1_AAD, sizeof(header), header), 16);
    return EVP_Cipher(ctx_.get(), record.data(), record.data(), static_cast<unsigned>(record.size()));
  }

 private:
  CipherCtxPtr ctx_;
  bool encrypt_;
};

class ChaCha20Poly1305Test : public testing::Test {
 protected:
  void SetUp() override {
    test::EnsureLibrary();
    ours_.reset(EVP_CIPHER_fetch(nullptr, kName, nullptr));
    theirs_.reset(EVP_CIPHER_fetch(test::OpensslContext<OSSL_OP_CIPHER, kOpenssl>(), kName, nullptr));
    ASSERT_NE(ours_, nullptr);
    ASSERT_NE(theirs_, nullptr);
    EXPECT_STREQ(OSSL_PROVIDER_get0_name(EVP_CIPHER_get0_provider(ours_.get())), "wasm-tls");
    EXPECT_STREQ(OSSL_PROVIDER_get0_name(EVP_CIPHER_get0_provider(theirs_.get())), "openssl");
  }

  // Text and tag.
  static Bytes Seal(EVP_CIPHER* cipher, const Bytes& data, const Bytes& text, size_t step) {
    Evp evp(cipher, true);
    evp.Start(1);
    if (!data.empty()) evp.Authenticate(data);
    Bytes sealed = evp.Transform(text, step);
    EXPECT_TRUE(evp.Finish(nullptr));
    const Bytes tag = evp.Tag();
    sealed.insert(sealed.end(), tag.begin(), tag.end());
    return sealed;
  }

  CipherPtr ours_, theirs_;
};

TEST(ChaCha20Poly1305KernelTest, SealsAsTheRfcDoes) {
  // RFC 8439, section 2.8.2.
  constexpr std::string_view kText =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
      "it.";
  const Bytes data = {0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7};
  const Bytes nonce = {0x07, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
  const Bytes first = {0xd3, 0x1a, 0x8d, 0x34, 0x64, 0x8e, 0x60, 0xdb, 0x7b, 0x86, 0xaf, 0xbc, 0x53, 0xef, 0x7e, 0xc2};
  const Bytes tag = {0x1a, 0xe1, 0x0b, 0x59, 0x4f, 0x09, 0xe2, 0x6a, 0x7e, 0x90, 0x2e, 0xcb, 0xd0, 0x60, 0x06, 0x91};
  Bytes key(32);
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(0x80 + i);
  ChaCha20Poly1305 cipher;
  cipher.SetKey(key.data());
  cipher.Start(nonce.data());
  cipher.Authenticate(data.data(), data.size());
  Bytes out(kText.size());
  cipher.Seal(reinterpret_cast<const uint8_t*>(kText.data()), out.data(), out.size());
  Bytes actual(kTagSize);
  cipher.Finish(actual.data());
  EXPECT_EQ(Bytes(out.begin(), out.begin() + 16), first);
  EXPECT_EQ(actual, tag);
}

TEST_F(ChaCha20Poly1305Test, AgreesWithOpensslAtEverySize) {
  const Bytes header = RandomBytes(5);
  for (const size_t size : test::Sizes()) {
    const Bytes text = RandomBytes(size);
    const Bytes sealed = Seal(ours_.get(), header, text, 1 << 20);
    ASSERT_EQ(sealed, Seal(theirs_.get(), header, text, 1 << 20)) << size;
    Evp evp(ours_.get(), false);
    evp.Start(1);
    evp.SetTag({sealed.end() - kTagSize, sealed.end()});
    evp.Authenticate(header);
    ASSERT_EQ(evp.Transform({sealed.begin(), sealed.end() - kTagSize}, 1 << 20), text) << size;
    ASSERT_TRUE(evp.Finish(nullptr)) << size;
  }
}

TEST_F(ChaCha20Poly1305Test, AgreesWithOpensslForEveryHeader) {
  for (size_t header = 0; header < 70; ++header) {
    for (const size_t size : {0, 1, 16, 100, 1000}) {
      const Bytes data = RandomBytes(header);
      const Bytes text = RandomBytes(size);
      ASSERT_EQ(Seal(ours_.get(), data, text, 1 << 20), Seal(theirs_.get(), data, text, 1 << 20)) << header;
    }
  }
}

TEST_F(ChaCha20Poly1305Test, AgreesWithOpensslInPieces) {
  const Bytes text = RandomBytes(3000);
  for (size_t step = 1; step < 1200; step += step < 70 ? 1 : 29) {
    ASSERT_EQ(Seal(ours_.get(), {1, 2, 3}, text, step), Seal(theirs_.get(), {1, 2, 3}, text, step)) << step;
  }
}

TEST_F(ChaCha20Poly1305Test, AgreesWithOpensslOnRecordsOfTls12) {
  Evp ours(ours_.get(), true);
  Evp theirs(theirs_.get(), true);
  Evp opens(ours_.get(), false);
  uint64_t number = 0xfffffff0;
  for (size_t size = 0; size <= 16384; size += size < 300 ? 1 : 1021) {
    const Bytes text = RandomBytes(size);
    Bytes record = text;
    record.resize(size + kTagSize);
    Bytes expected = record;
    ASSERT_EQ(ours.TransformRecord(++number, record), static_cast<int>(record.size()));
    ASSERT_EQ(theirs.TransformRecord(number, expected), static_cast<int>(record.size()));
    ASSERT_EQ(record, expected) << size;
    ASSERT_EQ(opens.TransformRecord(number, record), static_cast<int>(size));
    record.resize(size);
    ASSERT_EQ(record, text) << size;
  }
}

TEST_F(ChaCha20Poly1305Test, GivesNothingOfAForgedRecordOfTls12) {
  for (const size_t size : {1, 15, 64, 1000, 16384}) {
    for (const size_t forged : {size_t{0}, size, size + kTagSize - 1}) {
      const Bytes text = RandomBytes(size);
      Bytes record = text;
      record.resize(size + kTagSize);
      Evp(ours_.get(), true).TransformRecord(7, record);
      record[forged] ^= 0x10;
      EXPECT_EQ(Evp(ours_.get(), false).TransformRecord(7, record), -1) << size << " at " << forged;
      record.resize(size);
      EXPECT_EQ(record, Bytes(size)) << size << " at " << forged;
    }
  }
}

TEST_F(ChaCha20Poly1305Test, BeginsAnewAfterAForgedRecordOfTls12) {
  Evp seals(ours_.get(), true);
  Evp opens(ours_.get(), false);
  Bytes record(100 + kTagSize);
  ASSERT_EQ(seals.TransformRecord(7, record), static_cast<int>(record.size()));
  record.back() ^= 1;
  ASSERT_EQ(opens.TransformRecord(7, record), -1);
  // Messages by the nonce that both records had.
  const Bytes text = RandomBytes(100);
  const Bytes sealed = seals.Transform(text, 100);
  ASSERT_TRUE(seals.Finish(nullptr));
  opens.SetTag(seals.Tag());
  EXPECT_EQ(opens.Transform(sealed, 100), text);
  EXPECT_TRUE(opens.Finish(nullptr));
}

TEST_F(ChaCha20Poly1305Test, RefusesBuffersThatOverlapPartly) {
  constexpr size_t kSize = 100;
  Bytes bytes(3 * kSize);
  for (size_t at = 0; at <= 2 * kSize; ++at) {
    Evp evp(ours_.get(), true);
    evp.Start(1);
    int size = 0;
    const bool taken = EVP_CipherUpdate(evp.get(), bytes.data() + at, &size, bytes.data() + kSize, kSize) == 1;
    EXPECT_EQ(taken, at == 0 || at == kSize || at == 2 * kSize) << at;
  }
}

TEST(ChaCha20Poly1305KernelTest, KnowsTheEndOfItsCounter) {
  // RFC 8439, section 2.8: 2^38 - 64 octets.
  constexpr uint64_t kMost = 274'877'906'880;
  constexpr size_t kPiece = 1 << 30;
  EXPECT_TRUE(ChaCha20Poly1305::Fits(0, kPiece));
  EXPECT_TRUE(ChaCha20Poly1305::Fits(kMost - kPiece, kPiece));
  EXPECT_FALSE(ChaCha20Poly1305::Fits(kMost - kPiece + 1, kPiece));
  EXPECT_TRUE(ChaCha20Poly1305::Fits(kMost, 0));
  EXPECT_FALSE(ChaCha20Poly1305::Fits(kMost, 1));
}

TEST_F(ChaCha20Poly1305Test, TakesBackAForgedTextInFrontOfItsEnd) {
  for (const size_t step : {100, 1000}) {
    Bytes sealed = Seal(ours_.get(), {1}, RandomBytes(1000), 1000);
    Evp evp(ours_.get(), false);
    evp.Start(1);
    evp.SetTag(Bytes(kTagSize));
    evp.Authenticate({1});
    sealed.resize(1000);
    int size = 0;
    for (size_t done = 0; done < sealed.size(); done += step) {
      EXPECT_EQ(EVP_CipherUpdate(evp.get(), sealed.data() + done, &size, sealed.data() + done, static_cast<int>(step)),
                1);
    }
    EXPECT_FALSE(evp.Finish(sealed.data() + sealed.size()));
    EXPECT_EQ(sealed, Bytes(1000)) << step;
  }
}

TEST_F(ChaCha20Poly1305Test, LeavesMemoryAloneThatItsCallerDoesNotName) {
  const Bytes sealed = Seal(ours_.get(), {1}, RandomBytes(100), 100);
  Evp evp(ours_.get(), false);
  evp.Start(1);
  evp.SetTag(Bytes(kTagSize));
  evp.Authenticate({1});
  // Freed by the time that the tag turns out wrong.
  evp.Transform({sealed.begin(), sealed.end() - kTagSize}, 1000);
  EXPECT_FALSE(evp.Finish(nullptr));
}

TEST_F(ChaCha20Poly1305Test, ChecksAsMuchOfATagAsItWasGiven) {
  const Bytes sealed = Seal(ours_.get(), {1}, RandomBytes(100), 100);
  for (size_t size = 0; size <= kTagSize; ++size) {
    for (const bool forged : {false, true}) {
      Evp evp(ours_.get(), false);
      evp.Start(1);
      Bytes tag(sealed.end() - kTagSize, sealed.end() - kTagSize + static_cast<ptrdiff_t>(size));
      if (forged && size > 0) tag.back() ^= 1;
      if (size > 0) evp.SetTag(tag);
      evp.Authenticate({1});
      evp.Transform({sealed.begin(), sealed.end() - kTagSize}, 1000);
      EXPECT_EQ(evp.Finish(nullptr), size > 0 && !forged) << size;
    }
  }
}

TEST_F(ChaCha20Poly1305Test, RefusesWhatOpensslRefuses) {
  for (EVP_CIPHER* cipher : {ours_.get(), theirs_.get()}) {
    Evp sealing(cipher, true);
    Evp opening(cipher, false);
    uint8_t bytes[32] = {};
    const auto control = [&bytes](const Evp& evp, int command, int size) {
      return EVP_CIPHER_CTX_ctrl(evp.get(), command, size, bytes);
    };
    EXPECT_LE(control(sealing, EVP_CTRL_AEAD_SET_TAG, 16), 0);
    EXPECT_LE(control(opening, EVP_CTRL_AEAD_SET_TAG, 17), 0);
    EXPECT_LE(control(opening, EVP_CTRL_AEAD_GET_TAG, 16), 0);
    EXPECT_LE(control(sealing, EVP_CTRL_AEAD_SET_IVLEN, 8), 0);
    EXPECT_LE(control(sealing, EVP_CTRL_AEAD_SET_IV_FIXED, 4), 0);
    EXPECT_LE(control(sealing, EVP_CTRL_AEAD_TLS1_AAD, 12), 0);
    // A record that is shorter than its tag; and one of another size than its header says.
    EXPECT_LE(control(opening, EVP_CTRL_AEAD_TLS1_AAD, 13), 0);
    EXPECT_EQ(control(sealing, EVP_CTRL_AEAD_TLS1_AAD, 13), 16);
    EXPECT_EQ(EVP_Cipher(sealing.get(), bytes, bytes, 20), -1);
  }
}

TEST_F(ChaCha20Poly1305Test, IsDescribedAsOpensslDescribesIt) {
  EXPECT_EQ(EVP_CIPHER_get_key_length(ours_.get()), EVP_CIPHER_get_key_length(theirs_.get()));
  EXPECT_EQ(EVP_CIPHER_get_iv_length(ours_.get()), EVP_CIPHER_get_iv_length(theirs_.get()));
  EXPECT_EQ(EVP_CIPHER_get_block_size(ours_.get()), EVP_CIPHER_get_block_size(theirs_.get()));
  EXPECT_EQ(EVP_CIPHER_get_flags(ours_.get()), EVP_CIPHER_get_flags(theirs_.get()));
  EXPECT_EQ(EVP_CIPHER_get_mode(ours_.get()), EVP_CIPHER_get_mode(theirs_.get()));
}

TEST_F(ChaCha20Poly1305Test, ACopyGoesOnByItself) {
  Evp one(ours_.get(), true);
  one.Start(1);
  one.Authenticate({1});
  const Bytes begun = one.Transform(RandomBytes(100), 100);
  Evp other(ours_.get(), true);
  ASSERT_EQ(EVP_CIPHER_CTX_copy(other.get(), one.get()), 1);
  EXPECT_EQ(one.Transform(RandomBytes(50), 50), other.Transform(RandomBytes(50), 50));
  EXPECT_TRUE(one.Finish(nullptr));
  EXPECT_TRUE(other.Finish(nullptr));
  EXPECT_EQ(one.Tag(), other.Tag());
}

}  // namespace
}  // namespace wasm_tls
