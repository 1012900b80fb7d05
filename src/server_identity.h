// Server identity: does a certificate belong to a host name or address? RFC 6125 and RFC 2818 as Node applies them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wasm_tls {

// What `checkServerIdentity()` needs of a certificate object, which may come from anywhere.
struct IdentityClaims {
  std::optional<std::string> subject_alt_name;  // Node's text form
  std::vector<std::string> common_names;        // of the subject; none where that has but an empty one
  bool has_subject = false;
};

// The reason that `CheckServerIdentity()` gives for a subjectAltName text with malformed quoting: Node throws
// ERR_TLS_CERT_ALTNAME_FORMAT with this message then, and ERR_TLS_CERT_ALTNAME_INVALID for every other reason.
inline constexpr std::string_view kMalformedAltNames = "Invalid subject alternative name string";

// nullopt when the certificate is valid for `hostname`, otherwise Node's `reason`: "Host: b.com. is not in the cert's
// altnames: DNS:a.com". `hostname` is the host as its user writes it, without brackets around an IPv6 address, and
// `ascii_name` the same with IDNA applied, which alone is compared with DNS names: other characters than '.' may
// separate labels. It is empty for what is no domain name, and matches none then. URI names never match
// (CVE-2021-44531).
std::optional<std::string> CheckServerIdentity(std::string_view hostname, std::string_view ascii_name,
                                               const IdentityClaims& claims);

// Whether `hostname` is a domain name of letters, digits and hyphens alone, without a dot at its end, and no address.
// It needs no IDNA then, and `CheckServerIdentity()` takes a certificate for valid that has it as a DNS name.
bool IsPlainDomainName(std::string_view hostname);

// The names of a subjectAltName text, quoting undone: 'DNS:a.com'. nullopt when the quoting is malformed.
std::optional<std::vector<std::string>> SplitAltNames(std::string_view text);

}  // namespace wasm_tls
