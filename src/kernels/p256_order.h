// Arithmetic modulo the order n of P-256's group, for the scalars of ECDSA. In constant time.
#pragma once

#include "src/kernels/limbs29.h"

namespace wasm_tls::kernels::p256 {

constexpr Words256 kOrder = {0xf3b9'cac2'fc63'2551, 0xbce6'faad'a717'9e84, 0xffff'ffff'ffff'ffff,
                             0xffff'ffff'0000'0000};

// Whether a < b.
bool IsBelow(const Words256& a, const Words256& b);
bool IsZero(const Words256& a);

// a - n if that is not negative, else a.
Words256 ReduceOnce(const Words256& a);
// n - a, for 0 < a < n.
Words256 NegateScalar(const Words256& a);
// a * b modulo n, for any a and for b below n.
Words256 MultiplyScalars(const Words256& a, const Words256& b);
// 1 / a modulo n, for a below n; 0 for 0.
Words256 InvertScalar(const Words256& a);

}  // namespace wasm_tls::kernels::p256
