// Numbers in hexadecimal. Not by snprintf(), which brings the arithmetic of floating-point numbers along into wasm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wasm_tls {

inline constexpr std::string_view kLowerCase = "0123456789abcdef";
inline constexpr std::string_view kUpperCase = "0123456789ABCDEF";

// With zeros in front of it when it has fewer than `width` digits.
inline std::string Hexadecimal(uint64_t number, std::string_view digits, size_t width = 1) {
  std::string text;
  for (; number != 0 || text.size() < width; number >>= 4) text.insert(text.begin(), digits[number & 0xf]);
  return text;
}

}  // namespace wasm_tls
