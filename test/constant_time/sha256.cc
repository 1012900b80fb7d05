#include "src/kernels/sha256.h"

#include "test/constant_time/secret.h"

namespace wasm_tls::test {
namespace {

WASM_TLS_CONSTANT_TIME(Sha256) {
  uint32_t state[8] = {1};
  uint8_t blocks[192] = {2};
  MakeSecret(state);
  MakeSecret(blocks);
  kernels::Sha256Blocks(state, blocks, 3);
}

}  // namespace
}  // namespace wasm_tls::test
