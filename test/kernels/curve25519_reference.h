// X25519 and Ed25519, ours and OpenSSL's: functions of the same names, of which the build renames OpenSSL's.
#pragma once

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

extern "C" {
#include <crypto/ecx.h>

decltype(ossl_x25519) OpensslX25519 __asm__("openssls_ossl_x25519");
decltype(ossl_x25519_public_from_private) OpensslX25519Public __asm__("openssls_ossl_x25519_public_from_private");
decltype(ossl_ed25519_public_from_private) OpensslEd25519Public __asm__("openssls_ossl_ed25519_public_from_private");
decltype(ossl_ed25519_sign) OpensslEd25519Sign __asm__("openssls_ossl_ed25519_sign");
decltype(ossl_ed25519_verify) OpensslEd25519Verify __asm__("openssls_ossl_ed25519_verify");
decltype(ossl_ed25519_pubkey_verify) OpensslEd25519IsPoint __asm__("openssls_ossl_ed25519_pubkey_verify");
}

namespace wasm_tls::test {

using Bytes32 = std::array<uint8_t, 32>;
using Ed25519Signature = std::array<uint8_t, 64>;

struct Curve25519 {
  decltype(ossl_x25519)* x25519;
  decltype(ossl_x25519_public_from_private)* x25519_public;
  decltype(ossl_ed25519_public_from_private)* ed25519_public;
  decltype(ossl_ed25519_sign)* ed25519_sign;
  decltype(ossl_ed25519_verify)* ed25519_verify;
  decltype(ossl_ed25519_pubkey_verify)* ed25519_is_point;

  // All zeros if it was refused.
  [[nodiscard]] Bytes32 X25519(const Bytes32& scalar, const Bytes32& u) const {
    Bytes32 out;
    return x25519(out.data(), scalar.data(), u.data()) == 1 ? out : Bytes32{};
  }

  [[nodiscard]] Bytes32 X25519Public(const Bytes32& scalar) const {
    Bytes32 out;
    x25519_public(out.data(), scalar.data());
    return out;
  }

  [[nodiscard]] Bytes32 Ed25519Public(const Bytes32& seed) const {
    Bytes32 out;
    return ed25519_public(nullptr, out.data(), seed.data(), nullptr) == 1 ? out : Bytes32{};
  }

  [[nodiscard]] bool IsPoint(const Bytes32& encoded) const { return ed25519_is_point(encoded.data(), 32) == 1; }

  // Which of RFC 8032's three it is: Ed25519, or Ed25519ctx and Ed25519ph.
  struct Instance {
    bool named = false;
    bool prehashed = false;
    bool needs_context = false;
    std::span<const uint8_t> context = {};
  };

  // All zeros if it was refused.
  [[nodiscard]] Ed25519Signature Sign(const Bytes32& seed, std::span<const uint8_t> message,
                                      const Instance& instance) const {
    Ed25519Signature signature = {};
    const Bytes32 public_key = Ed25519Public(seed);
    ed25519_sign(signature.data(), message.data(), message.size(), public_key.data(), seed.data(), instance.named,
                 instance.prehashed, instance.needs_context, instance.context.data(), instance.context.size(), nullptr,
                 nullptr);
    return signature;
  }

  [[nodiscard]] bool Verify(const Bytes32& public_key, std::span<const uint8_t> message,
                            const Ed25519Signature& signature, const Instance& instance) const {
    return ed25519_verify(message.data(), message.size(), signature.data(), public_key.data(), instance.named,
                          instance.prehashed, instance.needs_context, instance.context.data(), instance.context.size(),
                          nullptr, nullptr) == 1;
  }
};

inline constexpr Curve25519 kOurs = {
    ossl_x25519,         ossl_x25519_public_from_private, ossl_ed25519_public_from_private, ossl_ed25519_sign,
    ossl_ed25519_verify, ossl_ed25519_pubkey_verify};
inline constexpr Curve25519 kOpenssls = {OpensslX25519,      OpensslX25519Public,  OpensslEd25519Public,
                                         OpensslEd25519Sign, OpensslEd25519Verify, OpensslEd25519IsPoint};

}  // namespace wasm_tls::test
