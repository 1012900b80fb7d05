#include "bindings/convert.h"

namespace wasm_tls {
namespace {

using emscripten::val;

const char* KindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kSsl:
      return "ssl";
    case ErrorKind::kOssl:
      return "ossl";
    case ErrorKind::kArgument:
      return "argument";
    case ErrorKind::kState:
      return "state";
  }
}

Texts ToTexts(const NameEntries& entries) {
  val array = val::array();
  for (const auto& [key, value] : entries) {
    array.call<void>("push", key);
    array.call<void>("push", value);
  }
  return Texts(array);
}

}  // namespace

ByteArray ToByteArray(BytesView bytes) {
  return ByteArray(val(emscripten::typed_memory_view(bytes.size(), bytes.data())).call<val>("slice"));
}

ByteArrays ToByteArrays(const std::vector<Bytes>& list) {
  val array = val::array();
  for (const Bytes& bytes : list) array.call<void>("push", ToByteArray(bytes));
  return ByteArrays(array);
}

Texts ToTexts(const std::vector<std::string>& texts) {
  val array = val::array();
  for (const std::string& text : texts) array.call<void>("push", text);
  return Texts(array);
}

ErrorValue ToErrorValue(const Error& error) {
  return {
      .kind = ToText(KindName(error.kind)),
      .code = ToText(error.code),
      .library = ToText(error.library),
      .function = ToText(error.function),
      .reason = ToText(error.reason),
      .message = ToText(error.message),
      .stack = ToTexts(error.stack),
  };
}

CertificateValue ToCertificateValue(const CertificateData& certificate) {
  std::optional<std::string> subject_alt_name;
  if (certificate.has_subject_alt_name) subject_alt_name = certificate.subject_alt_name;
  return {
      .subject = ToTexts(certificate.subject),
      .issuer = ToTexts(certificate.issuer),
      .subject_alt_name = ToMaybeText(subject_alt_name),
      .info_access = ToTexts(certificate.info_access),
      .ca = certificate.ca,
      .modulus = ToText(certificate.modulus),
      .exponent = ToText(certificate.exponent),
      .asn1_curve = ToText(certificate.asn1_curve),
      .nist_curve = ToText(certificate.nist_curve),
      .bits = certificate.bits,
      .pubkey = ToByteArray(certificate.pubkey),
      .valid_from = ToText(certificate.valid_from),
      .valid_to = ToText(certificate.valid_to),
      .fingerprint = ToText(certificate.fingerprint),
      .fingerprint256 = ToText(certificate.fingerprint256),
      .fingerprint512 = ToText(certificate.fingerprint512),
      .ext_key_usage = ToTexts(certificate.ext_key_usage),
      .serial_number = ToText(certificate.serial_number),
      .raw = ToByteArray(certificate.raw),
  };
}

}  // namespace wasm_tls

EMSCRIPTEN_BINDINGS(convert) {
  using namespace emscripten;
  using namespace wasm_tls;
  register_type<ByteArray>("Uint8Array");
  register_type<MaybeByteArray>("Uint8Array | null");
  register_type<ByteArrays>("readonly Uint8Array[]");
  register_type<MaybeByteArrays>("readonly Uint8Array[] | null");
  register_type<Text>("string");
  register_type<MaybeText>("string | null");
  register_type<Texts>("string[]");
  register_type<MaybeNumber>("number | null");

  value_object<ErrorValue>("ErrorData")
      .field("kind", &ErrorValue::kind)
      .field("code", &ErrorValue::code)
      .field("library", &ErrorValue::library)
      .field("function", &ErrorValue::function)
      .field("reason", &ErrorValue::reason)
      .field("message", &ErrorValue::message)
      .field("stack", &ErrorValue::stack);
  register_optional<ErrorValue>();

  value_object<CertificateValue>("CertificateData")
      .field("subject", &CertificateValue::subject)
      .field("issuer", &CertificateValue::issuer)
      .field("subjectAltName", &CertificateValue::subject_alt_name)
      .field("infoAccess", &CertificateValue::info_access)
      .field("ca", &CertificateValue::ca)
      .field("modulus", &CertificateValue::modulus)
      .field("exponent", &CertificateValue::exponent)
      .field("asn1Curve", &CertificateValue::asn1_curve)
      .field("nistCurve", &CertificateValue::nist_curve)
      .field("bits", &CertificateValue::bits)
      .field("pubkey", &CertificateValue::pubkey)
      .field("validFrom", &CertificateValue::valid_from)
      .field("validTo", &CertificateValue::valid_to)
      .field("fingerprint", &CertificateValue::fingerprint)
      .field("fingerprint256", &CertificateValue::fingerprint256)
      .field("fingerprint512", &CertificateValue::fingerprint512)
      .field("extKeyUsage", &CertificateValue::ext_key_usage)
      .field("serialNumber", &CertificateValue::serial_number)
      .field("raw", &CertificateValue::raw);
  register_optional<CertificateValue>();
}
