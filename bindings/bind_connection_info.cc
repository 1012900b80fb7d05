// src/connection_info.h
#include "bindings/convert.h"
#include "bindings/handles.h"
#include "src/connection_info.h"
#include "src/error_codes.h"
#include "src/issuer.h"

namespace wasm_tls {
namespace {

struct CipherValue {
  Text name;
  Text standard_name;
  Text version;
};

struct EphemeralKeyValue {
  Text type;
  Text name;
  int size = 0;
};

struct VerifyErrorValue {
  Text code;
  Text reason;
};

struct KeyingMaterialOutcome {
  MaybeByteArray key = {};
  std::optional<ErrorValue> error = std::nullopt;
};

struct PeerCertificateValue {
  CertificateValue certificate;
  bool self_issued = false;
};

WASM_TLS_VALUE(PeerCertificates)

Text GetProtocol(const ConnectionHandle& handle) { return ToText(Protocol(handle.get())); }

std::optional<CipherValue> GetCipher(const ConnectionHandle& handle) {
  const std::optional<CipherInfo> cipher = CurrentCipher(handle.get());
  if (!cipher.has_value()) return std::nullopt;
  return CipherValue{
      .name = ToText(cipher->name), .standard_name = ToText(cipher->standard_name), .version = ToText(cipher->version)};
}

MaybeText GetAlpnProtocol(const ConnectionHandle& handle) { return ToMaybeText(AlpnProtocol(handle.get())); }
MaybeText GetNpnProtocol(const ConnectionHandle& handle) { return ToMaybeText(NpnProtocol(handle.get())); }
MaybeText GetServername(const ConnectionHandle& handle) { return ToMaybeText(Servername(handle.get())); }
Text GetGroupName(const ConnectionHandle& handle) { return ToText(GroupName(handle.get())); }

EphemeralKeyValue GetEphemeralKey(const ConnectionHandle& handle) {
  const EphemeralKeyInfo key = EphemeralKey(handle.get());
  return {.type = ToText(key.type), .name = ToText(key.name), .size = key.size};
}

Texts GetSharedSigalgs(const ConnectionHandle& handle) { return ToTexts(SharedSigalgs(handle.get())); }
bool GetSessionReused(const ConnectionHandle& handle) { return SessionReused(handle.get()); }
MaybeByteArray GetSession(const ConnectionHandle& handle) { return ToMaybeByteArray(SessionData(handle.get())); }
MaybeByteArray GetTicket(const ConnectionHandle& handle) { return ToMaybeByteArray(TicketData(handle.get())); }
MaybeByteArray GetFinished(const ConnectionHandle& handle) { return ToMaybeByteArray(Finished(handle.get())); }
MaybeByteArray GetPeerFinished(const ConnectionHandle& handle) { return ToMaybeByteArray(PeerFinished(handle.get())); }

KeyingMaterialOutcome GetKeyingMaterial(const ConnectionHandle& handle, size_t length, const std::string& label,
                                        const MaybeByteArray& context) {
  const std::optional<Bytes> owned = CopyInMaybe<Bytes>(context);
  const Result<SecretBytes> key = ExportKeyingMaterial(
      handle.get(), length, label, owned.has_value() ? std::optional<BytesView>(*owned) : std::nullopt);
  if (!key.has_value()) return {.error = ToErrorValue(key.error())};
  return {.key = MaybeByteArray(ToByteArray(*key))};
}

std::optional<VerifyErrorValue> GetVerifyError(const ConnectionHandle& handle) {
  const long result = VerifyResult(handle.get());
  if (result == X509_V_OK) return std::nullopt;
  return VerifyErrorValue{.code = ToText(std::string(VerifyErrorCode(result))),
                          .reason = ToText(std::string(VerifyErrorReason(result)))};
}

// At most `limit` of the chain, since most callers want the first only.
PeerCertificates GetPeerCertificates(const ConnectionHandle& handle, size_t limit) {
  emscripten::val array = emscripten::val::array();
  for (const X509Ptr& certificate : PeerChain(handle.get())) {
    if (limit-- == 0) break;
    array.call<void>("push", PeerCertificateValue{
                                 .certificate = ToCertificateValue(DescribeCertificate(certificate.get())),
                                 .self_issued = IssuedBy(certificate.get(), certificate.get()),
                             });
  }
  return PeerCertificates(array);
}

bool GetPeerIs(const ConnectionHandle& handle, const std::string& hostname, const std::string& ascii_name) {
  return PeerIs(handle.get(), hostname, ascii_name);
}

std::optional<CertificateValue> GetOwnCertificate(const ConnectionHandle& handle) {
  const X509Ptr certificate = OwnCertificate(handle.get());
  if (certificate == nullptr) return std::nullopt;
  return ToCertificateValue(DescribeCertificate(certificate.get()));
}

}  // namespace
}  // namespace wasm_tls

EMSCRIPTEN_BINDINGS(connection_info) {
  using namespace emscripten;
  using namespace wasm_tls;
  value_object<CipherValue>("CipherInfo")
      .field("name", &CipherValue::name)
      .field("standardName", &CipherValue::standard_name)
      .field("version", &CipherValue::version);
  register_optional<CipherValue>();
  value_object<EphemeralKeyValue>("EphemeralKeyInfo")
      .field("type", &EphemeralKeyValue::type)
      .field("name", &EphemeralKeyValue::name)
      .field("size", &EphemeralKeyValue::size);
  value_object<VerifyErrorValue>("VerifyError")
      .field("code", &VerifyErrorValue::code)
      .field("reason", &VerifyErrorValue::reason);
  register_optional<VerifyErrorValue>();
  value_object<KeyingMaterialOutcome>("KeyingMaterialOutcome")
      .field("key", &KeyingMaterialOutcome::key)
      .field("error", &KeyingMaterialOutcome::error);
  register_type<PeerCertificates>("PeerCertificate[]");
  value_object<PeerCertificateValue>("PeerCertificate")
      .field("certificate", &PeerCertificateValue::certificate)
      .field("selfIssued", &PeerCertificateValue::self_issued);

  function("protocol", &GetProtocol);
  function("cipher", &GetCipher);
  function("alpnProtocol", &GetAlpnProtocol);
  function("npnProtocol", &GetNpnProtocol);
  function("servername", &GetServername);
  function("groupName", &GetGroupName);
  function("ephemeralKey", &GetEphemeralKey);
  function("sharedSigalgs", &GetSharedSigalgs);
  function("sessionReused", &GetSessionReused);
  function("session", &GetSession);
  function("ticket", &GetTicket);
  function("finished", &GetFinished);
  function("peerFinished", &GetPeerFinished);
  function("exportKeyingMaterial", &GetKeyingMaterial);
  function("verifyError", &GetVerifyError);
  function("peerCertificates", &GetPeerCertificates);
  function("peerIs", &GetPeerIs);
  function("ownCertificate", &GetOwnCertificate);
}
