#include "x25519_ml_kem.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/proverr.h>
#include <openssl/rand.h>

#include <cstring>
#include <span>

#include "../dispatch.h"

// Of OpenSSL's sources: both halves, which are part of no documented interface.
extern "C" {
#include <crypto/ecx.h>
#include <crypto/ml_kem.h>
#include <prov/provider_ctx.h>
}

namespace wasm_tls {
namespace {

constexpr size_t kX25519 = X25519_KEYLEN;
constexpr size_t kMlKemPublic = 1184;
constexpr size_t kMlKemPrivate = 2400;
constexpr size_t kMlKemCiphertext = 1088;
constexpr size_t kPublic = kMlKemPublic + kX25519;
constexpr size_t kPrivate = kMlKemPrivate + kX25519;
constexpr size_t kCiphertext = kMlKemCiphertext + kX25519;
constexpr size_t kSecret = ML_KEM_SHARED_SECRET_BYTES + kX25519;

// A key of X25519 with its public part.
struct EcdhKey {
  uint8_t public_part[kX25519];
  uint8_t private_part[kX25519];

  ~EcdhKey() { OPENSSL_cleanse(private_part, sizeof(private_part)); }

  bool Generate(OSSL_LIB_CTX* library) {
    if (RAND_priv_bytes_ex(library, private_part, sizeof(private_part), 0) <= 0) return false;
    // RFC 7748, section 5.
    private_part[0] &= 248;
    private_part[kX25519 - 1] = static_cast<uint8_t>((private_part[kX25519 - 1] & 127) | 64);
    ossl_x25519_public_from_private(public_part, private_part);
    return true;
  }

  void SetPrivate(const uint8_t* in) {
    std::memcpy(private_part, in, kX25519);
    ossl_x25519_public_from_private(public_part, private_part);
  }

  bool Derive(uint8_t* secret, const uint8_t* peer) const {
    if (ossl_x25519(secret, private_part, peer) == 1) return true;
    ERR_raise(ERR_LIB_PROV, PROV_R_FAILED_DURING_DERIVATION);
    return false;
  }
};

// Either half has what the other has.
class HybridKey {
 public:
  static HybridKey* Create(OSSL_LIB_CTX* library) {
    ML_KEM_KEY* const ml_kem = ossl_ml_kem_key_new(library, nullptr, EVP_PKEY_ML_KEM_768);
    return ml_kem == nullptr ? nullptr : new HybridKey(library, ml_kem);
  }

  ~HybridKey() { ossl_ml_kem_key_free(ml_kem_); }
  HybridKey(const HybridKey&) = delete;
  HybridKey& operator=(const HybridKey&) = delete;

  bool has_public() const { return ossl_ml_kem_have_pubkey(ml_kem_); }
  bool has_private() const { return ossl_ml_kem_have_prvkey(ml_kem_); }

  HybridKey* Duplicate(int selection) const {
    const int keys = selection & OSSL_KEYMGMT_SELECT_KEYPAIR;
    if (has_public() && keys != 0 && keys != OSSL_KEYMGMT_SELECT_KEYPAIR) {
      ERR_raise(ERR_LIB_PROV, PROV_R_UNSUPPORTED_SELECTION);
      return nullptr;
    }
    ML_KEM_KEY* const ml_kem = ossl_ml_kem_key_dup(ml_kem_, selection);
    if (ml_kem == nullptr) return nullptr;
    auto* const copy = new HybridKey(library_, ml_kem);
    if (copy->has_public()) copy->x25519_ = x25519_;
    return copy;
  }

  bool Matches(const HybridKey& other) const {
    return ossl_ml_kem_pubkey_cmp(ml_kem_, other.ml_kem_) == 1 &&
           (!has_public() || std::memcmp(x25519_.public_part, other.x25519_.public_part, kX25519) == 0);
  }

  bool Generate() { return ossl_ml_kem_genkey(nullptr, 0, ml_kem_) == 1 && x25519_.Generate(library_); }

