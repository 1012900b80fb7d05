// JSON string literals (RFC 8259, section 7), as Node quotes the names of a certificate that could be mistaken for
// others.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wasm_tls {

// The length, quotes included, of the string literal that `text` begins with; 0 when it does not begin with a whole
// one.
size_t JsonStringLength(std::string_view text);

// The value of a literal that `JsonStringLength()` has measured, in UTF-8. A surrogate without its partner becomes
// U+FFFD.
std::string DecodeJsonString(std::string_view literal);

// The UTF-8 form of a code point.
void AppendUtf8(std::string& out, char32_t code_point);

}  // namespace wasm_tls
