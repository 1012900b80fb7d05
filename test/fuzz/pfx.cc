// PKCS#12 files, with the right passphrase, a wrong one and none.

#include <string_view>

#include "src/certificate.h"
#include "src/key_material.h"
#include "test/fuzz/fuzzing.h"

namespace wasm_tls {
namespace {

void Fuzz(BytesView bytes, const std::optional<SecretBytes>& passphrase) {
  const auto pfx = ParsePfx(bytes, passphrase);
  if (!pfx) {
    fuzz::Require(!pfx.error().message.empty());
    return;
  }
  fuzz::Require(pfx->key != nullptr && pfx->chain.leaf != nullptr);
  DescribeCertificate(pfx->chain.leaf.get());
}

}  // namespace
}  // namespace wasm_tls

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  wasm_tls::fuzz::Init();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const wasm_tls::BytesView bytes(data, size);
  if (wasm_tls::fuzz::MayTakeLong(bytes)) return -1;
  for (const std::string_view passphrase : {"secret", "wrong"}) {
    wasm_tls::Fuzz(bytes, wasm_tls::SecretBytes(passphrase.begin(), passphrase.end()));
  }
  wasm_tls::Fuzz(bytes, std::nullopt);
  return 0;
}
