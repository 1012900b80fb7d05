// Entries of OpenSSL's dispatch tables, which know functions by number and not by type.
#pragma once

namespace wasm_tls {

template <class T>
auto Erased(T* function) {
  return reinterpret_cast<void (*)()>(function);
}

}  // namespace wasm_tls
