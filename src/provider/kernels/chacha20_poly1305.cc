// The cipher ChaCha20-Poly1305 for records, as libssl drives it: TLS 1.2 hands over a whole record with its header,
// TLS 1.3 header, text and tag one after the other.
#include "chacha20_poly1305.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/proverr.h>

#include <cstring>
#include <new>
#include <optional>
#include <type_traits>

#include "../../kernels/chacha20_poly1305.h"
#include "../dispatch.h"

extern "C" {
#include <prov/ciphercommon.h>
}

namespace wasm_tls {
namespace {

using kernels::ChaCha20;
using kernels::ChaCha20Poly1305;
using kernels::Poly1305;

constexpr size_t kTagSize = Poly1305::kTagSize;
constexpr size_t kHeaderSize = EVP_AEAD_TLS1_AAD_LEN;

struct Context {
  ChaCha20Poly1305 cipher;
  bool encrypt = false;
  // The key of the tag is made of the nonce when the first byte of a message comes.
  bool started = false;
  // What TLS 1.2 sets once; and with the number of the record, what is used next.
  uint8_t fixed_nonce[ChaCha20::kNonceSize] = {};
  uint8_t nonce[ChaCha20::kNonceSize] = {};
  // TLS 1.2: the header of the record that comes next, with the size of its text.
  uint8_t header[kHeaderSize] = {};
  std::optional<size_t> text_size;
  size_t padding = 0;
  uint8_t tag[kTagSize] = {};
  size_t tag_size = 0;
  // The piece of text that was opened last.
  const uint8_t* opened_end = nullptr;
  size_t opened_size = 0;

