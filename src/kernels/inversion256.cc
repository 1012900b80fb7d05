// Bernstein and Yang, "Fast constant-time gcd computation and modular inversion", with a delta that starts at 1/2: 590
// division steps do for 256 bits then.
#include "src/kernels/inversion256.h"

#include "src/kernels/wipe.h"

namespace wasm_tls::kernels {
namespace {

constexpr int kSteps = 30;
constexpr int kRounds = 20;  // of 30 steps each
constexpr int64_t kMask30 = (int64_t{1} << kSteps) - 1;

// What thirty steps make of f and g, times 2^30: (f, g) becomes (u f + v g, q f + r g) / 2^30. The sums of the absolute
// values of either pair are 2^30 at most.
struct Steps {
  int64_t u, v, q, r;
};

// The two numbers of a sum a + b 2^32, of up to 31 bits and a sign.
int64_t LowOf(uint64_t both) { return static_cast<int32_t>(both); }
int64_t HighOf(uint64_t both) { return static_cast<int32_t>((both - static_cast<uint64_t>(LowOf(both))) >> 32); }

// All ones if `bit` is 1, 0 if it is 0. The compiler must not see what it is.
uint64_t MaskOf(uint64_t bit) {
  uint64_t mask = 0 - bit;
  __asm__("" : "+r"(mask));
  return mask;
}

// Of f and g only the lowest 30 bits decide. `delta` is the paper's and 1/2, negated: where it is below zero f and
// g change places if g is odd.
[[gnu::noinline]] Steps DivisionSteps(uint64_t& delta, uint64_t f, uint64_t g) {
  // u + v 2^32, and q + r 2^32.
  uint64_t uv = 1;
  uint64_t qr = uint64_t{1} << 32;
#pragma clang loop unroll_count(2)
  for (int i = 0; i < kSteps; ++i) {
    const uint64_t odd = MaskOf(g & 1);
    const uint64_t negative = MaskOf(delta >> 63);
    // g - f or g + f, and f becomes what g was.
    g += ((f ^ negative) - negative) & odd;
    qr += ((uv ^ negative) - negative) & odd;
    const uint64_t swap = negative & odd;
    delta = (delta ^ swap) - 1;
    f += g & swap;
    uv += qr & swap;
    g >>= 1;
    uv += uv;
  }
  return {LowOf(uv), HighOf(uv), LowOf(qr), HighOf(qr)};
}

// (u a + v b) / 2^30 for numbers of which this has no rest, or has none after the modulus is added so often.
[[gnu::noinline]] void Apply(const Steps& steps, Limbs30& a, Limbs30& b, const Limbs30& modulus, int64_t a_times,
                             int64_t b_times) {
  int64_t a_carry = 0;
  int64_t b_carry = 0;
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < kLimbs30; ++i) {
    const int64_t a_limb = a[i];
    const int64_t b_limb = b[i];
    a_carry += steps.u * a_limb + steps.v * b_limb + modulus[i] * a_times;
    b_carry += steps.q * a_limb + steps.r * b_limb + modulus[i] * b_times;
    if (i > 0) {
      a[i - 1] = a_carry & kMask30;
      b[i - 1] = b_carry & kMask30;
    }
    a_carry >>= kSteps;
    b_carry >>= kSteps;
  }
  a[kLimbs30 - 1] = a_carry;
  b[kLimbs30 - 1] = b_carry;
}

// All ones if it is negative, else 0.
int64_t SignOf(const Limbs30& a) { return static_cast<int64_t>(MaskOf(static_cast<uint64_t>(a[kLimbs30 - 1]) >> 63)); }

// How often the modulus must be added to u a + v b, so that 2^30 divides it: as often as negative numbers among the two
// ask for, which keeps the result above -2 times the modulus and below it, and what then is left to do.
int64_t TimesOf(int64_t u, int64_t v, const Limbs30& a, const Limbs30& b, const Modulus256& modulus) {
  const int64_t times = (u & SignOf(a)) + (v & SignOf(b));
  const uint64_t rest = static_cast<uint64_t>(u * a[0] + v * b[0]) * modulus.inverse + static_cast<uint64_t>(times);
  return times - static_cast<int64_t>(rest & kMask30);
}

// Adds the modulus if `add` is all ones, then changes the sign if `negate` is, and carries.
void Normalize(Limbs30& a, const Limbs30& modulus, int64_t add, int64_t negate) {
  int64_t carry = 0;
#pragma clang loop unroll(disable)
  for (size_t i = 0; i < kLimbs30; ++i) {
    carry += ((a[i] + (modulus[i] & add)) ^ negate) - negate;
    a[i] = i + 1 < kLimbs30 ? carry & kMask30 : carry;
    carry >>= kSteps;
  }
}

Limbs30 Limbs30Of(const Words256& words) {
  Limbs30 limbs;
  for (size_t i = 0; i < kLimbs30; ++i) {
    const size_t word = i * 30 / 64;
    const size_t shift = i * 30 % 64;
    uint64_t limb = words[word] >> shift;
    if (shift > 34 && word < 3) limb |= words[word + 1] << (64 - shift);
    limbs[i] = static_cast<int64_t>(limb) & kMask30;
  }
  return limbs;
}

Words256 WordsOf(const Limbs30& limbs) {
  Words256 words = {};
  for (size_t i = 0; i < kLimbs30; ++i) {
    const size_t word = i * 30 / 64;
    const size_t shift = i * 30 % 64;
    const auto limb = static_cast<uint64_t>(limbs[i]);
    words[word] |= limb << shift;
    if (shift > 34 && word < 3) words[word + 1] |= limb >> (64 - shift);
  }
  return words;
}

}  // namespace

Words256 Invert256(const Words256& a, const Modulus256& modulus) {
  struct State {
    Limbs30 f, g, d, e;
    Steps steps;
  } state = {.f = modulus.limbs, .g = Limbs30Of(a), .d = {}, .e = {1}, .steps = {}};
  auto& [f, g, d, e, steps] = state;
  uint64_t delta = ~uint64_t{0};
#pragma clang loop unroll(disable)
  for (int i = 0; i < kRounds; ++i) {
    steps = DivisionSteps(delta, static_cast<uint64_t>(f[0]), static_cast<uint64_t>(g[0]));
    const int64_t d_times = TimesOf(steps.u, steps.v, d, e, modulus);
    const int64_t e_times = TimesOf(steps.q, steps.r, d, e, modulus);
    Apply(steps, d, e, modulus.limbs, d_times, e_times);
    Apply(steps, f, g, modulus.limbs, 0, 0);
  }
  // f is 1 or -1 now, and d is 1 / a times that, above -2 times the modulus and below it.
  Normalize(d, modulus.limbs, SignOf(d), SignOf(f));
  Normalize(d, modulus.limbs, SignOf(d), 0);
  const Words256 inverse = WordsOf(d);
  Wipe(&state, sizeof(state));
  return inverse;
}

}  // namespace wasm_tls::kernels
