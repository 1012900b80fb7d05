// For evp_generic_fetch(), to which the linker leads every use of it here (--wrap): algorithms by name, of which a
// handshake asks for more than a hundred. OpenSSL turns the name into a number, a property query into a key, and looks
// both up; this is one look into a table. There is one provider, loaded before anything is asked for and never
// unloaded.
#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

extern "C" {
using MakeMethod = void*(int name, const OSSL_ALGORITHM* algorithm, OSSL_PROVIDER* provider);
using UpRefMethod = int(void* method);
using FreeMethod = void(void* method);

void* OpensslFetch(OSSL_LIB_CTX* library, int operation, const char* name, const char* properties, MakeMethod* make,
                   UpRefMethod* up_ref, FreeMethod* free) __asm__("__real_evp_generic_fetch");
void* Fetch(OSSL_LIB_CTX* library, int operation, const char* name, const char* properties, MakeMethod* make,
            UpRefMethod* up_ref, FreeMethod* free) __asm__("__wrap_evp_generic_fetch");
}

namespace {

struct Entry {
  void* method;
  int operation;
  size_t name_size;
  char name[24];

  bool Is(int wanted_operation, std::string_view wanted) const {
    return operation == wanted_operation && std::string_view(name, name_size) == wanted;
  }
};

// An entry is where the hash of its name leads to, or one of the next places; it stays for good.
constexpr size_t kEntries = 256;
constexpr size_t kPlaces = 8;
constinit std::array<Entry, kEntries> g_fetched{};

// The entry of that name or the one that it may have; null when others have all of its places.
Entry* FindEntry(int operation, std::string_view name) {
  auto hash = static_cast<uint32_t>(operation);
  for (const char letter : name) hash = hash * 31 + static_cast<unsigned char>(letter);
  hash = hash * 0x9e3779b1U >> 24;  // the golden ratio, by which neighbours are spread
  for (size_t i = 0; i < kPlaces; ++i) {
    Entry& entry = g_fetched[(hash + i) % kEntries];
    if (entry.method == nullptr || entry.Is(operation, name)) return &entry;
  }
  return nullptr;
}

}  // namespace

void* Fetch(OSSL_LIB_CTX* library, int operation, const char* name, const char* properties, MakeMethod* make,
            UpRefMethod* up_ref, FreeMethod* free) {
  const std::string_view key = name == nullptr ? "" : name;
  const bool plain = library == nullptr && (properties == nullptr || *properties == '\0');
  Entry* entry = plain && !key.empty() && key.size() <= sizeof(Entry::name) ? FindEntry(operation, key) : nullptr;
  if (entry != nullptr && entry->method != nullptr) return up_ref(entry->method) == 1 ? entry->method : nullptr;

  void* method = OpensslFetch(library, operation, name, properties, make, up_ref, free);
  if (entry != nullptr && method != nullptr && up_ref(method) == 1) {
    *entry = {.method = method, .operation = operation, .name_size = key.size(), .name = {}};
    std::memcpy(entry->name, key.data(), key.size());
  }
  return method;
}
