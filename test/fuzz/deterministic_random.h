// Randomness that is the same in every run, so that an input means the same handshake today and tomorrow, in the
// fuzzer and in the test that records its seeds.
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/stand_ins/random.h"

namespace wasm_tls::fuzz {

// Two streams that do not disturb each other: what the connection draws does not depend on how often its peer does.
enum class Stream { kConnection, kPeer };

class DeterministicRandom {
 public:
  static void Restart() { state_[0] = state_[1] = 0; }
  static void Select(Stream stream) { selected_ = static_cast<size_t>(stream); }

  static bool Fill(uint8_t* out, size_t size) {
    for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(Next() >> 32);
    return true;
  }

  // Not ahead: the streams change between two draws.
  static constexpr RandomSource kSource = {.fill = Fill, .ahead = false};

 private:
  // SplitMix64: the counter is all of the state.
  static uint64_t Next() {
    uint64_t z = (state_[selected_] += 0x9e3779b97f4a7c15) + 0x1000 * selected_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  static inline uint64_t state_[2] = {};
  static inline size_t selected_ = 0;
};

}  // namespace wasm_tls::fuzz
