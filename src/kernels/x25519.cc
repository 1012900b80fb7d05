#include "src/kernels/x25519.h"

#include <cstring>

#include "src/kernels/edwards25519.h"
#include "src/kernels/field25519.h"
#include "src/kernels/wipe.h"

namespace wasm_tls::kernels {
namespace {

using namespace field25519;  // NOLINT(google-build-using-namespace): its vocabulary is that of this file.

constexpr uint32_t kA24 = 121665;

// The ladder's two points: lane a has the multiple, lane b the next.
struct Points {
  Pair x;
  Pair z;
};

// A step of the ladder in RFC 7748, section 5, whose names these are, before they are swapped if the mask says so. DA
// and CB only change places when the points do, and their difference its sign, which is squared; so only A and B have
// to be chosen. `factors` is x_1 and a24.
void Step(Points& points, uint32_t swap, const Element& x_1) {
  const Pair sums = Add(points.x, points.z);              // A, C
  const Pair differences = Subtract(points.x, points.z);  // B, D
  const Pair aa_bb = Square(Select(swap, Lanes<1, 3>(sums, differences), Lanes<0, 2>(sums, differences)));
  const Pair da_cb = Multiply(SwapLanes(differences), sums);
  const Pair bb_aa = SwapLanes(aa_bb);
  const Pair e = Subtract(bb_aa, aa_bb);                                    // in lane b
  const Pair factor = MultiplySmallAdd(e, U32x4{0, kA24, 0, kA24}, bb_aa);  // BB, AA + a24 * E
  const Pair cb_da = SwapLanes(da_cb);
  const Pair squares = Square(Lanes<0, 3>(Add(da_cb, cb_da), Subtract(cb_da, da_cb)));  // x_3, (DA - CB)^2
  const Pair doubled = Multiply(Lanes<0, 3>(aa_bb, e), factor);                         // x_2, z_2
  Element z_3 = LaneOf<1>(squares);
  MultiplyInto(z_3, z_3, x_1);
  points.x = Lanes<0, 2>(doubled, squares);
  for (size_t i = 0; i < kVectors; ++i) {
    const U64x2 both = {z_3[2 * i] | z_3[2 * i + 1] << 32, 0};
    points.z.limbs[i] = __builtin_shufflevector(doubled.limbs[i], reinterpret_cast<U32x4>(both), 1, 4, 3, 5);
  }
}

// Apart from X25519(), which wipes what this leaves on the stack.
[[gnu::noinline]] void Climb(uint8_t (&out)[32], const uint8_t (&scalar)[32], const uint8_t (&u)[32]) {
  constexpr Element kZero = {0};
  constexpr Element kOne = {1};
  const Element x_1 = ElementOf(u);
  Points points = {PairOf(kOne, x_1), PairOf(kZero, kOne)};
  uint32_t previous = 0;
  for (size_t i = 255; i-- > 0;) {
    // As section 5 decodes a scalar: bit 254 is set, and the lowest three are not. So nothing is left to swap in the
    // end.
    uint32_t bit = i == 254 ? 1 : (scalar[i / 8] >> (i % 8)) & 1;
    if (i < 3) bit = 0;
    uint32_t swap = 0 - (bit ^ previous);
    // The compiler shall not know that it is one of two, and branch.
    asm("" : "+r"(swap));
    Step(points, swap, x_1);
    previous = bit;
  }
  Element quotient;
  Invert(quotient, LaneOf<0>(points.z));
  MultiplyInto(quotient, quotient, LaneOf<0>(points.x));
  WriteBytes(out, quotient);
}

}  // namespace

void X25519(uint8_t (&out)[32], const uint8_t (&scalar)[32], const uint8_t (&u)[32]) {
  Climb(out, scalar, u);
  WipeFrames<4096>();
}

void X25519Base(uint8_t (&out)[32], const uint8_t (&scalar)[32]) {
  uint8_t decoded[32];
  std::memcpy(decoded, scalar, sizeof(decoded));
  decoded[0] &= 0xf8;
  decoded[31] = (decoded[31] & 0x7f) | 0x40;
  edwards25519::MultiplyBaseToU(out, decoded);
  Wipe(decoded, sizeof(decoded));
}

}  // namespace wasm_tls::kernels
