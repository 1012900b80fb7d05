#include "src/kernels/ml_kem_polynomial.h"

#include <array>
#include <bit>

#include "src/kernels/simd.h"
#include "src/kernels/wipe.h"

namespace wasm_tls::kernels {
namespace {

constexpr int16_t kPrime = kMlKemPrime;
constexpr size_t kVector = 8;

constexpr I16x8 Splat(int16_t value) { return I16x8{value, value, value, value, value, value, value, value}; }

// --- Multiplication by constants. Barrett's: a b - q round(a b / q), where the quotient is estimated as
// a twin / 2^15 with twin = round(b 2^15 / q). The estimate is off by at most 1/2 + |a| / 2^16, so that a product is
// at most q (1/2 + |a| / 2^16), for every a of 16 bits.

constexpr int16_t Centred(int value) {
  const int rest = value % kPrime;
  return static_cast<int16_t>(rest > kPrime / 2 ? rest - kPrime : (rest < -kPrime / 2 ? rest + kPrime : rest));
}

constexpr int16_t Twin(int16_t factor) {
  const int doubled = factor * 0x10000;
  return static_cast<int16_t>((doubled + (doubled < 0 ? -kPrime : kPrime)) / (2 * kPrime));
}

struct Constant {
  I16x8 factor;
  I16x8 twin;
};

constexpr Constant SplatConstant(int value) { return {Splat(Centred(value)), Splat(Twin(Centred(value)))}; }

inline I16x8 Multiply(I16x8 a, const Constant& b) {
  return MultiplyWrapping(a, b.factor) - MultiplyWrapping(MultiplyRounding(a, b.twin), Splat(kPrime));
}

// By one: only the size changes. The twin of 1, 9.84, becomes 10: at most q (1/2 + |a| / 209,000).
inline I16x8 Reduce(I16x8 a) { return a - MultiplyWrapping(MultiplyRounding(a, Splat(Twin(1))), Splat(kPrime)); }

// --- The roots of unity: 17 to the power of the reversed bits of the index.

constexpr size_t kRoots = 128;

struct Roots {
  std::array<int16_t, kRoots> factors;
  std::array<int16_t, kRoots> twins;
};

constexpr Roots MakeRoots() {
  Roots roots = {};
  for (size_t i = 0; i < kRoots; ++i) {
    size_t exponent = 0;
    for (size_t bit = 0; bit < 7; ++bit) exponent |= (i >> bit & 1) << (6 - bit);
    int power = 1;
    for (; exponent > 0; --exponent) power = power * 17 % kPrime;
    roots.factors[i] = Centred(power);
    roots.twins[i] = Twin(Centred(power));
  }
  return roots;
}

constexpr Roots kTable = MakeRoots();

// One root for all lanes.
inline Constant Root(size_t index) { return {Splat(kTable.factors[index]), Splat(kTable.twins[index])}; }

inline I16x8 LoadTwo(const int16_t* from) {
  const auto both = Load<uint32_t>(from);
  return reinterpret_cast<I16x8>(U32x4{both, both, both, both});
}

inline I16x8 LoadFour(const int16_t* from) {
  const auto all = Load<uint64_t>(from);
  return reinterpret_cast<I16x8>(U64x2{all, all});
}

template <int... kLanes>
inline I16x8 Shuffle(I16x8 a, I16x8 b) {
  return __builtin_shufflevector(a, b, kLanes...);
}

template <int... kLanes>
inline Constant TwoRoots(size_t first) {
  const I16x8 factors = LoadTwo(&kTable.factors[first]);
  const I16x8 twins = LoadTwo(&kTable.twins[first]);
  return {Shuffle<kLanes...>(factors, factors), Shuffle<kLanes...>(twins, twins)};
}

template <int... kLanes>
inline Constant FourRoots(size_t first) {
  const I16x8 factors = LoadFour(&kTable.factors[first]);
  const I16x8 twins = LoadFour(&kTable.twins[first]);
  return {Shuffle<kLanes...>(factors, factors), Shuffle<kLanes...>(twins, twins)};
}

// --- Halves and quarters of two vectors, side by side.

inline I16x8 LowHalves(I16x8 a, I16x8 b) { return Shuffle<0, 1, 2, 3, 8, 9, 10, 11>(a, b); }
inline I16x8 HighHalves(I16x8 a, I16x8 b) { return Shuffle<4, 5, 6, 7, 12, 13, 14, 15>(a, b); }
inline I16x8 LowPairs(I16x8 a, I16x8 b) { return Shuffle<0, 1, 8, 9, 2, 3, 10, 11>(a, b); }
inline I16x8 HighPairs(I16x8 a, I16x8 b) { return Shuffle<4, 5, 12, 13, 6, 7, 14, 15>(a, b); }

// Of Cooley and Tukey: (a + b root, a - b root).
inline void Butterfly(I16x8& a, I16x8& b, const Constant& root) {
  const I16x8 product = Multiply(b, root);
  b = a - product;
  a = a + product;
}

// Of Gentleman and Sande: (a + b, (b - a) root).
inline void InverseButterfly(I16x8& a, I16x8& b, const Constant& root) {
  const I16x8 difference = b - a;
  a = a + b;
  b = Multiply(difference, root);
}

// Four vectors, `kStride` coefficients apart.
template <size_t kStride>
struct Quartet {
  I16x8 v[4];

