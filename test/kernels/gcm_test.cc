// AES-GCM of our provider against OpenSSL's own, and what only shows below the provider.
#include "src/kernels/gcm.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "test/engine/support/pki.h"
#include "test/kernels/ciphers.h"

namespace wasm_tls {
namespace {

using test::AeadInput;
using test::OpensslCipher;
using test::OurCipher;
using test::Pattern;

class GcmKernelTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { test::EnsureLibrary(); }
  void TearDown() override { ERR_clear_error(); }

  static AeadInput Input(size_t additional = 13, size_t iv = 12) {
    const size_t key = OurCipher(GetParam()) == OurCipher("AES-128-GCM") ? 16 : 32;
    return {Pattern(key, 1), Pattern(iv, 2), Pattern(additional, 3)};
  }

  // Seals and opens `size` bytes both ways, into another buffer and in place, each `offset` bytes from an alignment.
  static void Compare(const AeadInput& input, size_t size, size_t offset) {
    const std::string where = std::to_string(size) + " bytes, offset " + std::to_string(offset);
    const std::vector<uint8_t> text = Pattern(size, size + 4);
    std::vector<uint8_t> expected(size + 1), in(size + 64), out(size + 64);
    const auto tag = test::Seal(OpensslCipher(GetParam()), input, text.data(), expected.data(), size);
    ASSERT_TRUE(tag.has_value());
    std::copy(text.begin(), text.end(), in.begin() + static_cast<ptrdiff_t>(offset));
    out[offset + size] = 0x5a;  // It does not write behind.
    ASSERT_EQ(test::Seal(OurCipher(GetParam()), input, in.data() + offset, out.data() + offset, size), tag) << where;
    ASSERT_TRUE(std::equal(expected.begin(), expected.begin() + static_cast<ptrdiff_t>(size), out.data() + offset))
        << where;
    ASSERT_EQ(out[offset + size], 0x5a);
    ASSERT_EQ(test::Seal(OurCipher(GetParam()), input, in.data() + offset, in.data() + offset, size), tag) << where;
    ASSERT_TRUE(std::equal(expected.begin(), expected.begin() + static_cast<ptrdiff_t>(size), in.data() + offset))
        << where;
    ASSERT_TRUE(test::Open(OurCipher(GetParam()), input, tag->data(), in.data() + offset, out.data() + offset, size));
    ASSERT_TRUE(std::equal(text.begin(), text.begin() + static_cast<ptrdiff_t>(size), out.data() + offset)) << where;
    ASSERT_TRUE(test::Open(OurCipher(GetParam()), input, tag->data(), in.data() + offset, in.data() + offset, size));
    ASSERT_TRUE(std::equal(text.begin(), text.begin() + static_cast<ptrdiff_t>(size), in.data() + offset)) << where;
  }
};

INSTANTIATE_TEST_SUITE_P(Ciphers, GcmKernelTest, testing::Values("AES-128-GCM", "AES-256-GCM"),
                         [](const auto& instance) { return std::string(instance.param).substr(4, 3); });

TEST_P(GcmKernelTest, AgreesAtEveryLength) {
  for (size_t size = 0; size <= 1100; ++size) Compare(Input(), size, size % 16);
}

TEST_P(GcmKernelTest, AgreesAtEveryAlignment) {
  for (size_t offset = 0; offset < 32; ++offset) Compare(Input(), 2000 + 7 * offset, offset);
}

TEST_P(GcmKernelTest, AgreesOnLongTexts) {
  for (const size_t size : {4095, 4096, 4097, 16383, 16384, 16385, 16401, 32768, 65535, 65536, 70000}) {
    Compare(Input(), size, 1);
  }
}

TEST_P(GcmKernelTest, AgreesForAdditionalDataOfEveryLength) {
  for (size_t size = 0; size <= 300; ++size) {
    Compare(Input(size), 0, 0);
    Compare(Input(size), 40, 0);
  }
}

TEST_P(GcmKernelTest, AgreesForInitializationVectorsOfEveryLength) {
  for (size_t size = 1; size <= 128; ++size) Compare(Input(13, size), 700, 0);
}

TEST_P(GcmKernelTest, TakesATextInPieces) {
  AeadInput input = Input(50);
  for (input.piece = 1; input.piece <= 1200; input.piece += input.piece < 40 ? 1 : 61) Compare(input, 3000, 0);
}

TEST_P(GcmKernelTest, MakesAndTakesShorterTags) {
  AeadInput input = Input();
  for (input.tag_size = 4; input.tag_size <= 16; ++input.tag_size) {
    Compare(input, 100, 0);
    std::vector<uint8_t> text = Pattern(100, 5);
    std::vector<uint8_t> tag = *test::Seal(OurCipher(GetParam()), input, text.data(), text.data(), text.size());
    for (size_t bit = 0; bit < 8 * tag.size(); ++bit) {
      tag[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      std::vector<uint8_t> out(101);
      EXPECT_FALSE(test::Open(OurCipher(GetParam()), input, tag.data(), text.data(), out.data(), 100)) << bit;
      tag[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
  }
}

TEST_P(GcmKernelTest, LeavesNoTextWhenTheTagIsWrong) {
  AeadInput input = Input();
  for (const size_t piece : {0, 100, 1000}) {
    for (const size_t size : {1, 16, 100, 5000}) {
      input.piece = piece;
      std::vector<uint8_t> text = Pattern(size, 6);
      std::vector<uint8_t> tag = *test::Seal(OurCipher(GetParam()), input, text.data(), text.data(), size);
      tag[15] ^= 1;
      std::vector<uint8_t> out(size + 1, 0x5a);
      EXPECT_FALSE(test::Open(OurCipher(GetParam()), input, tag.data(), text.data(), out.data(), size));
      EXPECT_EQ(std::vector<uint8_t>(out.begin(), out.end() - 1), std::vector<uint8_t>(size)) << size << " " << piece;
      EXPECT_EQ(out.back(), 0x5a);
      EXPECT_FALSE(test::Open(OurCipher(GetParam()), input, tag.data(), text.data(), text.data(), size));
      EXPECT_EQ(text, std::vector<uint8_t>(size)) << size << " " << piece;
    }
  }
}

// A buffer that is not where the text went is not touched.
TEST_P(GcmKernelTest, WipesNothingElse) {
  const AeadInput input = Input();
  std::vector<uint8_t> text = Pattern(100, 6), out(100), other(100, 0x5a);
  std::vector<uint8_t> tag = *test::Seal(OurCipher(GetParam()), input, text.data(), text.data(), 100);
  tag[0] ^= 1;
  const CipherCtxPtr context = test::BeginAead(OurCipher(GetParam()), input, tag.data());
  ASSERT_TRUE(context && test::Update(context.get(), out.data(), text.data(), 100, 0));
  int rest = 0;
  EXPECT_EQ(EVP_CipherFinal_ex(context.get(), other.data() + 100, &rest), 0);
  EXPECT_EQ(other, std::vector<uint8_t>(100, 0x5a));
}

TEST_P(GcmKernelTest, GoesOnInACopy) {
  const AeadInput input = Input();
  for (const size_t before : {0, 5, 600, 2000}) {
    const std::vector<uint8_t> text = Pattern(4000, 7);
    std::vector<uint8_t> expected(4001), out(4001);
    const auto tag = test::Seal(OpensslCipher(GetParam()), input, text.data(), expected.data(), 4000);
    CipherCtxPtr context = test::BeginAead(OurCipher(GetParam()), input, nullptr);
    ASSERT_TRUE(context && test::Update(context.get(), out.data(), text.data(), before, 0));
    const CipherCtxPtr copy(EVP_CIPHER_CTX_new());
    ASSERT_EQ(EVP_CIPHER_CTX_copy(copy.get(), context.get()), 1);
    context.reset();
    std::vector<uint8_t> our_tag(16);
    int rest = 0;
    ASSERT_TRUE(test::Update(copy.get(), out.data() + before, text.data() + before, 4000 - before, 0));
    ASSERT_EQ(EVP_CipherFinal_ex(copy.get(), out.data() + 4000, &rest), 1);
    ASSERT_EQ(EVP_CIPHER_CTX_ctrl(copy.get(), EVP_CTRL_AEAD_GET_TAG, 16, our_tag.data()), 1);
    EXPECT_EQ(out, expected);
    EXPECT_EQ(our_tag, tag);
  }
}

TEST_P(GcmKernelTest, TakesANewKeyAfterALongText) {
  AeadInput input = Input();
  const std::vector<uint8_t> text = Pattern(2000, 8);
  std::vector<uint8_t> expected(2001), out(2001);
  const CipherCtxPtr context = test::BeginAead(OurCipher(GetParam()), input, nullptr);
  ASSERT_TRUE(context && test::Update(context.get(), out.data(), text.data(), text.size(), 0));
  input.key[0] ^= 1;
  input.additional.clear();
  test::Seal(OpensslCipher(GetParam()), input, text.data(), expected.data(), text.size());
  ASSERT_EQ(EVP_CipherInit_ex2(context.get(), nullptr, input.key.data(), input.iv.data(), 1, nullptr), 1);
  ASSERT_TRUE(test::Update(context.get(), out.data(), text.data(), text.size(), 0));
  EXPECT_EQ(out, expected);
}

// As libssl does it for TLS 1.2: additional data in a parameter, the explicit part of the IV before the text and the
// tag behind it, in place.
TEST_P(GcmKernelTest, ProtectsRecordsOfTls12) {
  const AeadInput input = Input(0, 4);
  const auto context = [&](const EVP_CIPHER* cipher, int sealing) {
    CipherCtxPtr result(EVP_CIPHER_CTX_new());
    EXPECT_EQ(EVP_CipherInit_ex2(result.get(), cipher, input.key.data(), nullptr, sealing, nullptr), 1);
    EXPECT_EQ(EVP_CIPHER_CTX_ctrl(result.get(), EVP_CTRL_GCM_SET_IV_FIXED, 4, const_cast<uint8_t*>(input.iv.data())),
              1);
    return result;
  };
  const auto crypt = [](EVP_CIPHER_CTX* of, std::vector<uint8_t>& record, size_t length) {
    uint8_t additional[13] = {
        0, 0, 0, 0, 0, 0, 0, 1, 23, 3, 3, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
    EXPECT_EQ(EVP_CIPHER_CTX_ctrl(of, EVP_CTRL_AEAD_TLS1_AAD, sizeof(additional), additional), 16);
    int written = 0;
    return EVP_CipherUpdate(of, record.data(), &written, record.data(), static_cast<int>(record.size())) == 1;
  };
  for (const size_t size : {0, 1, 100, 1400, 16384}) {
    for (const bool ours_seals : {true, false}) {
      const CipherCtxPtr sealing = context(ours_seals ? OurCipher(GetParam()) : OpensslCipher(GetParam()), 1);
      const CipherCtxPtr opening = context(ours_seals ? OpensslCipher(GetParam()) : OurCipher(GetParam()), 0);
      const std::vector<uint8_t> text = Pattern(size, 9);
      std::vector<uint8_t> record(size + 24);
      std::copy(text.begin(), text.end(), record.begin() + 8);
      ASSERT_TRUE(crypt(sealing.get(), record, size + 8));
      std::vector<uint8_t> damaged = record;
      damaged.back() ^= 1;
      ASSERT_TRUE(crypt(opening.get(), record, size + 24));
      EXPECT_EQ(std::vector<uint8_t>(record.begin() + 8, record.end() - 16), text);
      ASSERT_FALSE(crypt(opening.get(), damaged, size + 24));
      EXPECT_EQ(std::vector<uint8_t>(damaged.begin() + 8, damaged.end() - 16), std::vector<uint8_t>(size));
    }
  }
}

TEST(GcmTest, CountsOverTheEndOf32Bits) {
  const auto text = Pattern(1000, 1);
  for (uint32_t before = 0; before < 70; ++before) {
    const auto gcm = std::make_unique<kernels::Gcm>();
    const auto bulk = std::make_unique<kernels::GcmBulk>();
    kernels::GcmSetKey(*gcm, Pattern(16, 2).data(), 16);
    kernels::GcmSetBulk(*gcm, *bulk);
    std::vector<uint8_t> results[2] = {text, text};
    for (std::vector<uint8_t>& out : results) {
      gcm->bulk = &out == results ? bulk.get() : nullptr;
      kernels::GcmStart(*gcm, Pattern(12, 3).data(), 12);
      gcm->counter[12] = gcm->counter[13] = gcm->counter[14] = 255;
      gcm->counter[15] = static_cast<uint8_t>(255 - before);
      ASSERT_TRUE(kernels::GcmEncrypt(*gcm, out.data(), out.data(), out.size()));
    }
    EXPECT_EQ(results[0], results[1]) << before;
    // Block 0 follows the last one, and the rest of the counter stays.
    kernels::U8x16 counter = gcm->counter;
    counter[12] = counter[13] = counter[14] = counter[15] = 0;
    const kernels::U8x16 stream = kernels::AesEncrypt(gcm->key, counter);
    const size_t at = 16 * (before + 1);
    if (at + 16 > text.size()) continue;
    for (size_t i = 0; i < 16; ++i) ASSERT_EQ(results[0][at + i], text[at + i] ^ stream[i]) << before;
  }
}

TEST(GcmTest, RefusesMoreThanItMayEncrypt) {
  const auto gcm = std::make_unique<kernels::Gcm>();
  kernels::GcmSetKey(*gcm, Pattern(16, 2).data(), 16);
  kernels::GcmStart(*gcm, Pattern(12, 3).data(), 12);
  gcm->text_size = (uint64_t{1} << 36) - 32 - 16;
  uint8_t text[17] = {};
  EXPECT_FALSE(kernels::GcmEncrypt(*gcm, text, text, 17));
  EXPECT_TRUE(kernels::GcmEncrypt(*gcm, text, text, 16));
  EXPECT_FALSE(kernels::GcmAuthenticate(*gcm, text, 1));
}

TEST(GhashTest, GivesTheSameForManyBlocksAsForEach) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto h = kernels::Load<kernels::U8x16>(Pattern(16, seed).data());
    const auto hash = kernels::Load<kernels::U8x16>(Pattern(16, seed + 100).data());
    const auto key = std::make_unique<kernels::GhashKey>();
    const auto tables = std::make_unique<kernels::GhashTables>();
    kernels::GhashSetKey(*key, h);
    kernels::GhashSetTables(*tables, h);
    const std::vector<uint8_t> blocks = Pattern(16 * 100, seed + 200);
    for (size_t count = 1; count <= 100; ++count) {
      const kernels::U8x16 expected = kernels::GhashBlocks(*key, hash, blocks.data(), count);
      const size_t first = (count * 7 + seed) % (count + 1);
      kernels::GhashBulk bulk(*tables, hash, count);
      bulk.Add(blocks.data(), first);
      bulk.Add(blocks.data() + 16 * first, count - first);
      const kernels::U8x16 result = bulk.Finish(*key);
      for (size_t i = 0; i < 16; ++i) ASSERT_EQ(result[i], expected[i]) << seed << " " << count;
    }
  }
}

}  // namespace
}  // namespace wasm_tls
