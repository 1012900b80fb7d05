// src/trust_store.h
#include "bindings/convert.h"
#include "bindings/handles.h"

namespace wasm_tls {
namespace {

TrustStoreHandle* CreateTrustStore(const ByteArrays& certificates) {
  const std::vector<Bytes> owned = CopyInEach(certificates, CopyIn<Bytes>);
  return new TrustStoreHandle(TrustStore::FromDer({owned.begin(), owned.end()}));
}

std::optional<ErrorValue> Add(const TrustStoreHandle& handle, const ByteArrays& certificates) {
  const std::vector<Bytes> owned = CopyInEach(certificates, CopyIn<Bytes>);
  return FailureOf(handle.get().value()->Add({owned.begin(), owned.end()}));
}

std::optional<ErrorValue> GetError(const TrustStoreHandle& handle) { return FailureOf(handle.get()); }

}  // namespace
}  // namespace wasm_tls

EMSCRIPTEN_BINDINGS(trust_store) {
  using namespace emscripten;
  using namespace wasm_tls;
  class_<TrustStoreHandle>("TrustStore").function("error", &GetError).function("add", &Add);
  function("createTrustStore", &CreateTrustStore, return_value_policy::take_ownership(), nonnull<ret_val>());
}
