// How long a piece of work takes.
#pragma once

#include <chrono>
#include <cstddef>

namespace wasm_tls::bench {

// How long to run: the warm-up is not counted. In wasm it is what the compiler needs to see which functions are hot.
struct Duration {
  double warmup_s = 0.2;
  double measured_s = 1;
};

struct Measurement {
  double seconds = 0;
  size_t times = 0;
};

inline double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Calls `work` until the time is up.
template <class Work>
Measurement Measure(const Duration& duration, const Work& work) {
  const double warm = Now() + duration.warmup_s;
  do {
    work();
  } while (Now() < warm);
  Measurement result;
  const double start = Now();
  while (result.seconds < duration.measured_s) {
    work();
    ++result.times;
    result.seconds = Now() - start;
  }
  return result;
}

}  // namespace wasm_tls::bench
