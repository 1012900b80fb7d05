// Owners of OpenSSL objects: the type says who frees.
//
// `get0` functions of OpenSSL return something to borrow, `get1` something to put into one of these; `set0` takes
// `.release()`, `set1` copies or counts.
#pragma once

#include <openssl/bio.h>
#include <openssl/dh.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace wasm_tls {

template <auto kFree>
struct OpensslDeleter {
  template <class T>
  void operator()(T* p) const {
    kFree(p);
  }
};

// The stack's elements are borrowed: only the stack itself is freed.
struct X509StackViewDeleter {
  void operator()(STACK_OF(X509)* p) const { sk_X509_free(p); }
};

// The stack owns its elements.
struct X509StackDeleter {
  void operator()(STACK_OF(X509)* p) const { sk_X509_pop_free(p, X509_free); }
};

struct X509ObjectStackDeleter {
  void operator()(STACK_OF(X509_OBJECT)* p) const { sk_X509_OBJECT_pop_free(p, X509_OBJECT_free); }
};

struct X509NameStackDeleter {
  void operator()(STACK_OF(X509_NAME)* p) const { sk_X509_NAME_pop_free(p, X509_NAME_free); }
};

// Memory that OpenSSL allocated for its caller.
struct OpensslMemoryDeleter {
  void operator()(void* p) const { OPENSSL_free(p); }
};

template <class T, auto kFree>
using OpensslPtr = std::unique_ptr<T, OpensslDeleter<kFree>>;

using BioPtr = OpensslPtr<BIO, BIO_free_all>;
using BioMethodPtr = OpensslPtr<BIO_METHOD, BIO_meth_free>;
using BignumPtr = OpensslPtr<BIGNUM, BN_free>;
using CipherCtxPtr = OpensslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using EvpMdPtr = OpensslPtr<EVP_MD, EVP_MD_free>;
using EvpPkeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using EvpPkeyCtxPtr = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Pkcs12Ptr = OpensslPtr<PKCS12, PKCS12_free>;
using SslCtxPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;
using SslSessionPtr = OpensslPtr<SSL_SESSION, SSL_SESSION_free>;
using X509CrlPtr = OpensslPtr<X509_CRL, X509_CRL_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;
using X509StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;
using X509StoreCtxPtr = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;
using X509StackViewPtr = std::unique_ptr<STACK_OF(X509), X509StackViewDeleter>;
using X509StackPtr = std::unique_ptr<STACK_OF(X509), X509StackDeleter>;
using X509ObjectStackPtr = std::unique_ptr<STACK_OF(X509_OBJECT), X509ObjectStackDeleter>;
using X509NameStackPtr = std::unique_ptr<STACK_OF(X509_NAME), X509NameStackDeleter>;

template <class T>
using OpensslMemoryPtr = std::unique_ptr<T, OpensslMemoryDeleter>;

// A second owner of a certificate that the caller only borrows.
inline X509Ptr UpRef(X509* certificate) {
  X509_up_ref(certificate);
  return X509Ptr(certificate);
}

}  // namespace wasm_tls