  explicit Quartet(const int16_t* from) {
    for (size_t i = 0; i < 4; ++i) v[i] = Load<I16x8>(from + kStride * i);
  }
  void Save(int16_t* to) const {
    for (size_t i = 0; i < 4; ++i) Store(to + kStride * i, v[i]);
  }
};

}  // namespace

// A layer grows coefficients from B to B + q (1/2 + B / 2^16) at most: from q to 18,300 in seven of them, which is
// below 2^15, so that none has to be reduced in between.
void Transform(Polynomial& p) {
  for (size_t i = 0; i < 64; i += kVector) {
    Quartet<64> q(p.c + i);
    Butterfly(q.v[0], q.v[2], Root(1));
    Butterfly(q.v[1], q.v[3], Root(1));
    Butterfly(q.v[0], q.v[1], Root(2));
    Butterfly(q.v[2], q.v[3], Root(3));
    q.Save(p.c + i);
  }
  for (size_t block = 0; block < 4; ++block) {
    for (size_t i = 64 * block; i < 64 * block + 16; i += kVector) {
      Quartet<16> q(p.c + i);
      Butterfly(q.v[0], q.v[2], Root(4 + block));
      Butterfly(q.v[1], q.v[3], Root(4 + block));
      Butterfly(q.v[0], q.v[1], Root(8 + 2 * block));
      Butterfly(q.v[2], q.v[3], Root(9 + 2 * block));
      q.Save(p.c + i);
    }
  }
  for (size_t block = 0; block < 16; ++block) {
    int16_t* const c = p.c + 16 * block;
    auto x = Load<I16x8>(c);
    auto y = Load<I16x8>(c + kVector);
    Butterfly(x, y, Root(16 + block));
    I16x8 a = LowHalves(x, y);
    I16x8 b = HighHalves(x, y);
    Butterfly(a, b, TwoRoots<0, 0, 0, 0, 1, 1, 1, 1>(32 + 2 * block));
    x = LowPairs(a, b);
    y = HighPairs(a, b);
    a = LowHalves(x, y);
    b = HighHalves(x, y);
    Butterfly(a, b, FourRoots<0, 0, 1, 1, 2, 2, 3, 3>(64 + 4 * block));
    Store(c, LowPairs(a, b));
    Store(c + kVector, HighPairs(a, b));
  }
}

// Sums double with each layer, from q to 8 q in three; what was multiplied is small again. Therefore they are reduced
// after the third layer and after the sixth.
void InverseTransform(Polynomial& p) {
  for (size_t block = 0; block < 16; ++block) {
    int16_t* const c = p.c + 16 * block;
    auto x = Load<I16x8>(c);
    auto y = Load<I16x8>(c + kVector);
    I16x8 a = LowPairs(x, y);
    I16x8 b = HighPairs(x, y);
    x = LowHalves(a, b);
    y = HighHalves(a, b);
    InverseButterfly(x, y, FourRoots<3, 3, 1, 1, 2, 2, 0, 0>(124 - 4 * block));
    a = LowPairs(x, y);
    b = HighPairs(x, y);
    InverseButterfly(a, b, TwoRoots<1, 1, 1, 1, 0, 0, 0, 0>(62 - 2 * block));
    x = LowHalves(a, b);
    y = HighHalves(a, b);
    InverseButterfly(x, y, Root(31 - block));
    Store(c, Reduce(x));
    Store(c + kVector, y);
  }
  for (size_t block = 0; block < 4; ++block) {
    for (size_t i = 64 * block; i < 64 * block + 16; i += kVector) {
      Quartet<16> q(p.c + i);
      InverseButterfly(q.v[0], q.v[1], Root(15 - 2 * block));
      InverseButterfly(q.v[2], q.v[3], Root(14 - 2 * block));
      InverseButterfly(q.v[0], q.v[2], Root(7 - block));
      InverseButterfly(q.v[1], q.v[3], Root(7 - block));
      q.Save(p.c + i);
    }
  }
  // The last layer divides by 128, too.
  constexpr int kInverse = 3303;
  static_assert(kInverse * 128 % kPrime == 1);
  constexpr Constant kLastSum = SplatConstant(kInverse);
  constexpr Constant kLastDifference = SplatConstant(kInverse * 1729);
  for (size_t i = 0; i < 64; i += kVector) {
    Quartet<64> q(p.c + i);
    InverseButterfly(q.v[0], q.v[1], Root(3));
    InverseButterfly(q.v[2], q.v[3], Root(2));
    q.v[0] = Reduce(q.v[0]);
    q.v[2] = Reduce(q.v[2]);
    for (size_t half = 0; half < 2; ++half) {
      const I16x8 sum = q.v[half] + q.v[half + 2];
      const I16x8 difference = q.v[half + 2] - q.v[half];
      q.v[half] = Multiply(sum, kLastSum);
      q.v[half + 2] = Multiply(difference, kLastDifference);
    }
    q.Save(p.c + i);
  }
}

// Of each pair (b0, b1), modulo X^2 - root: `straight` is (b0, b1 root) and `crossed` is (b1, b0), both times 2^16,
// which the reduction in InnerProduct() takes away again.
void MakeFactor(Factor& factor, const Polynomial& transformed) {
  constexpr Constant kMontgomery = SplatConstant(0x10000);
  constexpr I16x8 kSecond = {0, -1, 0, -1, 0, -1, 0, -1};
  constexpr I16x8 kNegative = {0, 0, 0, -1, 0, 0, 0, -1};
  constexpr I16x8 kOne = {1, 0, 1, 0, 1, 0, 1, 0};
  for (size_t i = 0; i < kMlKemDegree; i += kVector) {
    const I16x8 b = Multiply(Load<I16x8>(transformed.c + i), kMontgomery);
    // The roots of two pairs differ in their sign.
    Constant roots = TwoRoots<0, 0, 0, 0, 1, 1, 1, 1>(64 + i / 4);
    roots.factor = (((roots.factor ^ kNegative) - kNegative) & kSecond) | kOne;
    roots.twin = (((roots.twin ^ kNegative) - kNegative) & kSecond) | (kOne * Twin(1));
    Store(factor.straight + i, Multiply(b, roots));
    Store(factor.crossed + i, Shuffle<1, 0, 3, 2, 5, 4, 7, 6>(b, b));
  }
}

// A sum is at most 4 * 2 q * 0.78 q in absolute value: 27 bits. Montgomery's reduction then gives at most
// 4 * 2 q * 0.78 q / 2^16 + q / 2, which is 0.82 q.
void InnerProduct(Polynomial& out, const Polynomial* a, size_t stride, const Factor* factors, size_t count) {
  constexpr int16_t kInverse = -3327;
  static_assert(static_cast<int16_t>(kInverse * kPrime) == 1);
  constexpr I16x8 kLowInverse = {kInverse, 0, kInverse, 0, kInverse, 0, kInverse, 0};
  const auto reduce = [&](I32x4 sum) {
    const I16x8 multiple = MultiplyWrapping(reinterpret_cast<I16x8>(sum), kLowInverse);
    return reinterpret_cast<U32x4>(sum - MultiplyPairs(multiple, Splat(kPrime)));
  };
  for (size_t i = 0; i < kMlKemDegree; i += kVector) {
    I32x4 first = {};
    I32x4 second = {};
    for (size_t j = 0; j < count; ++j) {
      const auto pairs = Load<I16x8>(a[stride * j].c + i);
      first += MultiplyPairs(pairs, Load<I16x8>(factors[j].straight + i));
      second += MultiplyPairs(pairs, Load<I16x8>(factors[j].crossed + i));
    }
    // The results are the high halves; the low ones are zero.
    Store(out.c + i, reduce(first) >> 16 | reduce(second));
  }
}

void Add(Polynomial& p, const Polynomial& other) {
  for (size_t i = 0; i < kMlKemDegree; i += kVector) {
    Store(p.c + i, Load<I16x8>(p.c + i) + Load<I16x8>(other.c + i));
  }
}

void Subtract(Polynomial& p, const Polynomial& other) {
  for (size_t i = 0; i < kMlKemDegree; i += kVector) {
    Store(p.c + i, Load<I16x8>(p.c + i) - Load<I16x8>(other.c + i));
  }
}

void MakeCanonical(Polynomial& p) {
  for (size_t i = 0; i < kMlKemDegree; i += kVector) {
    const I16x8 reduced = Reduce(Load<I16x8>(p.c + i));
    Store(p.c + i, reduced + (reduced >> 15 & Splat(kPrime)));
  }
}

bool IsCanonical(const Polynomial& p) {
  I16x8 all = Splat(-1);
  for (size_t i = 0; i < kMlKemDegree; i += kVector) all &= Load<I16x8>(p.c + i) < Splat(kPrime);
  const auto halves = reinterpret_cast<U64x2>(all);
  return (halves[0] & halves[1]) == ~uint64_t{0};
}

// --- Bytes. Eight coefficients are `bits` bytes. They are written and read by sixteen, and therefore by way of a
// buffer that has room for it.

namespace {

constexpr size_t kGreatestBits = 12;
constexpr size_t kRoom = 32 * kGreatestBits + 16;

}  // namespace

void Encode(uint8_t* out, const Polynomial& p, size_t bits) {
  uint8_t buffer[kRoom];
  const auto weight = static_cast<int16_t>(1 << bits);
  const I16x8 weights = {1, weight, 1, weight, 1, weight, 1, weight};
  const auto twice = static_cast<uint32_t>(2 * bits);
  const auto four_times = static_cast<uint32_t>(4 * bits);
  uint8_t* to = buffer;
  for (size_t i = 0; i < kMlKemDegree; i += kVector, to += bits) {
    const auto pairs = reinterpret_cast<U64x2>(MultiplyPairs(Load<I16x8>(p.c + i), weights));
    const U64x2 fours = (pairs & 0xffffffff) | (pairs >> 32 << twice);
    Store(to, fours[0] | fours[1] << four_times);
    Store(to + 8, fours[1] >> (64 - four_times));
  }
  std::memcpy(out, buffer, 32 * bits);
  Wipe(buffer, sizeof(buffer));
}

void Decode(Polynomial& p, const uint8_t* in, size_t bits) {
  uint8_t buffer[kRoom] = {};
  std::memcpy(buffer, in, 32 * bits);
  const auto twice = static_cast<uint32_t>(2 * bits);
  const auto four_times = static_cast<uint32_t>(4 * bits);
  const uint64_t mask_of_fours = (uint64_t{1} << four_times) - 1;
  const uint64_t mask_of_pairs = (uint64_t{1} << twice) - 1;
  const uint32_t mask = (uint32_t{1} << bits) - 1;
  const uint8_t* from = buffer;
  for (size_t i = 0; i < kMlKemDegree; i += kVector, from += bits) {
    const auto low = Load<uint64_t>(from);
    const auto high = Load<uint64_t>(from + 8);
    const U64x2 fours = {low & mask_of_fours, (low >> four_times | high << (64 - four_times)) & mask_of_fours};
    const auto pairs = reinterpret_cast<U32x4>((fours & mask_of_pairs) | (fours >> twice << 32));
    Store(p.c + i, (pairs & mask) | (pairs >> static_cast<uint32_t>(bits) << 16));
  }
  Wipe(buffer, sizeof(buffer));
}

// --- Compression.

namespace {

// round(c 2^bits / q). An estimate is c twin / 2^15, rounded, where twin = 2^(bits + 15) / q is off by 1/2 at most, and
// the estimate of the quotient therefore by less than 1/10 more than rounding makes it: by one at most. The rest tells.
inline I16x8 CompressVector(I16x8 c, size_t bits) {
  const auto twin = static_cast<int16_t>(((1 << (bits + 15)) + kPrime / 2) / kPrime);
  const I16x8 quotient = MultiplyRounding(c, Splat(twin));
  const I16x8 rest = (c << static_cast<int16_t>(bits)) - MultiplyWrapping(quotient, Splat(kPrime));
  // A comparison gives -1 where it holds.
  const I16x8 rounded = quotient - (rest > Splat(kPrime / 2)) + (rest < Splat(-kPrime / 2));
  return rounded & Splat(static_cast<int16_t>((1 << bits) - 1));
}

constexpr U8x16 kBitOfLane = {1, 0, 2, 0, 4, 0, 8, 0, 16, 0, 32, 0, 64, 0, 128, 0};

}  // namespace

void Compress(Polynomial& p, size_t bits) {
  for (size_t i = 0; i < kMlKemDegree; i += kVector) Store(p.c + i, CompressVector(Load<I16x8>(p.c + i), bits));
}

void Decompress(Polynomial& p, size_t bits) {
  const auto shift = static_cast<int16_t>(15 - bits);
  for (size_t i = 0; i < kMlKemDegree; i += kVector) {
    Store(p.c + i, MultiplyRounding(Load<I16x8>(p.c + i) << shift, Splat(kPrime)));
  }
}

void AddMessage(Polynomial& p, const uint8_t* message) {
  const auto bit_of_lane = reinterpret_cast<I16x8>(kBitOfLane);
  for (size_t i = 0; i < kMlKemDegree; i += kVector) {
    const I16x8 set = (Splat(message[i / 8]) & bit_of_lane) == bit_of_lane;
    Store(p.c + i, Load<I16x8>(p.c + i) + (set & Splat((kPrime + 1) / 2)));
  }
}

void ExtractMessage(uint8_t* message, const Polynomial& p) {
  for (size_t i = 0; i < kMlKemDegree; i += kVector) {
    const I16x8 bits = CompressVector(Load<I16x8>(p.c + i), 1);
    const auto weighed = reinterpret_cast<U64x2>(MultiplyPairs(bits, reinterpret_cast<I16x8>(kBitOfLane)));
    const uint64_t sum = weighed[0] + weighed[1];
    message[i / 8] = static_cast<uint8_t>(sum | sum >> 32);
  }
}

// --- Samples.

namespace {

// Sixteen bytes at a time: each nibble becomes the number of its two low bits less that of the high ones, plus 4.
void SampleCentred2(Polynomial& p, const uint8_t* bytes) {
  for (size_t i = 0; i < kMlKemDegree; i += 32) {
    const auto bits = Load<U16x8>(bytes + i / 2);
    const U16x8 twos = (bits & 0x5555) + (bits >> 1 & 0x5555);
    const U16x8 nibbles = (twos & 0x3333) + 0x4444 - (twos >> 2 & 0x3333);
    const auto even = reinterpret_cast<U8x16>(nibbles & 0x0f0f);
    const auto odd = reinterpret_cast<U8x16>(nibbles >> 4 & 0x0f0f);
    const U8x16 first = __builtin_shufflevector(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const U8x16 second =
        __builtin_shufflevector(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const U8x16 zero = {};
    const auto widen = [&](U8x16 octets, size_t to) {
      const auto low = reinterpret_cast<I16x8>(
          __builtin_shufflevector(octets, zero, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
      const auto high = reinterpret_cast<I16x8>(
          __builtin_shufflevector(octets, zero, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
      Store(p.c + to, low - Splat(4));
      Store(p.c + to + kVector, high - Splat(4));
    };
    widen(first, i);
    widen(second, i + 16);
  }
}

// Three bytes at a time: four coefficients.
void SampleCentred3(Polynomial& p, const uint8_t* bytes) {
  for (size_t i = 0; i < kMlKemDegree; i += 4, bytes += 3) {
    const uint32_t bits = bytes[0] | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16;
    const uint32_t threes = (bits & 0x249249) + (bits >> 1 & 0x249249) + (bits >> 2 & 0x249249);
    for (size_t j = 0; j < 4; ++j) {
      const uint32_t sums = threes >> (6 * j);
      p.c[i + j] = static_cast<int16_t>((sums & 7) - (sums >> 3 & 7));
    }
  }
}

}  // namespace

void SampleCentred(Polynomial& p, const uint8_t* bytes, size_t eta) {
  if (eta == 2) {
    SampleCentred2(p, bytes);
  } else {
    SampleCentred3(p, bytes);
  }
}

namespace {

// For each set of four lanes: the bytes of those lanes, close together.
constexpr std::array<uint64_t, 16> MakeSelections() {
  std::array<uint64_t, 16> selections = {};
  for (size_t set = 0; set < selections.size(); ++set) {
    size_t bits = 0;
    for (uint64_t lane = 0; lane < 4; ++lane) {
      if ((set >> lane & 1) == 0) continue;
      selections[set] |= (2 * lane | (2 * lane + 1) << 8) << bits;
      bits += 16;
    }
  }
  return selections;
}

constexpr std::array<uint64_t, 16> kSelections = MakeSelections();

// Writes four coefficients, of which those in the set count.
inline size_t Keep(int16_t* to, U64x2 lanes, size_t set) {
  const auto selection = reinterpret_cast<U8x16>(U64x2{kSelections[set], 0});
  Store(to, reinterpret_cast<U64x2>(Swizzle(reinterpret_cast<U8x16>(lanes), selection))[0]);
  return static_cast<size_t>(std::popcount(set));
}

// Eight candidates of twelve bytes.
inline I16x8 Candidates(const uint8_t* bytes) {
  const auto octets = reinterpret_cast<U8x16>(U64x2{Load<uint64_t>(bytes), Load<uint32_t>(bytes + 8)});
  const auto spread = reinterpret_cast<U16x8>(
      __builtin_shufflevector(octets, octets, 0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11));
  constexpr U16x8 kEven = {0xfff, 0, 0xfff, 0, 0xfff, 0, 0xfff, 0};
  constexpr U16x8 kOdd = {0, 0xfff, 0, 0xfff, 0, 0xfff, 0, 0xfff};
  return reinterpret_cast<I16x8>((spread & kEven) | (spread >> 4 & kOdd));
}

}  // namespace

size_t SampleUniform(Polynomial& p, size_t count, const uint8_t* bytes, size_t size) {
  const uint8_t* const end = bytes + size;
  // While there is room for all eight.
  for (; end - bytes >= 12 && count <= kMlKemDegree - kVector; bytes += 12) {
    const I16x8 candidates = Candidates(bytes);
    const uint32_t set = Signs(candidates < Splat(kPrime));
    const auto lanes = reinterpret_cast<U64x2>(candidates);
    count += Keep(p.c + count, lanes, set & 0xf);
    count += Keep(p.c + count, U64x2{lanes[1], 0}, set >> 4);
  }
  for (; bytes < end && count < kMlKemDegree; bytes += 3) {
    const int candidates[2] = {bytes[0] | (bytes[1] & 0xf) << 8, bytes[1] >> 4 | bytes[2] << 4};
    for (const int candidate : candidates) {
      if (count < kMlKemDegree && candidate < kPrime) p.c[count++] = static_cast<int16_t>(candidate);
    }
  }
  return count;
}

}  // namespace wasm_tls::kernels
