// AES-GCM (SP 800-38D), a message at a time and in pieces of any size, in place or not.
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/kernels/aes.h"
#include "src/kernels/ghash.h"

namespace wasm_tls::kernels {

// What makes long pieces fast: 4 KB, and about as much work as a hundred bytes.
struct GcmBulk {
  SlicedKey key;
  GhashTables tables;
};

// A piece of so many bytes is worth it.
inline constexpr size_t kGcmBulkFrom = 256;

struct Gcm {
  AesKey key;
  U8x16 h;
  GhashKey hash_key;
  GcmBulk* bulk;  // Of the caller's, or null.

  // Of a message.
  U8x16 counter;     // Of the next block.
  U8x16 tag_mask;    // What the hash is encrypted with.
  U8x16 hash;        // With what there is of an incomplete block added.
  U8x16 key_stream;  // Of the last block, when it was incomplete.
  uint64_t additional_size;
  uint64_t text_size;
};

// Everything but `bulk`. `size`: 16, 24 or 32.
void GcmSetKey(Gcm& gcm, const uint8_t* key, size_t size);
void GcmSetBulk(const Gcm& gcm, GcmBulk& bulk);

void GcmStart(Gcm& gcm, const uint8_t* iv, size_t size);
// All of it before the text. False when the message becomes longer than GCM allows.
bool GcmAuthenticate(Gcm& gcm, const uint8_t* data, size_t size);
// `out` is `in`, or does not overlap it.
bool GcmEncrypt(Gcm& gcm, const uint8_t* in, uint8_t* out, size_t size);
bool GcmDecrypt(Gcm& gcm, const uint8_t* in, uint8_t* out, size_t size);
U8x16 GcmTag(Gcm& gcm);

}  // namespace wasm_tls::kernels