  bool SetPublic(std::span<const uint8_t> in) {
    if (ossl_ml_kem_parse_public_key(in.data(), kMlKemPublic, ml_kem_) != 1) return false;
    std::memcpy(x25519_.public_part, in.data() + kMlKemPublic, kX25519);
    return true;
  }

  // As OpenSSL, with a trial: do both parts of the key belong together?
  bool SetPrivate(std::span<const uint8_t> in) {
    if (ossl_ml_kem_parse_private_key(in.data(), kMlKemPrivate, ml_kem_) != 1) return false;
    uint8_t ciphertext[kMlKemCiphertext];
    uint8_t sent[ML_KEM_SHARED_SECRET_BYTES];
    uint8_t received[ML_KEM_SHARED_SECRET_BYTES];
    const bool ok = ossl_ml_kem_encap_rand(ciphertext, sizeof(ciphertext), sent, sizeof(sent), ml_kem_) == 1 &&
                    ossl_ml_kem_decap(received, sizeof(received), ciphertext, sizeof(ciphertext), ml_kem_) == 1 &&
                    CRYPTO_memcmp(sent, received, sizeof(sent)) == 0;
    if (!ok) {
      ERR_raise(ERR_LIB_PROV, PROV_R_INVALID_KEY);
      ossl_ml_kem_key_reset(ml_kem_);
      return false;
    }
    x25519_.SetPrivate(in.data() + kMlKemPrivate);
    return true;
  }

  bool EncodePublic(uint8_t* out) const {
    std::memcpy(out + kMlKemPublic, x25519_.public_part, kX25519);
    return ossl_ml_kem_encode_public_key(out, kMlKemPublic, ml_kem_) == 1;
  }

  bool EncodePrivate(uint8_t* out) const {
    std::memcpy(out + kMlKemPrivate, x25519_.private_part, kX25519);
    return ossl_ml_kem_encode_private_key(out, kMlKemPrivate, ml_kem_) == 1;
  }

  bool Encapsulate(uint8_t* ciphertext, uint8_t* secret) const {
    EcdhKey ephemeral;
    if (ossl_ml_kem_encap_rand(ciphertext, kMlKemCiphertext, secret, ML_KEM_SHARED_SECRET_BYTES, ml_kem_) != 1 ||
        !ephemeral.Generate(library_)) {
      return false;
    }
    std::memcpy(ciphertext + kMlKemCiphertext, ephemeral.public_part, kX25519);
    return ephemeral.Derive(secret + ML_KEM_SHARED_SECRET_BYTES, x25519_.public_part);
  }

  bool Decapsulate(const uint8_t* ciphertext, uint8_t* secret) const {
    return ossl_ml_kem_decap(secret, ML_KEM_SHARED_SECRET_BYTES, ciphertext, kMlKemCiphertext, ml_kem_) == 1 &&
           x25519_.Derive(secret + ML_KEM_SHARED_SECRET_BYTES, ciphertext + kMlKemCiphertext);
  }

  const ML_KEM_VINFO& ml_kem_info() const { return *ml_kem_->vinfo; }

 private:
  // Nobody can ask for the seed of this half.
  HybridKey(OSSL_LIB_CTX* library, ML_KEM_KEY* ml_kem) : library_(library), ml_kem_(ml_kem) {
    ml_kem_->prov_flags &= ~ML_KEM_KEY_RETAIN_SEED;
  }

