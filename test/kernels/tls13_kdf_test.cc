// TLS13-KDF through EVP, as libssl asks for it, against HKDF put together from OpenSSL's HMAC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/bytes.h"
#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

using ::testing::ElementsAreArray;

struct Inputs {
  std::string digest = "SHA2-256";
  std::string mode = "EXPAND_ONLY";
  std::optional<Bytes> key;
  std::optional<Bytes> salt;
  Bytes label;
  Bytes data;
};

Bytes Numbered(size_t size, uint8_t first = 1) {
  Bytes bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(first + i * 7);
  return bytes;
}

class Tls13KdfTest : public ::testing::TestWithParam<const char*> {
 protected:
  Tls13KdfTest() {
    test::EnsureLibrary();
    kdf_.reset(EVP_KDF_fetch(nullptr, "TLS13-KDF", nullptr));
  }

  ~Tls13KdfTest() override { ERR_clear_error(); }

  static OSSL_PARAM Octets(const char* name, Bytes& bytes) {
    return OSSL_PARAM_construct_octet_string(name, bytes.data(), bytes.size());
  }

  // Everything that `in` points to must stay.
  std::vector<OSSL_PARAM> Parameters(Inputs& in) {
    std::vector<OSSL_PARAM> parameters = {
        OSSL_PARAM_construct_utf8_string("mode", in.mode.data(), 0),
        OSSL_PARAM_construct_utf8_string("digest", in.digest.data(), 0),
        Octets("prefix", prefix_),
        Octets("label", in.label),
        Octets("data", in.data),
    };
    if (in.key.has_value()) parameters.push_back(Octets("key", *in.key));
    if (in.salt.has_value()) parameters.push_back(Octets("salt", *in.salt));
    parameters.push_back(OSSL_PARAM_construct_end());
    return parameters;
  }

  using Context = std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)>;
  Context NewContext() { return {EVP_KDF_CTX_new(kdf_.get()), EVP_KDF_CTX_free}; }

  // Empty when it fails.
  Bytes Derive(Inputs in, size_t size) {
    Bytes out(size);
    const Context context = NewContext();
    return EVP_KDF_derive(context.get(), out.data(), size, Parameters(in).data()) == 1 ? out : Bytes();
  }

  static const EVP_MD* Md(const std::string& digest) { return digest == "SHA2-256" ? EVP_sha256() : EVP_sha384(); }

  static Bytes ReferenceHmac(const EVP_MD* md, const Bytes& key, const Bytes& data) {
    Bytes out(static_cast<size_t>(EVP_MD_get_size(md)));
    const uint8_t none = 0;
    HMAC(md, key.empty() ? &none : key.data(), static_cast<int>(key.size()), data.data(), data.size(), out.data(),
         nullptr);
    return out;
  }

  static Bytes HashOfNothing(const EVP_MD* md) {
    Bytes out(static_cast<size_t>(EVP_MD_get_size(md)));
    EVP_Digest(nullptr, 0, out.data(), nullptr, md, nullptr);
    return out;
  }

  Bytes ReferenceExpand(const EVP_MD* md, const Bytes& secret, const Bytes& label, const Bytes& data, size_t size) {
    Bytes info = {static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size),
                  static_cast<uint8_t>(prefix_.size() + label.size())};
    info.insert(info.end(), prefix_.begin(), prefix_.end());
    info.insert(info.end(), label.begin(), label.end());
    info.push_back(static_cast<uint8_t>(data.size()));
    info.insert(info.end(), data.begin(), data.end());
    Bytes out;
    Bytes block;
    for (uint8_t counter = 1; out.size() < size; ++counter) {
      block.insert(block.end(), info.begin(), info.end());
      block.push_back(counter);
      block = ReferenceHmac(md, secret, block);
      out.insert(out.end(), block.begin(), block.end());
    }
    out.resize(size);
    return out;
  }

  struct FreeKdf {
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  };
  std::unique_ptr<EVP_KDF, FreeKdf> kdf_;
  Bytes prefix_ = ToBytes(AsBytes("tls13 "));
};

TEST_P(Tls13KdfTest, ExpandsAnySecretLabelAndData) {
  const EVP_MD* md = Md(GetParam());
  for (size_t size = 1; size <= 300; size += 7) {
    const Inputs in{.digest = GetParam(),
                    .key = Numbered(size % 200),
                    .label = Numbered(size % 249),
                    .data = Numbered(size % 255, 9)};
    EXPECT_THAT(Derive(in, size), ElementsAreArray(ReferenceExpand(md, *in.key, in.label, in.data, size))) << size;
  }
}

