// Conversions between the engine's types and JavaScript values, shared by all bindings.
//
// Bytes are copied at this boundary, both ways: no JavaScript value ever refers to wasm memory. Secrets go straight
// into a wiping type, never through a std::string.
#pragma once

#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/bytes.h"
#include "src/certificate.h"
#include "src/error.h"

namespace wasm_tls {

// JavaScript values whose TypeScript type in engine.d.ts is named by convert.cc. A default one is undefined.
#define WASM_TLS_VALUE(name)                                    \
  struct name : public emscripten::val {                        \
    name() : val(emscripten::val::undefined()) {}               \
    explicit name(emscripten::val const& other) : val(other) {} \
  };

WASM_TLS_VALUE(ByteArray)
WASM_TLS_VALUE(MaybeByteArray)
WASM_TLS_VALUE(ByteArrays)
WASM_TLS_VALUE(MaybeByteArrays)
WASM_TLS_VALUE(Text)
WASM_TLS_VALUE(MaybeText)
WASM_TLS_VALUE(Texts)
WASM_TLS_VALUE(MaybeNumber)

// src/error.h as a plain object.
struct ErrorValue {
  Text kind;
  Text code;
  Text library;
  Text function;
  Text reason;
  Text message;
  Texts stack;
};

// src/certificate.h as a plain object. Names are flat lists: [key, value, key, value, …]. A certificate decides the
// keys, so they become properties only where the host has chosen an object that can bear any key.
struct CertificateValue {
  Texts subject;
  Texts issuer;
  MaybeText subject_alt_name;
  Texts info_access;
  bool ca = false;
  Text modulus;
  Text exponent;
  Text asn1_curve;
  Text nist_curve;
  int bits = 0;
  ByteArray pubkey;
  Text valid_from;
  Text valid_to;
  Text fingerprint;
  Text fingerprint256;
  Text fingerprint512;
  Texts ext_key_usage;
  Text serial_number;
  ByteArray raw;
};

// --- out -------------------------------------------------------------------------------------------------------------

ByteArray ToByteArray(BytesView bytes);
ByteArrays ToByteArrays(const std::vector<Bytes>& list);
Texts ToTexts(const std::vector<std::string>& texts);
ErrorValue ToErrorValue(const Error& error);
CertificateValue ToCertificateValue(const CertificateData& certificate);

inline Text ToText(const std::string& text) { return Text(emscripten::val(text)); }

// The engine says "none" by an empty value.
inline MaybeByteArray ToMaybeByteArray(BytesView bytes) {
  return MaybeByteArray(bytes.empty() ? emscripten::val::null() : ToByteArray(bytes));
}

inline MaybeText ToMaybeText(const std::optional<std::string>& text) {
  return MaybeText(text.has_value() ? emscripten::val(*text) : emscripten::val::null());
}

template <class T>
std::optional<ErrorValue> FailureOf(const Result<T>& result) {
  if (result.has_value()) return std::nullopt;
  return ToErrorValue(result.error());
}

// --- in --------------------------------------------------------------------------------------------------------------

inline bool IsNull(const emscripten::val& value) { return value.isNull() || value.isUndefined(); }

inline std::string ToString(const emscripten::val& value) { return value.as<std::string>(); }

// `T` is Bytes or SecretBytes; `value` a Uint8Array.
template <class T>
T CopyIn(const emscripten::val& value) {
  T bytes(value["length"].as<size_t>());
  emscripten::val(emscripten::typed_memory_view(bytes.size(), bytes.data())).call<void>("set", value);
  return bytes;
}

template <class T>
std::optional<T> CopyInMaybe(const emscripten::val& value) {
  if (IsNull(value)) return std::nullopt;
  return CopyIn<T>(value);
}

// An array of whatever `convert` takes.
template <class Convert>
auto CopyInEach(const emscripten::val& array, Convert convert) {
  const size_t size = array["length"].as<size_t>();
  std::vector<decltype(convert(array))> items;
  items.reserve(size);
  for (size_t i = 0; i < size; ++i) items.push_back(convert(array[i]));
  return items;
}

}  // namespace wasm_tls
