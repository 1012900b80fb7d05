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

struct RootsOutcome {
  ByteArrays certificates;
  std::optional<ErrorValue> error = std::nullopt;
};

RootsOutcome Roots(const ByteArray& pem) {
  const Result<std::vector<X509Ptr>> roots = ParseRoots(CopyIn<Bytes>(pem));
  if (!roots.has_value()) return {.certificates = ToByteArrays({}), .error = ToErrorValue(roots.error())};
  std::vector<Bytes> der;
  der.reserve(roots->size());
  for (const X509Ptr& root : *roots) der.push_back(EncodeCertificate(root.get()));
  return {.certificates = ToByteArrays(der)};
}

}  // namespace
}  // namespace wasm_tls

EMSCRIPTEN_BINDINGS(certificate) {
  using wasm_tls::Outcome;
  using wasm_tls::RootsOutcome;
  emscripten::value_object<Outcome>("CertificateOutcome")
      .field("certificate", &Outcome::certificate)
      .field("error", &Outcome::error);
  emscripten::value_object<RootsOutcome>("RootsOutcome")
      .field("certificates", &RootsOutcome::certificates)
      .field("error", &RootsOutcome::error);
  emscripten::function("describeCertificate", &wasm_tls::Describe);
  emscripten::function("parseRoots", &wasm_tls::Roots);
}
