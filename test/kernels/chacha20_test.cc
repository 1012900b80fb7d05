#include "src/kernels/chacha20.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "test/kernels/random_bytes.h"

extern "C" {
#include <crypto/chacha.h>
}

namespace wasm_tls::kernels {
namespace {

using test::RandomBytes;
using Bytes = std::vector<uint8_t>;

const Bytes kKey = RandomBytes(ChaCha20::kKeySize);
const Bytes kNonce = RandomBytes(ChaCha20::kNonceSize);

ChaCha20 Cipher(uint32_t counter) {
  ChaCha20 cipher;
  cipher.SetKey(kKey.data());
  cipher.Start(kNonce.data(), counter);
  return cipher;
}

Bytes Expected(const Bytes& in, uint32_t counter) {
  uint32_t key[8];
  uint32_t counter_and_nonce[4] = {counter};
  std::memcpy(key, kKey.data(), sizeof(key));
  std::memcpy(counter_and_nonce + 1, kNonce.data(), kNonce.size());
  Bytes out(in.size());
  if (!in.empty()) ChaCha20_ctr32(out.data(), in.data(), in.size(), key, counter_and_nonce);
  return out;
}

TEST(ChaCha20Test, GivesTheKeyStreamOfTheRfc) {
  // RFC 8439, section 2.3.2.
  Bytes key(32);
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(i);
  const uint8_t nonce[12] = {0, 0, 0, 9, 0, 0, 0, 0x4a};
  const uint8_t expected[16] = {0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15,
                                0x50, 0x0f, 0xdd, 0x1f, 0xa3, 0x20, 0x71, 0xc4};
  ChaCha20 cipher;
  cipher.SetKey(key.data());
  cipher.Start(nonce, 1);
  Bytes stream(64);
  cipher.Process(stream.data(), stream.data(), stream.size());
  EXPECT_EQ(Bytes(stream.begin(), stream.begin() + 16), Bytes(expected, expected + 16));
}

TEST(ChaCha20Test, AgreesWithOpensslAtEverySize) {
  for (const size_t size : test::Sizes()) {
    const Bytes in = RandomBytes(size);
    Bytes out(size);
    Cipher(1).Process(in.data(), out.data(), size);
    ASSERT_EQ(out, Expected(in, 1)) << size;
  }
}

TEST(ChaCha20Test, TakesAnyAlignment) {
  for (const size_t size : {1, 16, 64, 255, 700}) {
    const Bytes text = RandomBytes(size);
    const Bytes expected = Expected(text, 1);
    for (size_t i = 0; i < 16 * 16; ++i) {
      Bytes in(i % 16);
      in.insert(in.end(), text.begin(), text.end());
      Bytes out(i / 16 + size);
      Cipher(1).Process(in.data() + i % 16, out.data() + i / 16, size);
      ASSERT_EQ(Bytes(out.begin() + static_cast<ptrdiff_t>(i / 16), out.end()), expected) << size << " at " << i;
    }
  }
}

TEST(ChaCha20Test, WorksInPlace) {
  for (const size_t size : test::Sizes(300)) {
    Bytes text = RandomBytes(size);
    const Bytes expected = Expected(text, 1);
    Cipher(1).Process(text.data(), text.data(), size);
    ASSERT_EQ(text, expected) << size;
  }
}

TEST(ChaCha20Test, ContinuesWhereItWas) {
  const Bytes in = RandomBytes(5000);
  const Bytes expected = Expected(in, 1);
  for (size_t step = 1; step < 1300; step += step < 70 ? 1 : 37) {
    ChaCha20 cipher = Cipher(1);
    Bytes out(in.size());
    for (size_t done = 0; done < in.size(); done += step) {
      cipher.Process(in.data() + done, out.data() + done, std::min(step, in.size() - done));
    }
    ASSERT_EQ(out, expected) << step;
  }
}

TEST(ChaCha20Test, SkipsToTheNextBlock) {
  const Bytes in = RandomBytes(640);
  const Bytes expected = Expected(in, 1);
  for (const size_t part : {1, 63, 64, 65, 256, 257}) {
    ChaCha20 cipher = Cipher(1);
    Bytes out = in;
    cipher.Process(in.data(), out.data(), part);
    cipher.SkipToBlock();
    const size_t next = (part + 63) / 64 * 64;
    cipher.Process(in.data() + next, out.data() + next, in.size() - next);
    ASSERT_TRUE(std::equal(out.begin() + static_cast<ptrdiff_t>(next), out.end(),
                           expected.begin() + static_cast<ptrdiff_t>(next)))
        << part;
  }
}

// Within its 32 bits: the nonce stays as it is.
TEST(ChaCha20Test, WrapsItsCounterAsOpensslDoes) {
  const Bytes in = RandomBytes(2000);
  for (uint32_t before = 0; before < 24; ++before) {
    const uint32_t counter = 0U - before;
    Bytes out(in.size());
    Cipher(counter).Process(in.data(), out.data(), in.size());
    ASSERT_EQ(out, Expected(in, counter)) << before;
  }
}

}  // namespace
}  // namespace wasm_tls::kernels
