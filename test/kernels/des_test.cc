#include "src/kernels/des.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "src/openssl_ptr.h"
#include "test/engine/support/scenario.h"
#include "test/kernels/random_bytes.h"

namespace wasm_tls {
namespace {

using kernels::Des;
using Block = std::array<uint8_t, Des::kBlockSize>;
using Bytes = std::vector<uint8_t>;

Block Encrypt(const Block& key, Block block) {
  Des des;
  des.SetKey(key.data());
  des.Encrypt(block.data());
  return block;
}

Block Decrypt(const Block& key, Block block) {
  Des des;
  des.SetKey(key.data());
  des.Decrypt(block.data());
  return block;
}

TEST(DesTest, PassesRivestsTest) {
  // R. Rivest, "Testing Implementations of DES" (1985): any single error in a table or a shift shows in the end.
  Block x = {0x94, 0x74, 0xb8, 0xe8, 0xc7, 0x3b, 0xca, 0x7d};
  for (int i = 0; i < 16; ++i) x = i % 2 == 0 ? Encrypt(x, x) : Decrypt(x, x);
  EXPECT_EQ(x, (Block{0x1b, 0x1a, 0x2d, 0xdb, 0x4c, 0x64, 0x24, 0x38}));
}

TEST(DesTest, IgnoresParity) {
  const Block block = {1, 2, 3, 4, 5, 6, 7, 8};
  const Block key = {0x13, 0x34, 0x57, 0x79, 0x9b, 0xbc, 0xdf, 0xf1};
  for (size_t i = 0; i < key.size(); ++i) {
    Block other = key;
    other[i] ^= 1;
    EXPECT_EQ(Encrypt(other, block), Encrypt(key, block)) << i;
    other[i] ^= 3;
    EXPECT_NE(Encrypt(other, block), Encrypt(key, block)) << i;
  }
}

class DesCbcTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    test::EnsureLibrary();
    cipher_.reset(EVP_CIPHER_fetch(nullptr, GetParam(), nullptr));
    ASSERT_NE(cipher_, nullptr);
    key_ = test::RandomBytes(static_cast<size_t>(EVP_CIPHER_get_key_length(cipher_.get())));
  }

  // CBC as its definition has it; two keys are three of which the first is also the last.
  Bytes Expected(Bytes text, Block chain) const {
    const auto key = [this](size_t i) {
      Block block;
      std::copy_n(key_.begin() + static_cast<ptrdiff_t>(i * 8 % key_.size()), 8, block.begin());
      return block;
    };
    for (size_t at = 0; at < text.size(); at += 8) {
      for (size_t i = 0; i < 8; ++i) chain[i] ^= text[at + i];
      chain = Encrypt(key(0), chain);
      if (key_.size() > 8) chain = Encrypt(key(2), Decrypt(key(1), chain));
      std::copy(chain.begin(), chain.end(), text.begin() + static_cast<ptrdiff_t>(at));
    }
    return text;
  }

  // In pieces of `step`, in place.
  Bytes Transform(bool encrypt, Bytes bytes, const Block& iv, size_t step) const {
    const CipherCtxPtr context(EVP_CIPHER_CTX_new());
    EXPECT_EQ(EVP_CipherInit_ex2(context.get(), cipher_.get(), key_.data(), iv.data(), encrypt ? 1 : 0, nullptr), 1);
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    for (size_t at = 0; at < bytes.size(); at += step) {
      int size = 0;
      const auto part = static_cast<int>(std::min(step, bytes.size() - at));
      EXPECT_EQ(EVP_CipherUpdate(context.get(), bytes.data() + at, &size, bytes.data() + at, part), 1);
      EXPECT_EQ(size, part);
    }
    return bytes;
  }

  OpensslPtr<EVP_CIPHER, EVP_CIPHER_free> cipher_;
  Bytes key_;
};

TEST_P(DesCbcTest, ChainsBlocks) {
  const Block iv = {8, 7, 6, 5, 4, 3, 2, 1};
  for (const size_t size : {8, 16, 80, 800}) {
    const Bytes text = test::RandomBytes(size);
    const Bytes expected = Expected(text, iv);
    for (const size_t step : {size_t{8}, size_t{24}, size}) {
      EXPECT_EQ(Transform(true, text, iv, step), expected) << size << " by " << step;
      EXPECT_EQ(Transform(false, expected, iv, step), text) << size << " by " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, DesCbcTest, testing::Values("DES-CBC", "DES-EDE-CBC", "DES-EDE3-CBC"),
                         [](const auto& info) { return "With" + std::to_string(info.index + 1); });

}  // namespace
}  // namespace wasm_tls