  OSSL_LIB_CTX* library_;
  ML_KEM_KEY* ml_kem_;
  EcdhKey x25519_ = {};
};

HybridKey* Key(void* key) { return static_cast<HybridKey*>(key); }
const HybridKey* Key(const void* key) { return static_cast<const HybridKey*>(key); }
OSSL_LIB_CTX* Library(void* provider) { return PROV_LIBCTX_OF(static_cast<PROV_CTX*>(provider)); }

// --- Key management.

void* NewKey(void* provider) { return HybridKey::Create(Library(provider)); }
void FreeKey(void* key) { delete Key(key); }
void* DuplicateKey(const void* key, int selection) { return Key(key)->Duplicate(selection); }

int Has(const void* key, int selection) {
  if (key == nullptr) return 0;
  if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0) return 1;
  const bool public_only = (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0;
  return (public_only ? Key(key)->has_public() : Key(key)->has_private()) ? 1 : 0;
}

int Match(const void* a, const void* b, int selection) {
  return (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0 || Key(a)->Matches(*Key(b)) ? 1 : 0;
}

// Absent is as good as empty. False when it is neither, nor of the type and size that it should have.
bool ReadOctets(const OSSL_PARAM* parameters, const char* name, size_t size, std::span<const uint8_t>* octets) {
  const OSSL_PARAM* const parameter = OSSL_PARAM_locate_const(parameters, name);
  if (parameter == nullptr) return true;
  const void* data = nullptr;
  size_t found = 0;
  if (OSSL_PARAM_get_octet_string_ptr(parameter, &data, &found) != 1) return false;
  *octets = {static_cast<const uint8_t*>(data), found};
  if (found == 0 || found == size) return true;
  ERR_raise(ERR_LIB_PROV, PROV_R_INVALID_KEY_LENGTH);
  return false;
}

int Import(void* key, int selection, const OSSL_PARAM* parameters) {
  if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0 || Key(key)->has_public()) return 0;
  std::span<const uint8_t> public_part;
  std::span<const uint8_t> private_part;
  if (!ReadOctets(parameters, OSSL_PKEY_PARAM_PUB_KEY, kPublic, &public_part)) return 0;
  if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 &&
      !ReadOctets(parameters, OSSL_PKEY_PARAM_PRIV_KEY, kPrivate, &private_part)) {
    return 0;
  }
  // The private key has the public one in it.
  if (!private_part.empty()) return Key(key)->SetPrivate(private_part) ? 1 : 0;
  if (!public_part.empty()) return Key(key)->SetPublic(public_part) ? 1 : 0;
  ERR_raise(ERR_LIB_PROV, PROV_R_MISSING_KEY);
  return 0;
}

int Export(void* key, int selection, OSSL_CALLBACK* callback, void* argument) {
  if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0) return 0;
  if (!Key(key)->has_public()) {
    ERR_raise(ERR_LIB_PROV, PROV_R_MISSING_KEY);
    return 0;
  }
  uint8_t public_part[kPublic];
  uint8_t private_part[kPrivate];
  OSSL_PARAM parameters[] = {OSSL_PARAM_END, OSSL_PARAM_END, OSSL_PARAM_END};
  size_t count = 0;
  bool ok = true;
  if ((selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0) {
    ok = Key(key)->EncodePublic(public_part);
    parameters[count++] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, public_part, kPublic);
  }
  if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 && Key(key)->has_private()) {
    ok = ok && Key(key)->EncodePrivate(private_part);
    parameters[count++] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, private_part, kPrivate);
  }
  const int result = ok ? callback(parameters, argument) : 0;
  OPENSSL_cleanse(private_part, sizeof(private_part));
  return result;
}

const OSSL_PARAM* KeyTypes(int selection) {
  static constexpr OSSL_PARAM kTypes[] = {OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0),
                                          OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, nullptr, 0),
                                          OSSL_PARAM_END};
  return (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0 ? nullptr : kTypes;
}

bool SetNumber(OSSL_PARAM* parameters, const char* name, int value) {
  OSSL_PARAM* const parameter = OSSL_PARAM_locate(parameters, name);
  return parameter == nullptr || OSSL_PARAM_set_int(parameter, value) == 1;
}

