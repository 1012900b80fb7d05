#include "ip_address.h"

#include <array>
#include <cstdint>

#include "hexadecimal.h"

namespace wasm_tls {

namespace {

using V4 = std::array<uint8_t, 4>;
using V6 = std::array<uint16_t, 8>;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The part before the first `separator`, which is taken off `text` with it.
std::string_view TakePart(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

std::optional<uint8_t> ParseOctet(std::string_view text) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > 255) return std::nullopt;
  return static_cast<uint8_t>(value);
}

std::optional<V4> ParseV4(std::string_view text) {
  V4 address{};
  for (size_t i = 0; i < address.size(); ++i) {
    const bool last = i + 1 == address.size();
    if (!last && !text.contains('.')) return std::nullopt;
    const std::optional<uint8_t> octet = ParseOctet(last ? text : TakePart(text, '.'));
    if (!octet) return std::nullopt;
    address[i] = *octet;
  }
  return address;
}

std::optional<uint16_t> ParseGroup(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    const int digit = HexValue(c);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return static_cast<uint16_t>(value);
}

struct Groups {
  V6 values{};
  size_t count = 0;

  bool Add(uint16_t value) {
    if (count == values.size()) return false;
    values[count++] = value;
    return true;
  }
};

// Groups with colons between them; the last one may be an IPv4 address where that is `allowed`.
std::optional<Groups> ParseGroups(std::string_view text, bool v4_allowed) {
  Groups groups;
  if (text.empty()) return groups;
  for (bool more = true; more;) {
    more = text.contains(':');
    const std::string_view part = TakePart(text, ':');
    if (!more && v4_allowed && part.contains('.')) {
      const std::optional<V4> v4 = ParseV4(part);
      if (!v4 || !groups.Add(static_cast<uint16_t>((*v4)[0] << 8 | (*v4)[1])) ||
          !groups.Add(static_cast<uint16_t>((*v4)[2] << 8 | (*v4)[3]))) {
        return std::nullopt;
      }
      continue;
    }
    const std::optional<uint16_t> group = ParseGroup(part);
    if (!group || !groups.Add(*group)) return std::nullopt;
  }
  return groups;
}

std::optional<V6> ParseV6(std::string_view text) {
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const std::optional<Groups> groups = ParseGroups(text, true);
    if (!groups || groups->count != V6().size()) return std::nullopt;
    return groups->values;
  }
  const std::optional<Groups> head = ParseGroups(text.substr(0, gap), false);
  const std::optional<Groups> tail = ParseGroups(text.substr(gap + 2), true);
  if (!head || !tail || head->count + tail->count >= V6().size()) return std::nullopt;
  V6 address = head->values;
  for (size_t i = 0; i < tail->count; ++i) address[address.size() - tail->count + i] = tail->values[i];
  return address;
}

// An address without its zone, which is present and well-formed or absent.
std::optional<std::string_view> WithoutZone(std::string_view text) {
  const size_t percent = text.find('%');
  if (percent == std::string_view::npos) return text;
  const std::string_view zone = text.substr(percent + 1);
  if (zone.empty()) return std::nullopt;
  for (const char c : zone) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !IsDigit(c) && c != '-' && c != '.' && c != ':') return std::nullopt;
  }
  return text.substr(0, percent);
}

std::string Format(const V4& address) {
  std::string text;
  for (const uint8_t byte : address) text += (text.empty() ? "" : ".") + std::to_string(byte);
  return text;
}

struct Run {
  size_t begin = 0;
  size_t size = 0;
};

// The first of the longest runs of at least two zero groups (RFC 5952, section 4.2).
Run LongestZeros(const V6& address) {
  Run longest;
  for (size_t begin = 0; begin < address.size(); ++begin) {
    size_t end = begin;
    while (end < address.size() && address[end] == 0) ++end;
    if (end - begin >= 2 && end - begin > longest.size) longest = {begin, end - begin};
  }
  return longest;
}

// ::a.b.c.d and ::ffff:a.b.c.d are written with their IPv4 address.
bool EndsInV4(const V6& address, const Run& zeros) {
  return zeros.begin == 0 && (zeros.size == 6 || (zeros.size == 5 && address[5] == 0xffff));
}

std::string Format(const V6& address) {
  const Run zeros = LongestZeros(address);
  std::string text;
  size_t i = 0;
  while (i < address.size()) {
    if (zeros.size > 0 && i == zeros.begin) {
      text += i == 0 ? "::" : ":";
      i += zeros.size;
      continue;
    }
    if (i == 6 && EndsInV4(address, zeros)) {
      const auto high = [&](size_t n) { return static_cast<uint8_t>(address[n] >> 8); };
      const auto low = [&](size_t n) { return static_cast<uint8_t>(address[n] & 0xff); };
      return text + Format(V4{high(6), low(6), high(7), low(7)});
    }
    text += Hexadecimal(address[i], kLowerCase);
    if (++i < address.size()) text += ':';
  }
  return text;
}

}  // namespace

bool IsIpAddress(std::string_view text) { return CanonicalIpAddress(text).has_value(); }

std::optional<std::string> CanonicalIpAddress(std::string_view text) {
  if (const std::optional<V4> v4 = ParseV4(text)) return Format(*v4);
  const std::optional<std::string_view> address = WithoutZone(text);
  if (!address) return std::nullopt;
  const std::optional<V6> v6 = ParseV6(*address);
  if (!v6) return std::nullopt;
  return Format(*v6);
}

}  // namespace wasm_tls
