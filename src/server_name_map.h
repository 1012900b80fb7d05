// ServerNameMap: which context serves which name. An exact name comes first, then a wildcard, then nothing, which
// means the server's default context. A name added again replaces the older one.
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

  // Names compare without regard to case (RFC 4343). Null when no pattern matches. Of several wildcards the one
  // added last wins, as in Node.
  std::shared_ptr<SecureContext> Find(std::string_view servername) const;

 private:
  struct Wildcard {
    std::string pattern;
    std::shared_ptr<SecureContext> context;
  };

  std::unordered_map<std::string, std::shared_ptr<SecureContext>> exact_;
  std::vector<Wildcard> wildcards_;
};

}  // namespace wasm_tls