// Where to write one half of a pair of keys: none when only its size is asked for, or nothing.
bool Destination(OSSL_PARAM* parameters, const char* name, size_t size, uint8_t** out) {
  OSSL_PARAM* const parameter = OSSL_PARAM_locate(parameters, name);
  *out = nullptr;
  if (parameter == nullptr) return true;
  if (parameter->data_type != OSSL_PARAM_OCTET_STRING) return false;
  parameter->return_size = size;
  if (parameter->data != nullptr && parameter->data_size < size) {
    ERR_raise(ERR_LIB_PROV, PROV_R_OUTPUT_BUFFER_TOO_SMALL);
    return false;
  }
  *out = static_cast<uint8_t*>(parameter->data);
  return true;
}

int GetParameters(void* key, OSSL_PARAM* parameters) {
  const ML_KEM_VINFO& info = Key(key)->ml_kem_info();
  if (!SetNumber(parameters, OSSL_PKEY_PARAM_BITS, info.bits) ||
      !SetNumber(parameters, OSSL_PKEY_PARAM_SECURITY_BITS, info.secbits) ||
      !SetNumber(parameters, OSSL_PKEY_PARAM_MAX_SIZE, static_cast<int>(kCiphertext))) {
    return 0;
  }
  uint8_t* out = nullptr;
  if (Key(key)->has_public()) {
    if (!Destination(parameters, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, kPublic, &out)) return 0;
    if (out != nullptr && !Key(key)->EncodePublic(out)) return 0;
  }
  if (Key(key)->has_private()) {
    if (!Destination(parameters, OSSL_PKEY_PARAM_PRIV_KEY, kPrivate, &out)) return 0;
    if (out != nullptr && !Key(key)->EncodePrivate(out)) return 0;
  }
  return 1;
}

const OSSL_PARAM* GettableParameters(void* /*provider*/) {
  static constexpr OSSL_PARAM kParameters[] = {
      OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, nullptr, 0),
      OSSL_PARAM_END,
  };
  return kParameters;
}

// What a peer sent, for a key that has nothing yet.
int SetParameters(void* key, const OSSL_PARAM* parameters) {
  const OSSL_PARAM* const parameter =
      parameters == nullptr ? nullptr : OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY);
  if (parameter == nullptr) return 1;
  if (Key(key)->has_public()) {
    ERR_raise(ERR_LIB_PROV, PROV_R_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE);
    return 0;
  }
  const void* data = nullptr;
  size_t size = 0;
  if (OSSL_PARAM_get_octet_string_ptr(parameter, &data, &size) != 1) return 0;
  if (size != kPublic) {
    ERR_raise(ERR_LIB_PROV, PROV_R_INVALID_KEY);
    return 0;
  }
  return Key(key)->SetPublic({static_cast<const uint8_t*>(data), size}) ? 1 : 0;
}

const OSSL_PARAM* SettableParameters(void* /*provider*/) {
  static constexpr OSSL_PARAM kParameters[] = {OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0),
                                               OSSL_PARAM_END};
  return kParameters;
}

// --- Key generation.

struct Generator {
  OSSL_LIB_CTX* library;
  int selection;
};

// The name of a group, which libssl gives, says what is known. Properties of fetches do not matter: there are none.
int SetGeneratorParameters(void* /*generator*/, const OSSL_PARAM* /*parameters*/) { return 1; }

const OSSL_PARAM* SettableGeneratorParameters(void* /*generator*/, void* /*provider*/) {
  static constexpr OSSL_PARAM kParameters[] = {OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_PROPERTIES, nullptr, 0),
                                               OSSL_PARAM_END};
  return kParameters;
}

// A public key alone cannot be generated; without any key, as for parameters, it is one that waits for a peer's.
void* NewGenerator(void* provider, int selection, const OSSL_PARAM* /*parameters*/) {
  constexpr int kLeast = OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS | OSSL_KEYMGMT_SELECT_PRIVATE_KEY;
  return (selection & kLeast) == 0 ? nullptr : new Generator{Library(provider), selection};
}