  void StartMessage() {
    cipher.Start(nonce);
    started = true;
    opened_size = 0;
  }
};

static_assert(std::is_trivially_copyable_v<Context>);

Context* Of(void* context) { return static_cast<Context*>(context); }

int Fail(int reason) {
  ERR_raise(ERR_LIB_PROV, reason);
  return 0;
}

void* New(void* /*provider*/) {
  void* const memory = OPENSSL_malloc(sizeof(Context));
  return memory != nullptr ? new (memory) Context : nullptr;
}

void Free(void* context) { OPENSSL_clear_free(context, sizeof(Context)); }

void* Duplicate(void* context) { return context != nullptr ? OPENSSL_memdup(context, sizeof(Context)) : nullptr; }

// --- Parameters.

int GetParameters(OSSL_PARAM* parameters) {
  return ossl_cipher_generic_get_params(parameters, 0, PROV_CIPHER_FLAG_AEAD | PROV_CIPHER_FLAG_CUSTOM_IV,
                                        ChaCha20::kKeySize * 8, 8, ChaCha20::kNonceSize * 8);
}

int SetSize(OSSL_PARAM* parameters, const char* name, size_t value) {
  OSSL_PARAM* const parameter = OSSL_PARAM_locate(parameters, name);
  if (parameter == nullptr || OSSL_PARAM_set_size_t(parameter, value) == 1) return 1;
  return Fail(PROV_R_FAILED_TO_SET_PARAMETER);
}

int GetContextParameters(void* context, OSSL_PARAM* parameters) {
  const Context& self = *Of(context);
  if (SetSize(parameters, OSSL_CIPHER_PARAM_IVLEN, ChaCha20::kNonceSize) == 0) return 0;
  if (SetSize(parameters, OSSL_CIPHER_PARAM_KEYLEN, ChaCha20::kKeySize) == 0) return 0;
  if (SetSize(parameters, OSSL_CIPHER_PARAM_AEAD_TAGLEN, self.tag_size) == 0) return 0;
  if (SetSize(parameters, OSSL_CIPHER_PARAM_AEAD_TLS1_AAD_PAD, self.padding) == 0) return 0;
  const OSSL_PARAM* const tag = OSSL_PARAM_locate(parameters, OSSL_CIPHER_PARAM_AEAD_TAG);
  if (tag == nullptr) return 1;
  if (tag->data_type != OSSL_PARAM_OCTET_STRING) return Fail(PROV_R_FAILED_TO_SET_PARAMETER);
  if (!self.encrypt) return Fail(PROV_R_TAG_NOT_SET);
  if (tag->data_size == 0 || tag->data_size > kTagSize) return Fail(PROV_R_INVALID_TAG_LENGTH);
  std::memcpy(tag->data, self.tag, tag->data_size);
  return 1;
}

// The header of a record of TLS 1.2: its number, type, version and size.
int SetHeader(Context& self, const OSSL_PARAM& parameter) {
  if (parameter.data_size != kHeaderSize) return Fail(PROV_R_INVALID_DATA);
  uint8_t* const header = self.header;
  std::memcpy(header, parameter.data, kHeaderSize);
  size_t size = size_t{header[kHeaderSize - 2]} << 8 | header[kHeaderSize - 1];
  if (!self.encrypt) {
    if (size < kTagSize) return Fail(PROV_R_INVALID_DATA);
    size -= kTagSize;
    header[kHeaderSize - 2] = static_cast<uint8_t>(size >> 8);
    header[kHeaderSize - 1] = static_cast<uint8_t>(size);
  }
  self.text_size = size;
  // RFC 7905, section 2: the record's number, padded to the left, xor the fixed nonce.
  std::memcpy(self.nonce, self.fixed_nonce, sizeof(self.nonce));
  for (size_t i = 0; i < 8; ++i) self.nonce[4 + i] ^= header[i];
  self.started = false;
  self.padding = kTagSize;
  return 1;
}

int SetTag(Context& self, const OSSL_PARAM& parameter) {
  if (parameter.data_size == 0 || parameter.data_size > kTagSize) return Fail(PROV_R_INVALID_TAG_LENGTH);
  if (parameter.data != nullptr) {
    if (self.encrypt) return Fail(PROV_R_TAG_NOT_NEEDED);
    std::memcpy(self.tag, parameter.data, parameter.data_size);
  }
  self.tag_size = parameter.data_size;
  return 1;
}

int SetFixedNonce(Context& self, const OSSL_PARAM& parameter) {
  if (parameter.data_size != ChaCha20::kNonceSize) return Fail(PROV_R_INVALID_IV_LENGTH);
  std::memcpy(self.fixed_nonce, parameter.data, ChaCha20::kNonceSize);
  std::memcpy(self.nonce, parameter.data, ChaCha20::kNonceSize);
  return 1;
}

// A parameter that says how large something is, of which there is only one size.
int CheckSize(const OSSL_PARAM* parameters, const char* name, size_t only, int reason) {
  const OSSL_PARAM* const parameter = OSSL_PARAM_locate_const(parameters, name);
  if (parameter == nullptr) return 1;
  size_t size = 0;
  if (OSSL_PARAM_get_size_t(parameter, &size) == 0) return Fail(PROV_R_FAILED_TO_GET_PARAMETER);
  return size == only ? 1 : Fail(reason);
}

int SetContextParameters(void* context, const OSSL_PARAM* parameters) {
  using Setter = int (*)(Context&, const OSSL_PARAM&);
  constexpr struct {
    const char* name;
    Setter set;
  } kOctetStrings[] = {
      {OSSL_CIPHER_PARAM_AEAD_TAG, SetTag},
      {OSSL_CIPHER_PARAM_AEAD_TLS1_AAD, SetHeader},
      {OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED, SetFixedNonce},
  };
  if (parameters == nullptr) return 1;
  if (CheckSize(parameters, OSSL_CIPHER_PARAM_KEYLEN, ChaCha20::kKeySize, PROV_R_INVALID_KEY_LENGTH) == 0) return 0;
  if (CheckSize(parameters, OSSL_CIPHER_PARAM_IVLEN, ChaCha20::kNonceSize, PROV_R_INVALID_IV_LENGTH) == 0) return 0;
  for (const auto& [name, set] : kOctetStrings) {
    const OSSL_PARAM* const parameter = OSSL_PARAM_locate_const(parameters, name);
    if (parameter == nullptr) continue;
    if (parameter->data_type != OSSL_PARAM_OCTET_STRING) return Fail(PROV_R_FAILED_TO_GET_PARAMETER);
    if (set(*Of(context), *parameter) == 0) return 0;
  }
  return 1;
}

const OSSL_PARAM* GettableContextParameters(void* /*context*/, void* /*provider*/) {
  static const OSSL_PARAM parameters[] = {
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_KEYLEN, nullptr),
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_IVLEN, nullptr),
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_AEAD_TAGLEN, nullptr),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, nullptr, 0),
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_AEAD_TLS1_AAD_PAD, nullptr),
      OSSL_PARAM_END,
  };
  return parameters;
}

