// TLS13-KDF, as OpenSSL's default provider has it: the key schedule of RFC 8446 §7.1.
#pragma once

#include <openssl/core.h>

namespace wasm_tls {

extern const OSSL_DISPATCH kTls13KdfFunctions[];

}  // namespace wasm_tls
