// ServerNameMap: which context serves which name. Of several patterns that match, the one added last wins, as in Node;
// none means the server's default context.
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
  struct Entry {
    size_t age = 0;  // the higher, the younger
    std::shared_ptr<SecureContext> context;
  };

  struct Wildcard {
    std::string pattern;
    Entry entry;
  };

  size_t next_age_ = 0;
  std::unordered_map<std::string, Entry> exact_;  // a server may have thousands of these …
  std::vector<Wildcard> wildcards_;               // … and has few of these, oldest first
};

}  // namespace wasm_tls
