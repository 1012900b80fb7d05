// The group of Ed25519: multiples of its base point in constant time, those of other points for verification.
#pragma once

#include <cstdint>

namespace wasm_tls::kernels::edwards25519 {

// `scalar` is any number of 256 bits, the lowest byte first. What `out` has afterwards may be told.
void MultiplyBase(uint8_t (&out)[32], const uint8_t (&scalar)[32]);
// The same, as the u-coordinate of the point on X25519's curve that it corresponds to.
void MultiplyBaseToU(uint8_t (&out)[32], const uint8_t (&scalar)[32]);

// Whether it encodes a point. As OpenSSL and many others read it: y need not be below 2^255 - 19, nor need the sign of
// an x of 0 be plus.
bool IsPointVariableTime(const uint8_t (&encoded)[32]);

// base_scalar times the base point - scalar times the point. False if there is no such point. Scalars are numbers of
// 253 bits.
bool MultiplySubtractVariableTime(uint8_t (&out)[32], const uint8_t (&base_scalar)[32], const uint8_t (&point)[32],
                                  const uint8_t (&scalar)[32]);

}  // namespace wasm_tls::kernels::edwards25519
