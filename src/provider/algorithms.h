// The provider's tables, in the form that OpenSSL asks for: each ends with an entry without names.
#pragma once

#include <openssl/core.h>

// Of OpenSSL's sources: the names of its algorithms, and their implementations inside libcrypto. They are part of no
// documented interface; wasm-openssl/build.sh installs them with the libraries that they belong to.
extern "C" {
#include <prov/implementations.h>
#include <prov/names.h>
}

namespace wasm_tls {

#define WASM_TLS_PROVIDER "provider=wasm-tls"

constexpr OSSL_ALGORITHM kEndOfAlgorithms = {nullptr, nullptr, nullptr, nullptr};

constexpr OSSL_ALGORITHM Algorithm(const char* names, const OSSL_DISPATCH* functions) {
  return {names, WASM_TLS_PROVIDER, functions, nullptr};
}

// algorithms.cc
extern const OSSL_ALGORITHM kDigests[];
extern const OSSL_ALGORITHM kCiphers[];
extern const OSSL_ALGORITHM kMacs[];
extern const OSSL_ALGORITHM kKeyDerivations[];
extern const OSSL_ALGORITHM kKeyExchanges[];
extern const OSSL_ALGORITHM kKeyEncapsulations[];
extern const OSSL_ALGORITHM kSignatures[];
extern const OSSL_ALGORITHM kAsymmetricCiphers[];
extern const OSSL_ALGORITHM kKeyManagement[];
// codecs.cc
extern const OSSL_ALGORITHM kDecoders[];
extern const OSSL_ALGORITHM kEncoders[];

}  // namespace wasm_tls
