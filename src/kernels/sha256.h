// SHA-256 (FIPS 180-4): whole blocks into a state.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wasm_tls::kernels {

// `state`: eight words. `in`: `blocks` times 64 bytes.
void Sha256Blocks(uint32_t* state, const uint8_t* in, size_t blocks);

}  // namespace wasm_tls::kernels
