// X25519 of RFC 7748: the function of a scalar and a u-coordinate, in constant time.
#pragma once

#include <cstdint>

namespace wasm_tls::kernels {

// `out` may be one of the others. All zeros come out for a `u` of small order, which the caller must refuse.
void X25519(uint8_t (&out)[32], const uint8_t (&scalar)[32], const uint8_t (&u)[32]);

// The public key of a scalar: the same with a `u` of 9, by the table of the base point.
void X25519Base(uint8_t (&out)[32], const uint8_t (&scalar)[32]);

}  // namespace wasm_tls::kernels
