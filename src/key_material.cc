#include "key_material.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pemerr.h>
#include <openssl/pkcs12.h>

#include <climits>
#include <cstring>

namespace wasm_tls {

namespace {

using Passphrase = std::optional<SecretBytes>;

// A reader of borrowed bytes. Null when there are more of them than OpenSSL can count.
BioPtr Reader(BytesView bytes) {
  if (bytes.size() > INT_MAX) return nullptr;
  const void* data = bytes.empty() ? "" : static_cast<const void*>(bytes.data());
  return BioPtr(BIO_new_mem_buf(data, static_cast<int>(bytes.size())));
}

// Without a callback OpenSSL would ask at the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

// No passphrase is an empty one, as in Node; -1 cancels the reading.
int GivePassphrase(char* buffer, int size, int, void* user_data) {
  const auto* passphrase = static_cast<const Passphrase*>(user_data);
  if (!passphrase->has_value()) return 0;
  const SecretBytes& bytes = **passphrase;
  if (size < 0 || bytes.size() > static_cast<size_t>(size)) return -1;
  if (!bytes.empty()) std::memcpy(buffer, bytes.data(), bytes.size());
  return static_cast<int>(bytes.size());
}

std::unexpected<Error> Failed(std::string_view what) { return std::unexpected(TakeOsslError(what)); }

std::unexpected<Error> OperationFailed(std::string_view message) {
  return std::unexpected(ArgumentError("ERR_CRYPTO_OPERATION_FAILED", message));
}

// Appends what is left in `reader`. False at a defect, which OpenSSL's queue then names.
bool ReadCertificates(BIO* reader, std::vector<X509Ptr>& certificates) {
  while (X509* next = PEM_read_bio_X509(reader, nullptr, NoPassphrase, nullptr)) certificates.emplace_back(next);
  return LatestErrorIs(ERR_LIB_PEM, PEM_R_NO_START_LINE);
}

std::vector<X509Ptr> TakeAll(X509StackPtr stack) {
  std::vector<X509Ptr> certificates;
  while (sk_X509_num(stack.get()) > 0) certificates.emplace_back(sk_X509_shift(stack.get()));
  return certificates;
}

struct ParsedPfx {
  EvpPkeyPtr key;
  X509Ptr leaf;
  std::vector<X509Ptr> others;
};

// A passphrase promises integrity, which is the MAC's business; OpenSSL 3.4 began to do without one.
bool LacksMac(PKCS12* pfx, const char* passphrase) { return *passphrase != '\0' && PKCS12_mac_present(pfx) == 0; }

Result<ParsedPfx> DecryptPfx(PKCS12* pfx, const char* passphrase) {
  EVP_PKEY* key = nullptr;
  X509* leaf = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (PKCS12_parse(pfx, passphrase, &key, &leaf, &others) != 1) return Failed("Unknown error");
  return ParsedPfx{EvpPkeyPtr(key), X509Ptr(leaf), TakeAll(X509StackPtr(others))};
}

}  // namespace

Result<CertificateChain> ParseCertificateChain(BytesView pem) {
  const ErrorQueueScope errors;
  const BioPtr reader = Reader(pem);
  CertificateChain chain;
  chain.leaf.reset(PEM_read_bio_X509_AUX(reader.get(), nullptr, NoPassphrase, nullptr));
  if (chain.leaf == nullptr) return Failed("Unable to read a certificate");
  if (!ReadCertificates(reader.get(), chain.intermediates)) return Failed("Unable to read a certificate");
  return chain;
}

Result<std::vector<X509Ptr>> ParseCertificates(BytesView pem) {
  const ErrorQueueScope errors;
  const BioPtr reader = Reader(pem);
  std::vector<X509Ptr> certificates;
  while (X509* next = PEM_read_bio_X509_AUX(reader.get(), nullptr, NoPassphrase, nullptr)) {
    certificates.emplace_back(next);
  }
  return certificates;
}

Result<std::vector<X509Ptr>> ParseRoots(BytesView pem) {
  const ErrorQueueScope errors;
  std::vector<X509Ptr> roots;
  if (!ReadCertificates(Reader(pem).get(), roots)) {
    return std::unexpected(TakeLatestOsslError("Unable to read a certificate"));
  }
  return roots;
}

Result<X509Ptr> ParseCertificateDer(BytesView der) {
  const ErrorQueueScope errors;
  if (der.size() > LONG_MAX) return Failed("Certificate too long");
  const unsigned char* next = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &next, static_cast<long>(der.size())));
  if (certificate == nullptr) return Failed("Unable to read a certificate");
  if (next != der.data() + der.size()) return OperationFailed("Bytes after the certificate");
  return certificate;
}

Result<X509CrlPtr> ParseCrl(BytesView pem) {
  const ErrorQueueScope errors;
  X509CrlPtr crl(PEM_read_bio_X509_CRL(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
  if (crl == nullptr) return OperationFailed("Failed to parse CRL");
  return crl;
}

Result<EvpPkeyPtr> ParsePrivateKey(BytesView pem, const std::optional<SecretBytes>& passphrase) {
  const ErrorQueueScope errors;
  void* user_data = const_cast<Passphrase*>(&passphrase);
  EvpPkeyPtr key(PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, GivePassphrase, user_data));
  if (key == nullptr) return Failed("PEM_read_bio_PrivateKey");
  return key;
}

Result<Pfx> ParsePfx(BytesView der, const std::optional<SecretBytes>& passphrase) {
  const ErrorQueueScope errors;
  const Pkcs12Ptr pfx(d2i_PKCS12_bio(Reader(der).get(), nullptr));
  if (pfx == nullptr) return std::unexpected(PfxError(TakeOsslError("Unknown error")));
  SecretBytes text = passphrase.value_or(SecretBytes());
  text.push_back(0);
  const auto* terminated = reinterpret_cast<const char*>(text.data());
  if (LacksMac(pfx.get(), terminated))
    return std::unexpected(PfxError({.kind = ErrorKind::kOssl, .reason = "mac absent"}));
  Result<ParsedPfx> parsed = DecryptPfx(pfx.get(), terminated);
  if (!parsed) return std::unexpected(PfxError(std::move(parsed.error())));
  if (parsed->key == nullptr) return OperationFailed("Unable to load private key from PFX data");
  if (parsed->leaf == nullptr) return OperationFailed("Unable to load certificate from PFX data");
  return Pfx{std::move(parsed->key), {std::move(parsed->leaf), std::move(parsed->others)}};
}

Error PfxError(Error error) {
  if (error.reason == "unsupported") {
    return ArgumentError("ERR_CRYPTO_UNSUPPORTED_OPERATION", "Unsupported PKCS12 PFX data");
  }
  if (!error.reason.empty()) error.message = error.reason;
  error.code.clear();
  error.stack.clear();
  return error;
}

Result<EvpPkeyPtr> ParseDhParameters(BytesView pem) {
  const ErrorQueueScope errors;
  EvpPkeyPtr parameters(PEM_read_bio_Parameters(Reader(pem).get(), nullptr));
  // DHX: the X9.42 form, which `openssl dhparam -dsaparam` writes.
  const bool readable = parameters != nullptr &&
                        (EVP_PKEY_is_a(parameters.get(), "DH") == 1 || EVP_PKEY_is_a(parameters.get(), "DHX") == 1);
  if (!readable) return Failed("Unable to read DH parameters");
  if (EVP_PKEY_get_bits(parameters.get()) < 1024) {
    return std::unexpected(ArgumentError("ERR_INVALID_ARG_VALUE", "DH parameter is less than 1024 bits"));
  }
  return parameters;
}

}  // namespace wasm_tls
