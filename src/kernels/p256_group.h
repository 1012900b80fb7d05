// Points of P-256 and their sums.
#pragma once

#include "src/kernels/p256.h"
#include "src/kernels/p256_field.h"

namespace wasm_tls::kernels::p256 {

// Jacobian coordinates: (x / z^2, y / z^3). The bounds are those that Double() keeps to.
struct Jacobian {
  Element<1, 232> x;
  Element<1, 150> y;
  Element<1, 48> z;
};

struct Affine {
  Residue x;
  Element<2, 64> y;
};

// Twice the point. No point of this group has order two.
Jacobian Double(const Jacobian& p);

// What an addition computes first: with z the common denominator, the sum of (x, y) and (x + h, y + r). The points are
// the same if h and r are 0, and opposite if h alone is.
struct Difference {
  Element<1, 232> x;
  Element<1, 150> y;
  Element<1, 48> z;
  Element<1, 291> h;
  Element<1, 195> r;
  Element<1, 115> h_squared;
};

Difference Compare(const Jacobian& p, const Affine& q);
Difference Compare(const Jacobian& p, const Jacobian& q);

// The sum, unless h is 0.
Jacobian Finish(const Difference& difference);

// The sum of two points that are neither the same nor opposite.
template <class Q>
Jacobian AddDistinct(const Jacobian& p, const Q& q) {
  return Finish(Compare(p, q));
}

// -p if `mask` is all ones, p if it is 0.
Jacobian NegateIf(uint64_t mask, const Jacobian& p);

// 1, in Montgomery's form.
constexpr Element<1, 32> kOne{
    kernels::LimbsOf({0x0000'0000'0000'0020, 0xffff'ffe0'0000'0000, 0xffff'ffff'ffff'ffff, 0x0000'001f'ffff'ffdf})};

Jacobian JacobianOf(const Affine& p);
Jacobian JacobianOf(const Point& p);
// The inverse of z costs most of it.
Point PointOf(const Jacobian& p);

}  // namespace wasm_tls::kernels::p256
