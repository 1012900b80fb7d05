// Where every random byte of OpenSSL comes from.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wasm_tls {

// Gives strong random bytes, or false when there are none to be had: then what needed them fails.
using RandomSource = bool (*)(uint8_t* out, size_t size);

// From now on it is this one. Returns the one before.
RandomSource SetRandomSource(RandomSource source);

}  // namespace wasm_tls
