#include "bench/engine/evp.h"

#include <openssl/pem.h>

namespace wasm_tls::bench {
namespace {

using MdCtxPtr = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;

// The header of a record, which TLS 1.3 authenticates.
constexpr uint8_t kHeader[5] = {0x17, 0x03, 0x03, 0x40, 0x11};
constexpr uint8_t kIv[12] = {7, 7, 7};

EvpPkeyCtxPtr ContextOf(EVP_PKEY* key) { return EvpPkeyCtxPtr(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)); }

}  // namespace

RecordCipher::RecordCipher(const char* cipher)
    : cipher_(EVP_CIPHER_fetch(nullptr, cipher, nullptr)), ctx_(EVP_CIPHER_CTX_new()) {
  Check(cipher_ != nullptr, cipher);
}

void RecordCipher::SetKey(BytesView key, bool encrypt) {
  CheckOne(EVP_CipherInit_ex(ctx_.get(), cipher_.get(), nullptr, nullptr, nullptr, encrypt), "cipher");
  if (EVP_CIPHER_get_mode(cipher_.get()) == EVP_CIPH_CCM_MODE) {
    CheckOne(EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_SET_IVLEN, sizeof(kIv), nullptr), "IV");
    CheckOne(EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, nullptr), "tag");
  }
  CheckOne(EVP_CipherInit_ex(ctx_.get(), nullptr, nullptr, key.data(), nullptr, -1), "key");
}

void RecordCipher::Seal(Bytes& data) {
  CheckOne(EVP_CipherInit_ex(ctx_.get(), nullptr, nullptr, nullptr, kIv, -1), "IV");
  Check(Transform(data), "seal");
  CheckOne(EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag_), "tag");
}

bool RecordCipher::Open(Bytes& data) {
  CheckOne(EVP_CipherInit_ex(ctx_.get(), nullptr, nullptr, nullptr, kIv, -1), "IV");
  CheckOne(EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag_), "tag");
  return Transform(data);
}

bool RecordCipher::Transform(Bytes& data) {
  const int size = static_cast<int>(data.size());
  const bool length_first = EVP_CIPHER_get_mode(cipher_.get()) == EVP_CIPH_CCM_MODE;
  int length = 0;
  if (length_first) CheckOne(EVP_CipherUpdate(ctx_.get(), nullptr, &length, nullptr, size), "length");
  CheckOne(EVP_CipherUpdate(ctx_.get(), nullptr, &length, kHeader, sizeof(kHeader)), "header");
  if (EVP_CipherUpdate(ctx_.get(), data.data(), &length, data.data(), size) != 1) return false;
  return length_first || EVP_CipherFinal_ex(ctx_.get(), data.data() + length, &length) == 1;
}

EvpPkeyPtr NewKey(const char* type, const char* group) {
  EVP_PKEY* key =
      group != nullptr ? EVP_PKEY_Q_keygen(nullptr, nullptr, type, group) : EVP_PKEY_Q_keygen(nullptr, nullptr, type);
  Check(key != nullptr, "key generation");
  return EvpPkeyPtr(key);
}

EvpPkeyPtr ReadKey(BytesView pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EvpPkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  Check(key != nullptr, "key");
  return key;
}

Bytes Sign(EVP_PKEY* key, BytesView message) {
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  CheckOne(EVP_DigestSignInit_ex(ctx.get(), nullptr, "SHA256", nullptr, nullptr, key, nullptr), "signature");
  Bytes signature(static_cast<size_t>(EVP_PKEY_get_size(key)));
  size_t size = signature.size();
  CheckOne(EVP_DigestSign(ctx.get(), signature.data(), &size, message.data(), message.size()), "signature");
  signature.resize(size);
  return signature;
}

void Verify(EVP_PKEY* key, BytesView message, BytesView signature) {
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  CheckOne(EVP_DigestVerifyInit_ex(ctx.get(), nullptr, "SHA256", nullptr, nullptr, key, nullptr), "verification");
  CheckOne(EVP_DigestVerify(ctx.get(), signature.data(), signature.size(), message.data(), message.size()),
           "verification");
}

void Derive(EVP_PKEY* own, EVP_PKEY* peer) {
  const EvpPkeyCtxPtr ctx = ContextOf(own);
  uint8_t secret[64];
  size_t size = sizeof(secret);
  CheckOne(EVP_PKEY_derive_init(ctx.get()), "derivation");
  CheckOne(EVP_PKEY_derive_set_peer(ctx.get(), peer), "derivation");
  CheckOne(EVP_PKEY_derive(ctx.get(), secret, &size), "derivation");
}

EvpPkeyPtr PublicHalf(EVP_PKEY* key) {
  uint8_t* share = nullptr;
  const size_t size = EVP_PKEY_get1_encoded_public_key(key, &share);
  const OpensslMemoryPtr<uint8_t> owner(share);
  EvpPkeyPtr half(EVP_PKEY_new());
  CheckOne(EVP_PKEY_copy_parameters(half.get(), key), "parameters");
  CheckOne(EVP_PKEY_set1_encoded_public_key(half.get(), share, size), "share");
  return half;
}

Encapsulation Encapsulate(EVP_PKEY* peer) {
  const EvpPkeyCtxPtr ctx = ContextOf(peer);
  Encapsulation result;
  size_t ciphertext_size = 0, secret_size = 0;
  CheckOne(EVP_PKEY_encapsulate_init(ctx.get(), nullptr), "encapsulation");
  CheckOne(EVP_PKEY_encapsulate(ctx.get(), nullptr, &ciphertext_size, nullptr, &secret_size), "encapsulation");
  result.ciphertext.resize(ciphertext_size);
  result.secret.resize(secret_size);
  CheckOne(
      EVP_PKEY_encapsulate(ctx.get(), result.ciphertext.data(), &ciphertext_size, result.secret.data(), &secret_size),
      "encapsulation");
  return result;
}

Bytes Decapsulate(EVP_PKEY* own, BytesView ciphertext) {
  const EvpPkeyCtxPtr ctx = ContextOf(own);
  Bytes secret(128);
  size_t size = secret.size();
  CheckOne(EVP_PKEY_decapsulate_init(ctx.get(), nullptr), "decapsulation");
  CheckOne(EVP_PKEY_decapsulate(ctx.get(), secret.data(), &size, ciphertext.data(), ciphertext.size()),
           "decapsulation");
  secret.resize(size);
  return secret;
}

}  // namespace wasm_tls::bench
