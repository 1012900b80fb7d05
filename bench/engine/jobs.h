// The jobs of engine_bench. Each prints its result as one line of JSON.
#pragma once

#include <cstddef>
#include <string>

#include "bench/engine/clock.h"
#include "bench/engine/pair.h"
#include "src/bytes.h"

namespace wasm_tls::bench {

enum class Direction { kUp, kDown };  // client → server, server → client

// New connections with whole handshakes, one after the other.
void RunHandshakes(const PairOptions& options, bool resumed, const Duration& duration);

// One connection; writes of `chunk` bytes, each read by the other end before the next. The payload is counted once.
void RunBulk(const PairOptions& options, size_t chunk, Direction direction, const Duration& duration);

// `count` connections that are all established and idle: bytes that malloc has handed out for them.
void RunMemory(const PairOptions& options, size_t count);

// One operation of cryptography, asked for by EVP as libssl asks for it: one of those that primitives.cc lists. MB/s
// where it works on `size` bytes, otherwise operations per second. `key`: PEM, for signatures.
void RunPrimitive(const std::string& operation, size_t size, BytesView key, const Duration& duration);

// How far the times of an operation on two classes of secrets are apart, as Welch's t: see timing.cc.
void RunTiming(const std::string& operation, BytesView key, const Duration& duration);

}  // namespace wasm_tls::bench
