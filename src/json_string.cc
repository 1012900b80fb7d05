#include "json_string.h"

namespace wasm_tls {

namespace {

constexpr char32_t kReplacement = 0xfffd;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr size_t kUnicodeEscape = 6;  // \uXXXX

// Is there `\uXXXX` at the start of `text`?
bool IsUnicodeEscape(std::string_view text) {
  if (text.size() < kUnicodeEscape || !text.starts_with("\\u")) return false;
  for (size_t i = 2; i < kUnicodeEscape; ++i) {
    if (HexValue(text[i]) < 0) return false;
  }
  return true;
}

char32_t UnicodeEscapeValue(std::string_view text) {
  char32_t value = 0;
  for (size_t i = 2; i < kUnicodeEscape; ++i) value = value * 16 + static_cast<char32_t>(HexValue(text[i]));
  return value;
}

bool IsHighSurrogate(char32_t c) { return c >= 0xd800 && c <= 0xdbff; }
bool IsLowSurrogate(char32_t c) { return c >= 0xdc00 && c <= 0xdfff; }

char Unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

// Appends the value of the escape sequence at the start of `text` and returns its length.
size_t DecodeEscape(std::string_view text, std::string& out) {
  if (text[1] != 'u') {
    out += Unescaped(text[1]);
    return 2;
  }
  const char32_t unit = UnicodeEscapeValue(text);
  const std::string_view rest = text.substr(kUnicodeEscape);
  if (IsHighSurrogate(unit) && IsUnicodeEscape(rest) && IsLowSurrogate(UnicodeEscapeValue(rest))) {
    AppendUtf8(out, 0x10000 + ((unit - 0xd800) << 10) + (UnicodeEscapeValue(rest) - 0xdc00));
    return 2 * kUnicodeEscape;
  }
  AppendUtf8(out, IsHighSurrogate(unit) || IsLowSurrogate(unit) ? kReplacement : unit);
  return kUnicodeEscape;
}

}  // namespace

size_t JsonStringLength(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  size_t i = 1;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"') return i + 1;
    if (static_cast<unsigned char>(c) < ' ') return 0;
    if (c != '\\') {
      ++i;
    } else if (IsUnicodeEscape(text.substr(i))) {
      i += kUnicodeEscape;
    } else if (i + 1 < text.size() && std::string_view("\"\\/bfnrt").contains(text[i + 1])) {
      i += 2;
    } else {
      return 0;
    }
  }
  return 0;
}

std::string DecodeJsonString(std::string_view literal) {
  const std::string_view text = literal.substr(1, literal.size() - 2);
  std::string value;
  size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '\\') {
      i += DecodeEscape(text.substr(i), value);
    } else {
      value += text[i++];
    }
  }
  return value;
}

void AppendUtf8(std::string& out, char32_t code_point) {
  const auto continuation = [&](int shift) { out += static_cast<char>(0x80 | ((code_point >> shift) & 0x3f)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xc0 | (code_point >> 6));
    continuation(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xe0 | (code_point >> 12));
    continuation(6);
    continuation(0);
  } else {
    out += static_cast<char>(0xf0 | (code_point >> 18));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

}  // namespace wasm_tls
