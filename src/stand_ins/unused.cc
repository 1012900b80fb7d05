// What OpenSSL names and never calls here, each with the reason.
#include <openssl/async.h>
#include <openssl/conf.h>
#include <openssl/core.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdlib>

extern "C" {
#include <crypto/provider_local.h>

// To these the linker leads (--wrap): the tests have OpenSSL's own provider beside ours, which needs more of their
// objects.
int CheckPrime(const BIGNUM*, BN_CTX*, BN_GENCB*) __asm__("__wrap_BN_check_prime");
int DeriveEcKey(EC_KEY*, BIGNUM*, const unsigned char*, size_t) __asm__("__wrap_ossl_ec_dhkem_derive_private");
int DeriveEcxKey(void*, unsigned char*, const unsigned char*, size_t) __asm__("__wrap_ossl_ecx_dhkem_derive_private");
int ParseSrp(void*, void*, unsigned int, X509*, size_t) __asm__("__wrap_tls_parse_ctos_srp");

// --- Providers: there is one, and it is loaded by name. See src/provider.

const OSSL_PROVIDER_INFO ossl_predefined_providers[] = {{nullptr, nullptr, nullptr, nullptr, 0}};

void* DSO_new() { return nullptr; }
void* DSO_load(void* /*module*/, const char* /*name*/, void* /*method*/, int /*flags*/) { return nullptr; }
int DSO_free(void* /*module*/) { return 1; }
long DSO_ctrl(void* /*module*/, int /*command*/, long /*number*/, void* /*pointer*/) { return -1; }
char* DSO_convert_filename(void* /*module*/, const char* /*name*/) { return nullptr; }
char* DSO_merge(void* /*module*/, const char* /*name*/, const char* /*folder*/) { return nullptr; }
const char* DSO_get_filename(void* /*module*/) { return nullptr; }
// A function.
void (*DSO_bind_func(void* /*module*/, const char* /*name*/))() { return nullptr; }

// Seeds for random generators of theirs.
size_t ossl_rand_get_entropy(OSSL_LIB_CTX*, unsigned char**, int, size_t, size_t) { return 0; }
size_t ossl_rand_get_user_entropy(OSSL_LIB_CTX*, unsigned char**, int, size_t, size_t) { return 0; }
void ossl_rand_cleanup_entropy(OSSL_LIB_CTX*, unsigned char*, size_t) {}
void ossl_rand_cleanup_user_entropy(OSSL_LIB_CTX*, unsigned char*, size_t) {}
size_t ossl_rand_get_nonce(OSSL_LIB_CTX*, unsigned char**, size_t, size_t, const void*, size_t) { return 0; }
size_t ossl_rand_get_user_nonce(OSSL_LIB_CTX*, unsigned char**, size_t, size_t, const void*, size_t) { return 0; }
void ossl_rand_cleanup_nonce(OSSL_LIB_CTX*, unsigned char*, size_t) {}
void ossl_rand_cleanup_user_nonce(OSSL_LIB_CTX*, unsigned char*, size_t) {}

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

int ossl_rsa_sp800_56b_derive_params_from_pq(RSA* /*rsa*/, int /*bits*/, const BIGNUM* /*exponent*/,
                                             BN_CTX* /*context*/) {
  return 0;
}

// --- Nor are parameters of Diffie-Hellman; and a handshake examines less of either than all that OpenSSL can.

int DH_generate_parameters_ex(DH* /*dh*/, int /*bits*/, int /*generator*/, BN_GENCB* /*callback*/) { return 0; }
int ossl_dh_generate_ffc_parameters(DH* /*dh*/, int /*type*/, int /*p_bits*/, int /*q_bits*/, BN_GENCB* /*callback*/) {
  return 0;
}
int ossl_dh_get_named_group_uid_from_size(int /*bits*/) { return NID_undef; }
int CheckPrime(const BIGNUM* /*number*/, BN_CTX* /*context*/, BN_GENCB* /*callback*/) { return -1; }
int RSA_check_key_ex(const RSA* /*rsa*/, BN_GENCB* /*callback*/) { return -1; }
int ossl_rsa_validate_public(const RSA* /*rsa*/) { return 0; }
int ossl_rsa_validate_private(const RSA* /*rsa*/) { return 0; }
int ossl_rsa_validate_pairwise(const RSA* /*rsa*/) { return 0; }

// --- Keys made of a secret, for HPKE.

int DeriveEcKey(EC_KEY* /*key*/, BIGNUM* /*number*/, const unsigned char* /*secret*/, size_t /*size*/) { return 0; }
int DeriveEcxKey(void* /*key*/, unsigned char* /*out*/, const unsigned char* /*secret*/, size_t /*size*/) { return 0; }

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

int ssl_ctx_srp_ctx_init_intern(SSL_CTX* /*context*/) { return 1; }
int ssl_ctx_srp_ctx_free_intern(SSL_CTX* /*context*/) { return 1; }
int ssl_srp_ctx_init_intern(void* /*connection*/) { return 1; }
int ssl_srp_ctx_free_intern(void* /*connection*/) { return 1; }
int ssl_srp_calc_a_param_intern(void* /*connection*/) { std::abort(); }
int ssl_srp_server_param_with_username_intern(void* /*connection*/, int* /*alert*/) { std::abort(); }
int srp_generate_server_master_secret(void* /*connection*/) { std::abort(); }
int srp_generate_client_master_secret(void* /*connection*/) { std::abort(); }
int srp_verify_server_param(void* /*connection*/) { std::abort(); }

// A client's name, of which libssl would make a copy that the functions above do not free.
int ParseSrp(void* /*connection*/, void* /*packet*/, unsigned int /*context*/, X509* /*certificate*/,
             size_t /*index*/) {
  return 1;
}

// --- Extensions of an application's own: none is registered.

void custom_ext_init(void* /*methods*/) {}
void* custom_ext_find(const void* /*methods*/, int /*role*/, unsigned int /*type*/, size_t* /*index*/) {
  return nullptr;
}
int custom_ext_parse(void* /*connection*/, unsigned int /*context*/, unsigned int /*type*/,
                     const unsigned char* /*data*/, size_t /*size*/, X509* /*certificate*/, size_t /*index*/) {
  return 1;
}
int custom_ext_add(void* /*connection*/, int /*context*/, void* /*packet*/, X509* /*certificate*/, size_t /*index*/,
                   int /*max_version*/) {
  return 1;
}
int custom_exts_copy(void* /*to*/, const void* /*from*/) { return 1; }
int custom_exts_copy_conn(void* /*to*/, const void* /*from*/) { return 1; }
int custom_exts_copy_flags(void* /*to*/, const void* /*from*/) { return 1; }
void custom_exts_free(void* /*methods*/) {}
int ossl_tls_add_custom_ext_intern(SSL_CTX*, void*, int, unsigned int, unsigned int, SSL_custom_ext_add_cb_ex,
                                   SSL_custom_ext_free_cb_ex, void*, SSL_custom_ext_parse_cb_ex, void*) {
  return 0;
}
int SSL_CTX_add_custom_ext(SSL_CTX*, unsigned int, unsigned int, SSL_custom_ext_add_cb_ex, SSL_custom_ext_free_cb_ex,
                           void*, SSL_custom_ext_parse_cb_ex, void*) {
  return 0;
}
int SSL_CTX_add_server_custom_ext(SSL_CTX*, unsigned int, custom_ext_add_cb, custom_ext_free_cb, void*,
                                  custom_ext_parse_cb, void*) {
  return 0;
}

// --- Fibers: see no-async in wasm-openssl/options.txt.

int async_init() { return 1; }
void async_deinit() {}
ASYNC_JOB* ASYNC_get_current_job() { return nullptr; }
int ASYNC_start_job(ASYNC_JOB** /*job*/, ASYNC_WAIT_CTX* /*context*/, int* /*result*/, int (* /*run*/)(void*),
                    void* /*argument*/, size_t /*size*/) {
  return ASYNC_ERR;
}

// --- Certificate policies: examined only for who asks for it by a flag, as Node does not.

int X509_policy_check(X509_POLICY_TREE** /*tree*/, int* /*is_explicit*/, STACK_OF(X509)* /*chain*/,
                      STACK_OF(ASN1_OBJECT)* /*wanted*/, unsigned int /*flags*/) {
  std::abort();
}
void X509_policy_tree_free(X509_POLICY_TREE* /*tree*/) {}

}  // extern "C"
