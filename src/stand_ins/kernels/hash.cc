// For crypto/hashtable/hashfunc.c: the hash of OpenSSL's tables of names and methods, which it computes some two
// hundred times for a handshake, over keys that are mostly the zeros behind a short name. OpenSSL's goes byte by byte.
#include <cstdint>
#include <cstring>

extern "C" {

uint64_t ossl_fnv1a_hash(uint8_t* key, size_t size) {
  constexpr uint64_t kPrime = 0x9e3779b97f4a7c15;
  uint64_t hash = size;
  for (; size >= sizeof hash; key += sizeof hash, size -= sizeof hash) {
    uint64_t word;
    std::memcpy(&word, key, sizeof word);
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;  // the table takes the low bits
  }
  for (; size > 0; ++key, --size) hash = (hash ^ *key) * kPrime;
  return hash ^ (hash >> 32);
}

}  // extern "C"
