#include "src/kernels/sha256.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "test/kernels/random_bytes.h"

// OpenSSL's compression function, in assembler; its callers are replaced.
extern "C" void sha256_block_data_order(void* context, const void* in, size_t blocks);

namespace wasm_tls {
namespace {

using test::RandomBytes;
using Bytes = std::vector<uint8_t>;

std::string Hexadecimal(const Bytes& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) text += {kDigits[byte >> 4], kDigits[byte & 15]};
  return text;
}

Bytes Digest(int (*init)(SHA256_CTX*), const Bytes& in, size_t step = 1 << 20) {
  SHA256_CTX context;
  EXPECT_EQ(init(&context), 1);
  for (size_t done = 0; done < in.size(); done += step) {
    EXPECT_EQ(SHA256_Update(&context, in.data() + done, std::min(step, in.size() - done)), 1);
  }
  Bytes digest(context.md_len);
  EXPECT_EQ(SHA256_Final(digest.data(), &context), 1);
  return digest;
}

// The padded message through OpenSSL's compression.
Bytes Expected(const Bytes& in) {
  Bytes padded = in;
  padded.push_back(0x80);
  while (padded.size() % 64 != 56) padded.push_back(0);
  const uint64_t bits = uint64_t{in.size()} * 8;
  for (int i = 0; i < 8; ++i) padded.push_back(static_cast<uint8_t>(bits >> (56 - 8 * i)));
  SHA256_CTX context;
  SHA256_Init(&context);
  sha256_block_data_order(&context, padded.data(), padded.size() / 64);
  Bytes digest;
  for (const uint32_t word : context.h) {
    for (int i = 0; i < 4; ++i) digest.push_back(static_cast<uint8_t>(word >> (24 - 8 * i)));
  }
  return digest;
}

TEST(Sha256Test, GivesTheDigestsOfTheStandard) {
  const Bytes abc = {'a', 'b', 'c'};
  EXPECT_EQ(Hexadecimal(Digest(SHA256_Init, abc)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hexadecimal(Digest(SHA224_Init, abc)), "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  EXPECT_EQ(Hexadecimal(Digest(SHA256_Init, {})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hexadecimal(Digest(SHA256_Init, Bytes(1000000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, AgreesWithOpensslAtEverySize) {
  for (const size_t size : test::Sizes()) {
    const Bytes in = RandomBytes(size);
    ASSERT_EQ(Digest(SHA256_Init, in), Expected(in)) << size;
  }
}

TEST(Sha256Test, TakesAMessageInPieces) {
  const Bytes in = RandomBytes(1000);
  const Bytes expected = Expected(in);
  for (size_t step = 1; step < 1000; ++step) ASSERT_EQ(Digest(SHA256_Init, in, step), expected) << step;
}

TEST(Sha256Test, TakesAnyAlignment) {
  for (size_t offset = 0; offset < 16; ++offset) {
    const Bytes in = RandomBytes(offset + 640);
    SHA256_CTX ours;
    SHA256_CTX theirs;
    SHA256_Init(&ours);
    SHA256_Init(&theirs);
    kernels::Sha256Blocks(ours.h, in.data() + offset, 10);
    sha256_block_data_order(&theirs, in.data() + offset, 10);
    ASSERT_TRUE(std::ranges::equal(ours.h, theirs.h)) << offset;
  }
}

TEST(Sha256Test, TransformsOneBlock) {
  const Bytes in = RandomBytes(64);
  SHA256_CTX ours;
  SHA256_CTX theirs;
  SHA256_Init(&ours);
  SHA256_Init(&theirs);
  SHA256_Transform(&ours, in.data());
  sha256_block_data_order(&theirs, in.data(), 1);
  EXPECT_TRUE(std::ranges::equal(ours.h, theirs.h));
}

// The length of the message has 64 bits, in two words.
TEST(Sha256Test, CountsBeyondTheFirstWord) {
  const Bytes in = RandomBytes(64);
  SHA256_CTX context;
  SHA256_Init(&context);
  context.Nl = 0xffffff00;
  SHA256_Update(&context, in.data(), in.size());
  EXPECT_EQ(context.Nl, 0x100U);
  EXPECT_EQ(context.Nh, 1U);
}

TEST(Sha256Test, LeavesNothingOfTheMessageBehind) {
  const Bytes in(50, 'x');
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, in.data(), in.size());
  Bytes digest(32);
  SHA256_Final(digest.data(), &context);
  EXPECT_TRUE(std::ranges::all_of(context.data, [](uint32_t word) { return word == 0; }));
}

}  // namespace
}  // namespace wasm_tls
