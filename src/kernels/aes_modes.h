// Modes of AES beside GCM, on whole blocks. `out` is `in`, or does not overlap it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/kernels/aes.h"

namespace wasm_tls::kernels {

// `chain`: what is added to the next block, the initialization vector at first.
void AesCbcEncrypt(const AesKey& key, U8x16& chain, const uint8_t* in, uint8_t* out, size_t blocks);
void AesCbcDecrypt(const SlicedKey& key, U8x16& chain, const uint8_t* in, uint8_t* out, size_t blocks);

// `counter` moves on.
void AesAddKeyStream(const SlicedKey& key, U8x16& counter, const uint8_t* in, uint8_t* out, size_t blocks);

// CBC-MAC: `mac` after some more blocks.
void AesCbcMac(const AesKey& key, U8x16& mac, const uint8_t* in, size_t blocks);

}  // namespace wasm_tls::kernels
