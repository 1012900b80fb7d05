// Certificates, revocation lists, private keys and parameters: PEM and DER, from parsing to what is made of them.

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <string_view>

#include "src/certificate.h"
#include "src/key_material.h"
#include "src/server_identity.h"
#include "src/trust_store.h"
#include "test/fuzz/fuzzing.h"

namespace wasm_tls {
namespace {

void Describe(X509* certificate) {
  const CertificateData data = DescribeCertificate(certificate);
  fuzz::Require(!data.raw.empty());
  // Whatever a certificate says, its names can be told apart again.
  fuzz::Require(SplitAltNames(data.subject_alt_name).has_value());
  CheckServerIdentity("localhost", "localhost",
                      {.subject_alt_name = data.subject_alt_name, .common_names = {"localhost"}});
}

void Verify(const TrustStore& trust, X509* certificate) {
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  fuzz::Require(context != nullptr);
  X509_STORE_CTX_init(context.get(), trust.get(), certificate, nullptr);
  X509_verify_cert(context.get());
}

void FuzzCertificates(BytesView bytes) {
  const auto chain = ParseCertificateChain(bytes);
  fuzz::Require(chain.has_value() || !chain.error().message.empty());
  TrustStoreOptions options;
  options.certificates = std::move(*ParseCertificates(bytes));
  if (auto crl = ParseCrl(bytes)) options.crls.push_back(std::move(*crl));
  const auto trust = TrustStore::Create(options);
  if (!chain) return;
  Describe(chain->leaf.get());
  if (trust) Verify(**trust, chain->leaf.get());
}

void FuzzDer(BytesView bytes) {
  const auto certificate = ParseCertificateDer(bytes);
  const auto lazy = TrustStore::FromDer({bytes});
  if (!certificate) return;
  // What is a certificate has a subject to find it by.
  fuzz::Require(lazy.has_value());
  Describe(certificate->get());
  Verify(**lazy, certificate->get());
}

bool KeyMayTakeLong(BytesView bytes) {
  const BioPtr reader(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  bool slow = false;
  while (reader != nullptr && PEM_read_bio(reader.get(), &name, &header, &data, &size) == 1) {
    const BytesView der(data, static_cast<size_t>(size));
    slow = slow || (std::string_view(name).contains("ENCRYPTED") && fuzz::MayTakeLong(der));
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }
  return slow;
}

void FuzzKeys(BytesView bytes) {
  if (bytes.empty() || KeyMayTakeLong(bytes)) return;
  constexpr std::string_view kPassphrase = "secret";
  const auto key = ParsePrivateKey(bytes, SecretBytes(kPassphrase.begin(), kPassphrase.end()));
  fuzz::Require(!key || *key != nullptr);
  const auto parameters = ParseDhParameters(bytes);
  fuzz::Require(!parameters || EVP_PKEY_get_bits(parameters->get()) >= 1024);
}

}  // namespace
}  // namespace wasm_tls

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  wasm_tls::fuzz::Init();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const wasm_tls::BytesView bytes(data, size);
  wasm_tls::FuzzCertificates(bytes);
  wasm_tls::FuzzDer(bytes);
  wasm_tls::FuzzKeys(bytes);
  return 0;
}