void* Generate(void* opaque, OSSL_CALLBACK* /*progress*/, void* /*argument*/) {
  const auto* const generator = static_cast<const Generator*>(opaque);
  const int keys = generator->selection & OSSL_KEYMGMT_SELECT_KEYPAIR;
  if (keys == OSSL_KEYMGMT_SELECT_PUBLIC_KEY) return nullptr;
  HybridKey* const key = HybridKey::Create(generator->library);
  if (key == nullptr || keys == 0 || key->Generate()) return key;
  delete key;
  return nullptr;
}

void FreeGenerator(void* generator) { delete static_cast<Generator*>(generator); }

// --- Encapsulation.

struct Operation {
  const HybridKey* key;
};

void* NewOperation(void* /*provider*/) { return new Operation{nullptr}; }
void FreeOperation(void* operation) { delete static_cast<Operation*>(operation); }

int Begin(void* operation, const HybridKey& key, bool may) {
  static_cast<Operation*>(operation)->key = &key;
  if (!may) ERR_raise(ERR_LIB_PROV, PROV_R_MISSING_KEY);
  return may ? 1 : 0;
}

int BeginEncapsulation(void* operation, void* key, const OSSL_PARAM* /*parameters*/) {
  return Begin(operation, *Key(key), Key(key)->has_public());
}

int BeginDecapsulation(void* operation, void* key, const OSSL_PARAM* /*parameters*/) {
  return Begin(operation, *Key(key), Key(key)->has_private());
}

// Tells how much it takes, if there is so much.
bool TakeRoom(size_t* room, size_t size) {
  if (room == nullptr || *room < size) {
    ERR_raise(ERR_LIB_PROV, room == nullptr ? PROV_R_NULL_LENGTH_POINTER : PROV_R_OUTPUT_BUFFER_TOO_SMALL);
    return false;
  }
  *room = size;
  return true;
}

int Encapsulate(void* operation, unsigned char* out, size_t* out_size, unsigned char* secret, size_t* secret_size) {
  if (out == nullptr) {
    if (out_size != nullptr) *out_size = kCiphertext;
    if (secret_size != nullptr) *secret_size = kSecret;
    return out_size != nullptr || secret_size != nullptr ? 1 : 0;
  }
  if (secret == nullptr) {
    ERR_raise(ERR_LIB_PROV, PROV_R_NULL_OUTPUT_BUFFER);
    return 0;
  }
  if (!TakeRoom(out_size, kCiphertext) || !TakeRoom(secret_size, kSecret)) return 0;
  return static_cast<Operation*>(operation)->key->Encapsulate(out, secret) ? 1 : 0;
}

int Decapsulate(void* operation, unsigned char* secret, size_t* secret_size, const unsigned char* in, size_t size) {
  if (secret == nullptr) {
    if (secret_size != nullptr) *secret_size = kSecret;
    return secret_size != nullptr ? 1 : 0;
  }
  // A caller of old may not tell how much room there is.
  if (secret_size != nullptr && !TakeRoom(secret_size, kSecret)) return 0;
  if (size != kCiphertext) {
    ERR_raise(ERR_LIB_PROV, PROV_R_WRONG_CIPHERTEXT_SIZE);
    return 0;
  }
  return static_cast<Operation*>(operation)->key->Decapsulate(in, secret) ? 1 : 0;
}

int SetOperationParameters(void* /*operation*/, const OSSL_PARAM* /*parameters*/) { return 1; }

const OSSL_PARAM* SettableOperationParameters(void* /*operation*/, void* /*provider*/) {
  static constexpr OSSL_PARAM kParameters[] = {OSSL_PARAM_END};
  return kParameters;
}

}  // namespace

