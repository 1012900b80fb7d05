#include "issuer.h"

#include <openssl/x509v3.h>

namespace wasm_tls {

bool IssuedBy(X509* certificate, X509* issuer) { return X509_check_issued(issuer, certificate) == X509_V_OK; }

X509Ptr FindIssuer(X509* certificate, X509_STORE* store) {
  X509StoreCtxPtr lookup(X509_STORE_CTX_new());
  X509* issuer = nullptr;
  if (lookup == nullptr || X509_STORE_CTX_init(lookup.get(), store, nullptr, nullptr) != 1 ||
      X509_STORE_CTX_get1_issuer(&issuer, lookup.get(), certificate) != 1) {
    return nullptr;
  }
  return X509Ptr(issuer);
}

}  // namespace wasm_tls
