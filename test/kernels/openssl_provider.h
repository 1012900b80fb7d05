// OpenSSL's own implementations beside ours: a library context of its own, whose provider has those that are named.
#pragma once

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

namespace wasm_tls::test {

// The context with `kAlgorithms` of `kOperation`. It lives as long as the program.
template <int kOperation, const OSSL_ALGORITHM* kAlgorithms>
OSSL_LIB_CTX* OpensslContext() {
  static OSSL_LIB_CTX* const context = [] {
    constexpr auto kQuery = [](void*, int operation, int* no_cache) -> const OSSL_ALGORITHM* {
      *no_cache = 0;
      return operation == kOperation ? kAlgorithms : nullptr;
    };
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION,
         reinterpret_cast<void (*)()>(static_cast<const OSSL_ALGORITHM* (*)(void*, int, int*)>(kQuery))},
        OSSL_DISPATCH_END,
    };
    constexpr auto kInit = [](const OSSL_CORE_HANDLE* core, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
                              void** provider) -> int {
      *out = functions;
      *provider = const_cast<OSSL_CORE_HANDLE*>(core);
      return 1;
    };
    OSSL_LIB_CTX* const created = OSSL_LIB_CTX_new();
    if (OSSL_PROVIDER_add_builtin(created, "openssl", kInit) != 1) return created;
    OSSL_PROVIDER_load(created, "openssl");
    return created;
  }();
  return context;
}

}  // namespace wasm_tls::test
