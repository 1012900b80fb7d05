// HMAC (RFC 2104) and HKDF (RFC 5869) on the hash functions of TLS 1.3, which compute some forty of them for a
// handshake: straight on SHA-2, without the contexts that OpenSSL fetches, allocates, copies and frees for each.
#pragma once

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "../../bytes.h"

namespace wasm_tls {

struct Sha256 {
  using Context = SHA256_CTX;
  static constexpr size_t kSize = SHA256_DIGEST_LENGTH;
  static constexpr size_t kBlock = SHA256_CBLOCK;
  static void Init(Context* context) { SHA256_Init(context); }
  static void Update(Context* context, BytesView bytes) { SHA256_Update(context, bytes.data(), bytes.size()); }
  static void Final(Context* context, uint8_t* out) { SHA256_Final(out, context); }
};

struct Sha384 {
  using Context = SHA512_CTX;
  static constexpr size_t kSize = SHA384_DIGEST_LENGTH;
  static constexpr size_t kBlock = SHA512_CBLOCK;
  static void Init(Context* context) { SHA384_Init(context); }
  static void Update(Context* context, BytesView bytes) { SHA384_Update(context, bytes.data(), bytes.size()); }
  static void Final(Context* context, uint8_t* out) { SHA384_Final(out, context); }
};

template <class Hash>
using Digest = std::array<uint8_t, Hash::kSize>;

template <class Hash>
Digest<Hash> HashOf(BytesView bytes) {
  typename Hash::Context context;
  Digest<Hash> digest;
  Hash::Init(&context);
  Hash::Update(&context, bytes);
  Hash::Final(&context, digest.data());
  OPENSSL_cleanse(&context, sizeof context);
  return digest;
}

// Of the parts of a message, one behind the other.
template <class Hash>
void Hmac(BytesView key, std::initializer_list<BytesView> message, std::span<uint8_t, Hash::kSize> out) {
  constexpr uint8_t kInnerPad = 0x36;
  constexpr uint8_t kOuterPad = 0x5c;
  std::array<uint8_t, Hash::kBlock> block{};
  if (key.size() <= block.size()) {
    std::ranges::copy(key, block.begin());
  } else {
    Digest<Hash> digest = HashOf<Hash>(key);
    std::ranges::copy(digest, block.begin());
    OPENSSL_cleanse(digest.data(), digest.size());
  }
  typename Hash::Context context;
  Hash::Init(&context);
  for (uint8_t& byte : block) byte ^= kInnerPad;
  Hash::Update(&context, block);
  for (const BytesView part : message) Hash::Update(&context, part);
  Hash::Final(&context, out.data());

  Hash::Init(&context);
  for (uint8_t& byte : block) byte ^= kInnerPad ^ kOuterPad;
  Hash::Update(&context, block);
  Hash::Update(&context, out);
  Hash::Final(&context, out.data());
  OPENSSL_cleanse(&context, sizeof context);
  OPENSSL_cleanse(block.data(), block.size());
}

template <class Hash>
void HkdfExtract(BytesView salt, BytesView key, std::span<uint8_t, Hash::kSize> out) {
  Hmac<Hash>(salt, {key}, out);
}

// False when `out` is longer than HKDF can give.
template <class Hash>
bool HkdfExpand(BytesView secret, BytesView info, std::span<uint8_t> out) {
  if (out.size() > 255 * Hash::kSize) return false;
  Digest<Hash> block;
  for (uint8_t counter = 1; !out.empty(); ++counter) {
    Hmac<Hash>(secret, {BytesView(block).first(counter > 1 ? block.size() : 0), info, {&counter, 1}}, block);
    const size_t taken = std::min(block.size(), out.size());
    std::copy_n(block.begin(), taken, out.begin());
    out = out.subspan(taken);
  }
  OPENSSL_cleanse(block.data(), block.size());
  return true;
}

}  // namespace wasm_tls
