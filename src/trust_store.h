// TrustStore: certificates to which a chain may lead, and revocation lists.
//
// Shared: a thousand contexts without a `ca` option use one store. Immutable once made, as far as anyone can tell, but
// for `Add`: a page downloads the default roots while its first contexts are made already. Mozilla's set has some
// hundred and forty members of which a process meets two or three, so `FromDer` indexes them by subject and parses one
// only when a chain asks for it.
#pragma once

#include <memory>
#include <vector>

#include "bytes.h"
#include "error.h"
#include "openssl_ptr.h"

namespace wasm_tls {

struct TrustStoreOptions {
  std::vector<X509Ptr> certificates = {};
  std::vector<X509CrlPtr> crls = {};                  // any CRL turns on CRL checks for the whole chain
  bool allow_partial_chain = false;                   // X509_V_FLAG_PARTIAL_CHAIN
  std::shared_ptr<const class TrustStore> base = {};  // what it has is in the new one too; may be null
};

class TrustStore {
 public:
  // From parsed objects, in addition to `base`.
  static Result<std::shared_ptr<const TrustStore>> Create(const TrustStoreOptions& options);

  // From DER certificates, copied in here and parsed on demand. Only their outer structure is checked now: one whose
  // subject cannot be found is ERR_INVALID_ARG_VALUE, one whose other contents are malformed is simply never found.
  static Result<std::shared_ptr<const TrustStore>> FromDer(const std::vector<BytesView>& certificates);

  // More of the same, for this store and all that are based on it. Only for one that `FromDer` made. All or none.
  Result<void> Add(const std::vector<BytesView>& certificates) const;

  // Borrowed. For `SSL_CTX_set1_cert_store()`; the caller keeps this TrustStore alive as long as it uses the store.
  X509_STORE* get() const { return store_.get(); }

 private:
  struct Index;

  TrustStore();

 public:
  ~TrustStore();
  TrustStore(const TrustStore&) = delete;
  TrustStore& operator=(const TrustStore&) = delete;

 private:
  std::shared_ptr<Index> index_;  // outlives store_, which refers to it; null when there is none
  X509StorePtr store_;
};

}  // namespace wasm_tls
