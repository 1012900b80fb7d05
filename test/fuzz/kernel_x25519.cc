// X25519 against OpenSSL's: a scalar and a u-coordinate.
#include <cstring>

#include "test/fuzz/fuzzing.h"
#include "test/kernels/curve25519_reference.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using wasm_tls::fuzz::Require;
  using wasm_tls::test::kOpenssls;
  using wasm_tls::test::kOurs;
  wasm_tls::test::Bytes32 inputs[2] = {};
  std::memcpy(inputs, data, size < sizeof(inputs) ? size : sizeof(inputs));
  Require(kOurs.X25519(inputs[0], inputs[1]) == kOpenssls.X25519(inputs[0], inputs[1]));
  Require(kOurs.X25519Public(inputs[0]) == kOpenssls.X25519Public(inputs[0]));
  return 0;
}
