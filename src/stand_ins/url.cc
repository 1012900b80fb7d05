// For crypto/http/http_lib.c: the parts of a URL. The name constraints of a certificate ask for its scheme and its
// host, and nothing else here does. OpenSSL's reads the port by sscanf(), which brings floating-point numbers along
// into wasm.
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/httperr.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace {

struct Parts {
  std::string_view scheme;
  std::string_view host;
};

// What is left of `text` at any of `ends`, and `text` from there on.
std::string_view TakeUntil(std::string_view* text, std::string_view ends) {
  const size_t size = std::min(text->find_first_of(ends), text->size());
  const std::string_view taken = text->substr(0, size);
  text->remove_prefix(size);
  return taken;
}

bool IsPort(std::string_view text) {
  unsigned int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number <= 65535;
}

std::optional<Parts> Split(std::string_view url) {
  Parts parts{.scheme = url.substr(0, 0), .host = {}};
  if (const size_t size = url.find("://"); size != std::string_view::npos) {
    if (size == 0) return std::nullopt;
    parts.scheme = url.substr(0, size);
    url.remove_prefix(size + 3);
  }
  std::string_view authority = TakeUntil(&url, "/?#");
  if (const size_t user = authority.find('@'); user != std::string_view::npos) authority.remove_prefix(user + 1);
  if (authority.starts_with('[')) {
    const size_t size = authority.find(']');
    if (size == std::string_view::npos) return std::nullopt;
    parts.host = authority.substr(0, size + 1);
    authority.remove_prefix(size + 1);
  } else {
    parts.host = TakeUntil(&authority, ":");
  }
  if (authority.empty()) return parts;
  if (!authority.starts_with(':') || !IsPort(authority.substr(1))) return std::nullopt;
  return parts;
}

char* Copy(std::string_view text) { return OPENSSL_strndup(text.data(), text.size()); }

}  // namespace

extern "C" {

int OSSL_parse_url(const char* url, char** scheme, char** /*user*/, char** host, char** /*port*/, int* /*port_number*/,
                   char** /*path*/, char** /*query*/, char** /*fragment*/) {
  const std::optional<Parts> parts = Split(url);
  if (!parts) {
    ERR_raise(ERR_LIB_HTTP, HTTP_R_ERROR_PARSING_URL);
    return 0;
  }
  *scheme = Copy(parts->scheme);
  *host = Copy(parts->host);
  return *scheme != nullptr && *host != nullptr ? 1 : 0;
}

// What fetches a certificate from a URL would bring the whole of the client along.
BIO* OSSL_HTTP_get(const char* /*url*/, const char* /*proxy*/, const char* /*no_proxy*/, BIO* /*bio*/,
                   BIO* /*read_bio*/, OSSL_HTTP_bio_cb_t /*update*/, void* /*argument*/, int /*buffer_size*/,
                   const STACK_OF(CONF_VALUE)* /*headers*/, const char* /*content_type*/, int /*asn1*/,
                   size_t /*limit*/, int /*timeout*/) {
  return nullptr;
}

}  // extern "C"
