// AES by the kernels of this project, with the contract of OpenSSL's own implementations: their frame, which knows
// parameters and TLS records, is used as it is.
#pragma once

#include <openssl/core.h>

namespace wasm_tls {

extern const OSSL_DISPATCH kAes128GcmFunctions[];
extern const OSSL_DISPATCH kAes256GcmFunctions[];
extern const OSSL_DISPATCH kAes128CcmFunctions[];
extern const OSSL_DISPATCH kAes256CcmFunctions[];
extern const OSSL_DISPATCH kAes128CbcFunctions[];
extern const OSSL_DISPATCH kAes192CbcFunctions[];
extern const OSSL_DISPATCH kAes256CbcFunctions[];

}  // namespace wasm_tls
