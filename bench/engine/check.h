// How the benchmark ends when something goes wrong: at once, with the reason. A figure of a run that did not do what it
// claims is worth nothing.
#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include "src/error.h"

namespace wasm_tls::bench {

[[noreturn]] void Die(std::string_view what, std::string_view why = {});

inline void Check(bool ok, std::string_view what) {
  if (!ok) Die(what);
}

template <class T>
T Must(Result<T> result, std::string_view what) {
  if (!result.has_value()) Die(what, result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace wasm_tls::bench
