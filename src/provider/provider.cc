#include "provider.h"

#include <openssl/bio.h>
#include <openssl/core_dispatch.h>
#include <openssl/provider.h>

#include "algorithms.h"
#include "dispatch.h"

extern "C" {
#include <prov/bio.h>
#include <prov/provider_ctx.h>
#include <prov/providercommon.h>
}

namespace wasm_tls {
namespace {

constexpr char kName[] = "wasm-tls";

PROV_CTX* Context(void* provider) { return static_cast<PROV_CTX*>(provider); }

const OSSL_ALGORITHM* Query(void* /*provider*/, int operation, int* no_cache) {
  *no_cache = 0;
  switch (operation) {
    case OSSL_OP_DIGEST:
      return kDigests;
    case OSSL_OP_CIPHER:
      return kCiphers;
    case OSSL_OP_MAC:
      return kMacs;
    case OSSL_OP_KDF:
      return kKeyDerivations;
    case OSSL_OP_KEYMGMT:
      return kKeyManagement;
    case OSSL_OP_KEYEXCH:
      return kKeyExchanges;
    case OSSL_OP_KEM:
      return kKeyEncapsulations;
    case OSSL_OP_SIGNATURE:
      return kSignatures;
    case OSSL_OP_ASYM_CIPHER:
      return kAsymmetricCiphers;
    case OSSL_OP_DECODER:
      return kDecoders;
    case OSSL_OP_ENCODER:
      return kEncoders;
    default:
      return nullptr;  // Random bytes come from the host: see library.cc.
  }
}

void Teardown(void* provider) {
  BIO_meth_free(ossl_prov_ctx_get0_core_bio_method(Context(provider)));
  ossl_prov_ctx_free(Context(provider));
}

// What the implementations take for their provider: where their own look-ups go, and how they read a BIO of the core's.
PROV_CTX* NewContext(const OSSL_CORE_HANDLE* core, const OSSL_DISPATCH* core_functions) {
  OSSL_FUNC_core_get_libctx_fn* get_libctx = nullptr;
  OSSL_FUNC_core_get_params_fn* get_params = nullptr;
  for (const OSSL_DISPATCH* entry = core_functions; entry->function_id != 0; ++entry) {
    if (entry->function_id == OSSL_FUNC_CORE_GET_LIBCTX) get_libctx = OSSL_FUNC_core_get_libctx(entry);
    if (entry->function_id == OSSL_FUNC_CORE_GET_PARAMS) get_params = OSSL_FUNC_core_get_params(entry);
  }
  if (get_libctx == nullptr || ossl_prov_bio_from_dispatch(core_functions) != 1) return nullptr;
  PROV_CTX* context = ossl_prov_ctx_new();
  BIO_METHOD* bio = ossl_bio_prov_init_bio_method();
  if (context == nullptr || bio == nullptr) {
    BIO_meth_free(bio);
    ossl_prov_ctx_free(context);
    return nullptr;
  }
  // Built in, it may share the library context of whoever loads it.
  ossl_prov_ctx_set0_libctx(context, reinterpret_cast<OSSL_LIB_CTX*>(get_libctx(core)));
  ossl_prov_ctx_set0_handle(context, core);
  ossl_prov_ctx_set0_core_bio_method(context, bio);
  ossl_prov_ctx_set0_core_get_params(context, get_params);
  return context;
}

int Init(const OSSL_CORE_HANDLE* core, const OSSL_DISPATCH* core_functions, const OSSL_DISPATCH** functions,
         void** provider) {
  static const OSSL_DISPATCH own_functions[] = {
      {OSSL_FUNC_PROVIDER_TEARDOWN, Erased(Teardown)},
      {OSSL_FUNC_PROVIDER_QUERY_OPERATION, Erased(Query)},
      {OSSL_FUNC_PROVIDER_GET_CAPABILITIES,
       Erased(ossl_prov_get_capabilities)},  // Groups and signature schemes of TLS.
      OSSL_DISPATCH_END,
  };
  *functions = own_functions;
  *provider = NewContext(core, core_functions);
  return *provider != nullptr ? 1 : 0;
}

}  // namespace

bool LoadProvider() {
  return OSSL_PROVIDER_add_builtin(nullptr, kName, Init) == 1 && OSSL_PROVIDER_load(nullptr, kName) != nullptr;
}

}  // namespace wasm_tls
