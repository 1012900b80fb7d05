// What the jobs about single operations ask of EVP, as libssl asks for it.
#pragma once

#include <openssl/evp.h>

#include <string_view>
#include <vector>

#include "bench/engine/check.h"
#include "src/bytes.h"
#include "src/openssl_ptr.h"

namespace wasm_tls::bench {

constexpr size_t kTagSize = 16;

inline void CheckOne(int result, std::string_view what) { Check(result == 1, what); }

// Records one after the other under one key, as the record layer protects them, in place.
class RecordCipher {
 public:
  explicit RecordCipher(const char* cipher);

  void SetKey(BytesView key, bool encrypt);
  void Seal(Bytes& data);
  // False if the tag is wrong.
  bool Open(Bytes& data);

  size_t key_size() const { return static_cast<size_t>(EVP_CIPHER_get_key_length(cipher_.get())); }
  uint8_t* tag() { return tag_; }

 private:
  bool Transform(Bytes& data);

  OpensslPtr<EVP_CIPHER, EVP_CIPHER_free> cipher_;
  CipherCtxPtr ctx_;
  uint8_t tag_[kTagSize] = {};
};

// `group` for those of "EC".
EvpPkeyPtr NewKey(const char* type, const char* group = nullptr);
EvpPkeyPtr ReadKey(BytesView pem);

Bytes Sign(EVP_PKEY* key, BytesView message);
void Verify(EVP_PKEY* key, BytesView message, BytesView signature);
void Derive(EVP_PKEY* own, EVP_PKEY* peer);

struct Encapsulation {
  Bytes ciphertext, secret;
};

// The key as the other end has it, from its encoded form.
EvpPkeyPtr PublicHalf(EVP_PKEY* key);
Encapsulation Encapsulate(EVP_PKEY* peer);
Bytes Decapsulate(EVP_PKEY* own, BytesView ciphertext);

}  // namespace wasm_tls::bench
