// Which certificate issued another?
#pragma once

#include "openssl_ptr.h"

namespace wasm_tls {

// By names and key identifiers; signatures are verified with the chain, not here.
bool IssuedBy(X509* certificate, X509* issuer);

// The issuer of `certificate` in `store`; null when it is not there.
X509Ptr FindIssuer(X509* certificate, X509_STORE* store);

}  // namespace wasm_tls
