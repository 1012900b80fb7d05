// For crypto/ec/curve25519.c: X25519 and Ed25519 on our kernels. OpenSSL's have a table of 25 KB that does not
// compress.
//
// Names and results are those of include/crypto/ecx.h, whose functions take their digest from a library context; there
// is but one SHA-512 here.
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "src/kernels/edwards25519.h"
#include "src/kernels/order25519.h"
#include "src/kernels/x25519.h"

extern "C" {
#include <crypto/ecx.h>
}

namespace {

namespace edwards25519 = wasm_tls::kernels::edwards25519;
namespace order25519 = wasm_tls::kernels::order25519;

using Bytes = uint8_t[32];

Bytes& AsBytes(uint8_t* bytes) { return *reinterpret_cast<Bytes*>(bytes); }
const Bytes& AsBytes(const uint8_t* bytes) { return *reinterpret_cast<const Bytes*>(bytes); }

// What goes before each message (section 2 of RFC 8032): nothing for Ed25519 itself.
struct Domain {
  bool named;
  uint8_t prehashed;
  const uint8_t* context;
  size_t context_size;
};

bool IsValid(const Domain& domain, bool needs_context) {
  if (domain.context_size == 0) return !needs_context;
  return domain.named && domain.context_size <= UINT8_MAX;
}

struct Hash {
  SHA512_CTX state;

  Hash() { SHA512_Init(&state); }
  ~Hash() { OPENSSL_cleanse(&state, sizeof(state)); }

  void Add(const uint8_t* bytes, size_t size) { SHA512_Update(&state, bytes, size); }

  void Add(const Domain& domain) {
    static constexpr char kName[] = "SigEd25519 no Ed25519 collisions";
    if (!domain.named) return;
    const uint8_t tags[2] = {domain.prehashed, static_cast<uint8_t>(domain.context_size)};
    SHA512_Update(&state, kName, sizeof(kName) - 1);
    Add(tags, sizeof(tags));
    Add(domain.context, domain.context_size);
  }

  void WriteScalar(Bytes& scalar) {
    uint8_t digest[SHA512_DIGEST_LENGTH];
    SHA512_Final(digest, &state);
    order25519::Reduce(scalar, digest);
    OPENSSL_cleanse(digest, sizeof(digest));
  }
};

// A private key spread out (section 5.1.5 of RFC 8032): the scalar, and what makes nonces.
struct SecretKey {
  uint8_t bytes[SHA512_DIGEST_LENGTH];

  explicit SecretKey(const Bytes& seed) {
    Hash hash;
    hash.Add(seed, sizeof(seed));
    SHA512_Final(bytes, &hash.state);
    bytes[0] &= 0xf8;
    bytes[31] = (bytes[31] & 0x3f) | 0x40;
  }
  ~SecretKey() { OPENSSL_cleanse(bytes, sizeof(bytes)); }

  [[nodiscard]] const Bytes& scalar() const { return AsBytes(bytes); }
  [[nodiscard]] const Bytes& prefix() const { return AsBytes(bytes + sizeof(Bytes)); }
};

// RFC 8032 §5.1.6, 4, of the point that a signature begins with.
void WriteChallenge(Bytes& challenge, const Domain& domain, const uint8_t* point, const uint8_t* public_key,
                    const uint8_t* message, size_t message_size) {
  Hash hash;
  hash.Add(domain);
  hash.Add(point, sizeof(Bytes));
  hash.Add(public_key, sizeof(Bytes));
  hash.Add(message, message_size);
  hash.WriteScalar(challenge);
}

}  // namespace

extern "C" {

int ossl_x25519(uint8_t out[32], const uint8_t private_key[32], const uint8_t peer[32]) {
  wasm_tls::kernels::X25519(AsBytes(out), AsBytes(private_key), AsBytes(peer));
  // Of a peer's point of small order nothing else comes out: section 6.1 of RFC 7748.
  static constexpr Bytes kZeros = {};
  return CRYPTO_memcmp(out, kZeros, sizeof(kZeros)) != 0 ? 1 : 0;
}

void ossl_x25519_public_from_private(uint8_t out[32], const uint8_t private_key[32]) {
  wasm_tls::kernels::X25519Base(AsBytes(out), AsBytes(private_key));
}

int ossl_ed25519_public_from_private(OSSL_LIB_CTX* /*library*/, uint8_t out[32], const uint8_t private_key[32],
                                     const char* /*properties*/) {
  edwards25519::MultiplyBase(AsBytes(out), SecretKey(AsBytes(private_key)).scalar());
  return 1;
}

int ossl_ed25519_sign(uint8_t* signature, const uint8_t* message, size_t message_size, const uint8_t public_key[32],
                      const uint8_t private_key[32], const uint8_t named, const uint8_t prehashed,
                      const uint8_t needs_context, const uint8_t* context, size_t context_size,
                      OSSL_LIB_CTX* /*library*/, const char* /*properties*/) {
  const Domain domain = {named != 0, static_cast<uint8_t>(prehashed != 0 ? 1 : 0), context,
                         context != nullptr ? context_size : 0};
  if (!IsValid(domain, needs_context != 0)) return 0;
  const SecretKey key(AsBytes(private_key));
  Bytes nonce;
  Hash nonce_hash;
  nonce_hash.Add(domain);
  nonce_hash.Add(key.prefix(), sizeof(Bytes));
  nonce_hash.Add(message, message_size);
  nonce_hash.WriteScalar(nonce);
  edwards25519::MultiplyBase(AsBytes(signature), nonce);

  Bytes challenge;
  WriteChallenge(challenge, domain, signature, public_key, message, message_size);
  order25519::MultiplyAdd(AsBytes(signature + sizeof(Bytes)), challenge, key.scalar(), nonce);
  OPENSSL_cleanse(nonce, sizeof(nonce));
  return 1;
}

int ossl_ed25519_pubkey_verify(const uint8_t* public_key, size_t size) {
  return size == sizeof(Bytes) && edwards25519::IsPointVariableTime(AsBytes(public_key)) ? 1 : 0;
}

// The cofactor is not multiplied away, and the encoding of the point must be the one in the signature, as in OpenSSL.
int ossl_ed25519_verify(const uint8_t* message, size_t message_size, const uint8_t signature[64],
                        const uint8_t public_key[32], const uint8_t named, const uint8_t prehashed,
                        const uint8_t needs_context, const uint8_t* context, size_t context_size,
                        OSSL_LIB_CTX* /*library*/, const char* /*properties*/) {
  const Domain domain = {named != 0, static_cast<uint8_t>(prehashed != 0 ? 1 : 0), context,
                         context != nullptr ? context_size : 0};
  const Bytes& scalar = AsBytes(signature + sizeof(Bytes));
  if (!IsValid(domain, needs_context != 0) || !order25519::IsReduced(scalar)) return 0;
  Bytes challenge, point;
  WriteChallenge(challenge, domain, signature, public_key, message, message_size);
  return edwards25519::MultiplySubtractVariableTime(point, scalar, AsBytes(public_key), challenge) &&
                 std::memcmp(point, signature, sizeof(point)) == 0
             ? 1
             : 0;
}

}  // extern "C"
