// What is secret, as far as memcheck is concerned: memory that counts as uninitialised. A branch or an address that
// depends on it is then an error that memcheck reports, however the value came there; arithmetic on it is not.
//
// A case calls a kernel on secrets of its own. Results that are public (a ciphertext, a tag that is sent) may be
// declassified.
#pragma once

#include <valgrind/memcheck.h>

#include <cstddef>
#include <string>

namespace wasm_tls::test {

inline void MakeSecret(void* p, size_t size) { VALGRIND_MAKE_MEM_UNDEFINED(p, size); }

template <class T>
void MakeSecret(T& value) {
  MakeSecret(&value, sizeof(value));
}

inline void MakePublic(void* p, size_t size) { VALGRIND_MAKE_MEM_DEFINED(p, size); }

template <class T>
void MakePublic(T& value) {
  MakePublic(&value, sizeof(value));
}

// Runs when the program does, under its name.
struct ConstantTimeCase {
  ConstantTimeCase(const char* name, void (*run)());
};

#define WASM_TLS_CONSTANT_TIME(name)                                                       \
  void ConstantTime##name();                                                               \
  const ::wasm_tls::test::ConstantTimeCase kConstantTime##name(#name, ConstantTime##name); \
  void ConstantTime##name()

}  // namespace wasm_tls::test
