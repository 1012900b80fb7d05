// Where every random byte of OpenSSL comes from.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wasm_tls {

struct RandomSource {
  // Gives strong random bytes, or false when there are none to be had: then what needed them fails.
  bool (*fill)(uint8_t* out, size_t size) = nullptr;
  // It may be asked for more than is wanted yet, so that it need not be asked so often.
  bool ahead = true;
};

// From now on it is this one. Returns the one before.
RandomSource SetRandomSource(RandomSource source);

}  // namespace wasm_tls
