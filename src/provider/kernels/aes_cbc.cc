#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>

#include "../../kernels/aes_modes.h"
#include "../dispatch.h"
#include "aes.h"
#include "context.h"

extern "C" {
#include <prov/ciphercommon.h>
#include <prov/providercommon.h>
}

namespace wasm_tls {
namespace {

using kernels::U8x16;

struct Context {
  PROV_CIPHER_CTX base;  // First: the frame knows nothing else.
  kernels::AesKey key;
};

int SetKey(PROV_CIPHER_CTX* base, const uint8_t* key, size_t size) {
  kernels::AesSetKey(reinterpret_cast<Context*>(base)->key, key, size);
  return 1;
}

int Crypt(PROV_CIPHER_CTX* base, unsigned char* out, const unsigned char* in, size_t size) {
  const kernels::AesKey& key = reinterpret_cast<Context*>(base)->key;
  const size_t blocks = size / kernels::kAesBlock;
  auto chain = kernels::Load<U8x16>(base->iv);
  if (base->enc != 0) {
    kernels::AesCbcEncrypt(key, chain, in, out, blocks);
  } else {
    kernels::SlicedKey sliced;
    kernels::AesSlice(sliced, key);
    kernels::AesCbcDecrypt(sliced, chain, in, out, blocks);
    OPENSSL_cleanse(&sliced, sizeof(sliced));
  }
  kernels::Store(base->iv, chain);
  return 1;
}

constexpr PROV_CIPHER_HW kMethods = {SetKey, Crypt, nullptr};

template <size_t kBits>
void* New(void* provider) {
  if (ossl_prov_is_running() == 0) return nullptr;
  auto* context = NewContext<Context>();
  if (context != nullptr) {
    ossl_cipher_generic_initkey(context, kBits, 128, 128, EVP_CIPH_CBC_MODE, 0, &kMethods, provider);
  }
  return context;
}

void* Duplicate(void* context) {
  if (ossl_prov_is_running() == 0) return nullptr;
  auto* copy = CopyContext(*static_cast<Context*>(context));
  if (copy != nullptr) {
    // The MAC of a record that was decrypted before belongs to the original.
    copy->base.tlsmac = nullptr;
    copy->base.alloced = 0;
  }
  return copy;
}

void Free(void* context) {
  ossl_cipher_generic_reset_ctx(static_cast<PROV_CIPHER_CTX*>(context));
  FreeContext(static_cast<Context*>(context));
}

template <size_t kBits>
int Parameters(OSSL_PARAM parameters[]) {
  return ossl_cipher_generic_get_params(parameters, EVP_CIPH_CBC_MODE, 0, kBits, 128, 128);
}

// clang-format off
#define WASM_TLS_CBC(bits)                                                                     \
  {                                                                                            \
    {OSSL_FUNC_CIPHER_NEWCTX, Erased(New<bits>)},                                              \
    {OSSL_FUNC_CIPHER_FREECTX, Erased(Free)},                                                  \
    {OSSL_FUNC_CIPHER_DUPCTX, Erased(Duplicate)},                                              \
    {OSSL_FUNC_CIPHER_ENCRYPT_INIT, Erased(ossl_cipher_generic_einit)},                        \
    {OSSL_FUNC_CIPHER_DECRYPT_INIT, Erased(ossl_cipher_generic_dinit)},                        \
    {OSSL_FUNC_CIPHER_UPDATE, Erased(ossl_cipher_generic_block_update)},                       \
    {OSSL_FUNC_CIPHER_FINAL, Erased(ossl_cipher_generic_block_final)},                         \
    {OSSL_FUNC_CIPHER_CIPHER, Erased(ossl_cipher_generic_cipher)},                             \
    {OSSL_FUNC_CIPHER_GET_PARAMS, Erased(Parameters<bits>)},                                   \
    {OSSL_FUNC_CIPHER_GET_CTX_PARAMS, Erased(ossl_cipher_generic_get_ctx_params)},             \
    {OSSL_FUNC_CIPHER_SET_CTX_PARAMS, Erased(ossl_cipher_generic_set_ctx_params)},             \
    {OSSL_FUNC_CIPHER_GETTABLE_PARAMS, Erased(ossl_cipher_generic_gettable_params)},           \
    {OSSL_FUNC_CIPHER_GETTABLE_CTX_PARAMS, Erased(ossl_cipher_generic_gettable_ctx_params)},   \
    {OSSL_FUNC_CIPHER_SETTABLE_CTX_PARAMS, Erased(ossl_cipher_generic_settable_ctx_params)},   \
    {OSSL_FUNC_CIPHER_ENCRYPT_SKEY_INIT, Erased(ossl_cipher_generic_skey_einit)},              \
    {OSSL_FUNC_CIPHER_DECRYPT_SKEY_INIT, Erased(ossl_cipher_generic_skey_dinit)},              \
    OSSL_DISPATCH_END                                                                          \
  }
// clang-format on

}  // namespace

const OSSL_DISPATCH kAes128CbcFunctions[] = WASM_TLS_CBC(128);
const OSSL_DISPATCH kAes192CbcFunctions[] = WASM_TLS_CBC(192);
const OSSL_DISPATCH kAes256CbcFunctions[] = WASM_TLS_CBC(256);

}  // namespace wasm_tls
