// For crypto/mem.c: OpenSSL's allocations are malloc()'s, without hooks and counters. It wipes its keys before it frees
// them, but neither an SSL object, in which all secrets of TLS 1.3 lie, nor the sessions that it puts into tickets:
// blocks of that size are wiped here, whatever they are.
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <cstdlib>
#include <cstring>

namespace {

// A session has at least so many bytes, and most blocks that a handshake takes are smaller.
constexpr size_t kWiped = 96;

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
  void* block = std::malloc(size);
  return block != nullptr ? block : Report(file, line);
}

void* CRYPTO_zalloc(size_t size, const char* file, int line) {
  if (size == 0) return nullptr;
  void* block = std::calloc(1, size);
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
  if (size >= kWiped) OPENSSL_cleanse(block, size);
  std::free(block);
}

void CRYPTO_clear_free(void* block, size_t size, const char* /*file*/, int /*line*/) {
  if (block == nullptr) return;
  OPENSSL_cleanse(block, size);
  std::free(block);
}

void* CRYPTO_realloc(void* block, size_t size, const char* file, int line) {
  if (block != nullptr && size == 0) {
    CRYPTO_free(block, file, line);
    return nullptr;
  }
  return std::realloc(block, size);
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
