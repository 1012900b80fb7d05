#include "server_identity.h"

#include <algorithm>

#include "ip_address.h"
#include "json_string.h"

namespace wasm_tls {

namespace {

std::string_view WithoutFinalDot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// The labels of a host name, A-Z in lower case.
std::vector<std::string> Labels(std::string_view name) {
  std::vector<std::string> labels(1);
  for (const char c : WithoutFinalDot(name)) {
    if (c == '.') {
      labels.emplace_back();
    } else {
      labels.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return labels;
}

// Blanks and control characters have no place in a name, and of what is not ASCII the encoding is unknown.
bool IsPlain(const std::string& label) {
  return std::ranges::all_of(label, [](unsigned char c) { return c > ' ' && c <= 0x7f; });
}

// RFC 6125, section 6.4.3: one `*`, in the leftmost label, which stands for a part of that label.
bool MatchesFirstLabel(const std::string& host, const std::string& pattern, size_t pattern_labels) {
  const size_t star = pattern.find('*');
  // "should not attempt to match wildcards within A-labels"
  if (star == std::string::npos || pattern.contains("xn--")) return host == pattern;
  if (pattern.find('*', star + 1) != std::string::npos) return false;
  // '*.com' would match far too much.
  if (pattern_labels <= 2) return false;
  const std::string_view prefix = std::string_view(pattern).substr(0, star);
  const std::string_view suffix = std::string_view(pattern).substr(star + 1);
  return prefix.size() + suffix.size() <= host.size() && host.starts_with(prefix) && host.ends_with(suffix);
}

bool Matches(const std::vector<std::string>& host, std::string_view pattern) {
  if (pattern.empty()) return false;
  const std::vector<std::string> labels = Labels(pattern);
  if (labels.size() != host.size()) return false;
  const auto acceptable = [](const std::string& label) { return !label.empty() && IsPlain(label); };
  if (!std::ranges::all_of(labels, acceptable)) return false;
  if (!std::equal(host.begin() + 1, host.end(), labels.begin() + 1)) return false;
  return MatchesFirstLabel(host[0], labels[0], labels.size());
}

bool MatchesAny(std::string_view hostname, const std::vector<std::string>& patterns) {
  const std::vector<std::string> host = Labels(hostname);
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return Matches(host, pattern); });
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined += separator;
    joined += parts[i];
  }
  return joined;
}

struct AltNames {
  std::vector<std::string> dns;
  std::vector<std::string> addresses;  // canonical; empty for what is no address
};

AltNames Sorted(const std::vector<std::string>& names) {
  constexpr std::string_view kDns = "DNS:";
  constexpr std::string_view kAddress = "IP Address:";
  AltNames sorted;
  for (const std::string& name : names) {
    if (name.starts_with(kDns)) {
      sorted.dns.push_back(name.substr(kDns.size()));
    } else if (name.starts_with(kAddress)) {
      sorted.addresses.push_back(CanonicalIpAddress(std::string_view(name).substr(kAddress.size())).value_or(""));
    }
  }
  return sorted;
}

std::vector<std::string> SplitPlain(std::string_view text) {
  constexpr std::string_view kSeparator = ", ";
  std::vector<std::string> names;
  for (size_t end = text.find(kSeparator); end != std::string_view::npos; end = text.find(kSeparator)) {
    names.emplace_back(text.substr(0, end));
    text = text.substr(end + kSeparator.size());
  }
  names.emplace_back(text);
  return names;
}

constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

bool IsPlainDomainName(std::string_view hostname) {
  char before = '.';
  bool starts_with_letter = false;  // the label at hand
  for (const char c : hostname) {
    if (before == '.') starts_with_letter = IsLetter(c);
    if (c == '.' ? before == '.' : !IsLetter(c) && c != '-' && !(c >= '0' && c <= '9')) return false;
    before = c;
  }
  return before != '.' && starts_with_letter;
}

std::optional<std::vector<std::string>> SplitAltNames(std::string_view text) {
  if (!text.contains('"')) return SplitPlain(text);
  std::vector<std::string> names(1);
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(",\""), text.size());
    names.back() += text.substr(0, end);
    text = text.substr(end);
    if (text.starts_with(',')) {
      names.emplace_back();
      text = text.substr(std::min<size_t>(2, text.size()));  // ', '
    } else if (text.starts_with('"')) {
      const size_t size = JsonStringLength(text);
      if (size == 0) return std::nullopt;
      names.back() += DecodeJsonString(text.substr(0, size));
      text = text.substr(size);
    }
  }
  return names;
}

std::optional<std::string> CheckServerIdentity(std::string_view hostname, std::string_view ascii_name,
                                               const IdentityClaims& claims) {
  const std::string alt_text = claims.subject_alt_name.value_or("");
  const auto split = SplitAltNames(alt_text);
  if (!split) return std::string(kMalformedAltNames);
  const AltNames alt = Sorted(*split);
  const std::string name(WithoutFinalDot(hostname));

  if (const std::optional<std::string> address = CanonicalIpAddress(name)) {
    if (std::ranges::contains(alt.addresses, *address)) return std::nullopt;
    return "IP: " + name + " is not in the cert's list: " + Join(alt.addresses, ", ");
  }
  if (!alt.dns.empty()) {
    if (MatchesAny(ascii_name, alt.dns)) return std::nullopt;
    return "Host: " + name + ". is not in the cert's altnames: " + alt_text;
  }
  // RFC 6125, section 6.4.4: the common name counts only where there is no DNS name.
  if (claims.common_names.empty()) return "Cert does not contain a DNS name";
  if (MatchesAny(ascii_name, claims.common_names)) return std::nullopt;
  return "Host: " + name + ". is not cert's CN: " + Join(claims.common_names, ",");
}

}  // namespace wasm_tls
