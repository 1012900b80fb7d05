// For crypto/rand/rand_lib.c: random bytes come from the host, without a generator, its state and its start-up time in
// between. A handshake wants some twenty times a few bytes, and each call out of WebAssembly costs microseconds: the
// host is asked for a store of them.
#include "random.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>
#include <utility>

namespace wasm_tls {
namespace {

// The most that one handshake takes is about this much.
constexpr size_t kStore = 1024;
// What is asked for as a whole is not small.
constexpr size_t kMostFromStore = 128;

RandomSource g_source;
unsigned char g_store[kStore];
size_t g_left = 0;  // at the end of the store

bool FillFromStore(unsigned char* out, size_t size) {
  if (g_left < size) {
    g_left = 0;
    if (!g_source.fill(g_store, kStore)) return false;
    g_left = kStore;
  }
  unsigned char* bytes = g_store + kStore - g_left;
  std::memcpy(out, bytes, size);
  // Some of them become keys: each is here once only.
  OPENSSL_cleanse(bytes, size);
  g_left -= size;
  return true;
}

int Fill(unsigned char* out, size_t size) {
  const bool from_store = g_source.ahead && size <= kMostFromStore;
  if (g_source.fill != nullptr && (from_store ? FillFromStore(out, size) : g_source.fill(out, size))) return 1;
  ERR_raise(ERR_LIB_RAND, RAND_R_UNABLE_TO_FETCH_DRBG);
  return 0;
}

}  // namespace

RandomSource SetRandomSource(RandomSource source) {
  OPENSSL_cleanse(g_store, kStore);
  g_left = 0;
  return std::exchange(g_source, source);
}

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

int RAND_status() { return wasm_tls::g_source.fill != nullptr ? 1 : 0; }
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
