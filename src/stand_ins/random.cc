// For crypto/rand/rand_lib.c: random bytes come straight from the host, without a generator, its state and its start-up
// time in between.
#include "random.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <utility>

namespace wasm_tls {
namespace {

RandomSource g_source = nullptr;

int Fill(unsigned char* out, size_t size) {
  if (g_source != nullptr && g_source(out, size)) return 1;
  ERR_raise(ERR_LIB_RAND, RAND_R_UNABLE_TO_FETCH_DRBG);
  return 0;
}

}  // namespace

RandomSource SetRandomSource(RandomSource source) { return std::exchange(g_source, source); }

}  // namespace wasm_tls

using wasm_tls::Fill;

extern "C" {

int RAND_bytes(unsigned char* out, int size) { return size >= 0 ? Fill(out, static_cast<size_t>(size)) : 0; }
int RAND_priv_bytes(unsigned char* out, int size) { return RAND_bytes(out, size); }
int RAND_bytes_ex(OSSL_LIB_CTX* /*context*/, unsigned char* out, size_t size, unsigned int /*strength*/) {
  return Fill(out, size);
}
int RAND_priv_bytes_ex(OSSL_LIB_CTX* /*context*/, unsigned char* out, size_t size, unsigned int /*strength*/) {
  return Fill(out, size);
}

int RAND_status() { return wasm_tls::g_source != nullptr ? 1 : 0; }
int RAND_poll() { return 1; }
void RAND_add(const void* /*bytes*/, int /*size*/, double /*entropy*/) {}
void RAND_seed(const void* /*bytes*/, int /*size*/) {}

// A library context wants its generators to be something.
void* ossl_rand_ctx_new(OSSL_LIB_CTX* /*context*/) {
  static char nothing;
  return &nothing;
}
void ossl_rand_ctx_free(void* /*generators*/) {}
void ossl_rand_cleanup_int() {}
void ossl_random_add_conf_module() {}
int ossl_rand_check_random_provider_on_load(OSSL_LIB_CTX* /*context*/, OSSL_PROVIDER* /*provider*/) { return 1; }
int ossl_rand_check_random_provider_on_unload(OSSL_LIB_CTX* /*context*/, OSSL_PROVIDER* /*provider*/) { return 1; }
EVP_RAND_CTX* ossl_rand_get0_seed_noncreating(OSSL_LIB_CTX* /*context*/) { return nullptr; }
EVP_RAND_CTX* ossl_rand_get0_private_noncreating(OSSL_LIB_CTX* /*context*/) { return nullptr; }
EVP_RAND_CTX* RAND_get0_primary(OSSL_LIB_CTX* /*context*/) { return nullptr; }
EVP_RAND_CTX* RAND_get0_public(OSSL_LIB_CTX* /*context*/) { return nullptr; }
EVP_RAND_CTX* RAND_get0_private(OSSL_LIB_CTX* /*context*/) { return nullptr; }

}  // extern "C"
