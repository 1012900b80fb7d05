// A connection in either role, fed and driven by the input; see connection_scenario.h for its form.

#include "test/fuzz/connection_scenario.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  using wasm_tls::fuzz::DeterministicRandom;
  wasm_tls::fuzz::Require(wasm_tls::InitLibrary({.fill_random = DeterministicRandom::Fill}).has_value());
  wasm_tls::SetRandomSource(DeterministicRandom::kSource);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  wasm_tls::fuzz::RunConnectionInput({data, size});
  return 0;
}
