// A provider for tests: all of OpenSSL's encoders, so that keys and certificates can be made. The engine writes none,
// and its own provider has none but those of a trace.
#pragma once

#include <openssl/core_dispatch.h>
#include <openssl/provider.h>

#include <vector>

extern "C" OSSL_provider_init_fn ossl_base_provider_init;

namespace wasm_tls::test {

class Encoders {
 public:
  // Into the default library context, for good. False: the reason is in OpenSSL's error queue.
  static bool Load() {
    static const bool loaded = OSSL_PROVIDER_add_builtin(nullptr, "test-encoders", Init) == 1 &&
                               OSSL_PROVIDER_load(nullptr, "test-encoders") != nullptr;
    return loaded;
  }

 private:
  // OpenSSL's base provider, of which nothing but the encoders is shown: its decoders would hide that the engine lacks
  // one.
  static int Init(const OSSL_CORE_HANDLE* core, const OSSL_DISPATCH* core_functions, const OSSL_DISPATCH** functions,
                  void** provider) {
    const OSSL_DISPATCH* base = nullptr;
    if (ossl_base_provider_init(core, core_functions, &base, provider) != 1) return 0;
    static std::vector<OSSL_DISPATCH> own_functions;
    for (; base->function_id != 0; ++base) {
      if (base->function_id == OSSL_FUNC_PROVIDER_QUERY_OPERATION)
        base_query_ = OSSL_FUNC_provider_query_operation(base);
      own_functions.push_back(*base);
      if (base->function_id == OSSL_FUNC_PROVIDER_QUERY_OPERATION) {
        own_functions.back().function = reinterpret_cast<void (*)()>(Query);
      }
    }
    own_functions.push_back(OSSL_DISPATCH_END);
    *functions = own_functions.data();
    return 1;
  }

  static const OSSL_ALGORITHM* Query(void* provider, int operation, int* no_cache) {
    *no_cache = 0;
    return operation == OSSL_OP_ENCODER ? base_query_(provider, operation, no_cache) : nullptr;
  }

  static inline OSSL_FUNC_provider_query_operation_fn* base_query_ = nullptr;
};

}  // namespace wasm_tls::test
