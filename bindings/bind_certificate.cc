// src/certificate.h
#include "bindings/convert.h"
#include "src/key_material.h"

namespace wasm_tls {
namespace {

struct Outcome {
  std::optional<CertificateValue> certificate = std::nullopt;
  std::optional<ErrorValue> error = std::nullopt;
};

Outcome Describe(const ByteArray& der) {
  const Result<X509Ptr> certificate = ParseCertificateDer(CopyIn<Bytes>(der));
  if (!certificate.has_value()) return {.error = ToErrorValue(certificate.error())};
  return {.certificate = ToCertificateValue(DescribeCertificate(certificate->get()))};
}

}  // namespace
}  // namespace wasm_tls

EMSCRIPTEN_BINDINGS(certificate) {
  using wasm_tls::Outcome;
  emscripten::value_object<Outcome>("CertificateOutcome")
      .field("certificate", &Outcome::certificate)
      .field("error", &Outcome::error);
  emscripten::function("describeCertificate", &wasm_tls::Describe);
}
