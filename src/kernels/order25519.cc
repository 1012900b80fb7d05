#include "src/kernels/order25519.h"

#include <array>
#include <cstddef>
#include <cstring>

#include "src/kernels/wipe.h"

namespace wasm_tls::kernels::order25519 {
namespace {

// Limbs of 28 bits, of which 2^252 has nine: what is above the ninth limb counts that often less what the order is
// above 2^252.
constexpr size_t kBits = 28;
constexpr int64_t kMask = (1 << kBits) - 1;
constexpr size_t kLimbs = 9;
constexpr int64_t kAbove[5] = {0xcf5'd3ed, 0x126'31a5, 0x79c'd658, 0xf9d'ea2f, 0x000'14de};

template <size_t kSize>
using Limbs = std::array<int64_t, kSize>;

// The last limb takes what is left, and has the sign of all.
template <size_t kSize>
void Carry(Limbs<kSize>& limbs) {
  for (size_t i = 0; i + 1 < kSize; ++i) {
    limbs[i + 1] += limbs[i] >> kBits;
    limbs[i] &= kMask;
  }
}

template <size_t kBytes>
auto LimbsOf(const uint8_t (&bytes)[kBytes]) {
  Limbs<8 * kBytes / kBits + 1> limbs = {};
  for (size_t i = 0; i < kBytes; ++i) limbs[8 * i / kBits] += int64_t{bytes[i]} << (8 * i % kBits);
  Carry(limbs);
  return limbs;
}

template <size_t kSize>
void WriteResidue(uint8_t (&out)[32], const Limbs<kSize>& number) {
  // Below the order, but while the next limb comes in.
  Limbs<kLimbs + 2> rest = {};
  for (size_t next = kSize; next-- > 0;) {
    for (size_t i = kLimbs + 1; i > 0; --i) rest[i] = rest[i - 1];
    rest[0] = number[next];
    const int64_t often = rest[kLimbs] + (rest[kLimbs + 1] << kBits);
    rest[kLimbs] = rest[kLimbs + 1] = 0;
    for (size_t i = 0; i < std::size(kAbove); ++i) rest[i] -= often * kAbove[i];
    Carry(rest);
    int64_t negative = rest[kLimbs + 1];
    // The compiler shall not know that it is one of two, and branch.
    asm("" : "+r"(negative));
    for (size_t i = 0; i < std::size(kAbove); ++i) rest[i] += kAbove[i] & negative;
    rest[kLimbs] += 1 & negative;
    Carry(rest);
  }
  for (size_t i = 0; i < sizeof(out); ++i) {
    const size_t limb = 8 * i / kBits;
    const size_t shift = 8 * i % kBits;
    out[i] = static_cast<uint8_t>((rest[limb] | rest[limb + 1] << kBits) >> shift);
  }
}

[[gnu::noinline]] void WriteSum(uint8_t (&out)[32], const uint8_t (&a)[32], const uint8_t (&b)[32],
                                const uint8_t (&c)[32]) {
  const auto a_limbs = LimbsOf(a);
  const auto b_limbs = LimbsOf(b);
  const auto c_limbs = LimbsOf(c);
  Limbs<2 * std::size(a_limbs)> sum = {};
  for (size_t i = 0; i < std::size(a_limbs); ++i) {
    sum[i] += c_limbs[i];
    for (size_t j = 0; j < std::size(b_limbs); ++j) sum[i + j] += a_limbs[i] * b_limbs[j];
  }
  Carry(sum);
  WriteResidue(out, sum);
}

[[gnu::noinline]] void WriteResidueOf(uint8_t (&out)[32], const uint8_t (&number)[64]) {
  WriteResidue(out, LimbsOf(number));
}

}  // namespace

void Reduce(uint8_t (&out)[32], const uint8_t (&number)[64]) {
  WriteResidueOf(out, number);
  WipeFrames<4096>();
}

void MultiplyAdd(uint8_t (&out)[32], const uint8_t (&a)[32], const uint8_t (&b)[32], const uint8_t (&c)[32]) {
  WriteSum(out, a, b, c);
  WipeFrames<4096>();
}

bool IsReduced(const uint8_t (&number)[32]) {
  uint8_t residue[32];
  WriteResidue(residue, LimbsOf(number));
  return std::memcmp(residue, number, sizeof(number)) == 0;
}

}  // namespace wasm_tls::kernels::order25519
