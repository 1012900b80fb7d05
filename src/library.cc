#include "library.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>

#include "error_codes.h"
#include "openssl_ptr.h"
#include "provider/provider.h"
#include "stand_ins/random.h"

namespace wasm_tls {

Result<void> InitLibrary(const HostFunctions& host) {
  static bool done = false;
  if (done) return {};
  // First of all, since any look at the error queue would load all texts of errors. See LoadErrorTexts().
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_LOAD_SSL_STRINGS,
                      nullptr);
  ErrorQueueScope errors;
  if (host.fill_random == nullptr)
    return std::unexpected(StateError("ERR_INTERNAL_ASSERTION", "No source of randomness"));
  // A configuration file of the machine must not change what a tenant's stack does; and libssl's atexit handler would
  // free things that outlive `main()` in wasm.
  constexpr uint64_t kOptions = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT;
  SetRandomSource({.fill = host.fill_random});
  if (OPENSSL_init_ssl(kOptions, nullptr) != 1 || !LoadProvider()) {
    return std::unexpected(TakeOsslError("OpenSSL could not be initialized"));
  }
  UseNewAlertNames(host.new_alert_names);
  done = true;
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
    const auto place = std::ranges::lower_bound(names, name);
    if (place == names.end() || *place != name) names.insert(place, std::move(name));
  }
  return names;
}

std::string OpensslVersion() { return OpenSSL_version(OPENSSL_VERSION); }

}  // namespace wasm_tls
