#include "src/kernels/x25519.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <cstring>
#include <random>
#include <string_view>
#include <vector>

#include "src/error.h"
#include "src/openssl_ptr.h"
#include "test/engine/support/pki.h"
#include "test/kernels/curve25519_reference.h"

namespace wasm_tls {
namespace {

using Bytes = test::Bytes32;
using test::kOpenssls;
using test::kOurs;

Bytes FromHex(std::string_view hex) {
  Bytes bytes;
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(std::stoi(std::string(hex.substr(2 * i, 2)), nullptr, 16));
  }
  return bytes;
}

// 2^255 - 19 and `offset`, with bit 255 set or not.
Bytes NextToP(int offset, bool top) {
  Bytes bytes;
  bytes.fill(0xff);
  bytes[0] = static_cast<uint8_t>(0xed + offset);
  bytes[31] = top ? 0xff : 0x7f;
  return bytes;
}

// The points of order 1, 2, 4 and 8 on the curve and on its twist, below 2^255.
std::vector<Bytes> SmallOrders() {
  return {{0},
          {1},
          FromHex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
          FromHex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
          NextToP(-1, false),
          NextToP(0, false),
          NextToP(1, false)};
}

TEST(X25519KernelTest, KnowsTheAnswersOfRfc7748) {
  EXPECT_EQ(kOurs.X25519(FromHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                         FromHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
            FromHex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
  EXPECT_EQ(kOurs.X25519(FromHex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                         FromHex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")),
            FromHex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"));
  Bytes scalar = {9};
  Bytes u = {9};
  for (int i = 1; i <= 1000; ++i) {
    const Bytes result = kOurs.X25519(scalar, u);
    u = scalar;
    scalar = result;
    if (i == 1) EXPECT_EQ(result, FromHex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"));
  }
  EXPECT_EQ(scalar, FromHex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
}

TEST(X25519KernelTest, AgreesWithOpenssl) {
  std::mt19937_64 random(7748);
  for (int i = 0; i < 4000; ++i) {
    Bytes scalar, u;
    for (uint8_t& byte : scalar) byte = static_cast<uint8_t>(random());
    for (uint8_t& byte : u) byte = static_cast<uint8_t>(random());
    // Long runs of the same bits.
    if (i % 4 == 1) std::fill_n(u.begin(), random() % 33, random() % 2 == 0 ? 0 : 0xff);
    if (i % 4 == 2) std::fill_n(scalar.begin(), random() % 33, random() % 2 == 0 ? 0 : 0xff);
    ASSERT_EQ(kOurs.X25519(scalar, u), kOpenssls.X25519(scalar, u));
    ASSERT_EQ(kOurs.X25519Public(scalar), kOpenssls.X25519Public(scalar));
  }
}

// The table's way and the ladder's to the same point, with bits that do not count set and not.
TEST(X25519KernelTest, MakesPublicKeysOfEveryScalar) {
  for (const uint8_t fill : {0x00, 0xff}) {
    for (unsigned bit = 0; bit < 256; ++bit) {
      Bytes scalar;
      scalar.fill(fill);
      scalar[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
      ASSERT_EQ(kOurs.X25519Public(scalar), kOurs.X25519(scalar, {9})) << bit;
      ASSERT_EQ(kOurs.X25519Public(scalar), kOpenssls.X25519Public(scalar)) << bit;
    }
  }
}

TEST(X25519KernelTest, TakesEveryU) {
  const Bytes scalar = FromHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
  for (const bool top : {false, true}) {
    for (int offset = -30; offset <= 18; ++offset) {
      const Bytes u = NextToP(offset, top);
      ASSERT_EQ(kOurs.X25519(scalar, u), kOpenssls.X25519(scalar, u)) << offset;
    }
    for (unsigned i = 0; i < 256; ++i) {
      Bytes u = {static_cast<uint8_t>(i)};
      if (top) u[31] = 0x80;
      ASSERT_EQ(kOurs.X25519(scalar, u), kOpenssls.X25519(scalar, u)) << i;
    }
    for (unsigned bit = 0; bit < 255; ++bit) {
      Bytes u = {};
      u[bit / 8] = static_cast<uint8_t>(1U << (bit % 8));
      if (top) u[31] |= 0x80;
      ASSERT_EQ(kOurs.X25519(scalar, u), kOpenssls.X25519(scalar, u)) << bit;
    }
  }
}

TEST(X25519KernelTest, GivesZeroForSmallOrders) {
  for (const uint8_t fill : {0x00, 0x55, 0xff}) {
    Bytes scalar;
    scalar.fill(fill);
    for (Bytes u : SmallOrders()) {
      EXPECT_EQ(kOurs.X25519(scalar, u), Bytes{});
      u[31] |= 0x80;
      EXPECT_EQ(kOurs.X25519(scalar, u), Bytes{});
    }
  }
}

TEST(X25519KernelTest, WritesOverItsInput) {
  const Bytes scalar = FromHex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d");
  uint8_t bytes[32];
  std::memcpy(bytes, scalar.data(), 32);
  kernels::X25519(bytes, bytes, bytes);
  EXPECT_EQ(std::memcmp(bytes, kOpenssls.X25519(scalar, scalar).data(), 32), 0);
  std::memcpy(bytes, scalar.data(), 32);
  kernels::X25519Base(bytes, bytes);
  EXPECT_EQ(std::memcmp(bytes, kOpenssls.X25519Public(scalar).data(), 32), 0);
}

// By the way that a handshake takes.
TEST(X25519StandInTest, RefusesPeersOfSmallOrder) {
  test::EnsureLibrary();
  const ErrorQueueScope errors;
  const EvpPkeyPtr own(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  std::vector<Bytes> peers = SmallOrders();
  peers.push_back({9});
  for (const Bytes& bytes : peers) {
    const EvpPkeyPtr peer(EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, bytes.data(), bytes.size()));
    const EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
    Bytes secret = {};
    size_t size = secret.size();
    ASSERT_EQ(EVP_PKEY_derive_init(ctx.get()), 1);
    ASSERT_EQ(EVP_PKEY_derive_set_peer(ctx.get(), peer.get()), 1);
    EXPECT_EQ(EVP_PKEY_derive(ctx.get(), secret.data(), &size) == 1, bytes == Bytes{9});
    if (bytes != Bytes{9}) continue;
    // The multiple of the base point is the public key, which comes from its table.
    Bytes public_key = {};
    size = public_key.size();
    ASSERT_EQ(EVP_PKEY_get_raw_public_key(own.get(), public_key.data(), &size), 1);
    EXPECT_EQ(secret, public_key);
  }
}

}  // namespace
}  // namespace wasm_tls
