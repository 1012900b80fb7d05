// Textual IP addresses. Not inet_pton(): its habits differ between C libraries, and the engine has two of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wasm_tls {

// Is `text` an IPv4 or IPv6 address, the latter perhaps with a zone ('fe80::1%eth0')?
bool IsIpAddress(std::string_view text);

// The one way to write an address (RFC 5952): '::1' for '0:0:0:0:0:0:0:1'. A zone is dropped. nullopt for anything that
// is no address.
std::optional<std::string> CanonicalIpAddress(std::string_view text);

}  // namespace wasm_tls
