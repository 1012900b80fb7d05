// P-256: multiples of its generator and of any point, and ECDSA's verification.
//
// Secrets are scalars. What takes one takes the same time for each: no branch and no address depends on it. The two
// functions that say so are for public input only.
#pragma once

#include "src/kernels/limbs29.h"

namespace wasm_tls::kernels::p256 {

// Coordinates below p, not in Montgomery's form. There is no form for the point at infinity.
struct Point {
  Words256 x;
  Words256 y;
};

// Whether x and y are below p and fulfil y^2 = x^3 - 3 x + b.
bool IsOnCurve(const Point& point);

// scalar * G, for 0 < scalar < n.
Point MultiplyGenerator(const Words256& scalar);

// scalar * point, for 0 < scalar < n and a point on the curve.
Point Multiply(const Point& point, const Words256& scalar);

// sum = generator_scalar * G + point_scalar * point, for scalars below n. False if that is the point at infinity.
// Its time depends on all of it.
bool MultiplyAddVariableTime(Point& sum, const Words256& generator_scalar, const Point& point,
                             const Words256& point_scalar);

// Whether (r, s) is a signature of `digest`, a number of 256 bits, by the key `point`, which is on the curve. Any r and
// s may be asked about. Its time depends on all of it.
bool VerifyVariableTime(const Point& point, const Words256& digest, const Words256& r, const Words256& s);

}  // namespace wasm_tls::kernels::p256