const OSSL_DISPATCH kX25519MlKemKeyManagementFunctions[] = {
    Entry<OSSL_FUNC_keymgmt_new_fn>(OSSL_FUNC_KEYMGMT_NEW, NewKey),
    Entry<OSSL_FUNC_keymgmt_free_fn>(OSSL_FUNC_KEYMGMT_FREE, FreeKey),
    Entry<OSSL_FUNC_keymgmt_dup_fn>(OSSL_FUNC_KEYMGMT_DUP, DuplicateKey),
    Entry<OSSL_FUNC_keymgmt_has_fn>(OSSL_FUNC_KEYMGMT_HAS, Has),
    Entry<OSSL_FUNC_keymgmt_match_fn>(OSSL_FUNC_KEYMGMT_MATCH, Match),
    Entry<OSSL_FUNC_keymgmt_import_fn>(OSSL_FUNC_KEYMGMT_IMPORT, Import),
    Entry<OSSL_FUNC_keymgmt_import_types_fn>(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, KeyTypes),
    Entry<OSSL_FUNC_keymgmt_export_fn>(OSSL_FUNC_KEYMGMT_EXPORT, Export),
    Entry<OSSL_FUNC_keymgmt_export_types_fn>(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, KeyTypes),
    Entry<OSSL_FUNC_keymgmt_get_params_fn>(OSSL_FUNC_KEYMGMT_GET_PARAMS, GetParameters),
    Entry<OSSL_FUNC_keymgmt_gettable_params_fn>(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, GettableParameters),
    Entry<OSSL_FUNC_keymgmt_set_params_fn>(OSSL_FUNC_KEYMGMT_SET_PARAMS, SetParameters),
    Entry<OSSL_FUNC_keymgmt_settable_params_fn>(OSSL_FUNC_KEYMGMT_SETTABLE_PARAMS, SettableParameters),
    Entry<OSSL_FUNC_keymgmt_gen_init_fn>(OSSL_FUNC_KEYMGMT_GEN_INIT, NewGenerator),
    Entry<OSSL_FUNC_keymgmt_gen_set_params_fn>(OSSL_FUNC_KEYMGMT_GEN_SET_PARAMS, SetGeneratorParameters),
    Entry<OSSL_FUNC_keymgmt_gen_settable_params_fn>(OSSL_FUNC_KEYMGMT_GEN_SETTABLE_PARAMS, SettableGeneratorParameters),
    Entry<OSSL_FUNC_keymgmt_gen_fn>(OSSL_FUNC_KEYMGMT_GEN, Generate),
    Entry<OSSL_FUNC_keymgmt_gen_cleanup_fn>(OSSL_FUNC_KEYMGMT_GEN_CLEANUP, FreeGenerator),
    OSSL_DISPATCH_END,
};

const OSSL_DISPATCH kX25519MlKemFunctions[] = {
    Entry<OSSL_FUNC_kem_newctx_fn>(OSSL_FUNC_KEM_NEWCTX, NewOperation),
    Entry<OSSL_FUNC_kem_freectx_fn>(OSSL_FUNC_KEM_FREECTX, FreeOperation),
    Entry<OSSL_FUNC_kem_encapsulate_init_fn>(OSSL_FUNC_KEM_ENCAPSULATE_INIT, BeginEncapsulation),
    Entry<OSSL_FUNC_kem_encapsulate_fn>(OSSL_FUNC_KEM_ENCAPSULATE, Encapsulate),
    Entry<OSSL_FUNC_kem_decapsulate_init_fn>(OSSL_FUNC_KEM_DECAPSULATE_INIT, BeginDecapsulation),
    Entry<OSSL_FUNC_kem_decapsulate_fn>(OSSL_FUNC_KEM_DECAPSULATE, Decapsulate),
    Entry<OSSL_FUNC_kem_set_ctx_params_fn>(OSSL_FUNC_KEM_SET_CTX_PARAMS, SetOperationParameters),
    Entry<OSSL_FUNC_kem_settable_ctx_params_fn>(OSSL_FUNC_KEM_SETTABLE_CTX_PARAMS, SettableOperationParameters),
    OSSL_DISPATCH_END,
};

}  // namespace wasm_tls
