// ByteQueue: bytes in at the back, out at the front, in one contiguous block.
//
// A span that it hands out is valid until the next call of a non-const member. An empty queue holds no memory, so an
// idle connection costs next to nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "bytes.h"

namespace wasm_tls {

class ByteQueue {
 public:
  ByteQueue() = default;
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;

  bool empty() const { return begin_ == end_; }
  size_t size() const { return end_ - begin_; }

  // All queued bytes, oldest first.
  BytesView view() const { return {block_.get() + begin_, size()}; }

  // Writable room for at least `size` bytes behind the queued ones. They join the queue by `Commit()`, which must
  // follow, with 0 when nothing came: the room of an empty queue is then given back.
  std::span<uint8_t> Reserve(size_t size);
  void Commit(size_t size);

  void Append(BytesView bytes);

  // Drops the `size` oldest bytes.
  void Consume(size_t size);

  // Drops everything.
  void Clear();

 private:
  void MakeRoom(size_t size);

  std::unique_ptr<uint8_t[]> block_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace wasm_tls
