// The jobs of engine_bench. Each prints its result as one line of JSON.
#pragma once

#include <cstddef>

#include "bench/engine/pair.h"

namespace wasm_tls::bench {

// How long to run: the warm-up is not counted. In wasm it is what the compiler needs to see which functions are hot.
struct Duration {
  double warmup_s = 0.2;
  double measured_s = 1;
};

enum class Direction { kUp, kDown };  // client → server, server → client

// New connections with whole handshakes, one after the other.
void RunHandshakes(const PairOptions& options, bool resumed, const Duration& duration);

// One connection; writes of `chunk` bytes, each read by the other end before the next. The payload is counted once.
void RunBulk(const PairOptions& options, size_t chunk, Direction direction, const Duration& duration);

// `count` connections that are all established and idle: bytes that malloc has handed out for them.
void RunMemory(const PairOptions& options, size_t count);

}  // namespace wasm_tls::bench
