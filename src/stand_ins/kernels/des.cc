// For crypto/des/des_enc.c and crypto/des/set_key.c: DES and 3DES by our kernel, which has a key in as many octets as
// OpenSSL's has.
#include "src/kernels/des.h"

#include <openssl/des.h>

#include <bit>
#include <cstring>

#include "src/kernels/wipe.h"

namespace {

using wasm_tls::kernels::Des;
using wasm_tls::kernels::Wipe;
using Block = uint8_t[Des::kBlockSize];

static_assert(sizeof(Des) == sizeof(DES_key_schedule) && alignof(Des) <= alignof(DES_key_schedule));

const Des& Of(const DES_key_schedule* schedule) { return *reinterpret_cast<const Des*>(schedule); }

// The one key of DES, or the three of 3DES, of which the second one is used the other way round.
template <size_t kKeys>
struct Cipher {
  const Des* keys[kKeys];

  void Encrypt(uint8_t* block) const {
    keys[0]->Encrypt(block);
    if constexpr (kKeys == 3) keys[1]->Decrypt(block), keys[2]->Encrypt(block);
  }
  void Decrypt(uint8_t* block) const {
    if constexpr (kKeys == 3) keys[2]->Decrypt(block), keys[1]->Encrypt(block);
    keys[0]->Decrypt(block);
  }
};

void Xor(uint8_t* out, const uint8_t* in) {
  for (size_t i = 0; i < Des::kBlockSize; ++i) out[i] ^= in[i];
}

// Of whole blocks, which is all that the provider has.
template <size_t kKeys>
void Cbc(const Cipher<kKeys>& cipher, const uint8_t* in, uint8_t* out, long size, DES_cblock* chain, bool encrypt) {
  for (; size > 0; in += sizeof(Block), out += sizeof(Block), size -= static_cast<long>(sizeof(Block))) {
    Block text, block;
    std::memcpy(text, in, sizeof(text));
    std::memcpy(block, in, sizeof(block));
    if (encrypt) {
      Xor(block, *chain);
      cipher.Encrypt(block);
    } else {
      cipher.Decrypt(block);
      Xor(block, *chain);
    }
    std::memcpy(*chain, encrypt ? block : text, sizeof(block));
    std::memcpy(out, block, sizeof(block));
    Wipe(block, sizeof(block));
    Wipe(text, sizeof(text));
  }
}

}  // namespace

extern "C" {

void DES_set_key_unchecked(const_DES_cblock* key, DES_key_schedule* schedule) {
  reinterpret_cast<Des*>(schedule)->SetKey(*key);
}

void DES_set_odd_parity(DES_cblock* key) {
  for (unsigned char& byte : *key) {
    byte = static_cast<unsigned char>((byte & ~1) | (std::popcount(static_cast<unsigned char>(byte >> 1)) % 2 == 0));
  }
}

void DES_ncbc_encrypt(const unsigned char* in, unsigned char* out, long size, DES_key_schedule* schedule,
                      DES_cblock* chain, int encrypt) {
  Cbc(Cipher<1>{{&Of(schedule)}}, in, out, size, chain, encrypt != 0);
}

void DES_ede3_cbc_encrypt(const unsigned char* in, unsigned char* out, long size, DES_key_schedule* first,
                          DES_key_schedule* second, DES_key_schedule* third, DES_cblock* chain, int encrypt) {
  Cbc(Cipher<3>{{&Of(first), &Of(second), &Of(third)}}, in, out, size, chain, encrypt != 0);
}

// Other modes, which the provider does not name: they would bring the rest of OpenSSL's along.
void DES_encrypt1(DES_LONG* data, DES_key_schedule* schedule, int encrypt) {
  auto* block = reinterpret_cast<uint8_t*>(data);
  encrypt != 0 ? Of(schedule).Encrypt(block) : Of(schedule).Decrypt(block);
}
void DES_encrypt3(DES_LONG* data, DES_key_schedule* first, DES_key_schedule* second, DES_key_schedule* third) {
  Cipher<3>{{&Of(first), &Of(second), &Of(third)}}.Encrypt(reinterpret_cast<uint8_t*>(data));
}
void DES_decrypt3(DES_LONG* data, DES_key_schedule* first, DES_key_schedule* second, DES_key_schedule* third) {
  Cipher<3>{{&Of(first), &Of(second), &Of(third)}}.Decrypt(reinterpret_cast<uint8_t*>(data));
}

}  // extern "C"
