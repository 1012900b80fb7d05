#include "server_name_map.h"

#include <algorithm>
#include <cctype>
#include <ranges>

namespace wasm_tls {
namespace {

std::string LowerCase(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// Does `name` match `pattern`, where `*` stands for any number of characters but the dot? Each `*` first takes nothing
// and then one character more at a time; only the last one can need that, since what stood between two has matched.
bool Matches(std::string_view pattern, std::string_view name) {
  constexpr size_t kNone = std::string_view::npos;
  size_t p = 0;
  size_t n = 0;
  size_t star = kNone;  // where the last `*` of the pattern stands …
  size_t star_end = 0;  // … and where what it took ends
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_end = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != kNone && name[star_end] != '.') {
      n = ++star_end;
      p = star + 1;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == kNone;
}

}  // namespace

void ServerNameMap::Add(std::string_view pattern, std::shared_ptr<SecureContext> context) {
  std::string name = LowerCase(pattern);
  if (!name.contains('*')) {
    exact_.insert_or_assign(std::move(name), std::move(context));
    return;
  }
  std::erase_if(wildcards_, [&name](const Wildcard& wildcard) { return wildcard.pattern == name; });
  wildcards_.push_back({.pattern = std::move(name), .context = std::move(context)});
}

std::shared_ptr<SecureContext> ServerNameMap::Find(std::string_view servername) const {
  const std::string name = LowerCase(servername);
  if (const auto exact = exact_.find(name); exact != exact_.end()) return exact->second;
  for (const Wildcard& wildcard : wildcards_ | std::views::reverse) {
    if (Matches(wildcard.pattern, name)) return wildcard.context;
  }
  return nullptr;
}

}  // namespace wasm_tls
