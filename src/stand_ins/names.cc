// What is looked up by name or number in tables of OpenSSL's that hold more than can occur here.
#include <openssl/evp.h>

#include <initializer_list>

extern "C" {

// For crypto/err/err_all.c: the texts of errors, of the parts of libcrypto that are in use.
int ossl_err_load_ASN1_strings();
int ossl_err_load_BIO_strings();
int ossl_err_load_BN_strings();
int ossl_err_load_BUF_strings();
int ossl_err_load_CRYPTO_strings();
int ossl_err_load_DH_strings();
int ossl_err_load_EC_strings();
int ossl_err_load_ERR_strings();
int ossl_err_load_EVP_strings();
int ossl_err_load_OBJ_strings();
int ossl_err_load_OCSP_strings();
int ossl_err_load_PEM_strings();
int ossl_err_load_PKCS12_strings();
int ossl_err_load_PKCS7_strings();
int ossl_err_load_PROP_strings();
int ossl_err_load_PROV_strings();
int ossl_err_load_RAND_strings();
int ossl_err_load_RSA_strings();
int ossl_err_load_X509_strings();
int ossl_err_load_X509V3_strings();

int ossl_err_load_crypto_strings() {
  constexpr int (*kLoad[])() = {
      ossl_err_load_ASN1_strings,   ossl_err_load_BIO_strings,    ossl_err_load_BN_strings,
      ossl_err_load_BUF_strings,    ossl_err_load_CRYPTO_strings, ossl_err_load_DH_strings,
      ossl_err_load_EC_strings,     ossl_err_load_ERR_strings,    ossl_err_load_EVP_strings,
      ossl_err_load_OBJ_strings,    ossl_err_load_OCSP_strings,   ossl_err_load_PEM_strings,
      ossl_err_load_PKCS12_strings, ossl_err_load_PKCS7_strings,  ossl_err_load_PROP_strings,
      ossl_err_load_PROV_strings,   ossl_err_load_RAND_strings,   ossl_err_load_RSA_strings,
      ossl_err_load_X509_strings,   ossl_err_load_X509V3_strings,
  };
  for (const auto load : kLoad) {
    if (load() != 1) return 0;
  }
  return 1;
}

// For crypto/evp/c_allc.c: the ciphers that a file may name, those of PEM and PKCS #8. The ciphers of TLS are found by
// their provider.
void openssl_add_all_ciphers_int() {
  for (const EVP_CIPHER* cipher :
       {EVP_aes_128_cbc(), EVP_aes_192_cbc(), EVP_aes_256_cbc(), EVP_des_ede3_cbc(), EVP_des_ede_cbc(), EVP_des_cbc(),
        EVP_rc2_cbc(), EVP_rc2_64_cbc(), EVP_rc2_40_cbc()}) {
    EVP_add_cipher(cipher);
  }
}

}  // extern "C"
