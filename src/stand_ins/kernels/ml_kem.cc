// For crypto/ml_kem/ml_kem.c: the key object that OpenSSL's provider works on, over our arithmetic.
//
// A key's polynomials lie in one block, as OpenSSL's macros expect: `t`, the matrix `m`, and of a private key `s`, then
// `z` and `d`. A key without that block may hold a seed (`z` and `d` in `seedbuf`) or an encoding (`encoded_dk`) that
// has not been looked at yet.
#include "src/kernels/ml_kem.h"

#include <openssl/err.h>
#include <openssl/proverr.h>
#include <openssl/rand.h>

#include <cstring>

// Of OpenSSL's sources: the object and its functions, which are part of no documented interface.
extern "C" {
#include <crypto/ml_kem.h>
}

// Declared there.
struct ossl_ml_kem_scalar_st {
  wasm_tls::kernels::Polynomial polynomial;
};

namespace {

using wasm_tls::kernels::kMlKem1024;
using wasm_tls::kernels::kMlKem512;
using wasm_tls::kernels::kMlKem768;
using wasm_tls::kernels::kMlKemBytes;
using wasm_tls::kernels::MlKemKeyCheck;
using wasm_tls::kernels::MlKemParameters;
using wasm_tls::kernels::MlKemPrivateKey;
using wasm_tls::kernels::MlKemPublicKey;
using wasm_tls::kernels::Polynomial;

constexpr size_t PublicBlock(const MlKemParameters& parameters) {
  return sizeof(Polynomial) * parameters.rank * (1 + parameters.rank);
}

constexpr size_t SecretBlock(const MlKemParameters& parameters) {
  return sizeof(Polynomial) * parameters.rank + 2 * kMlKemBytes;
}

constexpr ML_KEM_VINFO Describe(const char* name, const MlKemParameters& parameters, int type, int bits,
                                int security_bits) {
  return {.algorithm_name = name,
          .prvkey_bytes = parameters.private_bytes(),
          .prvalloc = PublicBlock(parameters) + SecretBlock(parameters),
          .pubkey_bytes = parameters.public_bytes(),
          .puballoc = PublicBlock(parameters),
          .ctext_bytes = parameters.ciphertext_bytes(),
          .vector_bytes = parameters.vector_bytes(),
          .u_vector_bytes = 32 * parameters.du * parameters.rank,
          .evp_type = type,
          .bits = bits,
          .rank = static_cast<int>(parameters.rank),
          .du = static_cast<int>(parameters.du),
          .dv = static_cast<int>(parameters.dv),
          .secbits = security_bits};
}

struct Variant {
  ML_KEM_VINFO info;
  MlKemParameters parameters;
};

constexpr Variant kVariants[] = {
    {Describe("ML-KEM-512", kMlKem512, EVP_PKEY_ML_KEM_512, ML_KEM_512_BITS, ML_KEM_512_SECBITS), kMlKem512},
    {Describe("ML-KEM-768", kMlKem768, EVP_PKEY_ML_KEM_768, ML_KEM_768_BITS, ML_KEM_768_SECBITS), kMlKem768},
    {Describe("ML-KEM-1024", kMlKem1024, EVP_PKEY_ML_KEM_1024, ML_KEM_1024_BITS, ML_KEM_1024_SECBITS), kMlKem1024},
};

const MlKemParameters& ParametersOf(const ML_KEM_KEY& key) { return kVariants[key.vinfo->rank - 2].parameters; }

MlKemPublicKey PublicPart(const ML_KEM_KEY& key) {
  return {&key.t->polynomial, &key.m->polynomial, key.rho, key.pkhash};
}

MlKemPrivateKey PrivatePart(const ML_KEM_KEY& key) { return {PublicPart(key), &key.s->polynomial, key.z}; }

// The key takes the block, if there is one, and forgets its seed.
bool SetBlock(ML_KEM_KEY& key, void* block, bool with_secrets) {
  if (block == nullptr) return false;
  const auto rank = static_cast<size_t>(key.vinfo->rank);
  std::memset(key.seedbuf, 0, sizeof(key.seedbuf));
  key.rho = key.seedbuf;
  key.pkhash = key.seedbuf + kMlKemBytes;
  key.t = static_cast<ossl_ml_kem_scalar_st*>(block);
  key.m = key.t + rank;
  key.s = with_secrets ? key.m + rank * rank : nullptr;
  key.z = with_secrets ? reinterpret_cast<uint8_t*>(key.s + rank) : nullptr;
  key.d = nullptr;
  return true;
}

// Key material is set once.
bool MayBeSet(const ML_KEM_KEY* key) {
  return key != nullptr && !ossl_ml_kem_have_pubkey(key) && !ossl_ml_kem_have_dkenc(key);
}

bool Accept(MlKemKeyCheck check, ML_KEM_KEY& key) {
  const char* what = "public key hash mismatch";
  switch (check) {
    case MlKemKeyCheck::kOk:
      return true;
    case MlKemKeyCheck::kBadPublicVector:
      what = "invalid public 't' vector";
      break;
    case MlKemKeyCheck::kBadPrivateVector:
      what = "invalid private 's' vector";
      break;
    case MlKemKeyCheck::kBadHash:
      break;
  }
  ERR_raise_data(ERR_LIB_PROV, PROV_R_INVALID_KEY, "%s %s", key.vinfo->algorithm_name, what);
  ossl_ml_kem_key_reset(&key);
  return false;
}

}  // namespace

