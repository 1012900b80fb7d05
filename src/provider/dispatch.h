// Entries of OpenSSL's dispatch tables, which know functions by number and not by type.
#pragma once

#include <openssl/core.h>

namespace wasm_tls {

template <class T>
auto Erased(T* function) {
  return reinterpret_cast<void (*)()>(function);
}

// Checks the signature as well, which WebAssembly holds one to.
template <class T>
constexpr auto Entry(int number, T* function) {
  return OSSL_DISPATCH{number, reinterpret_cast<void (*)()>(function)};
}

}  // namespace wasm_tls
