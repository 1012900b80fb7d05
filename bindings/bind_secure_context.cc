// src/secure_context.h
#include "bindings/convert.h"
#include "bindings/handles.h"
#include "src/secure_context.h"

namespace wasm_tls {
namespace {

using emscripten::val;

WASM_TLS_VALUE(KeyValues)
WASM_TLS_VALUE(PfxValues)
WASM_TLS_VALUE(TicketChooserFunction)

// SecureContextOptions as a plain object with all properties present.
struct SecureContextOptionsValue {
  int min_version = 0;
  int max_version = 0;
  ByteArrays cert;
  KeyValues key;
  PfxValues pfx;
  MaybeByteArrays ca;
  ByteArrays crl;
  bool allow_partial_trust_chain = false;
  std::string ciphers;
  std::string cipher_suites;
  std::string sigalgs;
  std::string groups;
  MaybeByteArray dh_parameters;
  bool dh_auto = false;
  std::string session_id_context;
  MaybeNumber session_timeout;
  MaybeByteArray ticket_keys;
  uint64_t ssl_options = 0;
};

PrivateKeyOption ToKey(const val& value) {
  return {.pem = CopyIn<SecretBytes>(value["pem"]), .passphrase = CopyInMaybe<SecretBytes>(value["passphrase"])};
}

PfxOption ToPfx(const val& value) {
  return {.der = CopyIn<SecretBytes>(value["der"]), .passphrase = CopyInMaybe<SecretBytes>(value["passphrase"])};
}

SecureContextOptions ToOptions(const SecureContextOptionsValue& value, const TrustStoreHandle* trust) {
  SecureContextOptions options;
  options.min_version = value.min_version;
  options.max_version = value.max_version;
  options.cert = CopyInEach(value.cert, CopyIn<Bytes>);
  options.key = CopyInEach(value.key, ToKey);
  options.pfx = CopyInEach(value.pfx, ToPfx);
  if (!IsNull(value.ca)) options.ca = CopyInEach(value.ca, CopyIn<Bytes>);
  options.crl = CopyInEach(value.crl, CopyIn<Bytes>);
  options.allow_partial_trust_chain = value.allow_partial_trust_chain;
  if (trust != nullptr) options.default_trust = trust->get().value();
  options.ciphers = value.ciphers;
  options.cipher_suites = value.cipher_suites;
  options.sigalgs = value.sigalgs;
  options.groups = value.groups;
  options.dh_parameters = CopyInMaybe<Bytes>(value.dh_parameters);
  options.dh_auto = value.dh_auto;
  options.session_id_context = value.session_id_context;
  if (!IsNull(value.session_timeout)) options.session_timeout = value.session_timeout.as<uint32_t>();
  options.ticket_keys = CopyInMaybe<SecretBytes>(value.ticket_keys);
  options.ssl_options = value.ssl_options;
  return options;
}

// The same context, counted until its last owner lets go of it; that may be a connection.
std::shared_ptr<SecureContext> Count(std::shared_ptr<SecureContext> context) {
  struct Owner {
    Counted counted;
    std::shared_ptr<SecureContext> context;
  };
  const auto owner = std::make_shared<Owner>();
  owner->context = std::move(context);
  return {owner, owner->context.get()};
}

SecureContextHandle* CreateSecureContext(const SecureContextOptionsValue& value, const TrustStoreHandle* trust) {
  return new SecureContextHandle(SecureContext::Create(ToOptions(value, trust)).transform(Count));
}

std::optional<ErrorValue> GetError(const SecureContextHandle& handle) { return FailureOf(handle.result()); }

MaybeByteArray GetCertificate(const SecureContextHandle& handle) {
  return ToMaybeByteArray(handle.get()->certificate());
}

MaybeByteArray GetIssuer(const SecureContextHandle& handle) { return ToMaybeByteArray(handle.get()->issuer()); }
Texts GetWarnings(const SecureContextHandle& handle) { return ToTexts(handle.get()->warnings()); }
ByteArray GetTicketKeys(const SecureContextHandle& handle) { return ToByteArray(handle.get()->ticket_keys()); }

std::optional<ErrorValue> AddCa(SecureContextHandle& handle, const ByteArray& pem) {
  return FailureOf(handle.get()->AddCa(CopyIn<Bytes>(pem)));
}

std::optional<ErrorValue> AddCrl(SecureContextHandle& handle, const ByteArray& pem) {
  return FailureOf(handle.get()->AddCrl(CopyIn<Bytes>(pem)));
}

std::optional<ErrorValue> SetCiphers(SecureContextHandle& handle, const std::string& ciphers) {
  return FailureOf(handle.get()->SetCiphers(ciphers));
}

std::optional<ErrorValue> SetTicketKeys(SecureContextHandle& handle, const ByteArray& keys) {
  return FailureOf(handle.get()->SetTicketKeys(CopyIn<SecretBytes>(keys)));
}

// `choose` may not throw; null fails the handshake.
void SetTicketChooser(SecureContextHandle& handle, const TicketChooserFunction& choose) {
  handle.get()->SetTicketChooser([choose = val(choose)](BytesView name, BytesView iv, bool encrypt) {
    const val answer = choose(ToByteArray(name), ToByteArray(iv), encrypt);
    if (IsNull(answer)) return TicketAnswer();
    return TicketAnswer{
        .verdict = answer["verdict"].as<int>(),
        .hmac = CopyIn<SecretBytes>(answer["hmac"]),
        .aes = CopyIn<SecretBytes>(answer["aes"]),
        .name = CopyIn<Bytes>(answer["name"]),
        .iv = CopyIn<Bytes>(answer["iv"]),
    };
  });
}

}  // namespace
}  // namespace wasm_tls

