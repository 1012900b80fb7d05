#include "algorithms.h"

// Which of two implementations: ours, or OpenSSL's.
#if WASM_TLS_KERNELS
#include "kernels/aes.h"
#include "kernels/chacha20_poly1305.h"
#include "kernels/tls13_kdf.h"
#include "kernels/x25519_ml_kem.h"
#define WASM_TLS_KERNEL(ours, openssls) ours
#else
#define WASM_TLS_KERNEL(ours, openssls) openssls
#endif

namespace wasm_tls {

constinit const OSSL_ALGORITHM kDigests[] = {
    // MD5 and SHA-1: TLS before 1.2, fingerprints, old certificates and key files.
    Algorithm(PROV_NAMES_MD5, ossl_md5_functions),
    Algorithm(PROV_NAMES_MD5_SHA1, ossl_md5_sha1_functions),
    Algorithm(PROV_NAMES_SHA1, ossl_sha1_functions),
    Algorithm(PROV_NAMES_SHA2_224, ossl_sha224_functions),
    Algorithm(PROV_NAMES_SHA2_256, ossl_sha256_functions),
    Algorithm(PROV_NAMES_SHA2_384, ossl_sha384_functions),
    Algorithm(PROV_NAMES_SHA2_512, ossl_sha512_functions),
    // Signatures of certificates only, like RIPEMD-160.
    Algorithm(PROV_NAMES_SHA2_512_224, ossl_sha512_224_functions),
    Algorithm(PROV_NAMES_SHA2_512_256, ossl_sha512_256_functions),
    Algorithm(PROV_NAMES_RIPEMD_160, ossl_ripemd160_functions),
    // SHA-3 and SHAKE: certificates, and inside ML-KEM, ML-DSA and Ed448.
    Algorithm(PROV_NAMES_SHA3_224, ossl_sha3_224_functions),
    Algorithm(PROV_NAMES_SHA3_256, ossl_sha3_256_functions),
    Algorithm(PROV_NAMES_SHA3_384, ossl_sha3_384_functions),
    Algorithm(PROV_NAMES_SHA3_512, ossl_sha3_512_functions),
    Algorithm(PROV_NAMES_SHAKE_128, ossl_shake_128_functions),
    Algorithm(PROV_NAMES_SHAKE_256, ossl_shake_256_functions),
    kEndOfAlgorithms,
};

constinit const OSSL_ALGORITHM kCiphers[] = {
    // Records.
    Algorithm(PROV_NAMES_AES_128_GCM, WASM_TLS_KERNEL(kAes128GcmFunctions, ossl_aes128gcm_functions)),
    Algorithm(PROV_NAMES_AES_256_GCM, WASM_TLS_KERNEL(kAes256GcmFunctions, ossl_aes256gcm_functions)),
    Algorithm(PROV_NAMES_ChaCha20_Poly1305,
              WASM_TLS_KERNEL(kChaCha20Poly1305Functions, ossl_chacha20_ossl_poly1305_functions)),
    Algorithm(PROV_NAMES_AES_128_CCM, WASM_TLS_KERNEL(kAes128CcmFunctions, ossl_aes128ccm_functions)),
    Algorithm(PROV_NAMES_AES_256_CCM, WASM_TLS_KERNEL(kAes256CcmFunctions, ossl_aes256ccm_functions)),
    // Records, tickets, and encrypted keys.
    Algorithm(PROV_NAMES_AES_128_CBC, WASM_TLS_KERNEL(kAes128CbcFunctions, ossl_aes128cbc_functions)),
    Algorithm(PROV_NAMES_AES_256_CBC, WASM_TLS_KERNEL(kAes256CbcFunctions, ossl_aes256cbc_functions)),
    // The suites without encryption, which `ciphers` can ask for.
    Algorithm(PROV_NAMES_NULL, ossl_null_functions),
    // Encrypted keys; 3DES and RC2 in old PFX files.
    Algorithm(PROV_NAMES_AES_192_CBC, WASM_TLS_KERNEL(kAes192CbcFunctions, ossl_aes192cbc_functions)),
    Algorithm(PROV_NAMES_DES_EDE3_CBC, ossl_tdes_ede3_cbc_functions),
    Algorithm(PROV_NAMES_DES_EDE_CBC, ossl_tdes_ede2_cbc_functions),
    Algorithm(PROV_NAMES_DES_CBC, ossl_des_cbc_functions),
    Algorithm(PROV_NAMES_RC2_CBC, ossl_rc2128cbc_functions),
    Algorithm(PROV_NAMES_RC2_64_CBC, ossl_rc264cbc_functions),
    Algorithm(PROV_NAMES_RC2_40_CBC, ossl_rc240cbc_functions),
    kEndOfAlgorithms,
};

constinit const OSSL_ALGORITHM kMacs[] = {
    Algorithm(PROV_NAMES_HMAC, ossl_hmac_functions),
    kEndOfAlgorithms,
};

constinit const OSSL_ALGORITHM kKeyDerivations[] = {
    Algorithm(PROV_NAMES_TLS1_3_KDF, WASM_TLS_KERNEL(kTls13KdfFunctions, ossl_kdf_tls1_3_kdf_functions)),
    Algorithm(PROV_NAMES_TLS1_PRF, ossl_kdf_tls1_prf_functions),
    // From a passphrase: PBES2 with either of two, PBES1, and PFX.
    Algorithm(PROV_NAMES_PBKDF2, ossl_kdf_pbkdf2_functions),
    Algorithm(PROV_NAMES_SCRYPT, ossl_kdf_scrypt_functions),
    Algorithm(PROV_NAMES_PBKDF1, ossl_kdf_pbkdf1_functions),
    Algorithm(PROV_NAMES_PKCS12KDF, ossl_kdf_pkcs12_functions),
    kEndOfAlgorithms,
};

constinit const OSSL_ALGORITHM kKeyExchanges[] = {
    Algorithm(PROV_NAMES_ECDH, ossl_ecdh_keyexch_functions),
    Algorithm(PROV_NAMES_X25519, ossl_x25519_keyexch_functions),
    Algorithm(PROV_NAMES_X448, ossl_x448_keyexch_functions),
    Algorithm(PROV_NAMES_DH, ossl_dh_keyexch_functions),
    kEndOfAlgorithms,
};

constinit const OSSL_ALGORITHM kKeyEncapsulations[] = {
    Algorithm(PROV_NAMES_X25519MLKEM768, WASM_TLS_KERNEL(kX25519MlKemFunctions, ossl_mlx_kem_asym_kem_functions)),
    Algorithm(PROV_NAMES_SecP256r1MLKEM768, ossl_mlx_kem_asym_kem_functions),
    Algorithm(PROV_NAMES_SecP384r1MLKEM1024, ossl_mlx_kem_asym_kem_functions),
    Algorithm(PROV_NAMES_ML_KEM_512, ossl_ml_kem_asym_kem_functions),
    Algorithm(PROV_NAMES_ML_KEM_768, ossl_ml_kem_asym_kem_functions),
    Algorithm(PROV_NAMES_ML_KEM_1024, ossl_ml_kem_asym_kem_functions),
    kEndOfAlgorithms,
};

constinit const OSSL_ALGORITHM kSignatures[] = {
    Algorithm(PROV_NAMES_RSA, ossl_rsa_signature_functions),
    Algorithm(PROV_NAMES_ECDSA, ossl_ecdsa_signature_functions),
    Algorithm(PROV_NAMES_ED25519, ossl_ed25519_signature_functions),
    Algorithm(PROV_NAMES_ED448, ossl_ed448_signature_functions),
    Algorithm(PROV_NAMES_ML_DSA_44, ossl_ml_dsa_44_signature_functions),
    Algorithm(PROV_NAMES_ML_DSA_65, ossl_ml_dsa_65_signature_functions),
    Algorithm(PROV_NAMES_ML_DSA_87, ossl_ml_dsa_87_signature_functions),
    // libssl computes the MACs of CBC records and of PSK binders as if they were signatures.
    Algorithm(PROV_NAMES_HMAC, ossl_mac_legacy_hmac_signature_functions),
    kEndOfAlgorithms,
};

constinit const OSSL_ALGORITHM kAsymmetricCiphers[] = {
    Algorithm(PROV_NAMES_RSA, ossl_rsa_asym_cipher_functions),
    kEndOfAlgorithms,
};

constinit const OSSL_ALGORITHM kKeyManagement[] = {
    Algorithm(PROV_NAMES_RSA, ossl_rsa_keymgmt_functions),
    Algorithm(PROV_NAMES_RSA_PSS, ossl_rsapss_keymgmt_functions),
    Algorithm(PROV_NAMES_EC, ossl_ec_keymgmt_functions),
    Algorithm(PROV_NAMES_X25519, ossl_x25519_keymgmt_functions),
    Algorithm(PROV_NAMES_X448, ossl_x448_keymgmt_functions),
    Algorithm(PROV_NAMES_ED25519, ossl_ed25519_keymgmt_functions),
    Algorithm(PROV_NAMES_ED448, ossl_ed448_keymgmt_functions),
    Algorithm(PROV_NAMES_DH, ossl_dh_keymgmt_functions),
    Algorithm(PROV_NAMES_DHX, ossl_dhx_keymgmt_functions),
    Algorithm(PROV_NAMES_ML_DSA_44, ossl_ml_dsa_44_keymgmt_functions),
    Algorithm(PROV_NAMES_ML_DSA_65, ossl_ml_dsa_65_keymgmt_functions),
    Algorithm(PROV_NAMES_ML_DSA_87, ossl_ml_dsa_87_keymgmt_functions),
    Algorithm(PROV_NAMES_ML_KEM_512, ossl_ml_kem_512_keymgmt_functions),
    Algorithm(PROV_NAMES_ML_KEM_768, ossl_ml_kem_768_keymgmt_functions),
    Algorithm(PROV_NAMES_ML_KEM_1024, ossl_ml_kem_1024_keymgmt_functions),
    Algorithm(PROV_NAMES_X25519MLKEM768,
              WASM_TLS_KERNEL(kX25519MlKemKeyManagementFunctions, ossl_mlx_x25519_kem_kmgmt_functions)),
    Algorithm(PROV_NAMES_SecP256r1MLKEM768, ossl_mlx_p256_kem_kmgmt_functions),
    Algorithm(PROV_NAMES_SecP384r1MLKEM1024, ossl_mlx_p384_kem_kmgmt_functions),
    Algorithm(PROV_NAMES_HMAC, ossl_mac_legacy_keymgmt_functions),
    kEndOfAlgorithms,
};

}  // namespace wasm_tls
