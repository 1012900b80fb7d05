// HMAC (RFC 2104) and HKDF (RFC 5869) on the hash functions of TLS 1.3, which compute some forty of them for a
// handshake: straight on SHA-2, without the contexts that OpenSSL fetches, allocates, copies and frees for each.
#pragma once

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
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

template <class Hash>
class Hmac {
 public:
  explicit Hmac(BytesView key) {
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
    for (uint8_t& byte : block) byte ^= kInnerPad;
    Hash::Init(&inner_start_);
    Hash::Update(&inner_start_, block);
    for (uint8_t& byte : block) byte ^= kInnerPad ^ kOuterPad;
    Hash::Init(&outer_start_);
    Hash::Update(&outer_start_, block);
    OPENSSL_cleanse(block.data(), block.size());
    running_ = inner_start_;
  }

  ~Hmac() { OPENSSL_cleanse(this, sizeof *this); }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  void Update(BytesView bytes) { Hash::Update(&running_, bytes); }

  // The MAC of what came since the last of these; it begins again with the same key.
  void Final(std::span<uint8_t, Hash::kSize> out) {
    Hash::Final(&running_, out.data());
    running_ = outer_start_;
    Hash::Update(&running_, out);
    Hash::Final(&running_, out.data());
    running_ = inner_start_;
  }

 private:
  typename Hash::Context inner_start_;
  typename Hash::Context outer_start_;
  typename Hash::Context running_;
};

template <class Hash>
void HkdfExtract(BytesView salt, BytesView key, std::span<uint8_t, Hash::kSize> out) {
  Hmac<Hash> hmac(salt);
  hmac.Update(key);
  hmac.Final(out);
}

// False when `out` is longer than HKDF can give.
template <class Hash>
bool HkdfExpand(BytesView secret, BytesView info, std::span<uint8_t> out) {
  if (out.size() > 255 * Hash::kSize) return false;
  Hmac<Hash> hmac(secret);
  Digest<Hash> block;
  for (uint8_t counter = 1; !out.empty(); ++counter) {
    if (counter > 1) hmac.Update(block);
    hmac.Update(info);
    hmac.Update({&counter, 1});
    hmac.Final(block);
    const size_t taken = std::min(block.size(), out.size());
    std::copy_n(block.begin(), taken, out.begin());
    out = out.subspan(taken);
  }
  OPENSSL_cleanse(block.data(), block.size());
  return true;
}

}  // namespace wasm_tls