EMSCRIPTEN_BINDINGS(secure_context) {
  using namespace emscripten;
  using namespace wasm_tls;
  register_type<KeyValues>("readonly { pem: Uint8Array, passphrase?: Uint8Array | undefined }[]");
  register_type<PfxValues>("readonly { der: Uint8Array, passphrase?: Uint8Array | undefined }[]");
  register_type<TicketChooserFunction>(
      "(name: Uint8Array, iv: Uint8Array, encrypt: boolean) => "
      "{ verdict: number, hmac: Uint8Array, aes: Uint8Array, name: Uint8Array, iv: Uint8Array } | null");
  value_object<SecureContextOptionsValue>("SecureContextOptions")
      .field("minVersion", &SecureContextOptionsValue::min_version)
      .field("maxVersion", &SecureContextOptionsValue::max_version)
      .field("cert", &SecureContextOptionsValue::cert)
      .field("key", &SecureContextOptionsValue::key)
      .field("pfx", &SecureContextOptionsValue::pfx)
      .field("ca", &SecureContextOptionsValue::ca)
      .field("crl", &SecureContextOptionsValue::crl)
      .field("allowPartialTrustChain", &SecureContextOptionsValue::allow_partial_trust_chain)
      .field("ciphers", &SecureContextOptionsValue::ciphers)
      .field("cipherSuites", &SecureContextOptionsValue::cipher_suites)
      .field("sigalgs", &SecureContextOptionsValue::sigalgs)
      .field("groups", &SecureContextOptionsValue::groups)
      .field("dhParameters", &SecureContextOptionsValue::dh_parameters)
      .field("dhAuto", &SecureContextOptionsValue::dh_auto)
      .field("sessionIdContext", &SecureContextOptionsValue::session_id_context)
      .field("sessionTimeout", &SecureContextOptionsValue::session_timeout)
      .field("ticketKeys", &SecureContextOptionsValue::ticket_keys)
      .field("sslOptions", &SecureContextOptionsValue::ssl_options);
  class_<SecureContextHandle>("SecureContext")
      .function("error", &GetError)
      .function("warnings", &GetWarnings)
      .function("certificate", &GetCertificate)
      .function("issuer", &GetIssuer)
      .function("addCa", &AddCa)
      .function("addCrl", &AddCrl)
      .function("setCiphers", &SetCiphers)
      .function("ticketKeys", &GetTicketKeys)
      .function("setTicketKeys", &SetTicketKeys)
      .function("setTicketChooser", &SetTicketChooser)
      .function("share", &SecureContextHandle::Share, return_value_policy::take_ownership(), nonnull<ret_val>());
  function("createSecureContext", &CreateSecureContext, return_value_policy::take_ownership(), nonnull<ret_val>());
}