TEST_P(Tls13KdfTest, ExtractsWithAndWithoutSaltAndKey) {
  const EVP_MD* md = Md(GetParam());
  const auto size = static_cast<size_t>(EVP_MD_get_size(md));
  const Bytes zeros(size);
  for (size_t length = 0; length <= 300; length += 13) {
    Inputs in{.digest = GetParam(), .mode = "EXTRACT_ONLY", .key = Numbered(length), .label = Numbered(7)};
    EXPECT_THAT(Derive(in, size), ElementsAreArray(ReferenceHmac(md, zeros, *in.key))) << length;
    in.salt = Numbered(size, 3);
    const Bytes salt = ReferenceExpand(md, *in.salt, in.label, HashOfNothing(md), size);
    EXPECT_THAT(Derive(in, size), ElementsAreArray(ReferenceHmac(md, salt, *in.key))) << length;
    in.key.reset();
    EXPECT_THAT(Derive(in, size), ElementsAreArray(ReferenceHmac(md, salt, zeros)));
  }
}

TEST_P(Tls13KdfTest, KeepsWhatIsSetBeforehandAndCopiesIt) {
  Inputs in{.digest = GetParam(), .key = Numbered(32), .label = Numbered(12), .data = Numbered(20)};
  const Context context = NewContext();
  {
    Inputs given = in;
    ASSERT_EQ(EVP_KDF_CTX_set_params(context.get(), Parameters(given).data()), 1);
  }
  const Context copy(EVP_KDF_CTX_dup(context.get()), EVP_KDF_CTX_free);
  EVP_KDF_CTX_reset(context.get());
  Bytes out(40);
  EXPECT_EQ(EVP_KDF_derive(context.get(), out.data(), out.size(), nullptr), 0);
  ASSERT_EQ(EVP_KDF_derive(copy.get(), out.data(), out.size(), nullptr), 1);
  EXPECT_THAT(out, ElementsAreArray(Derive(in, 40)));
}

TEST_P(Tls13KdfTest, TellsHowMuchItGives) {
  const Context context = NewContext();
  EXPECT_EQ(EVP_KDF_CTX_get_kdf_size(context.get()), SIZE_MAX);
  Inputs in{.digest = GetParam(), .mode = "EXTRACT_ONLY"};
  ASSERT_EQ(EVP_KDF_CTX_set_params(context.get(), Parameters(in).data()), 1);
  EXPECT_EQ(EVP_KDF_CTX_get_kdf_size(context.get()),
            Derive(in, std::string_view(GetParam()) == "SHA2-256" ? 32 : 48).size());
}

INSTANTIATE_TEST_SUITE_P(Hashes, Tls13KdfTest, ::testing::Values("SHA2-256", "SHA2-384"),
                         [](const auto& test) { return std::string(test.param).substr(5); });

// RFC 8448 §3: the early secret, without a pre-shared key.
TEST_F(Tls13KdfTest, KnowsTheEarlySecret) {
  EXPECT_THAT(Derive({.mode = "EXTRACT_ONLY"}, 32),
              ElementsAreArray({0x33, 0xad, 0x0a, 0x1c, 0x60, 0x7e, 0xc0, 0x3b, 0x09, 0xe6, 0xcd,
                                0x98, 0x93, 0x68, 0x0c, 0xe2, 0x10, 0xad, 0xf3, 0x00, 0xaa, 0x1f,
                                0x26, 0x60, 0xe1, 0xb2, 0x2e, 0x10, 0xf1, 0x70, 0xf9, 0x2a}));
}

TEST_F(Tls13KdfTest, RefusesWhatItHasNot) {
  const Bytes key = Numbered(32);
  EXPECT_THAT(Derive({.digest = "SHA2-512", .key = key}, 32), ElementsAreArray(Bytes()));
  EXPECT_THAT(Derive({.digest = "SHA2-2567", .key = key}, 32), ElementsAreArray(Bytes()));
  EXPECT_THAT(Derive({.mode = "EXTRACT_AND_EXPAND", .key = key}, 32), ElementsAreArray(Bytes()));
  EXPECT_THAT(Derive({.mode = "EXTRACT_ONLY", .key = key}, 31), ElementsAreArray(Bytes()));
  EXPECT_THAT(Derive({.key = key}, size_t{255} * 32 + 1), ElementsAreArray(Bytes()));
  EXPECT_THAT(Derive({.key = key, .label = Numbered(250)}, 32), ElementsAreArray(Bytes()));
  EXPECT_THAT(Derive({.key = key, .data = Numbered(256)}, 32), ElementsAreArray(Bytes()));
}

}  // namespace
}  // namespace wasm_tls
