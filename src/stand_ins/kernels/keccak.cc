// For crypto/sha/keccak1600.c, which takes every 64-bit lane apart where pointers have 32 bits: wasm rotates 64.
#include "src/kernels/keccak.h"

extern "C" {

size_t SHA3_absorb(uint64_t (*state)[5], const uint8_t* in, size_t size, size_t rate);
void SHA3_squeeze(uint64_t (*state)[5], uint8_t* out, size_t size, size_t rate, int next);

size_t SHA3_absorb(uint64_t (*state)[5], const uint8_t* in, size_t size, size_t rate) {
  return wasm_tls::kernels::KeccakAbsorb(state[0], in, size, rate);
}

void SHA3_squeeze(uint64_t (*state)[5], uint8_t* out, size_t size, size_t rate, int next) {
  wasm_tls::kernels::KeccakSqueeze(state[0], out, size, rate, next != 0);
}

}  // extern "C"
