#include "byte_queue.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace wasm_tls {

std::span<uint8_t> ByteQueue::Reserve(size_t size) {
  if (capacity_ - end_ < size) MakeRoom(size);
  return {block_.get() + end_, capacity_ - end_};
}

void ByteQueue::Commit(size_t size) {
  assert(size <= capacity_ - end_);
  end_ += size;
  if (empty()) Clear();
}

void ByteQueue::Append(BytesView bytes) {
  if (bytes.empty()) return;
  std::memcpy(Reserve(bytes.size()).data(), bytes.data(), bytes.size());
  Commit(bytes.size());
}

void ByteQueue::Consume(size_t size) {
  assert(size <= this->size());
  begin_ += size;
  if (empty()) Clear();
}

void ByteQueue::Clear() {
  block_.reset();
  capacity_ = begin_ = end_ = 0;
}

// Moves the queued bytes to the front of the block, or of a larger one. A block grows by doubling, so that appending
// small pieces stays linear; a first block is just as large as asked for, since most queues are filled once and
// emptied.
void ByteQueue::MakeRoom(size_t size) {
  const size_t queued = this->size();
  // Moving costs one copy of what is queued: worth it only when at least as much comes free at the front.
  if (capacity_ - queued >= size && begin_ >= queued) {
    std::memmove(block_.get(), block_.get() + begin_, queued);
  } else {
    const size_t capacity = std::max(queued + size, queued == 0 ? size : 2 * capacity_);
    auto block = std::make_unique_for_overwrite<uint8_t[]>(capacity);
    if (queued != 0) std::memcpy(block.get(), block_.get() + begin_, queued);
    block_ = std::move(block);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = queued;
}

}  // namespace wasm_tls
