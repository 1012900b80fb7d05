// GHASH of GCM (SP 800-38D), without an address or a branch that depends on the key or on data.
//
// Both forms look up the products of nibbles with the key, in vectors of sixteen bytes. GhashKey is for few blocks, one
// after the other. GhashTables multiplies sixteen blocks at once by the key's sixteenth power: byte i of all of them is
// a vector, and a look-up serves them all.
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/kernels/simd.h"

namespace wasm_tls::kernels {

struct GhashKey {
  // Products of a nibble with 15 consecutive bits of the key: what byte i of a factor adds to byte i + j of the product
  // is high[j] of its high nibble and low[j] of the low one.
  U8x16 high[17];
  U8x16 low[17];
};

// `h`: the block of zeros, encrypted.
void GhashSetKey(GhashKey& key, U8x16 h);

U8x16 GhashMultiply(const GhashKey& key, U8x16 factor);

// `hash` times the key, after `block` was added; and so on for `count` blocks.
U8x16 GhashBlocks(const GhashKey& key, U8x16 hash, const uint8_t* blocks, size_t count);

// As a matrix over bytes, multiplication by a constant is a Toeplitz matrix but for one row: see ghash.cc. It is split
// twice by Karatsuba's rule into nine of four by four bytes, which have seven diagonals each.
struct GhashTables {
  struct Leaf {
    U8x16 high[7];
    U8x16 low[7];
  };
  Leaf leaves[9];
};

void GhashSetTables(GhashTables& tables, U8x16 h);

// The same hash, of many blocks: worth it from some twenty on.
class GhashBulk {
 public:
  // `count`: of all the blocks that will be added.
  GhashBulk(const GhashTables& tables, U8x16 hash, size_t count);

  void Add(const uint8_t* blocks, size_t count);
  // Once, after the last block.
  U8x16 Finish(const GhashKey& key);

 private:
  void AddGroup(const uint8_t* blocks);

  const GhashTables& tables_;
  // Sixteen partial hashes: vector i has byte i of each.
  U8x16 hashes_[16];
  // What is there of the next group of sixteen blocks.
  U8x16 group_[16];
  size_t filled_;
  bool first_ = true;
};

}  // namespace wasm_tls::kernels
