// ServerNameMap: which context serves which name. An exact name comes before any pattern; of several patterns that
// match, the one added last wins; none means the server's default context.
//
// Node has the last addition win over an exact name, too: a wildcard that somebody adds later takes a name over that
// had a certificate of its own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "secure_context.h"

namespace wasm_tls {

class ServerNameMap {
 public:
  // `pattern`: a host name in which `*` stands for any characters of one label, such as '*.example.org'.
  void Add(std::string_view pattern, std::shared_ptr<SecureContext> context);

  // Names compare without regard to case (RFC 4343). Null when no pattern matches.
  std::shared_ptr<SecureContext> Find(std::string_view servername) const;

 private:
  struct Wildcard {
    std::string pattern;
    std::shared_ptr<SecureContext> context;
  };

  std::unordered_map<std::string, std::shared_ptr<SecureContext>> exact_;  // a server may have thousands of these …
  std::vector<Wildcard> wildcards_;                                        // … and has few of these, oldest first
};

}  // namespace wasm_tls
