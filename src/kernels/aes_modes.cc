#include "src/kernels/aes_modes.h"

#include <algorithm>

#include "src/kernels/wipe.h"

namespace wasm_tls::kernels {

void AesCbcEncrypt(const AesKey& key, U8x16& chain, const uint8_t* in, uint8_t* out, size_t blocks) {
  for (size_t i = 0; i < blocks; ++i) {
    chain = AesEncrypt(key, chain ^ Load<U8x16>(in + 16 * i));
    Store(out + 16 * i, chain);
  }
}

void AesCbcDecrypt(const SlicedKey& key, U8x16& chain, const uint8_t* in, uint8_t* out, size_t blocks) {
  while (blocks > 0) {
    const size_t taken = std::min<size_t>(blocks, 8);
    U8x16 before[9] = {chain};
    U8x16 state[8] = {};
    for (size_t i = 0; i < taken; ++i) state[i] = before[i + 1] = Load<U8x16>(in + 16 * i);
    chain = before[taken];
    AesDecrypt8(key, state);
    for (size_t i = 0; i < taken; ++i) Store(out + 16 * i, state[i] ^ before[i]);
    in += 16 * taken;
    out += 16 * taken;
    blocks -= taken;
  }
}

void AesAddKeyStream(const SlicedKey& key, U8x16& counter, const uint8_t* in, uint8_t* out, size_t blocks) {
  CounterWindow window;
  U8x16 stream[16];
  bool open = false;
  while (blocks > 0) {
    const size_t position = counter[15] % kWindowBlocks;
    if (!open || position == 0) AesOpenWindow(window, key, counter);
    open = true;
    // Key stream before the first counter that eight divides, and after the last, is made and not used.
    const size_t group = position / 8, skipped = position % 8;
    const size_t groups = group + 1 < kWindowBlocks / 8 && skipped + blocks > 8 ? 2 : 1;
    AesCounter(key, window, group, stream, groups);
    const size_t taken = std::min(blocks, 8 * groups - skipped);
    for (size_t i = 0; i < taken; ++i) Store(out + 16 * i, Load<U8x16>(in + 16 * i) ^ stream[skipped + i]);
    counter = AesCounterPlus(counter, static_cast<uint32_t>(taken));
    in += 16 * taken;
    out += 16 * taken;
    blocks -= taken;
  }
  // Whoever knows the counter can tell the key from a state after its first round.
  Wipe(&window, sizeof(window));
  Wipe(stream, sizeof(stream));
}

void AesCbcMac(const AesKey& key, U8x16& mac, const uint8_t* in, size_t blocks) {
  for (size_t i = 0; i < blocks; ++i) mac = AesEncrypt(key, mac ^ Load<U8x16>(in + 16 * i));
}

}  // namespace wasm_tls::kernels
