// FreeLists: small blocks of malloc()'s that are free, by size, the latest first. A handshake takes and gives back some
// 1,700 of them, the same sizes again and again.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace wasm_tls {

class FreeLists {
 public:
  // Of a block in a list, and of all of them together.
  static constexpr size_t kLargest = 516;
  static constexpr size_t kMostHeld = 64 * 1024;

  // A block of at least `size` bytes, all of them zero; or null.
  void* Take(size_t size) {
    if (size > kLargest) return nullptr;
    // The least list whose blocks are large enough; malloc() gives none for the first.
    const size_t number = std::max<size_t>((size + kStep - 1 - kOffset) / kStep, 1);
    if (lists_[number] == nullptr) return nullptr;
    Block* block = std::exchange(lists_[number], lists_[number]->next);
    block->next = nullptr;
    held_ -= SizeIn(number);
    return block;
  }

  // `block` has at least `size` bytes, all of them zero. False when it is not taken.
  bool Keep(void* block, size_t size) {
    if (size > kLargest || size < kStep + kOffset) return false;
    const size_t number = (size - kOffset) / kStep;
    if (held_ + SizeIn(number) > kMostHeld) return false;
    lists_[number] = new (block) Block{.next = lists_[number]};
    held_ += SizeIn(number);
    return true;
  }

 private:
  struct Block {
    Block* next;
  };

  // In wasm malloc()'s blocks have 12, 20, 28 ... bytes.
  static constexpr size_t kStep = 8;
  static constexpr size_t kOffset = 4;

  static constexpr size_t SizeIn(size_t number) { return kStep * number + kOffset; }

  std::array<Block*, kLargest / kStep + 1> lists_{};
  size_t held_ = 0;
};

}  // namespace wasm_tls
