#include "src/kernels/poly1305.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "test/kernels/random_bytes.h"

extern "C" {
#include <crypto/poly1305.h>
}

namespace wasm_tls::kernels {
namespace {

using test::RandomBytes;
using Bytes = std::vector<uint8_t>;

Bytes Tag(const Bytes& key, const uint8_t* in, size_t size) {
  Poly1305 mac;
  mac.Start(key.data());
  mac.Update(in, size);
  Bytes tag(Poly1305::kTagSize);
  mac.Finish(tag.data());
  return tag;
}

Bytes Expected(const Bytes& key, const uint8_t* in, size_t size) {
  POLY1305 mac;
  Poly1305_Init(&mac, key.data());
  Poly1305_Update(&mac, in, size);
  Bytes tag(Poly1305::kTagSize);
  Poly1305_Final(&mac, tag.data());
  return tag;
}

TEST(Poly1305Test, GivesTheTagOfTheRfc) {
  // RFC 8439, section 2.5.2.
  const Bytes key = {0x85, 0xd6, 0xbe, 0x78, 0x57, 0x55, 0x6d, 0x33, 0x7f, 0x44, 0x52, 0xfe, 0x42, 0xd5, 0x06, 0xa8,
                     0x01, 0x03, 0x80, 0x8a, 0xfb, 0x0d, 0xb2, 0xfd, 0x4a, 0xbf, 0xf6, 0xaf, 0x41, 0x49, 0xf5, 0x1b};
  const Bytes expected = {0xa8, 0x06, 0x1d, 0xc1, 0x30, 0x51, 0x36, 0xc6,
                          0xc2, 0x2b, 0x8b, 0xaf, 0x0c, 0x01, 0x27, 0xa9};
  constexpr std::string_view kMessage = "Cryptographic Forum Research Group";
  EXPECT_EQ(Tag(key, reinterpret_cast<const uint8_t*>(kMessage.data()), kMessage.size()), expected);
}

TEST(Poly1305Test, AgreesWithOpensslAtEverySize) {
  for (const size_t size : test::Sizes()) {
    const Bytes key = RandomBytes(Poly1305::kKeySize, static_cast<uint32_t>(size));
    const Bytes in = RandomBytes(size);
    ASSERT_EQ(Tag(key, in.data(), size), Expected(key, in.data(), size)) << size;
  }
}

TEST(Poly1305Test, TakesAnyAlignment) {
  const Bytes key = RandomBytes(Poly1305::kKeySize);
  for (size_t offset = 0; offset < 16; ++offset) {
    const Bytes in = RandomBytes(offset + 3000);
    ASSERT_EQ(Tag(key, in.data() + offset, 3000), Expected(key, in.data() + offset, 3000)) << offset;
  }
}

// Limbs that are as large as they can be, and results around p: where a carry is lost, it is lost here.
TEST(Poly1305Test, CarriesWhateverThereIs) {
  const Bytes keys[] = {Bytes(32, 0xff), Bytes(32, 0),
                        [] {
                          Bytes key(32, 0);
                          key[0] = 1;
                          return key;
                        }(),
                        [] {
                          Bytes key(32, 0xff);
                          key[0] = 2;
                          std::fill_n(key.begin() + 1, 15, 0);
                          return key;
                        }(),
                        [] {
                          Bytes key(32, 0);
                          key[0] = 4;
                          std::fill_n(key.begin() + 12, 4, 0x0f);
                          return key;
                        }()};
  for (const size_t size : {16, 48, 64, 640, 704, 1024, 1040, 4096, 16384}) {
    for (const int fill : {0xff, 0xfe, 0xfb, 0x80, 0x00}) {
      Bytes in(size, static_cast<uint8_t>(fill));
      for (const Bytes& key : keys) {
        ASSERT_EQ(Tag(key, in.data(), size), Expected(key, in.data(), size)) << size << " of " << fill;
        in[0] = 0xfb;
        ASSERT_EQ(Tag(key, in.data(), size), Expected(key, in.data(), size)) << size << " of " << fill;
      }
    }
  }
}

TEST(Poly1305Test, CarriesForRandomKeys) {
  const Bytes full(2048, 0xff);
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    const Bytes key = RandomBytes(Poly1305::kKeySize, seed);
    ASSERT_EQ(Tag(key, full.data(), full.size()), Expected(key, full.data(), full.size())) << seed;
  }
}

TEST(Poly1305Test, TakesAMessageInPieces) {
  const Bytes key = RandomBytes(Poly1305::kKeySize);
  const Bytes in = RandomBytes(5000);
  const Bytes expected = Expected(key, in.data(), in.size());
  for (size_t step = 1; step < 2500; step += step < 40 ? 1 : 61) {
    Poly1305 mac;
    mac.Start(key.data());
    for (size_t done = 0; done < in.size(); done += step) {
      mac.Update(in.data() + done, std::min(step, in.size() - done));
    }
    Bytes tag(Poly1305::kTagSize);
    mac.Finish(tag.data());
    ASSERT_EQ(tag, expected) << step;
  }
}

TEST(Poly1305Test, PadsWithZeros) {
  const Bytes key = RandomBytes(Poly1305::kKeySize);
  for (size_t size = 0; size < 40; ++size) {
    Bytes in = RandomBytes(size);
    Poly1305 mac;
    mac.Start(key.data());
    mac.Update(in.data(), size);
    mac.Pad();
    Bytes tag(Poly1305::kTagSize);
    mac.Finish(tag.data());
    in.resize((size + 15) / 16 * 16);
    ASSERT_EQ(tag, Expected(key, in.data(), in.size())) << size;
  }
}

}  // namespace
}  // namespace wasm_tls::kernels
