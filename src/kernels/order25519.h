// Arithmetic modulo the order of Ed25519's base point, 2^252 + 27742317777372353535851937790883648493. In constant
// time. Numbers have their lowest byte first.
#pragma once

#include <cstdint>

namespace wasm_tls::kernels::order25519 {

void Reduce(uint8_t (&out)[32], const uint8_t (&number)[64]);

// a * b + c, of any numbers.
void MultiplyAdd(uint8_t (&out)[32], const uint8_t (&a)[32], const uint8_t (&b)[32], const uint8_t (&c)[32]);

bool IsReduced(const uint8_t (&number)[32]);

}  // namespace wasm_tls::kernels::order25519
