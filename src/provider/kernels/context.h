// Contexts in which vectors have their alignment, which malloc() does not give everywhere.
#pragma once

#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace wasm_tls {

// All zeros; null when there is no memory.
template <class Context>
Context* NewContext() {
  static_assert(std::is_trivially_copyable_v<Context> && sizeof(Context) % alignof(Context) == 0);
  void* context = std::aligned_alloc(alignof(Context), sizeof(Context));
  if (context != nullptr) std::memset(context, 0, sizeof(Context));
  return static_cast<Context*>(context);
}

template <class Context>
Context* CopyContext(const Context& source) {
  auto* copy = NewContext<Context>();
  if (copy != nullptr) std::memcpy(copy, &source, sizeof(Context));
  return copy;
}

// Wiped.
template <class Context>
void FreeContext(Context* context) {
  if (context == nullptr) return;
  OPENSSL_cleanse(context, sizeof(Context));
  std::free(context);
}

}  // namespace wasm_tls
