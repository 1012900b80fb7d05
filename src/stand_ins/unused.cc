// What OpenSSL names and never calls here, each with the reason.
#include <openssl/conf.h>
#include <openssl/core.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>
#include <openssl/srp.h>
#include <openssl/ssl.h>

#include <cstdlib>

extern "C" {
#include <crypto/provider_local.h>

// --- Providers: there is one, and it is loaded by name. See src/provider.

const OSSL_PROVIDER_INFO ossl_predefined_providers[] = {{nullptr, nullptr, nullptr, nullptr, 0}};

// --- Configuration files: none is read, on principle.

int ossl_config_int(const OPENSSL_INIT_SETTINGS* /*settings*/) { return 1; }
void ossl_no_config_int() {}
int ssl_ctx_system_config(SSL_CTX* /*context*/) { return 1; }

// --- Operations on keys without a provider: only an application's own RSA_METHOD or EC_KEY_METHOD makes such keys.

const EVP_PKEY_METHOD* ossl_rsa_pkey_method() { std::abort(); }
const EVP_PKEY_METHOD* ossl_rsa_pss_pkey_method() { std::abort(); }
const EVP_PKEY_METHOD* ossl_dh_pkey_method() { std::abort(); }
const EVP_PKEY_METHOD* ossl_dhx_pkey_method() { std::abort(); }
const EVP_PKEY_METHOD* ossl_ec_pkey_method() { std::abort(); }

// --- RSA keys are not generated here; and OpenSSL's way to them asks for one of its own generators of random numbers.

int RSA_generate_key_ex(RSA* /*rsa*/, int /*bits*/, BIGNUM* /*exponent*/, BN_GENCB* /*callback*/) { return 0; }
int RSA_generate_multi_prime_key(RSA* /*rsa*/, int /*bits*/, int /*primes*/, BIGNUM* /*exponent*/,
                                 BN_GENCB* /*callback*/) {
  return 0;
}
int ossl_rsa_multiprime_derive(RSA* /*rsa*/, int /*bits*/, int /*primes*/, BIGNUM* /*exponent*/, void* /*factors*/,
                               void* /*exponents*/, void* /*coefficients*/) {
  return 0;
}

// --- P-224, which is no group of TLS 1.3 and seldom in a certificate, and P-521, which hardly anybody prefers. The
// arithmetic for any curve does.

const EC_METHOD* EC_GFp_nistp224_method() { return EC_GFp_mont_method(); }
void* EC_nistp224_pre_comp_dup(void* /*precomputed*/) { std::abort(); }
void EC_nistp224_pre_comp_free(void* /*precomputed*/) { std::abort(); }
const EC_METHOD* EC_GFp_nistp521_method() { return EC_GFp_mont_method(); }
void* EC_nistp521_pre_comp_dup(void* /*precomputed*/) { std::abort(); }
void EC_nistp521_pre_comp_free(void* /*precomputed*/) { std::abort(); }

// --- PKCS #7 as a stream of data: a PFX file uses its structures only.

BIO* PKCS7_dataInit(PKCS7* /*message*/, BIO* /*bio*/) { return nullptr; }
int PKCS7_dataFinal(PKCS7* /*message*/, BIO* /*bio*/) { return 0; }

// --- SRP: Node names its ciphers and has no way to give a user name, without which OpenSSL offers and takes none.

BIGNUM* SRP_Calc_u_ex(const BIGNUM*, const BIGNUM*, const BIGNUM*, OSSL_LIB_CTX*, const char*) { return nullptr; }
BIGNUM* SRP_Calc_x_ex(const BIGNUM*, const char*, const char*, OSSL_LIB_CTX*, const char*) { return nullptr; }
BIGNUM* SRP_Calc_A(const BIGNUM*, const BIGNUM*, const BIGNUM*) { return nullptr; }
BIGNUM* SRP_Calc_B_ex(const BIGNUM*, const BIGNUM*, const BIGNUM*, const BIGNUM*, OSSL_LIB_CTX*, const char*) {
  return nullptr;
}
BIGNUM* SRP_Calc_client_key_ex(const BIGNUM*, const BIGNUM*, const BIGNUM*, const BIGNUM*, const BIGNUM*, const BIGNUM*,
                               OSSL_LIB_CTX*, const char*) {
  return nullptr;
}
BIGNUM* SRP_Calc_server_key(const BIGNUM*, const BIGNUM*, const BIGNUM*, const BIGNUM*, const BIGNUM*) {
  return nullptr;
}
int SRP_Verify_A_mod_N(const BIGNUM*, const BIGNUM*) { return 0; }
int SRP_Verify_B_mod_N(const BIGNUM*, const BIGNUM*) { return 0; }
char* SRP_check_known_gN_param(const BIGNUM*, const BIGNUM*) { return nullptr; }
SRP_gN* SRP_get_default_gN(const char*) { return nullptr; }

}  // extern "C"
