#include "src/kernels/keccak.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "src/hexadecimal.h"
#include "test/engine/support/pki.h"

namespace wasm_tls::kernels {
namespace {

using Octets = std::vector<uint8_t>;

// FIPS 202 word by word: section 3.2 with the constants by their own definitions, section 4 and section 6.
class Reference {
 public:
  static Octets Digest(KeccakFunction function, Octets message, size_t size) {
    message.push_back(function.suffix);
    message.resize((message.size() + function.rate - 1) / function.rate * function.rate);
    message.back() |= 0x80;
    Reference state;
    for (size_t i = 0; i < message.size(); ++i) {
      state.bytes()[i % function.rate] ^= message[i];
      if (i % function.rate == function.rate - 1) state.Permute();
    }
    Octets digest;
    for (size_t i = 0; i < size; ++i) {
      if (i > 0 && i % function.rate == 0) state.Permute();
      digest.push_back(state.bytes()[i % function.rate]);
    }
    return digest;
  }

  void Permute() {
    uint8_t shift_register = 1;
    for (int round = 0; round < 24; ++round) {
      Theta();
      RhoPi();
      Chi();
      for (int j = 0; j <= 6; ++j) {
        if ((shift_register & 1) != 0) lanes_[0] ^= uint64_t{1} << ((1 << j) - 1);
        shift_register = static_cast<uint8_t>(shift_register << 1 ^ (shift_register >= 0x80 ? 0x71 : 0));
      }
    }
  }

  uint64_t* lanes() { return lanes_; }

 private:
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(lanes_); }
  static uint64_t Rotate(uint64_t value, int bits) { return bits == 0 ? value : value << bits | value >> (64 - bits); }

  void Theta() {
    uint64_t parity[5] = {};
    for (int i = 0; i < 25; ++i) parity[i % 5] ^= lanes_[i];
    for (int i = 0; i < 25; ++i) lanes_[i] ^= parity[(i + 4) % 5] ^ Rotate(parity[(i + 1) % 5], 1);
  }

  void RhoPi() {
    uint64_t moved[25];
    moved[0] = lanes_[0];
    int x = 1;
    int y = 0;
    for (int t = 0; t < 24; ++t) {
      const int next = (2 * x + 3 * y) % 5;
      moved[y + 5 * next] = Rotate(lanes_[x + 5 * y], (t + 1) * (t + 2) / 2 % 64);
      x = y;
      y = next;
    }
    std::copy_n(moved, 25, lanes_);
  }

  void Chi() {
    uint64_t before[25];
    std::copy_n(lanes_, 25, before);
    for (int i = 0; i < 25; ++i) {
      const int row = i / 5 * 5;
      lanes_[i] ^= ~before[row + (i + 1) % 5] & before[row + (i + 2) % 5];
    }
  }

