#include "src/kernels/des.h"

#include "test/constant_time/secret.h"

namespace wasm_tls::test {
namespace {

WASM_TLS_CONSTANT_TIME(Des) {
  uint8_t key[8] = {0x13, 0x34, 0x57, 0x79, 0x9b, 0xbc, 0xdf, 0xf1};
  uint8_t block[8] = {1, 2, 3};
  MakeSecret(key);
  MakeSecret(block);
  kernels::Des des;
  des.SetKey(key);
  des.Encrypt(block);
  des.Decrypt(block);
}

}  // namespace
}  // namespace wasm_tls::test
