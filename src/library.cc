#include "library.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>

#include "error_codes.h"
#include "openssl_ptr.h"

namespace wasm_tls {
namespace {

bool (*g_fill_random)(uint8_t* out, size_t size) = nullptr;

int RandomBytes(unsigned char* out, int size) {
  return size >= 0 && g_fill_random(out, static_cast<size_t>(size)) ? 1 : 0;
}

int RandomStatus() { return 1; }

// RAND_METHOD is deprecated in favour of providers; it is still the one way to have every random byte of OpenSSL come
// straight from the host, without a generator, its state and its start-up time in between.
constexpr RAND_METHOD kHostRandom = {
    .seed = nullptr,
    .bytes = RandomBytes,
    .cleanup = nullptr,
    .add = nullptr,
    .pseudorand = RandomBytes,
    .status = RandomStatus,
};

}  // namespace

Result<void> InitLibrary(const HostFunctions& host) {
  if (g_fill_random != nullptr) return {};
  ErrorQueueScope errors;
  if (host.fill_random == nullptr)
    return std::unexpected(StateError("ERR_INTERNAL_ASSERTION", "No source of randomness"));
  // A configuration file of the machine must not change what a tenant's stack does; and libssl's atexit handler would
  // free things that outlive `main()` in wasm.
  constexpr uint64_t kOptions = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_LOAD_SSL_STRINGS;
  if (OPENSSL_init_ssl(kOptions, nullptr) != 1 || RAND_set_rand_method(&kHostRandom) != 1) {
    return std::unexpected(TakeOsslError("OpenSSL could not be initialized"));
  }
  g_fill_random = host.fill_random;
  UseNewAlertNames(host.new_alert_names);
  return {};
}

std::vector<std::string> CipherNames() {
  ErrorQueueScope errors;
  SslCtxPtr ctx(SSL_CTX_new(TLS_method()));
  if (ctx == nullptr) return {};
  // OpenSSL's default list leaves the CCM suites of TLS 1.3 out, although they can be asked for.
  SSL_CTX_set_ciphersuites(ctx.get(),
                           "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:"
                           "TLS_AES_128_CCM_8_SHA256:TLS_AES_128_CCM_SHA256");
  std::vector<std::string> names;
  STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(ctx.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    std::string name = SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

std::string OpensslVersion() { return OpenSSL_version(OPENSSL_VERSION); }

}  // namespace wasm_tls
