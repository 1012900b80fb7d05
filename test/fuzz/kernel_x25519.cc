// X25519 against OpenSSL's: a scalar and a u-coordinate.
#include <cstring>

#include "test/fuzz/fuzzing.h"
#include "test/kernels/x25519_reference.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  wasm_tls::test::X25519Bytes inputs[2] = {};
  std::memcpy(inputs, data, size < sizeof(inputs) ? size : sizeof(inputs));
  wasm_tls::fuzz::Require(wasm_tls::test::OursOfX25519(inputs[0], inputs[1]) ==
                          wasm_tls::test::OpensslsOfX25519(inputs[0], inputs[1]));
  return 0;
}
