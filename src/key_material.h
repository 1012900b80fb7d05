// Key material: PEM, DER and PKCS#12 → OpenSSL objects. Nothing here knows of a connection or a context.
//
// All parsers take untrusted bytes. Passphrases are explicit: OpenSSL never prompts.
#pragma once

#include <optional>
#include <vector>

#include "bytes.h"
#include "error.h"
#include "openssl_ptr.h"

namespace wasm_tls {

// A leaf with the intermediates that followed it in the same file.
struct CertificateChain {
  X509Ptr leaf;
  std::vector<X509Ptr> intermediates;
};

struct Pfx {
  EvpPkeyPtr key;
  CertificateChain chain;  // the key's certificate, and the others of the file
};

// Reads the leaf and what follows it. PEM labels: CERTIFICATE, X509 CERTIFICATE, TRUSTED CERTIFICATE.
// Errors: ERR_OSSL_PEM_NO_START_LINE and whatever OpenSSL says of the contents.
Result<CertificateChain> ParseCertificateChain(BytesView pem);

// Reads every certificate of a bundle; text between them is skipped. As Node does for `ca`, a bundle without any
// certificate is an empty list, not an error.
Result<std::vector<X509Ptr>> ParseCertificates(BytesView pem);

// The same for roots that come from outside a context. As Node does for them, a malformed certificate is an error, and
// TRUSTED CERTIFICATE is no label: the restrictions in one would be lost.
Result<std::vector<X509Ptr>> ParseRoots(BytesView pem);

// One DER certificate; trailing bytes are an error.
Result<X509Ptr> ParseCertificateDer(BytesView der);

// One CRL, PEM; what follows it is not looked at. ERR_CRYPTO_OPERATION_FAILED 'Failed to parse CRL' when it is none.
Result<X509CrlPtr> ParseCrl(BytesView pem);

// A PEM private key: PKCS#8 (plain or encrypted) or a traditional form. A wrong passphrase, or none where one is
// needed, is ERR_OSSL_BAD_DECRYPT, one of more than 1024 bytes ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED, as Node 20
// reports them.
Result<EvpPkeyPtr> ParsePrivateKey(BytesView pem, const std::optional<SecretBytes>& passphrase);

// PKCS#12. As in Node, an error of OpenSSL has no code and its reason for a message: a wrong passphrase is 'mac verify
// failure', what is not DER 'not enough data' or 'wrong tag'. A file without a key or without its certificate is
// ERR_CRYPTO_OPERATION_FAILED. Legacy bags (RC2-40, 3DES) are read, which Node does not do unless it is told to.
Result<Pfx> ParsePfx(BytesView der, const std::optional<SecretBytes>& passphrase);

// The error of OpenSSL that a PFX file has caused, as Node words it: without a code, see above.
Error PfxError(Error error);

// Diffie-Hellman parameters, PEM; a modulus under 1024 bits is ERR_INVALID_ARG_VALUE 'DH parameter is less than
// 1024 bits'.
Result<EvpPkeyPtr> ParseDhParameters(BytesView pem);

}  // namespace wasm_tls
