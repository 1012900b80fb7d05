#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>

#include "../../kernels/gcm.h"
#include "../dispatch.h"
#include "aes.h"
#include "context.h"

extern "C" {
#include <prov/ciphercommon.h>
#include <prov/ciphercommon_gcm.h>
#include <prov/providercommon.h>
}

namespace wasm_tls {
namespace {

struct Context {
  PROV_GCM_CTX base;  // First: the frame knows nothing else.
  kernels::Gcm gcm;
  // The text that was written for this message, as far as it is in one piece.
  uint8_t* written_end;
  size_t written;
};

Context& Of(PROV_GCM_CTX* base) { return *reinterpret_cast<Context*>(base); }

void DropBulk(Context& context) {
  FreeContext(context.gcm.bulk);
  context.gcm.bulk = nullptr;
}

int SetKey(PROV_GCM_CTX* base, const unsigned char* key, size_t size) {
  DropBulk(Of(base));
  kernels::GcmSetKey(Of(base).gcm, key, size);
  base->key_set = 1;
  return 1;
}

int SetIv(PROV_GCM_CTX* base, const unsigned char* iv, size_t size) {
  kernels::GcmStart(Of(base).gcm, iv, size);
  Of(base).written = 0;
  return 1;
}

int Authenticate(PROV_GCM_CTX* base, const unsigned char* data, size_t size) {
  return kernels::GcmAuthenticate(Of(base).gcm, data, size) ? 1 : 0;
}

bool Transform(Context& context, const unsigned char* in, size_t size, unsigned char* out) {
  const auto transform = context.base.enc != 0 ? kernels::GcmEncrypt : kernels::GcmDecrypt;
  return transform(context.gcm, in, out, size);
}

// Such a piece lets expect others: what makes it fast is kept. It is for one piece otherwise: connections that idle
// after a handshake and some tickets are to be small.
constexpr size_t kKeepFrom = 1024;

int Crypt(PROV_GCM_CTX* base, const unsigned char* in, size_t size, unsigned char* out) {
  Context& context = Of(base);
  kernels::Gcm& gcm = context.gcm;
  context.written = context.written_end == out ? context.written + size : size;
  context.written_end = out + size;
  if (gcm.bulk == nullptr && size >= kKeepFrom) {
    gcm.bulk = NewContext<kernels::GcmBulk>();
    if (gcm.bulk == nullptr) return 0;
    kernels::GcmSetBulk(gcm, *gcm.bulk);
  }
  if (gcm.bulk != nullptr || size < kernels::kGcmBulkFrom) return Transform(context, in, size, out) ? 1 : 0;
  kernels::GcmBulk bulk;
  kernels::GcmSetBulk(gcm, bulk);
  gcm.bulk = &bulk;
  const bool done = Transform(context, in, size, out);
  gcm.bulk = nullptr;
  OPENSSL_cleanse(&bulk, sizeof(bulk));
  return done ? 1 : 0;
}

int Finish(PROV_GCM_CTX* base, unsigned char* tag) {
  const kernels::U8x16 computed = kernels::GcmTag(Of(base).gcm);
  if (base->enc != 0) {
    std::memcpy(tag, &computed, sizeof(computed));
    base->taglen = sizeof(computed);
    return 1;
  }
  return base->taglen <= sizeof(computed) && CRYPTO_memcmp(tag, &computed, base->taglen) == 0 ? 1 : 0;
}

// A record of TLS 1.2.
int CryptRecord(PROV_GCM_CTX* base, unsigned char* additional, size_t additional_size, const unsigned char* in,
                size_t size, unsigned char* out, unsigned char* tag, size_t /*tag_size*/) {
  base->taglen = GCM_TAG_MAX_SIZE;
  if (Authenticate(base, additional, additional_size) == 0 || Crypt(base, in, size, out) == 0) return 0;
  return Finish(base, tag);
}

constexpr PROV_GCM_HW kMethods = {SetKey, SetIv, Authenticate, Crypt, Finish, CryptRecord};

// Whoever ignores that the tag was wrong shall find nothing. What was written can be told from what was written long
// ago only if the caller goes on where it ended, as libssl does for TLS 1.3.
int Final(void* context, unsigned char* out, size_t* size, size_t capacity) {
  auto& self = *static_cast<Context*>(context);
  // Without a tag, or behind the end, nothing is judged.
  const bool judged = self.base.taglen != UNINITIALISED_SIZET && self.base.iv_state != IV_STATE_FINISHED;
  if (ossl_gcm_stream_final(context, out, size, capacity) == 1) {
    self.written = 0;
    return 1;
  }
  if (!judged) return 0;
  if (self.base.enc == 0 && self.written != 0 && out == self.written_end) {
    OPENSSL_cleanse(out - self.written, self.written);
  }
  self.written = 0;
  return 0;
}

template <size_t kBits>
void* New(void* provider) {
  if (ossl_prov_is_running() == 0) return nullptr;
  auto* context = NewContext<Context>();
  if (context != nullptr) ossl_gcm_initctx(provider, &context->base, kBits, &kMethods);
  return context;
}

void* Duplicate(void* context) {
  if (ossl_prov_is_running() == 0 || context == nullptr) return nullptr;
  auto* copy = CopyContext(*static_cast<Context*>(context));
  if (copy != nullptr) {
    copy->gcm.bulk = nullptr;
    copy->written = 0;
  }
  return copy;
}

void Free(void* context) {
  if (context == nullptr) return;
  DropBulk(*static_cast<Context*>(context));
  FreeContext(static_cast<Context*>(context));
}

template <size_t kBits>
int Parameters(OSSL_PARAM parameters[]) {
  return ossl_cipher_generic_get_params(parameters, EVP_CIPH_GCM_MODE, AEAD_FLAGS, kBits, 8, 96);
}

// clang-format off
#define WASM_TLS_GCM(bits)                                                                     \
  {                                                                                            \
    {OSSL_FUNC_CIPHER_NEWCTX, Erased(New<bits>)},                                              \
    {OSSL_FUNC_CIPHER_FREECTX, Erased(Free)},                                                  \
    {OSSL_FUNC_CIPHER_DUPCTX, Erased(Duplicate)},                                              \
    {OSSL_FUNC_CIPHER_ENCRYPT_INIT, Erased(ossl_gcm_einit)},                                   \
    {OSSL_FUNC_CIPHER_DECRYPT_INIT, Erased(ossl_gcm_dinit)},                                   \
    {OSSL_FUNC_CIPHER_UPDATE, Erased(ossl_gcm_stream_update)},                                 \
    {OSSL_FUNC_CIPHER_FINAL, Erased(Final)},                                                   \
    {OSSL_FUNC_CIPHER_CIPHER, Erased(ossl_gcm_cipher)},                                        \
    {OSSL_FUNC_CIPHER_GET_PARAMS, Erased(Parameters<bits>)},                                   \
    {OSSL_FUNC_CIPHER_GET_CTX_PARAMS, Erased(ossl_gcm_get_ctx_params)},                        \
    {OSSL_FUNC_CIPHER_SET_CTX_PARAMS, Erased(ossl_gcm_set_ctx_params)},                        \
    {OSSL_FUNC_CIPHER_GETTABLE_PARAMS, Erased(ossl_cipher_generic_gettable_params)},           \
    {OSSL_FUNC_CIPHER_GETTABLE_CTX_PARAMS, Erased(ossl_cipher_aead_gettable_ctx_params)},      \
    {OSSL_FUNC_CIPHER_SETTABLE_CTX_PARAMS, Erased(ossl_cipher_aead_settable_ctx_params)},      \
    OSSL_DISPATCH_END                                                                          \
  }
// clang-format on

}  // namespace

const OSSL_DISPATCH kAes128GcmFunctions[] = WASM_TLS_GCM(128);
const OSSL_DISPATCH kAes256GcmFunctions[] = WASM_TLS_GCM(256);

}  // namespace wasm_tls
