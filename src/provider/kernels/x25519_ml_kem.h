// X25519MLKEM768, as OpenSSL's default provider has it (draft-ietf-tls-ecdhe-mlkem): the key of ML-KEM-768, then that
// of X25519, and in the same order what is sent and what is shared.
//
// OpenSSL's makes an EVP_PKEY of each half and goes the whole way through EVP for each step of each, which takes as
// long as a third of ML-KEM does here.
#pragma once

#include <openssl/core.h>

namespace wasm_tls {

extern const OSSL_DISPATCH kX25519MlKemKeyManagementFunctions[];
extern const OSSL_DISPATCH kX25519MlKemFunctions[];

}  // namespace wasm_tls
