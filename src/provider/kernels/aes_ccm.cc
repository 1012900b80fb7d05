#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>

#include "../../kernels/aes_modes.h"
#include "../dispatch.h"
#include "aes.h"
#include "context.h"

extern "C" {
#include <prov/ciphercommon.h>
#include <prov/ciphercommon_ccm.h>
#include <prov/providercommon.h>
}

namespace wasm_tls {
namespace {

using kernels::AesKey;
using kernels::U8x16;

struct Context {
  PROV_CCM_CTX base;  // First: the frame knows nothing else.
  AesKey key;
};

const AesKey& KeyOf(const void* key) { return *static_cast<const AesKey*>(key); }

// The frame is OpenSSL's own: crypto/modes/ccm128.c, which calls these for a block and for the whole blocks of a text.
void EncryptBlock(const unsigned char in[16], unsigned char out[16], const void* key) {
  kernels::Store(out, kernels::AesEncrypt(KeyOf(key), kernels::Load<U8x16>(in)));
}

void AddKeyStream(const unsigned char* in, unsigned char* out, size_t blocks, const AesKey& key,
                  const unsigned char* counter) {
  kernels::SlicedKey sliced;
  kernels::AesSlice(sliced, key);
  auto next = kernels::Load<U8x16>(counter);
  kernels::AesAddKeyStream(sliced, next, in, out, blocks);
  OPENSSL_cleanse(&sliced, sizeof(sliced));
}

void Authenticate(const unsigned char* text, size_t blocks, const AesKey& key, unsigned char* mac) {
  auto next = kernels::Load<U8x16>(mac);
  kernels::AesCbcMac(key, next, text, blocks);
  kernels::Store(mac, next);
}

void EncryptBlocks(const unsigned char* in, unsigned char* out, size_t blocks, const void* key,
                   const unsigned char counter[16], unsigned char mac[16]) {
  Authenticate(in, blocks, KeyOf(key), mac);
  AddKeyStream(in, out, blocks, KeyOf(key), counter);
}

void DecryptBlocks(const unsigned char* in, unsigned char* out, size_t blocks, const void* key,
                   const unsigned char counter[16], unsigned char mac[16]) {
  AddKeyStream(in, out, blocks, KeyOf(key), counter);
  Authenticate(out, blocks, KeyOf(key), mac);
}

int SetKey(PROV_CCM_CTX* base, const unsigned char* key, size_t size) {
  AesKey& schedule = reinterpret_cast<Context*>(base)->key;
  kernels::AesSetKey(schedule, key, size);
  CRYPTO_ccm128_init(&base->ccm_ctx, static_cast<unsigned int>(base->m), static_cast<unsigned int>(base->l), &schedule,
                     EncryptBlock);
  base->key_set = 1;
  return 1;
}

int Encrypt(PROV_CCM_CTX* base, const unsigned char* in, unsigned char* out, size_t size, unsigned char* tag,
            size_t tag_size) {
  base->str = EncryptBlocks;
  return ossl_ccm_generic_auth_encrypt(base, in, out, size, tag, tag_size);
}

int Decrypt(PROV_CCM_CTX* base, const unsigned char* in, unsigned char* out, size_t size, unsigned char* tag,
            size_t tag_size) {
  base->str = DecryptBlocks;
  return ossl_ccm_generic_auth_decrypt(base, in, out, size, tag, tag_size);
}

constexpr PROV_CCM_HW kMethods = {SetKey,  ossl_ccm_generic_setiv, ossl_ccm_generic_setaad, Encrypt,
                                  Decrypt, ossl_ccm_generic_gettag};

template <size_t kBits>
void* New(void* /*provider*/) {
  if (ossl_prov_is_running() == 0) return nullptr;
  auto* context = NewContext<Context>();
  if (context != nullptr) ossl_ccm_initctx(&context->base, kBits, &kMethods);
  return context;
}

void* Duplicate(void* context) {
  if (ossl_prov_is_running() == 0 || context == nullptr) return nullptr;
  auto* copy = CopyContext(*static_cast<Context*>(context));
  if (copy != nullptr) copy->base.ccm_ctx.key = &copy->key;
  return copy;
}

void Free(void* context) { FreeContext(static_cast<Context*>(context)); }

template <size_t kBits>
int Parameters(OSSL_PARAM parameters[]) {
  return ossl_cipher_generic_get_params(parameters, EVP_CIPH_CCM_MODE, AEAD_FLAGS, kBits, 8, 96);
}

// clang-format off
#define WASM_TLS_CCM(bits)                                                                     \
  {                                                                                            \
    {OSSL_FUNC_CIPHER_NEWCTX, Erased(New<bits>)},                                              \
    {OSSL_FUNC_CIPHER_FREECTX, Erased(Free)},                                                  \
    {OSSL_FUNC_CIPHER_DUPCTX, Erased(Duplicate)},                                              \
    {OSSL_FUNC_CIPHER_ENCRYPT_INIT, Erased(ossl_ccm_einit)},                                   \
    {OSSL_FUNC_CIPHER_DECRYPT_INIT, Erased(ossl_ccm_dinit)},                                   \
    {OSSL_FUNC_CIPHER_UPDATE, Erased(ossl_ccm_stream_update)},                                 \
    {OSSL_FUNC_CIPHER_FINAL, Erased(ossl_ccm_stream_final)},                                   \
    {OSSL_FUNC_CIPHER_CIPHER, Erased(ossl_ccm_cipher)},                                        \
    {OSSL_FUNC_CIPHER_GET_PARAMS, Erased(Parameters<bits>)},                                   \
    {OSSL_FUNC_CIPHER_GET_CTX_PARAMS, Erased(ossl_ccm_get_ctx_params)},                        \
    {OSSL_FUNC_CIPHER_SET_CTX_PARAMS, Erased(ossl_ccm_set_ctx_params)},                        \
    {OSSL_FUNC_CIPHER_GETTABLE_PARAMS, Erased(ossl_cipher_generic_gettable_params)},           \
    {OSSL_FUNC_CIPHER_GETTABLE_CTX_PARAMS, Erased(ossl_cipher_aead_gettable_ctx_params)},      \
    {OSSL_FUNC_CIPHER_SETTABLE_CTX_PARAMS, Erased(ossl_cipher_aead_settable_ctx_params)},      \
    OSSL_DISPATCH_END                                                                          \
  }
// clang-format on

}  // namespace

const OSSL_DISPATCH kAes128CcmFunctions[] = WASM_TLS_CCM(128);
const OSSL_DISPATCH kAes256CcmFunctions[] = WASM_TLS_CCM(256);

}  // namespace wasm_tls
