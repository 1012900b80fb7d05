// For crypto/mem.c: OpenSSL's allocations are malloc()'s, without hooks and counters. It wipes its keys before it frees
// them, but neither an SSL object, in which all secrets of TLS 1.3 lie, nor the sessions that it puts into tickets:
// every block is wiped here, whatever it is.
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "free_lists.h"
#include "src/kernels/wipe.h"

namespace {

// AddressSanitizer would not see who uses a block that is in a list.
#if defined(__wasm__)
constexpr bool kListed = true;
#else
constexpr bool kListed = false;
#endif

constinit wasm_tls::FreeLists g_free;

void* TakeFree(size_t size) { return kListed ? g_free.Take(size) : nullptr; }

void* Report(const char* file, int line) {
  // The state of the error queue itself is allocated without a place.
  if (file != nullptr || line != 0) {
    ERR_new();
    ERR_set_debug(file, line, nullptr);
    ERR_set_error(ERR_LIB_CRYPTO, ERR_R_MALLOC_FAILURE, nullptr);
  }
  return nullptr;
}

}  // namespace

extern "C" {

void* CRYPTO_malloc(size_t size, const char* file, int line) {
  if (size == 0) return nullptr;
  void* block = TakeFree(size);
  if (block == nullptr) block = std::malloc(size);
  return block != nullptr ? block : Report(file, line);
}

void* CRYPTO_zalloc(size_t size, const char* file, int line) {
  if (size == 0) return nullptr;
  void* block = TakeFree(size);
  if (block == nullptr) block = std::calloc(1, size);
  return block != nullptr ? block : Report(file, line);
}

void* CRYPTO_aligned_alloc(size_t size, size_t alignment, void** to_free, const char* file, int line) {
  void* block = nullptr;
  if (posix_memalign(&block, alignment, size) != 0) block = Report(file, line);
  *to_free = block;
  return block;
}

void CRYPTO_free(void* block, const char* /*file*/, int /*line*/) {
  if (block == nullptr) return;
  const size_t size = malloc_usable_size(block);
  wasm_tls::kernels::Wipe(block, size);
  if (!kListed || !g_free.Keep(block, size)) std::free(block);
}

void CRYPTO_clear_free(void* block, size_t /*size*/, const char* file, int line) { CRYPTO_free(block, file, line); }

void* CRYPTO_realloc(void* block, size_t size, const char* file, int line) {
  if (block != nullptr && size == 0) {
    CRYPTO_free(block, file, line);
    return nullptr;
  }
  const size_t before = block != nullptr ? malloc_usable_size(block) : 0;
  if (size <= before && size >= before / 2) return block;
  void* moved = CRYPTO_malloc(size, file, line);
  if (moved == nullptr || block == nullptr) return moved;
  std::memcpy(moved, block, std::min(before, size));
  CRYPTO_free(block, file, line);
  return moved;
}

void* CRYPTO_clear_realloc(void* block, size_t old_size, size_t size, const char* file, int line) {
  if (block != nullptr && size != 0 && size < old_size) {
    OPENSSL_cleanse(static_cast<char*>(block) + size, old_size - size);
    return block;
  }
  void* larger = CRYPTO_malloc(size, file, line);
  if (block == nullptr || (larger == nullptr && size != 0)) return larger;
  if (larger != nullptr) std::memcpy(larger, block, old_size);
  CRYPTO_clear_free(block, old_size, file, line);
  return larger;
}

// Nobody's own allocator goes before these.
int CRYPTO_set_mem_functions(CRYPTO_malloc_fn /*allocate*/, CRYPTO_realloc_fn /*reallocate*/, CRYPTO_free_fn /*free*/) {
  return 0;
}

}  // extern "C"
