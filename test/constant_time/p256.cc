#include "src/kernels/p256.h"

#include "src/kernels/p256_order.h"
#include "test/constant_time/secret.h"

namespace wasm_tls::test {
namespace {

namespace p256 = kernels::p256;
using kernels::Words256;

constexpr Words256 kScalars[] = {
    {1, 0, 0, 0},
    {0x0123'4567'89ab'cdef, 0xfedc'ba98'7654'3210, 0x5555'aaaa'0000'ffff, 0x8000'0000'1234'5678},
    {0xf3b9'cac2'fc63'2550, 0xbce6'faad'a717'9e84, 0xffff'ffff'ffff'ffff, 0xffff'ffff'0000'0000},
};

WASM_TLS_CONSTANT_TIME(P256MultiplyGenerator) {
  for (Words256 scalar : kScalars) {
    MakeSecret(scalar);
    p256::MultiplyGenerator(scalar);
  }
}

WASM_TLS_CONSTANT_TIME(P256Multiply) {
  const p256::Point point = p256::MultiplyGenerator({5, 0, 0, 0});
  for (Words256 scalar : kScalars) {
    MakeSecret(scalar);
    p256::Multiply(point, scalar);
  }
}

WASM_TLS_CONSTANT_TIME(P256Scalars) {
  for (Words256 scalar : kScalars) {
    MakeSecret(scalar);
    const Words256 inverse = p256::InvertScalar(p256::ReduceOnce(scalar));
    p256::MultiplyScalars(inverse, p256::NegateScalar(inverse));
  }
}

}  // namespace
}  // namespace wasm_tls::test
