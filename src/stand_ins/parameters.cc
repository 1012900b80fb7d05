// For crypto/params_idx.c: the number of a parameter by its name. OpenSSL's knows hundreds of names, by a decision tree
// in code; the ciphers in GCM alone ask it.
#include <openssl/core_names.h>

#include <string_view>

extern "C" {
#include <internal/param_names.h>

int ossl_param_find_pidx(const char* name) {
  struct Parameter {
    std::string_view name;
    int number;
  };
  static constexpr Parameter kParameters[] = {
      {OSSL_CIPHER_PARAM_AEAD_TLS1_AAD, PIDX_CIPHER_PARAM_AEAD_TLS1_AAD},
      {OSSL_CIPHER_PARAM_AEAD_TLS1_AAD_PAD, PIDX_CIPHER_PARAM_AEAD_TLS1_AAD_PAD},
      {OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED, PIDX_CIPHER_PARAM_AEAD_TLS1_IV_FIXED},
      {OSSL_CIPHER_PARAM_AEAD_TLS1_GET_IV_GEN, PIDX_CIPHER_PARAM_AEAD_TLS1_GET_IV_GEN},
      {OSSL_CIPHER_PARAM_AEAD_TLS1_SET_IV_INV, PIDX_CIPHER_PARAM_AEAD_TLS1_SET_IV_INV},
      {OSSL_CIPHER_PARAM_AEAD_TAG, PIDX_CIPHER_PARAM_AEAD_TAG},
      {OSSL_CIPHER_PARAM_AEAD_TAGLEN, PIDX_CIPHER_PARAM_AEAD_TAGLEN},
      {OSSL_CIPHER_PARAM_AEAD_IVLEN, PIDX_CIPHER_PARAM_AEAD_IVLEN},
      {OSSL_CIPHER_PARAM_AEAD_IV_GENERATED, PIDX_CIPHER_PARAM_AEAD_IV_GENERATED},
      {OSSL_CIPHER_PARAM_IV, PIDX_CIPHER_PARAM_IV},
      {OSSL_CIPHER_PARAM_UPDATED_IV, PIDX_CIPHER_PARAM_UPDATED_IV},
      {OSSL_CIPHER_PARAM_IVLEN, PIDX_CIPHER_PARAM_IVLEN},
      {OSSL_CIPHER_PARAM_KEYLEN, PIDX_CIPHER_PARAM_KEYLEN},
  };
  for (const Parameter& parameter : kParameters) {
    if (parameter.name == name) return parameter.number;
  }
  return -1;
}

}  // extern "C"
