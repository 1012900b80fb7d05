#include "src/kernels/keccak.h"

#include <bit>
#include <utility>

#include "src/kernels/simd.h"
#include "src/kernels/wipe.h"

namespace wasm_tls::kernels {
namespace {

static_assert(std::endian::native == std::endian::little, "lanes are bytes in this order");

constexpr uint64_t kRoundConstants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

// FIPS 202, section 3.2.2: by how many bits rho rotates each lane.
constexpr int kRotations[kKeccakLanes] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                          25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};

inline uint64_t Splat(uint64_t value, uint64_t) { return value; }
inline U64x2 Splat(uint64_t value, U64x2) { return U64x2{value, value}; }

template <int kBits>
inline uint64_t RotateLeft(uint64_t lane) {
  return std::rotl(lane, kBits);
}

template <int kBits>
inline U64x2 RotateLeft(U64x2 lanes) {
  const auto bytes = reinterpret_cast<U8x16>(lanes);
  if constexpr (kBits == 0) {
    return lanes;
  } else if constexpr (kBits == 8) {
    return reinterpret_cast<U64x2>(
        __builtin_shufflevector(bytes, bytes, 7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11, 12, 13, 14));
  } else if constexpr (kBits == 56) {
    return reinterpret_cast<U64x2>(
        __builtin_shufflevector(bytes, bytes, 1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8));
  } else {
    return lanes << kBits | lanes >> (64 - kBits);
  }
}

// The five lanes that rho and pi bring to row `kRow`, and chi on them. `parity` becomes that of the rows so far.
template <int kRow, class Lane>
inline void MakeRow(const Lane* from, Lane* to, const Lane (&theta)[5], Lane (&parity)[5], uint64_t constant) {
  const auto moved = [&]<int kColumn>(std::integral_constant<int, kColumn>) {
    constexpr int kX = (kColumn + 3 * kRow) % 5;
    constexpr int kLane = kX + 5 * kColumn;
    return RotateLeft<kRotations[kLane]>(from[kLane] ^ theta[kX]);
  };
  const Lane b[5] = {moved(std::integral_constant<int, 0>()), moved(std::integral_constant<int, 1>()),
                     moved(std::integral_constant<int, 2>()), moved(std::integral_constant<int, 3>()),
                     moved(std::integral_constant<int, 4>())};
#pragma clang loop unroll(full)
  for (int x = 0; x < 5; ++x) {
    Lane lane = b[x] ^ (~b[(x + 1) % 5] & b[(x + 2) % 5]);
    if (kRow == 0 && x == 0) lane ^= Splat(constant, Lane{});
    parity[x] = kRow == 0 ? lane : parity[x] ^ lane;
    to[5 * kRow + x] = lane;
  }
}

// `from` and `to` change places each round, and stay in memory: 25 lanes are more than a machine has registers, and V8
// would spend its time on moving them in and out. Only the parities of columns, which rounds hand on, are kept.
template <class Lane>
inline void Permute(Lane* state) {
  Lane other[kKeccakLanes];
  Lane* from = state;
  Lane* to = other;
  Lane parity[5];
  for (int x = 0; x < 5; ++x) parity[x] = from[x] ^ from[x + 5] ^ from[x + 10] ^ from[x + 15] ^ from[x + 20];
#pragma clang loop unroll(disable)
  for (const uint64_t constant : kRoundConstants) {
    Lane theta[5];
#pragma clang loop unroll(full)
    for (int x = 0; x < 5; ++x) theta[x] = parity[(x + 4) % 5] ^ RotateLeft<1>(parity[(x + 1) % 5]);
    MakeRow<0>(from, to, theta, parity, constant);
    MakeRow<1>(from, to, theta, parity, constant);
    MakeRow<2>(from, to, theta, parity, constant);
    MakeRow<3>(from, to, theta, parity, constant);
    MakeRow<4>(from, to, theta, parity, constant);
    std::swap(from, to);
  }
  // An even number of rounds: the result is in `state` again.
  Wipe(other, sizeof(other));
}

}  // namespace

void KeccakPermute(uint64_t* state) { Permute(state); }

void KeccakPermutePair(void* states) { Permute(static_cast<U64x2*>(states)); }

size_t KeccakAbsorb(uint64_t* state, const uint8_t* in, size_t size, size_t rate) {
  for (; size >= rate; in += rate, size -= rate) {
    for (size_t i = 0; i < rate / 8; ++i) state[i] ^= Load<uint64_t>(in + 8 * i);
    KeccakPermute(state);
  }
  return size;
}

void KeccakSqueeze(uint64_t* state, uint8_t* out, size_t size, size_t rate, bool permute_first) {
  for (bool permute = permute_first; size > 0; permute = true) {
    if (permute) KeccakPermute(state);
    const size_t step = size < rate ? size : rate;
    std::memcpy(out, state, step);
    out += step;
    size -= step;
  }
}

Sponge::~Sponge() { Wipe(state_, sizeof(state_)); }

void Sponge::Absorb(const uint8_t* in, size_t size) {
  auto* const bytes = reinterpret_cast<uint8_t*>(state_);
  while (size > 0) {
    if (begun_ == 0 && size >= function_.rate) {
      const size_t left = KeccakAbsorb(state_, in, size, function_.rate);
      in += size - left;
      size = left;
      continue;
    }
    const size_t room = function_.rate - begun_;
    const size_t step = size < room ? size : room;
    for (size_t i = 0; i < step; ++i) bytes[begun_ + i] ^= in[i];
    in += step;
    size -= step;
    begun_ += step;
    if (begun_ == function_.rate) {
      KeccakPermute(state_);
      begun_ = 0;
    }
  }
}

void Sponge::Finish(uint8_t* out, size_t size) {
  auto* const bytes = reinterpret_cast<uint8_t*>(state_);
  bytes[begun_] ^= function_.suffix;
  bytes[function_.rate - 1] ^= 0x80;
  KeccakSqueeze(state_, out, size, function_.rate, true);
}

SpongePair::SpongePair(KeccakFunction function, const uint8_t* first, const uint8_t* second, size_t size)
    : rate_(function.rate) {
  uint8_t block[8 * kKeccakLanes] = {};
  block[size] = function.suffix;
  block[rate_ - 1] |= 0x80;
  for (size_t way = 0; way < 2; ++way) {
    std::memcpy(block, way == 0 ? first : second, size);
    for (size_t i = 0; i < rate_ / 8; ++i) states_[2 * i + way] = Load<uint64_t>(block + 8 * i);
  }
  Wipe(block, sizeof(block));
}

SpongePair::~SpongePair() { Wipe(states_, sizeof(states_)); }

void SpongePair::SqueezeBlock(uint8_t* first, uint8_t* second) {
  KeccakPermutePair(states_);
  for (size_t i = 0; i < rate_ / 8; ++i) {
    Store(first + 8 * i, states_[2 * i]);
    Store(second + 8 * i, states_[2 * i + 1]);
  }
}

}  // namespace wasm_tls::kernels
