// Keccak-f[1600] and the sponges of FIPS 202 that are made of it.
//
// A state is 25 lanes of 64 bits: lane x + 5 y is A[x, y]. Two states at once take 1.3 times as long as one in wasm, in
// vectors of two lanes; one alone is faster in plain 64-bit arithmetic, because a rotation of lanes is three
// instructions there.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wasm_tls::kernels {

inline constexpr size_t kKeccakLanes = 25;

// The permutation, of one state.
void KeccakPermute(uint64_t* state);
// Of two, as 50 lanes at a multiple of 16: lane i of both is at 2 i and 2 i + 1.
void KeccakPermutePair(void* states);

// Takes the whole blocks of `rate` bytes, a multiple of 8, and returns how many bytes are left over.
size_t KeccakAbsorb(uint64_t* state, const uint8_t* in, size_t size, size_t rate);
// Gives `size` bytes, in blocks of `rate`. `permute_first` when the state has given its first block already.
void KeccakSqueeze(uint64_t* state, uint8_t* out, size_t size, size_t rate, bool permute_first);

// A function of FIPS 202: how many bytes a permutation takes or gives, and the bits that follow a message.
struct KeccakFunction {
  size_t rate;
  uint8_t suffix;
};

inline constexpr KeccakFunction kSha3_256 = {.rate = 136, .suffix = 0x06};
inline constexpr KeccakFunction kSha3_512 = {.rate = 72, .suffix = 0x06};
inline constexpr KeccakFunction kShake128 = {.rate = 168, .suffix = 0x1f};
inline constexpr KeccakFunction kShake256 = {.rate = 136, .suffix = 0x1f};

// A message that comes in pieces, and its digest at once. Wipes itself.
class Sponge {
 public:
  explicit Sponge(KeccakFunction function) : function_(function) {}
  ~Sponge();
  Sponge(const Sponge&) = delete;
  Sponge& operator=(const Sponge&) = delete;

  void Absorb(const uint8_t* in, size_t size);
  // Ends the message: once, and nothing after it.
  void Finish(uint8_t* out, size_t size);

 private:
  KeccakFunction function_;
  uint64_t state_[kKeccakLanes] = {};
  // Bytes of the block that has begun.
  size_t begun_ = 0;
};

// Two messages of the same size, below a block, and as much of both their digests as one likes. Wipes itself.
class SpongePair {
 public:
  SpongePair(KeccakFunction function, const uint8_t* first, const uint8_t* second, size_t size);
  ~SpongePair();
  SpongePair(const SpongePair&) = delete;
  SpongePair& operator=(const SpongePair&) = delete;

  // The next `rate` bytes of each.
  void SqueezeBlock(uint8_t* first, uint8_t* second);

 private:
  size_t rate_;
  alignas(16) uint64_t states_[2 * kKeccakLanes] = {};
};

}  // namespace wasm_tls::kernels