const OSSL_PARAM* SettableContextParameters(void* /*context*/, void* /*provider*/) {
  static const OSSL_PARAM parameters[] = {
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_KEYLEN, nullptr),
      OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_IVLEN, nullptr),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_AAD, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED, nullptr, 0),
      OSSL_PARAM_END,
  };
  return parameters;
}

// --- Messages.

int Init(Context& self, bool encrypt, const uint8_t* key, size_t key_size, const uint8_t* nonce, size_t nonce_size,
         const OSSL_PARAM* parameters) {
  self.encrypt = encrypt;
  if (nonce != nullptr && nonce_size != ChaCha20::kNonceSize) return Fail(PROV_R_INVALID_IV_LENGTH);
  if (key != nullptr && key_size != ChaCha20::kKeySize) return Fail(PROV_R_INVALID_KEY_LENGTH);
  if (key != nullptr) self.cipher.SetKey(key);
  if (nonce != nullptr) {
    std::memcpy(self.fixed_nonce, nonce, sizeof(self.fixed_nonce));
    std::memcpy(self.nonce, nonce, sizeof(self.nonce));
  }
  if (key != nullptr || nonce != nullptr) {
    self.started = false;
    self.text_size.reset();
  }
  return SetContextParameters(&self, parameters);
}

int EncryptInit(void* context, const unsigned char* key, size_t key_size, const unsigned char* nonce, size_t nonce_size,
                const OSSL_PARAM* parameters) {
  return Init(*Of(context), true, key, key_size, nonce, nonce_size, parameters);
}

int DecryptInit(void* context, const unsigned char* key, size_t key_size, const unsigned char* nonce, size_t nonce_size,
                const OSSL_PARAM* parameters) {
  return Init(*Of(context), false, key, key_size, nonce, nonce_size, parameters);
}

// Neither the same nor apart: what is written would be read again.
bool OverlapPartly(const uint8_t* out, const uint8_t* in, size_t size) {
  const auto distance = reinterpret_cast<uintptr_t>(out) - reinterpret_cast<uintptr_t>(in);
  return distance != 0 && (distance < size || 0 - distance < size);
}

// A whole record of TLS 1.2: text and tag. Nothing is decrypted before the tag is known to be right.
int TransformRecord(Context& self, uint8_t* out, size_t* out_size, const uint8_t* in, size_t size) {
  const size_t text_size = *self.text_size;
  if (size != text_size + kTagSize) return 0;
  self.text_size.reset();
  self.StartMessage();
  // It is over with this call, whatever comes of it.
  self.started = false;
  self.cipher.Authenticate(self.header, kHeaderSize);
  if (self.encrypt) {
    self.cipher.Seal(in, out, text_size);
    self.cipher.Finish(self.tag);
    std::memcpy(out + text_size, self.tag, kTagSize);
    *out_size = size;
  } else {
    uint8_t tag[kTagSize];
    self.cipher.AuthenticateText(in, text_size);
    self.cipher.Finish(tag);
    if (CRYPTO_memcmp(tag, in + text_size, kTagSize) != 0) {
      std::memset(out, 0, text_size);
      return 0;
    }
    self.cipher.Decrypt(in, out, text_size);
    *out_size = text_size;
  }
  return 1;
}

