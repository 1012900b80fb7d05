// Byte vocabulary of the engine.
//
// `BytesView` borrows, `Bytes` owns, `SecretBytes` owns and wipes itself when it is freed or outgrown: private keys,
// passphrases, pre-shared keys and ticket keys live in nothing else.
#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wasm_tls {

using Bytes = std::vector<uint8_t>;
using BytesView = std::span<const uint8_t>;

// An allocator that overwrites memory before it returns it.
template <class T>
struct CleansingAllocator {
  using value_type = T;

  CleansingAllocator() = default;
  template <class U>
  explicit CleansingAllocator(const CleansingAllocator<U>&) noexcept {}

  T* allocate(size_t n) { return std::allocator<T>().allocate(n); }
  void deallocate(T* p, size_t n) noexcept {
    OPENSSL_cleanse(p, n * sizeof(T));
    std::allocator<T>().deallocate(p, n);
  }

  template <class U>
  bool operator==(const CleansingAllocator<U>&) const noexcept {
    return true;
  }
};

using SecretBytes = std::vector<uint8_t, CleansingAllocator<uint8_t>>;

inline BytesView AsBytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

inline std::string_view AsText(BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline Bytes ToBytes(BytesView view) { return {view.begin(), view.end()}; }

}  // namespace wasm_tls
