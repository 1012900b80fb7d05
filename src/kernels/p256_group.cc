#include "src/kernels/p256_group.h"

#include "src/kernels/p256_order.h"

namespace wasm_tls::kernels::p256 {
// "dbl-2001-b" of the Explicit-Formulas Database.
Jacobian Double(const Jacobian& p) {
  const auto [delta, gamma] = Compute(SquareOf{p.z}, SquareOf{p.y});
  const auto [beta_4, alpha_third] =
      Compute(Product{Scale<4>(gamma), p.x}, Product{Subtract(p.x, delta), Add(p.x, delta)});
  const auto alpha = ReduceRoughly(Scale<3>(alpha_third));
  const auto [x, gamma_squared_4] = Compute(SquareOf{alpha, Negate(Scale<2>(beta_4))}, SquareOf{Scale<2>(gamma)});
  const auto [y, z] =
      Compute(Product{alpha, Subtract(beta_4, x), Negate(Scale<2>(gamma_squared_4))}, Product{Scale<2>(p.y), p.z});
  return {x, y, z};
}

Difference Compare(const Jacobian& p, const Affine& q) {
  const auto zz = Compute(SquareOf{p.z});
  const auto [h, zzz] = Compute(Product{q.x, zz, Negate(p.x)}, Product{p.z, zz});
  const auto [r, h_squared] = Compute(Product{q.y, zzz, Negate(p.y)}, Product{h, h});
  return {p.x, p.y, p.z, h, r, h_squared};
}

Difference Compare(const Jacobian& p, const Jacobian& q) {
  const auto [p_zz, q_zz] = Compute(SquareOf{p.z}, SquareOf{q.z});
  const auto [x, q_zzz] = Compute(Product{p.x, q_zz}, Product{q.z, q_zz});
  const auto [h, p_zzz] = Compute(Product{q.x, p_zz, Negate(x)}, Product{p.z, p_zz});
  const auto [y, h_squared] = Compute(Product{p.y, q_zzz}, Product{h, h});
  const auto [r, z] = Compute(Product{q.y, p_zzz, Negate(y)}, Product{p.z, q.z});
  return {x, y, z, h, r, h_squared};
}

Jacobian Finish(const Difference& d) {
  const auto [h_cubed, v] = Compute(Product{d.h, d.h_squared}, Product{d.x, d.h_squared});
  const auto [x_unreduced, y_h_cubed] =
      Compute(Product{d.r, d.r, Negate(Add(h_cubed, Scale<2>(v)))}, Product{d.y, h_cubed});
  const auto x = Reduce(x_unreduced);
  const auto [y, z] = Compute(Product{d.r, Subtract(v, x), Negate(y_h_cubed)}, Product{d.z, d.h});
  return {x, y, z};
}

Jacobian NegateIf(uint64_t mask, const Jacobian& p) { return {p.x, Reduce(Select(mask, Negate(p.y), p.y)), p.z}; }

Jacobian JacobianOf(const Affine& p) { return {p.x, Reduce(p.y), kOne}; }

Jacobian JacobianOf(const Point& p) {
  const auto [x, y] = ResiduesOf(p.x, p.y);
  return {x, y, kOne};
}

Point PointOf(const Jacobian& p) {
  const Residue inverse = Invert(Reduce(p.z));
  const auto square = Compute(SquareOf{inverse});
  const auto [x, y_inverse] = Compute(Product{p.x, square}, Product{p.y, inverse});
  return {WordsOf(x), WordsOf(Compute(Product{y_inverse, square}))};
}

bool IsOnCurve(const Point& point) {
  // Of the curve's equation, in Montgomery's form.
  constexpr Element<1, 32> kThree{
      kernels::LimbsOf({0x0000'0000'0000'0060, 0xffff'ffa0'0000'0000, 0xffff'ffff'ffff'ffff, 0x0000'005f'ffff'ff9f})};
  constexpr Element<1, 32> kB{
      kernels::LimbsOf({0x139b'ec45'3897'bbfb, 0x9e00'b994'1086'121b, 0xb444'157e'e425'dad5, 0x8600'c3bb'90e9'0681})};
  constexpr Words256 kModulus = kernels::WordsOf(kP);
  if (!IsBelow(point.x, kModulus) || !IsBelow(point.y, kModulus)) return false;
  const auto [x, y] = ResiduesOf(point.x, point.y);
  const auto [xx, yy] = Compute(SquareOf{x}, SquareOf{y});
  return IsZero(Compute(Product{Subtract(xx, kThree), x, Subtract(kB, yy)}));
}

}  // namespace wasm_tls::kernels::p256
