// src/library.h
#include "bindings/convert.h"
#include "bindings/handles.h"
#include "src/library.h"

// host_functions.js
extern "C" bool wasm_tls_random(uint8_t* out, size_t size);

namespace wasm_tls {
namespace {

std::optional<ErrorValue> Init(bool new_alert_names) {
  return FailureOf(InitLibrary({.fill_random = wasm_tls_random, .new_alert_names = new_alert_names}));
}

Texts GetCipherNames() { return ToTexts(CipherNames()); }
Text GetOpensslVersion() { return ToText(OpensslVersion()); }

}  // namespace
}  // namespace wasm_tls

EMSCRIPTEN_BINDINGS(library) {
  using namespace wasm_tls;
  emscripten::function("init", &Init);
  emscripten::function("cipherNames", &GetCipherNames);
  emscripten::function("opensslVersion", &GetOpensslVersion);
  emscripten::function("liveObjects", &Counted::live);
}
