#include "algorithms.h"

namespace wasm_tls {
namespace {

#define WASM_TLS_DER WASM_TLS_PROVIDER ",input=der,structure="

constexpr OSSL_ALGORITHM PrivateKeyInfo(const char* key, const OSSL_DISPATCH* functions) {
  return {key, WASM_TLS_DER "PrivateKeyInfo", functions, nullptr};
}

constexpr OSSL_ALGORITHM PublicKeyInfo(const char* key, const OSSL_DISPATCH* functions) {
  return {key, WASM_TLS_DER "SubjectPublicKeyInfo", functions, nullptr};
}

// The form that is the algorithm's own: PKCS #1, SEC 1, and the parameters of Diffie-Hellman.
constexpr OSSL_ALGORITHM OwnForm(const char* key, const OSSL_DISPATCH* functions) {
  return {key, WASM_TLS_DER "type-specific", functions, nullptr};
}

constexpr OSSL_ALGORITHM Text(const char* key, const OSSL_DISPATCH* functions) {
  return {key, WASM_TLS_PROVIDER ",output=text", functions, nullptr};
}

}  // namespace

constinit const OSSL_ALGORITHM kDecoders[] = {
    // What to look into first: PEM, an encrypted PKCS #8, a public key of any algorithm.
    {"DER", WASM_TLS_PROVIDER ",input=pem", ossl_pem_to_der_decoder_functions, nullptr},
    {"DER", WASM_TLS_DER "EncryptedPrivateKeyInfo", ossl_EncryptedPrivateKeyInfo_der_to_der_decoder_functions, nullptr},
    {"DER", WASM_TLS_DER "SubjectPublicKeyInfo", ossl_SubjectPublicKeyInfo_der_to_der_decoder_functions, nullptr},

    PrivateKeyInfo("RSA", ossl_PrivateKeyInfo_der_to_rsa_decoder_functions),
    PrivateKeyInfo("RSA-PSS", ossl_PrivateKeyInfo_der_to_rsapss_decoder_functions),
    PrivateKeyInfo("EC", ossl_PrivateKeyInfo_der_to_ec_decoder_functions),
    PrivateKeyInfo("ED25519", ossl_PrivateKeyInfo_der_to_ed25519_decoder_functions),
    PrivateKeyInfo("ED448", ossl_PrivateKeyInfo_der_to_ed448_decoder_functions),
    PrivateKeyInfo("X25519", ossl_PrivateKeyInfo_der_to_x25519_decoder_functions),
    PrivateKeyInfo("X448", ossl_PrivateKeyInfo_der_to_x448_decoder_functions),
    PrivateKeyInfo("DH", ossl_PrivateKeyInfo_der_to_dh_decoder_functions),
    PrivateKeyInfo("DHX", ossl_PrivateKeyInfo_der_to_dhx_decoder_functions),
    PrivateKeyInfo("ML-DSA-44", ossl_PrivateKeyInfo_der_to_ml_dsa_44_decoder_functions),
    PrivateKeyInfo("ML-DSA-65", ossl_PrivateKeyInfo_der_to_ml_dsa_65_decoder_functions),
    PrivateKeyInfo("ML-DSA-87", ossl_PrivateKeyInfo_der_to_ml_dsa_87_decoder_functions),

    PublicKeyInfo("RSA", ossl_SubjectPublicKeyInfo_der_to_rsa_decoder_functions),
    PublicKeyInfo("RSA-PSS", ossl_SubjectPublicKeyInfo_der_to_rsapss_decoder_functions),
    PublicKeyInfo("EC", ossl_SubjectPublicKeyInfo_der_to_ec_decoder_functions),
    PublicKeyInfo("ED25519", ossl_SubjectPublicKeyInfo_der_to_ed25519_decoder_functions),
    PublicKeyInfo("ED448", ossl_SubjectPublicKeyInfo_der_to_ed448_decoder_functions),
    PublicKeyInfo("X25519", ossl_SubjectPublicKeyInfo_der_to_x25519_decoder_functions),
    PublicKeyInfo("X448", ossl_SubjectPublicKeyInfo_der_to_x448_decoder_functions),
    PublicKeyInfo("DH", ossl_SubjectPublicKeyInfo_der_to_dh_decoder_functions),
    PublicKeyInfo("DHX", ossl_SubjectPublicKeyInfo_der_to_dhx_decoder_functions),
    PublicKeyInfo("ML-DSA-44", ossl_SubjectPublicKeyInfo_der_to_ml_dsa_44_decoder_functions),
    PublicKeyInfo("ML-DSA-65", ossl_SubjectPublicKeyInfo_der_to_ml_dsa_65_decoder_functions),
    PublicKeyInfo("ML-DSA-87", ossl_SubjectPublicKeyInfo_der_to_ml_dsa_87_decoder_functions),

    OwnForm("RSA", ossl_type_specific_keypair_der_to_rsa_decoder_functions),
    OwnForm("EC", ossl_type_specific_no_pub_der_to_ec_decoder_functions),
    OwnForm("DH", ossl_type_specific_params_der_to_dh_decoder_functions),
    OwnForm("DHX", ossl_type_specific_params_der_to_dhx_decoder_functions),
    kEndOfAlgorithms,
};

// enableTrace() prints the certificates that it sees, with their keys. Nothing else is written.
constinit const OSSL_ALGORITHM kEncoders[] = {
    Text("RSA", ossl_rsa_to_text_encoder_functions),
    Text("RSA-PSS", ossl_rsapss_to_text_encoder_functions),
    Text("EC", ossl_ec_to_text_encoder_functions),
    Text("ED25519", ossl_ed25519_to_text_encoder_functions),
    Text("ED448", ossl_ed448_to_text_encoder_functions),
    Text("ML-DSA-44", ossl_ml_dsa_44_to_text_encoder_functions),
    Text("ML-DSA-65", ossl_ml_dsa_65_to_text_encoder_functions),
    Text("ML-DSA-87", ossl_ml_dsa_87_to_text_encoder_functions),
    kEndOfAlgorithms,
};

}  // namespace wasm_tls
