#include "src/kernels/aes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

#include "test/kernels/ciphers.h"

namespace wasm_tls {
namespace {

using kernels::U8x16;

kernels::AesKey Key(const std::vector<uint8_t>& bytes) {
  kernels::AesKey key;
  kernels::AesSetKey(key, bytes.data(), bytes.size());
  return key;
}

std::vector<uint8_t> Bytes(U8x16 vector) {
  std::vector<uint8_t> bytes(16);
  std::memcpy(bytes.data(), &vector, 16);
  return bytes;
}

// FIPS 197, appendix C.
TEST(AesKernelTest, GivesTheStandardsAnswers) {
  std::vector<uint8_t> key(32), text(16);
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(i);
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<uint8_t>(17 * i);
  const std::pair<size_t, std::vector<uint8_t>> answers[] = {
      {16, {0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a}},
      {24, {0xdd, 0xa9, 0x7c, 0xa4, 0x86, 0x4c, 0xdf, 0xe0, 0x6e, 0xaf, 0x70, 0xa0, 0xec, 0x0d, 0x71, 0x91}},
      {32, {0x8e, 0xa2, 0xb7, 0xca, 0x51, 0x67, 0x45, 0xbf, 0xea, 0xfc, 0x49, 0x90, 0x4b, 0x49, 0x60, 0x89}}};
  for (const auto& [size, answer] : answers) {
    const kernels::AesKey schedule = Key({key.begin(), key.begin() + static_cast<ptrdiff_t>(size)});
    EXPECT_EQ(Bytes(kernels::AesEncrypt(schedule, kernels::Load<U8x16>(text.data()))), answer) << size;
  }
}

// With many keys and texts: each bit of them is 0 and 1 in some.
TEST(AesKernelTest, DecryptsEightBlocks) {
  for (const size_t size : {16, 24, 32}) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
      const kernels::AesKey key = Key(test::Pattern(size, seed));
      kernels::SlicedKey sliced;
      kernels::AesSlice(sliced, key);
      const std::vector<uint8_t> text = test::Pattern(128, seed + 1000);
      U8x16 blocks[8];
      for (size_t i = 0; i < 8; ++i) blocks[i] = kernels::AesEncrypt(key, kernels::Load<U8x16>(text.data() + 16 * i));
      kernels::AesDecrypt8(sliced, blocks);
      std::vector<uint8_t> decrypted;
      for (const U8x16 block : blocks) std::ranges::copy(Bytes(block), std::back_inserter(decrypted));
      ASSERT_EQ(decrypted, text) << size << " " << seed;
    }
  }
}

TEST(AesKernelTest, CountsByGroups) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const kernels::AesKey key = Key(test::Pattern(seed % 2 != 0 ? 16 : 32, seed));
    kernels::SlicedKey sliced;
    kernels::AesSlice(sliced, key);
    U8x16 counter = kernels::Load<U8x16>(test::Pattern(16, seed + 1000).data());
    kernels::CounterWindow window;
    kernels::AesOpenWindow(window, sliced, counter);
    const size_t group = seed % 15;
    const size_t count = 1 + seed % 2;
    U8x16 blocks[16];
    kernels::AesCounter(sliced, window, group, blocks, count);
    counter[15] = static_cast<uint8_t>((counter[15] & 0x80) + 8 * group);
    for (size_t i = 0; i < 8 * count; ++i) {
      ASSERT_EQ(Bytes(blocks[i]), Bytes(kernels::AesEncrypt(key, counter))) << seed << " " << i;
      counter = kernels::AesCounterPlus(counter, 1);
    }
  }
}

}  // namespace
}  // namespace wasm_tls
