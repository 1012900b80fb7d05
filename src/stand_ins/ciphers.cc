// For crypto/evp/e_aes.c: ciphers by their old functions. What these give is a name to fetch the cipher of the provider
// by; OpenSSL's also has its plain C behind it, which nothing calls.
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

extern "C" {
#include <crypto/evp.h>
}

namespace {

constexpr EVP_CIPHER AesCbc(int nid, int key_bits) {
  return {.nid = nid,
          .block_size = 16,
          .key_len = key_bits / 8,
          .iv_len = 16,
          .flags = EVP_CIPH_FLAG_DEFAULT_ASN1 | EVP_CIPH_CBC_MODE,
          .origin = EVP_ORIG_GLOBAL};
}

}  // namespace

extern "C" {

const EVP_CIPHER* EVP_aes_128_cbc() {
  static constexpr EVP_CIPHER kCipher = AesCbc(NID_aes_128_cbc, 128);
  return &kCipher;
}

const EVP_CIPHER* EVP_aes_192_cbc() {
  static constexpr EVP_CIPHER kCipher = AesCbc(NID_aes_192_cbc, 192);
  return &kCipher;
}

const EVP_CIPHER* EVP_aes_256_cbc() {
  static constexpr EVP_CIPHER kCipher = AesCbc(NID_aes_256_cbc, 256);
  return &kCipher;
}

}  // extern "C"
