// AES and GCM on secret keys and texts: what is public are sizes, initialization vectors, additional data, ciphertexts
// and tags.
#include <memory>

#include "src/kernels/aes_modes.h"
#include "src/kernels/gcm.h"
#include "test/constant_time/secret.h"

namespace wasm_tls::test {
namespace {

using kernels::U8x16;

template <size_t kSize>
struct Secret {
  Secret() {
    for (size_t i = 0; i < kSize; ++i) bytes[i] = static_cast<uint8_t>(i * 31);
    MakeSecret(bytes);
  }
  uint8_t bytes[kSize];
};

void SealAndOpen(size_t key_size, bool in_bulk) {
  const Secret<32> key;
  Secret<1000> text;
  const auto gcm = std::make_unique<kernels::Gcm>();
  const auto bulk = std::make_unique<kernels::GcmBulk>();
  kernels::GcmSetKey(*gcm, key.bytes, key_size);
  kernels::GcmSetBulk(*gcm, *bulk);
  gcm->bulk = in_bulk ? bulk.get() : nullptr;
  constexpr uint8_t kIv[12] = {1, 2, 3};
  for (const bool seals : {true, false}) {
    kernels::GcmStart(*gcm, kIv, sizeof(kIv));
    kernels::GcmAuthenticate(*gcm, kIv, 5);
    const auto crypt = seals ? kernels::GcmEncrypt : kernels::GcmDecrypt;
    crypt(*gcm, text.bytes, text.bytes, 700);
    crypt(*gcm, text.bytes + 700, text.bytes + 700, 300);
    U8x16 tag = kernels::GcmTag(*gcm);
    MakePublic(tag);
    if (seals) MakePublic(text.bytes);
  }
}

}  // namespace

WASM_TLS_CONSTANT_TIME(Aes128Gcm) { SealAndOpen(16, false); }
WASM_TLS_CONSTANT_TIME(Aes256Gcm) { SealAndOpen(32, false); }
WASM_TLS_CONSTANT_TIME(Aes128GcmBulk) { SealAndOpen(16, true); }
WASM_TLS_CONSTANT_TIME(Aes256GcmBulk) { SealAndOpen(32, true); }

WASM_TLS_CONSTANT_TIME(AesCbc) {
  for (const size_t key_size : {16, 24, 32}) {
    const Secret<32> bytes;
    Secret<160> text;
    kernels::AesKey key;
    kernels::SlicedKey sliced;
    kernels::AesSetKey(key, bytes.bytes, key_size);
    kernels::AesSlice(sliced, key);
    U8x16 chain = {};
    kernels::AesCbcEncrypt(key, chain, text.bytes, text.bytes, 10);
    kernels::AesCbcDecrypt(sliced, chain, text.bytes, text.bytes, 10);
  }
}

// CCM is made of these.
WASM_TLS_CONSTANT_TIME(AesCcm) {
  const Secret<16> bytes;
  Secret<320> text;
  kernels::AesKey key;
  kernels::SlicedKey sliced;
  kernels::AesSetKey(key, bytes.bytes, sizeof(bytes.bytes));
  kernels::AesSlice(sliced, key);
  U8x16 counter = {1, 2, 3};
  U8x16 mac = {};
  kernels::AesCbcMac(key, mac, text.bytes, 20);
  kernels::AesAddKeyStream(sliced, counter, text.bytes, text.bytes, 20);
}

}  // namespace wasm_tls::test
