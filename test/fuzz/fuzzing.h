// What the fuzzers share.
#pragma once

#include <sys/random.h>

#include <cstdio>
#include <cstdlib>
#include <source_location>

#include "src/bytes.h"
#include "src/library.h"

namespace wasm_tls::fuzz {

// Ends the program, as a crash that the fuzzer reports, and says where.
inline void Require(bool ok, std::source_location where = std::source_location::current()) {
  if (ok) return;
  std::fprintf(stderr, "%s:%u: not as required\n", where.file_name(), static_cast<unsigned int>(where.line()));
  std::abort();
}

inline void Init() {
  constexpr auto kFill = [](uint8_t* out, size_t size) {
    return getrandom(out, size, 0) == static_cast<ssize_t>(size);
  };
  Require(InitLibrary({.fill_random = kFill}).has_value());
}

// May this DER ask for a key derivation of many iterations? That takes as long as it asks for, which is no finding. Any
// positive INTEGER of three to eight bytes is under suspicion.
inline bool MayTakeLong(BytesView der) {
  for (size_t i = 0; i + 3 < der.size(); ++i) {
    const bool long_integer = der[i] == 0x02 && der[i + 1] >= 3 && der[i + 1] <= 8;
    const bool positive = der[i + 2] < 0x80 && (der[i + 2] != 0 || der[i + 3] >= 0x80);
    if (long_integer && positive) return true;
  }
  return false;
}

}  // namespace wasm_tls::fuzz
