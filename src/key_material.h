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
  EvpPkeyPtr key;          // null when the bag has none
  CertificateChain chain;  // leaf null when the bag has none
};

// Reads the leaf and what follows it. PEM labels: CERTIFICATE, X509 CERTIFICATE, TRUSTED CERTIFICATE.
// Errors: ERR_OSSL_PEM_NO_START_LINE and whatever OpenSSL says of the contents.
Result<CertificateChain> ParseCertificateChain(BytesView pem);

// Reads every certificate of a bundle; text between them is skipped. As Node does for `ca`, a bundle without any
// certificate is an empty list, not an error.
Result<std::vector<X509Ptr>> ParseCertificates(BytesView pem);

// One DER certificate; trailing bytes are an error.
Result<X509Ptr> ParseCertificateDer(BytesView der);

// One CRL, PEM. ERR_CRYPTO_OPERATION_FAILED 'Failed to parse CRL' when it is none.
Result<X509CrlPtr> ParseCrl(BytesView pem);

// A PEM private key: PKCS#8 (plain or encrypted) or a traditional form. Without a passphrase an encrypted key is
// ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED, with a wrong one ERR_OSSL_BAD_DECRYPT, as Node 20 reports them.
Result<EvpPkeyPtr> ParsePrivateKey(BytesView pem, const std::optional<SecretBytes>& passphrase);

// PKCS#12. A wrong passphrase is 'mac verify failure', not DER is 'not enough data' or 'header too long'; Node's
// messages. Legacy bags (RC2-40, 3DES) are read.
Result<Pfx> ParsePfx(BytesView der, const std::optional<SecretBytes>& passphrase);

// Diffie-Hellman parameters, PEM; a modulus under 1024 bits is ERR_INVALID_ARG_VALUE 'DH parameter is less than
// 1024 bits'.
Result<EvpPkeyPtr> ParseDhParameters(BytesView pem);

}  // namespace wasm_tls