  uint64_t lanes_[25] = {};
};

Octets Message(size_t size, uint8_t seed = 1) {
  Octets message(size);
  for (size_t i = 0; i < size; ++i) message[i] = static_cast<uint8_t>(i * 41 + (i >> 8) + seed);
  return message;
}

std::string InHexadecimal(const Octets& octets) {
  std::string text;
  for (const uint8_t octet : octets) text += Hexadecimal(octet, kLowerCase, 2);
  return text;
}

Octets SpongeDigest(KeccakFunction function, const Octets& message, size_t size) {
  Sponge sponge(function);
  sponge.Absorb(message.data(), message.size());
  Octets digest(size);
  sponge.Finish(digest.data(), size);
  return digest;
}

constexpr KeccakFunction kFunctions[] = {kSha3_256, kSha3_512, kShake128, kShake256};

TEST(KeccakTest, PermutesAsItsAuthorsDo) {
  uint64_t state[kKeccakLanes] = {};
  KeccakPermute(state);
  EXPECT_EQ(state[0], 0xf1258f7940e1dde7);
  EXPECT_EQ(state[24], 0xeaf1ff7b5ceca249);
  KeccakPermute(state);
  EXPECT_EQ(state[0], 0x2d5c954df96ecb3c);
}

TEST(KeccakTest, PermutesTwoStatesAsEachAlone) {
  alignas(16) uint64_t pair[2 * kKeccakLanes];
  Reference alone[2];
  for (size_t i = 0; i < 2 * kKeccakLanes; ++i) {
    pair[i] = (i + 1) * 0x9e3779b97f4a7c15;
    alone[i % 2].lanes()[i / 2] = pair[i];
  }
  for (int round = 0; round < 50; ++round) {
    KeccakPermutePair(pair);
    for (Reference& state : alone) state.Permute();
    for (size_t i = 0; i < 2 * kKeccakLanes; ++i) ASSERT_EQ(pair[i], alone[i % 2].lanes()[i / 2]) << i;
  }
}

TEST(KeccakTest, DigestsAsPublished) {
  EXPECT_EQ(InHexadecimal(SpongeDigest(kSha3_256, {}, 32)),
            "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
  EXPECT_EQ(InHexadecimal(SpongeDigest(kShake128, {}, 32)),
            "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");
}

TEST(KeccakTest, DigestsEveryLength) {
  for (const KeccakFunction function : kFunctions) {
    for (size_t size = 0; size <= 3 * function.rate + 1; ++size) {
      const Octets message = Message(size);
      ASSERT_EQ(SpongeDigest(function, message, 64), Reference::Digest(function, message, 64)) << size;
      ASSERT_EQ(SpongeDigest(function, {1}, size), Reference::Digest(function, {1}, size)) << size;
    }
  }
}

TEST(KeccakTest, TakesAMessageInPieces) {
  const Octets message = Message(700);
  const Octets digest = SpongeDigest(kShake256, message, 200);
  for (size_t piece = 1; piece <= message.size(); ++piece) {
    Sponge sponge(kShake256);
    for (size_t i = 0; i < message.size(); i += piece) {
      sponge.Absorb(message.data() + i, std::min(piece, message.size() - i));
    }
    Octets again(200);
    sponge.Finish(again.data(), again.size());
    ASSERT_EQ(again, digest) << piece;
  }
}

TEST(KeccakTest, DigestsTwoMessagesAsEachAlone) {
  for (const KeccakFunction function : kFunctions) {
    for (size_t size = 1; size < function.rate; ++size) {
      const Octets first = Message(size);
      const Octets second = Message(size, 77);
      SpongePair pair(function, first.data(), second.data(), size);
      Octets digests[2];
      for (int block = 0; block < 3; ++block) {
        Octets blocks[2] = {Octets(function.rate), Octets(function.rate)};
        pair.SqueezeBlock(blocks[0].data(), blocks[1].data());
        for (int i = 0; i < 2; ++i) digests[i].insert(digests[i].end(), blocks[i].begin(), blocks[i].end());
      }
      ASSERT_EQ(digests[0], Reference::Digest(function, first, 3 * function.rate)) << size;
      ASSERT_EQ(digests[1], Reference::Digest(function, second, 3 * function.rate)) << size;
    }
  }
}

// OpenSSL's functions are made of these blocks as well.
TEST(KeccakTest, StandsInForThatOfOpenSsl) {
  test::EnsureLibrary();
  const struct {
    const char* name;
    KeccakFunction function;
    size_t size;
  } digests[] = {{"SHA3-224", {.rate = 144, .suffix = 0x06}, 28},
                 {"SHA3-256", kSha3_256, 32},
                 {"SHA3-384", {.rate = 104, .suffix = 0x06}, 48},
                 {"SHA3-512", kSha3_512, 64},
                 {"SHAKE128", kShake128, 1000},
                 {"SHAKE256", kShake256, 1000}};
  for (const auto& [name, function, size] : digests) {
    EVP_MD* const digest = EVP_MD_fetch(nullptr, name, nullptr);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    ASSERT_NE(digest, nullptr) << name;
    for (size_t length = 0; length <= 2 * function.rate + 1; ++length) {
      const Octets message = Message(length);
      Octets out(size);
      ASSERT_EQ(EVP_DigestInit_ex(context, digest, nullptr), 1);
      ASSERT_EQ(EVP_DigestUpdate(context, message.data(), length / 3), 1);
      ASSERT_EQ(EVP_DigestUpdate(context, message.data() + length / 3, length - length / 3), 1);
      if (EVP_MD_xof(digest) != 0) {
        ASSERT_EQ(EVP_DigestSqueeze(context, out.data(), length), 1);
        ASSERT_EQ(EVP_DigestSqueeze(context, out.data() + length, size - length), 1);
      } else {
        ASSERT_EQ(EVP_DigestFinal_ex(context, out.data(), nullptr), 1);
      }
      ASSERT_EQ(out, Reference::Digest(function, message, size)) << name << ' ' << length;
    }
    EVP_MD_CTX_free(context);
    EVP_MD_free(digest);
  }
}

}  // namespace
}  // namespace wasm_tls::kernels