int Update(void* context, unsigned char* out, size_t* out_size, size_t out_room, const unsigned char* in, size_t size) {
  Context& self = *Of(context);
  *out_size = 0;
  if (size == 0) return 1;
  if (out_room < size) return Fail(PROV_R_OUTPUT_BUFFER_TOO_SMALL);
  if (out != nullptr && OverlapPartly(out, in, size)) {
    ERR_raise(ERR_LIB_EVP, EVP_R_PARTIALLY_OVERLAPPING);
    return 0;
  }
  if (self.text_size.has_value()) return out != nullptr ? TransformRecord(self, out, out_size, in, size) : 0;
  if (!self.started) self.StartMessage();
  if (out == nullptr) {
    self.cipher.Authenticate(in, size);
  } else if (!self.cipher.Fits(size)) {
    return Fail(PROV_R_INVALID_INPUT_LENGTH);
  } else if (self.encrypt) {
    self.cipher.Seal(in, out, size);
  } else {
    self.cipher.Open(in, out, size);
    self.opened_size = out == self.opened_end ? self.opened_size + size : size;
    self.opened_end = out + size;
  }
  *out_size = size;
  return 1;
}

int Final(void* context, unsigned char* out, size_t* out_size, size_t /*out_room*/) {
  Context& self = *Of(context);
  *out_size = 0;
  if (self.text_size.has_value()) return 0;
  if (!self.started) self.StartMessage();
  self.started = false;
  if (self.encrypt) {
    self.cipher.Finish(self.tag);
    return 1;
  }
  uint8_t tag[kTagSize];
  self.cipher.Finish(tag);
  if (self.tag_size > 0 && CRYPTO_memcmp(tag, self.tag, self.tag_size) == 0) return 1;
  // Pieces were given out before the tag could be checked. Whoever says by `out` that they are still there, right in
  // front of it, as libssl does, is not left with a forged text.
  if (out != nullptr && out == self.opened_end && self.opened_size > 0)
    std::memset(out - self.opened_size, 0, self.opened_size);
  return 0;
}

}  // namespace

const OSSL_DISPATCH kChaCha20Poly1305Functions[] = {
    {OSSL_FUNC_CIPHER_NEWCTX, Erased(New)},
    {OSSL_FUNC_CIPHER_FREECTX, Erased(Free)},
    {OSSL_FUNC_CIPHER_DUPCTX, Erased(Duplicate)},
    {OSSL_FUNC_CIPHER_ENCRYPT_INIT, Erased(EncryptInit)},
    {OSSL_FUNC_CIPHER_DECRYPT_INIT, Erased(DecryptInit)},
    {OSSL_FUNC_CIPHER_UPDATE, Erased(Update)},
    {OSSL_FUNC_CIPHER_FINAL, Erased(Final)},
    {OSSL_FUNC_CIPHER_CIPHER, Erased(Update)},
    {OSSL_FUNC_CIPHER_GET_PARAMS, Erased(GetParameters)},
    {OSSL_FUNC_CIPHER_GETTABLE_PARAMS, Erased(ossl_cipher_generic_gettable_params)},
    {OSSL_FUNC_CIPHER_GET_CTX_PARAMS, Erased(GetContextParameters)},
    {OSSL_FUNC_CIPHER_GETTABLE_CTX_PARAMS, Erased(GettableContextParameters)},
    {OSSL_FUNC_CIPHER_SET_CTX_PARAMS, Erased(SetContextParameters)},
    {OSSL_FUNC_CIPHER_SETTABLE_CTX_PARAMS, Erased(SettableContextParameters)},
    OSSL_DISPATCH_END,
};

}  // namespace wasm_tls