extern "C" {

// --- Keys.

const ML_KEM_VINFO* ossl_ml_kem_get_vinfo(int evp_type) {
  for (const Variant& variant : kVariants) {
    if (variant.info.evp_type == evp_type) return &variant.info;
  }
  return nullptr;
}

// Hash functions are not fetched: the kernel has its own.
ML_KEM_KEY* ossl_ml_kem_key_new(OSSL_LIB_CTX* libctx, const char*, int evp_type) {
  const ML_KEM_VINFO* const info = ossl_ml_kem_get_vinfo(evp_type);
  if (info == nullptr) {
    ERR_raise_data(ERR_LIB_CRYPTO, ERR_R_PASSED_INVALID_ARGUMENT, "unsupported ML-KEM key type: %d", evp_type);
    return nullptr;
  }
  auto* const key = static_cast<ML_KEM_KEY*>(OPENSSL_zalloc(sizeof(ML_KEM_KEY)));
  if (key == nullptr) return nullptr;
  key->vinfo = info;
  key->libctx = libctx;
  key->prov_flags = ML_KEM_KEY_PROV_FLAGS_DEFAULT;
  return key;
}

void ossl_ml_kem_key_reset(ML_KEM_KEY* key) {
  if (key->t == nullptr) return;
  if (ossl_ml_kem_have_prvkey(key)) OPENSSL_cleanse(key->s, SecretBlock(ParametersOf(*key)));
  OPENSSL_free(key->t);
  key->t = key->m = key->s = nullptr;
  key->d = key->z = nullptr;
}

void ossl_ml_kem_key_free(ML_KEM_KEY* key) {
  if (key == nullptr) return;
  if (ossl_ml_kem_decoded_key(key)) {
    OPENSSL_cleanse(key->seedbuf, sizeof(key->seedbuf));
    if (ossl_ml_kem_have_dkenc(key)) OPENSSL_clear_free(key->encoded_dk, key->vinfo->prvkey_bytes);
  }
  ossl_ml_kem_key_reset(key);
  OPENSSL_free(key);
}

ML_KEM_KEY* ossl_ml_kem_key_dup(const ML_KEM_KEY* key, int selection) {
  // What was decoded and not loaded yet is not duplicated.
  if (key == nullptr || ossl_ml_kem_decoded_key(key)) return nullptr;
  auto* const copy = static_cast<ML_KEM_KEY*>(OPENSSL_memdup(key, sizeof(*key)));
  if (copy == nullptr) return nullptr;
  copy->t = copy->m = copy->s = nullptr;
  copy->rho = copy->pkhash = copy->z = copy->d = nullptr;
  if (!ossl_ml_kem_have_pubkey(key) || (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0) return copy;

  const bool with_secrets = ossl_ml_kem_have_prvkey(key) && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
  const size_t size = with_secrets ? key->vinfo->prvalloc : key->vinfo->puballoc;
  if (!SetBlock(*copy, OPENSSL_memdup(key->t, size), with_secrets)) {
    OPENSSL_free(copy);
    return nullptr;
  }
  std::memcpy(copy->seedbuf, key->seedbuf, sizeof(copy->seedbuf));
  if (with_secrets && key->d != nullptr) copy->d = copy->z + kMlKemBytes;
  return copy;
}

// Public keys are told apart by their hashes. Two keys without any are the same.
int ossl_ml_kem_pubkey_cmp(const ML_KEM_KEY* a, const ML_KEM_KEY* b) {
  if (!ossl_ml_kem_have_pubkey(a) || !ossl_ml_kem_have_pubkey(b)) {
    return ossl_ml_kem_have_pubkey(a) == ossl_ml_kem_have_pubkey(b) ? 1 : 0;
  }
  return std::memcmp(a->pkhash, b->pkhash, kMlKemBytes) == 0 ? 1 : 0;
}

// --- Encodings.

int ossl_ml_kem_encode_public_key(uint8_t* out, size_t size, const ML_KEM_KEY* key) {
  if (!ossl_ml_kem_have_pubkey(key) || size != key->vinfo->pubkey_bytes) return 0;
  MlKemEncodePublicKey(ParametersOf(*key), PublicPart(*key), out);
  return 1;
}

int ossl_ml_kem_encode_private_key(uint8_t* out, size_t size, const ML_KEM_KEY* key) {
  if (!ossl_ml_kem_have_prvkey(key) || size != key->vinfo->prvkey_bytes) return 0;
  MlKemEncodePrivateKey(ParametersOf(*key), PrivatePart(*key), out);
  return 1;
}

int ossl_ml_kem_encode_seed(uint8_t* out, size_t size, const ML_KEM_KEY* key) {
  if (key == nullptr || key->d == nullptr || size != ML_KEM_SEED_BYTES) return 0;
  std::memcpy(out, key->d, kMlKemBytes);
  std::memcpy(out + kMlKemBytes, key->z, kMlKemBytes);
  return 1;
}

// For a decoder that may only hand the key on: no key is generated yet.
ML_KEM_KEY* ossl_ml_kem_set_seed(const uint8_t* seed, size_t size, ML_KEM_KEY* key) {
  if (key == nullptr || ossl_ml_kem_have_pubkey(key) || ossl_ml_kem_have_seed(key) || size != ML_KEM_SEED_BYTES) {
    return nullptr;
  }
  key->z = key->seedbuf;
  key->d = key->z + kMlKemBytes;
  std::memcpy(key->d, seed, kMlKemBytes);
  std::memcpy(key->z, seed + kMlKemBytes, kMlKemBytes);
  return key;
}

int ossl_ml_kem_parse_public_key(const uint8_t* in, size_t size, ML_KEM_KEY* key) {
  if (!MayBeSet(key) || size != key->vinfo->pubkey_bytes) return 0;
  if (!SetBlock(*key, OPENSSL_malloc(key->vinfo->puballoc), false)) return 0;
  return Accept(MlKemDecodePublicKey(ParametersOf(*key), in, PublicPart(*key)), *key) ? 1 : 0;
}

int ossl_ml_kem_parse_private_key(const uint8_t* in, size_t size, ML_KEM_KEY* key) {
  if (!MayBeSet(key) || size != key->vinfo->prvkey_bytes) return 0;
  if (!SetBlock(*key, OPENSSL_malloc(key->vinfo->prvalloc), true)) return 0;
  return Accept(MlKemDecodePrivateKey(ParametersOf(*key), in, PrivatePart(*key)), *key) ? 1 : 0;
}

// --- Operations.

int ossl_ml_kem_genkey(uint8_t* encoded, size_t encoded_size, ML_KEM_KEY* key) {
  if (!MayBeSet(key) || (encoded != nullptr && encoded_size != key->vinfo->pubkey_bytes)) return 0;
  uint8_t seed[ML_KEM_SEED_BYTES];
  if (ossl_ml_kem_have_seed(key)) {
    if (ossl_ml_kem_encode_seed(seed, sizeof(seed), key) == 0) return 0;
  } else if (RAND_priv_bytes_ex(key->libctx, seed, sizeof(seed), static_cast<unsigned>(key->vinfo->secbits)) <= 0) {
    return 0;
  }
  const bool ok = SetBlock(*key, OPENSSL_malloc(key->vinfo->prvalloc), true);
  if (ok) {
    std::memcpy(key->z, seed + kMlKemBytes, kMlKemBytes);
    uint8_t* const d = key->z + kMlKemBytes;
    std::memset(d, 0, kMlKemBytes);
    if ((key->prov_flags & ML_KEM_KEY_RETAIN_SEED) != 0) {
      key->d = d;
      std::memcpy(d, seed, kMlKemBytes);
    }
    MlKemGenerate(ParametersOf(*key), seed, PrivatePart(*key));
    if (encoded != nullptr) MlKemEncodePublicKey(ParametersOf(*key), PublicPart(*key), encoded);
  }
  OPENSSL_cleanse(seed, sizeof(seed));
  return ok ? 1 : 0;
}

int ossl_ml_kem_encap_seed(uint8_t* ciphertext, size_t ciphertext_size, uint8_t* secret, size_t secret_size,
                           const uint8_t* entropy, size_t entropy_size, const ML_KEM_KEY* key) {
  if (key == nullptr || !ossl_ml_kem_have_pubkey(key)) return 0;
  if (ciphertext == nullptr || ciphertext_size != key->vinfo->ctext_bytes) return 0;
  if (secret == nullptr || secret_size != kMlKemBytes) return 0;
  if (entropy == nullptr || entropy_size != kMlKemBytes) return 0;
  MlKemEncapsulate(ParametersOf(*key), PublicPart(*key), entropy, ciphertext, secret);
  return 1;
}

int ossl_ml_kem_encap_rand(uint8_t* ciphertext, size_t ciphertext_size, uint8_t* secret, size_t secret_size,
                           const ML_KEM_KEY* key) {
  if (key == nullptr) return 0;
  uint8_t entropy[kMlKemBytes];
  if (RAND_bytes_ex(key->libctx, entropy, sizeof(entropy), static_cast<unsigned>(key->vinfo->secbits)) < 1) return 0;
  const int result =
      ossl_ml_kem_encap_seed(ciphertext, ciphertext_size, secret, secret_size, entropy, sizeof(entropy), key);
  OPENSSL_cleanse(entropy, sizeof(entropy));
  return result;
}

int ossl_ml_kem_decap(uint8_t* secret, size_t secret_size, const uint8_t* ciphertext, size_t ciphertext_size,
                      const ML_KEM_KEY* key) {
  if (!ossl_ml_kem_have_prvkey(key) || secret == nullptr || secret_size != kMlKemBytes) return 0;
  if (ciphertext == nullptr || ciphertext_size != key->vinfo->ctext_bytes) {
    // As OpenSSL: who overlooks the failure shares no secret with anybody.
    (void)RAND_bytes_ex(key->libctx, secret, kMlKemBytes, static_cast<unsigned>(key->vinfo->secbits));
    return 0;
  }
  MlKemDecapsulate(ParametersOf(*key), PrivatePart(*key), ciphertext, secret);
  return 1;
}

}  // extern "C"
