// For crypto/sha/sha256.c: SHA-224 and SHA-256 on our kernel. Whoever hashes comes through here: EVP, HMAC, HKDF, and
// the MACs of CBC records, which go block by block.
#include "../../kernels/sha256.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

extern "C" {
#include <crypto/sha.h>
}

namespace wasm_tls {
namespace {

constexpr size_t kBlockSize = SHA256_CBLOCK;
constexpr uint32_t kSha224[8] = {0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939,
                                 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4};
constexpr uint32_t kSha256[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

int Init(SHA256_CTX* context, const uint32_t (&state)[8], unsigned int size) {
  *context = {};
  std::ranges::copy(state, context->h);
  context->md_len = size;
  return 1;
}

uint8_t* Block(SHA256_CTX* context) { return reinterpret_cast<uint8_t*>(context->data); }

void StoreBigEndian(uint8_t* to, uint32_t word) {
  if constexpr (std::endian::native == std::endian::little) word = std::byteswap(word);
  std::memcpy(to, &word, sizeof(word));
}

void Update(SHA256_CTX* context, const uint8_t* in, size_t size) {
  const uint64_t bits = (uint64_t{context->Nh} << 32 | context->Nl) + (uint64_t{size} << 3);
  context->Nl = static_cast<uint32_t>(bits);
  context->Nh = static_cast<uint32_t>(bits >> 32);
  if (context->num > 0) {
    const size_t part = std::min(size, kBlockSize - context->num);
    std::memcpy(Block(context) + context->num, in, part);
    context->num += static_cast<unsigned int>(part);
    if (context->num < kBlockSize) return;
    kernels::Sha256Blocks(context->h, Block(context), 1);
    context->num = 0;
    in += part, size -= part;
  }
  const size_t blocks = size / kBlockSize;
  kernels::Sha256Blocks(context->h, in, blocks);
  in += blocks * kBlockSize, size -= blocks * kBlockSize;
  if (size > 0) std::memcpy(Block(context), in, size);
  context->num = static_cast<unsigned int>(size);
}

int Final(uint8_t* out, SHA256_CTX* context) {
  constexpr size_t kLengthSize = 8;
  uint8_t* const block = Block(context);
  size_t used = context->num;
  block[used++] = 0x80;
  if (used > kBlockSize - kLengthSize) {
    std::memset(block + used, 0, kBlockSize - used);
    kernels::Sha256Blocks(context->h, block, 1);
    used = 0;
  }
  std::memset(block + used, 0, kBlockSize - kLengthSize - used);
  StoreBigEndian(block + kBlockSize - 8, context->Nh);
  StoreBigEndian(block + kBlockSize - 4, context->Nl);
  kernels::Sha256Blocks(context->h, block, 1);
  context->num = 0;
  OPENSSL_cleanse(block, kBlockSize);
  if (context->md_len > SHA256_DIGEST_LENGTH) return 0;
  for (size_t i = 0; i < context->md_len / 4; ++i) StoreBigEndian(out + 4 * i, context->h[i]);
  return 1;
}

}  // namespace
}  // namespace wasm_tls

extern "C" {

int SHA256_Init(SHA256_CTX* context) { return wasm_tls::Init(context, wasm_tls::kSha256, SHA256_DIGEST_LENGTH); }
int SHA224_Init(SHA256_CTX* context) { return wasm_tls::Init(context, wasm_tls::kSha224, SHA224_DIGEST_LENGTH); }
int ossl_sha256_192_init(SHA256_CTX* context) {
  return wasm_tls::Init(context, wasm_tls::kSha256, SHA256_192_DIGEST_LENGTH);
}

int SHA256_Update(SHA256_CTX* context, const void* in, size_t size) {
  if (size > 0) wasm_tls::Update(context, static_cast<const uint8_t*>(in), size);
  return 1;
}
int SHA224_Update(SHA256_CTX* context, const void* in, size_t size) { return SHA256_Update(context, in, size); }

int SHA256_Final(unsigned char* out, SHA256_CTX* context) { return wasm_tls::Final(out, context); }
int SHA224_Final(unsigned char* out, SHA256_CTX* context) { return wasm_tls::Final(out, context); }

void SHA256_Transform(SHA256_CTX* context, const unsigned char* block) {
  wasm_tls::kernels::Sha256Blocks(context->h, block, 1);
}

}  // extern "C"
