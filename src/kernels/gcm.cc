#include "src/kernels/gcm.h"

#include <algorithm>

#include "src/kernels/aes_modes.h"

namespace wasm_tls::kernels {
namespace {

// So much is encrypted and then hashed, or the other way round: it stays in the first cache.
constexpr size_t kBlocksPerTurn = 128;

// SP 800-38D, 5.2.1.1, in bytes.
constexpr uint64_t kMaxTextSize = (uint64_t{1} << 36) - 32;
constexpr uint64_t kMaxAdditionalSize = (uint64_t{1} << 61) - 1;

// The lengths of two strings in bits.
U8x16 Lengths(uint64_t first, uint64_t second) {
  return reinterpret_cast<U8x16>(U64x2{__builtin_bswap64(first * 8), __builtin_bswap64(second * 8)});
}

U8x16 NextKeyStream(Gcm& gcm) {
  const U8x16 stream = AesEncrypt(gcm.key, gcm.counter);
  gcm.counter = AesCounterPlus(gcm.counter, 1);
  return stream;
}

void MultiplyHash(Gcm& gcm) { gcm.hash = GhashMultiply(gcm.hash_key, gcm.hash); }

// Bytes of the incomplete block at the hash's end, from `position` on.
void AddToHash(Gcm& gcm, size_t position, const uint8_t* data, size_t size) {
  uint8_t bytes[kAesBlock] = {};
  std::memcpy(bytes + position, data, size);
  gcm.hash ^= Load<U8x16>(bytes);
}

void HashBlocks(Gcm& gcm, const uint8_t* blocks, size_t count) {
  gcm.hash = GhashBlocks(gcm.hash_key, gcm.hash, blocks, count);
}

// Of whole blocks.
void AddKeyStream(Gcm& gcm, const uint8_t* in, uint8_t* out, size_t count) {
  for (size_t i = 0; i < count; ++i) Store(out + 16 * i, Load<U8x16>(in + 16 * i) ^ NextKeyStream(gcm));
}

enum class Direction { kEncrypt, kDecrypt };

template <Direction kDirection>
void CryptBlocks(Gcm& gcm, const uint8_t* in, uint8_t* out, size_t count) {
  if (gcm.bulk == nullptr || count * kAesBlock < kGcmBulkFrom) {
    if (kDirection == Direction::kDecrypt) HashBlocks(gcm, in, count);
    AddKeyStream(gcm, in, out, count);
    if (kDirection == Direction::kEncrypt) HashBlocks(gcm, out, count);
    return;
  }
  GhashBulk hash(gcm.bulk->tables, gcm.hash, count);
  // A first turn that leaves the counter at a multiple of eight.
  size_t turn = kBlocksPerTurn - gcm.counter[15] % 8;
  for (size_t done = 0; done < count; turn = kBlocksPerTurn) {
    const size_t size = std::min(turn, count - done);
    if (kDirection == Direction::kDecrypt) hash.Add(in + 16 * done, size);
    AesAddKeyStream(gcm.bulk->key, gcm.counter, in + 16 * done, out + 16 * done, size);
    if (kDirection == Direction::kEncrypt) hash.Add(out + 16 * done, size);
    done += size;
  }
  gcm.hash = hash.Finish(gcm.hash_key);
}

// Less than the rest of a block.
template <Direction kDirection>
void CryptPart(Gcm& gcm, size_t position, const uint8_t* in, uint8_t* out, size_t size) {
  uint8_t stream[kAesBlock];
  Store(stream, gcm.key_stream);
  if (kDirection == Direction::kDecrypt) AddToHash(gcm, position, in, size);
  for (size_t i = 0; i < size; ++i) out[i] = in[i] ^ stream[position + i];
  if (kDirection == Direction::kEncrypt) AddToHash(gcm, position, out, size);
}

template <Direction kDirection>
bool Crypt(Gcm& gcm, const uint8_t* in, uint8_t* out, size_t size) {
  if (size > kMaxTextSize - gcm.text_size) return false;
  if (size == 0) return true;
  // The additional data end with a block of their own.
  if (gcm.text_size == 0 && gcm.additional_size % kAesBlock != 0) MultiplyHash(gcm);
  const size_t position = gcm.text_size % kAesBlock;
  gcm.text_size += size;
  if (position != 0) {
    const size_t taken = std::min(size, kAesBlock - position);
    CryptPart<kDirection>(gcm, position, in, out, taken);
    if (position + taken < kAesBlock) return true;
    MultiplyHash(gcm);
    in += taken;
    out += taken;
    size -= taken;
  }
  const size_t blocks = size / kAesBlock;
  CryptBlocks<kDirection>(gcm, in, out, blocks);
  if (size % kAesBlock != 0) {
    gcm.key_stream = NextKeyStream(gcm);
    CryptPart<kDirection>(gcm, 0, in + blocks * kAesBlock, out + blocks * kAesBlock, size % kAesBlock);
  }
  return true;
}

}  // namespace

void GcmSetKey(Gcm& gcm, const uint8_t* key, size_t size) {
  AesSetKey(gcm.key, key, size);
  gcm.h = AesEncrypt(gcm.key, U8x16{});
  GhashSetKey(gcm.hash_key, gcm.h);
}

void GcmSetBulk(const Gcm& gcm, GcmBulk& bulk) {
  AesSlice(bulk.key, gcm.key);
  GhashSetTables(bulk.tables, gcm.h);
}

void GcmStart(Gcm& gcm, const uint8_t* iv, size_t size) {
  gcm.hash = {};
  if (size == 12) {
    uint8_t block[kAesBlock] = {};
    std::memcpy(block, iv, size);
    block[15] = 1;
    gcm.counter = Load<U8x16>(block);
  } else {
    HashBlocks(gcm, iv, size / kAesBlock);
    if (size % kAesBlock != 0) {
      AddToHash(gcm, 0, iv + size - size % kAesBlock, size % kAesBlock);
      MultiplyHash(gcm);
    }
    gcm.hash ^= Lengths(0, size);
    MultiplyHash(gcm);
    gcm.counter = gcm.hash;
    gcm.hash = {};
  }
  gcm.tag_mask = NextKeyStream(gcm);
  gcm.additional_size = 0;
  gcm.text_size = 0;
}

bool GcmAuthenticate(Gcm& gcm, const uint8_t* data, size_t size) {
  if (gcm.text_size != 0 || size > kMaxAdditionalSize - gcm.additional_size) return false;
  if (size == 0) return true;
  const size_t position = gcm.additional_size % kAesBlock;
  gcm.additional_size += size;
  if (position != 0) {
    const size_t taken = std::min(size, kAesBlock - position);
    AddToHash(gcm, position, data, taken);
    if (position + taken < kAesBlock) return true;
    MultiplyHash(gcm);
    data += taken;
    size -= taken;
  }
  HashBlocks(gcm, data, size / kAesBlock);
  AddToHash(gcm, 0, data + size - size % kAesBlock, size % kAesBlock);
  return true;
}

bool GcmEncrypt(Gcm& gcm, const uint8_t* in, uint8_t* out, size_t size) {
  return Crypt<Direction::kEncrypt>(gcm, in, out, size);
}

bool GcmDecrypt(Gcm& gcm, const uint8_t* in, uint8_t* out, size_t size) {
  return Crypt<Direction::kDecrypt>(gcm, in, out, size);
}

U8x16 GcmTag(Gcm& gcm) {
  // Whichever came last may have ended within a block.
  const uint64_t last = gcm.text_size != 0 ? gcm.text_size : gcm.additional_size;
  if (last % kAesBlock != 0) MultiplyHash(gcm);
  gcm.hash ^= Lengths(gcm.additional_size, gcm.text_size);
  MultiplyHash(gcm);
  return gcm.hash ^ gcm.tag_mask;
}

}  // namespace wasm_tls::kernels
