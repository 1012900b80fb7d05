// CBC and CCM of our provider against OpenSSL's own.
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "test/engine/support/pki.h"
#include "test/kernels/ciphers.h"

namespace wasm_tls {
namespace {

using test::OpensslCipher;
using test::OurCipher;
using test::Pattern;

using Bytes = std::vector<uint8_t>;

size_t KeySize(const std::string& cipher) { return static_cast<size_t>(std::stoi(cipher.substr(4, 3))) / 8; }

std::string ShortName(const testing::TestParamInfo<const char*>& instance) {
  return std::string(instance.param).substr(4, 3);
}

class CbcKernelTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { test::EnsureLibrary(); }
  void TearDown() override { ERR_clear_error(); }

  static CipherCtxPtr Context(const EVP_CIPHER* cipher, bool encrypts, const OSSL_PARAM* parameters = nullptr) {
    CipherCtxPtr context(EVP_CIPHER_CTX_new());
    EXPECT_EQ(EVP_CipherInit_ex2(context.get(), cipher, Pattern(KeySize(GetParam()), 1).data(), Pattern(16, 2).data(),
                                 encrypts ? 1 : 0, parameters),
              1);
    return context;
  }

  // By pieces, with OpenSSL's padding or without. Nothing when it failed.
  static std::optional<Bytes> Crypt(const EVP_CIPHER* cipher, bool encrypts, const Bytes& in, size_t piece,
                                    bool padded) {
    const CipherCtxPtr context = Context(cipher, encrypts);
    EVP_CIPHER_CTX_set_padding(context.get(), padded ? 1 : 0);
    Bytes out(in.size() + 32);
    ptrdiff_t total = 0;
    for (size_t done = 0; done < in.size(); done += piece) {
      int written = 0;
      if (EVP_CipherUpdate(context.get(), out.data() + total, &written, in.data() + done,
                           static_cast<int>(std::min(piece, in.size() - done))) != 1) {
        return {};
      }
      total += written;
    }
    int rest = 0;
    if (EVP_CipherFinal_ex(context.get(), out.data() + total, &rest) != 1) return {};
    out.resize(static_cast<size_t>(total + rest));
    return out;
  }
};

INSTANTIATE_TEST_SUITE_P(Ciphers, CbcKernelTest, testing::Values("AES-128-CBC", "AES-192-CBC", "AES-256-CBC"),
                         ShortName);

TEST_P(CbcKernelTest, AgreesAtEveryLengthAndInPieces) {
  for (size_t size = 0; size <= 700; ++size) {
    const Bytes text = Pattern(size, size);
    const auto expected = Crypt(OpensslCipher(GetParam()), true, text, 10000, true);
    ASSERT_TRUE(expected.has_value());
    for (const size_t piece : {size_t{10000}, 1 + size % 200}) {
      ASSERT_EQ(Crypt(OurCipher(GetParam()), true, text, piece, true), expected) << size;
      ASSERT_EQ(Crypt(OurCipher(GetParam()), false, *expected, piece, true), text) << size;
    }
  }
}

TEST_P(CbcKernelTest, AgreesWithoutPadding) {
  for (size_t size = 0; size <= 20000; size += size < 1000 ? 16 : 1904) {
    const Bytes text = Pattern(size, size);
    const auto expected = Crypt(OpensslCipher(GetParam()), true, text, 10000, false);
    ASSERT_EQ(Crypt(OurCipher(GetParam()), true, text, 10000, false), expected) << size;
    ASSERT_EQ(Crypt(OurCipher(GetParam()), false, *expected, 10000, false), text) << size;
  }
  EXPECT_FALSE(Crypt(OurCipher(GetParam()), true, Bytes(17), 17, false).has_value());
}

TEST_P(CbcKernelTest, RefusesPaddingThatIsWrong) {
  Bytes sealed = *Crypt(OurCipher(GetParam()), true, Pattern(64, 1), 64, true);
  sealed[63] ^= 0xff;
  EXPECT_FALSE(Crypt(OurCipher(GetParam()), false, sealed, sealed.size(), true).has_value());
}

// In place, with the padding of TLS. What is opened begins with a block for the initialization vector, and its MAC is
// taken off.
TEST_P(CbcKernelTest, ProtectsRecordsOfTls) {
  constexpr size_t kIv = 16, kMac = 20;
  unsigned int version = 0x0303;
  size_t mac_size = kMac;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_TLS_VERSION, &version),
                                   OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_TLS_MAC_SIZE, &mac_size),
                                   OSSL_PARAM_construct_end()};
  const auto crypt = [](EVP_CIPHER_CTX* context, Bytes& record, size_t size) {
    int written = 0;
    EXPECT_EQ(EVP_CipherUpdate(context, record.data(), &written, record.data(), static_cast<int>(size)), 1);
    return static_cast<size_t>(written);
  };
  const CipherCtxPtr ours = Context(OurCipher(GetParam()), true, parameters);
  const CipherCtxPtr openssls = Context(OpensslCipher(GetParam()), true, parameters);
  const CipherCtxPtr opening = Context(OurCipher(GetParam()), false, parameters);
  for (const size_t size : {36, 37, 52, 100, 1000, 16420}) {
    const Bytes text = Pattern(size, size);
    Bytes record(size + 256), expected(size + 256);
    std::copy(text.begin(), text.end(), record.begin());
    std::copy(text.begin(), text.end(), expected.begin());
    const size_t sealed = crypt(ours.get(), record, size);
    ASSERT_EQ(sealed, crypt(openssls.get(), expected, size));
    ASSERT_EQ(record, expected) << size;
    ASSERT_EQ(crypt(opening.get(), record, sealed), size - kIv - kMac);
    ASSERT_TRUE(std::equal(text.begin() + kIv, text.end() - kMac, record.begin() + kIv)) << size;
    // A copy leaves the MAC to whom it belongs.
    const CipherCtxPtr copy(EVP_CIPHER_CTX_new());
    ASSERT_EQ(EVP_CIPHER_CTX_copy(copy.get(), opening.get()), 1);
    uint8_t* mac = nullptr;
    OSSL_PARAM query[] = {
        OSSL_PARAM_construct_octet_ptr(OSSL_CIPHER_PARAM_TLS_MAC, reinterpret_cast<void**>(&mac), kMac),
        OSSL_PARAM_construct_end()};
    ASSERT_EQ(EVP_CIPHER_CTX_get_params(opening.get(), query), 1);
    ASSERT_NE(mac, nullptr);
    EXPECT_TRUE(std::equal(text.end() - kMac, text.end(), mac));
  }
}

class CcmKernelTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { test::EnsureLibrary(); }
  void TearDown() override { ERR_clear_error(); }

  struct Input {
    size_t iv = 12, additional = 13, tag = 16;
    bool copied = false;  // once it has its key
  };

  // In place. `tag`: to open, or what sealing gives.
  static bool Crypt(const EVP_CIPHER* cipher, bool seals, const Input& input, Bytes& text, Bytes& tag) {
    CipherCtxPtr context(EVP_CIPHER_CTX_new());
    const Bytes additional = Pattern(input.additional, 3);
    const auto tag_size = static_cast<int>(input.tag);
    const auto size = static_cast<int>(text.size());
    int written = 0;
    if (EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, seals ? 1 : 0, nullptr) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(input.iv), nullptr) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, seals ? nullptr : tag.data()) != 1 ||
        EVP_CipherInit_ex2(context.get(), nullptr, Pattern(KeySize(GetParam()), 1).data(), Pattern(input.iv, 2).data(),
                           seals ? 1 : 0, nullptr) != 1) {
      return false;
    }
    if (input.copied) {
      CipherCtxPtr copy(EVP_CIPHER_CTX_new());
      if (EVP_CIPHER_CTX_copy(copy.get(), context.get()) != 1) return false;
      context = std::move(copy);
    }
    return EVP_CipherUpdate(context.get(), nullptr, &written, nullptr, size) == 1 &&
           EVP_CipherUpdate(context.get(), nullptr, &written, additional.data(), static_cast<int>(additional.size())) ==
               1 &&
           EVP_CipherUpdate(context.get(), text.data(), &written, text.data(), size) == 1 &&
           (!seals || EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, tag.data()) == 1);
  }

  static void Compare(const Input& input, size_t size) {
    const Bytes text = Pattern(size, size);
    Bytes expected = text, sealed = text, tag(input.tag), expected_tag(input.tag);
    ASSERT_TRUE(Crypt(OpensslCipher(GetParam()), true, input, expected, expected_tag));
    ASSERT_TRUE(Crypt(OurCipher(GetParam()), true, input, sealed, tag));
    ASSERT_EQ(sealed, expected) << size;
    ASSERT_EQ(tag, expected_tag) << size;
    ASSERT_TRUE(Crypt(OurCipher(GetParam()), false, input, sealed, tag));
    ASSERT_EQ(sealed, text) << size;
    tag[0] ^= 1;
    ASSERT_FALSE(Crypt(OurCipher(GetParam()), false, input, expected, tag));
    ASSERT_EQ(expected, Bytes(size)) << "No text is left when the tag is wrong";
  }
};

INSTANTIATE_TEST_SUITE_P(Ciphers, CcmKernelTest, testing::Values("AES-128-CCM", "AES-256-CCM"), ShortName);

TEST_P(CcmKernelTest, AgreesAtEveryLength) {
  for (size_t size = 1; size <= 600; ++size) Compare({}, size);
  for (const size_t size : {4096, 16384, 16385, 65535}) Compare({}, size);
}

TEST_P(CcmKernelTest, AgreesForAdditionalDataOfEveryLength) {
  for (size_t size = 1; size <= 300; ++size) Compare({.additional = size}, 40);
  Compare({.additional = 70000}, 40);
}

TEST_P(CcmKernelTest, AgreesForEveryLengthOfTagAndNonce) {
  for (size_t tag = 4; tag <= 16; tag += 2) {
    for (size_t iv = 7; iv <= 13; ++iv) Compare({.iv = iv, .tag = tag}, 300);
  }
}

TEST_P(CcmKernelTest, GoesOnInACopy) { Compare({.copied = true}, 300); }

}  // namespace
}  // namespace wasm_tls
