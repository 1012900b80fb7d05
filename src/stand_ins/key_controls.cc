// For crypto/evp/ctrl_params_translate.c: the old numbered commands to keys, as parameters of a provider. Of OpenSSL's
// long table these are the commands that libssl and certificates give; all others are refused as unknown ones are.
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

namespace {

constexpr int kUnknownCommand = -2;

int Refuse() {
  ERR_raise(ERR_LIB_EVP, EVP_R_COMMAND_NOT_SUPPORTED);
  return kUnknownCommand;
}

int Set(EVP_PKEY_CTX* context, const OSSL_PARAM& parameter) {
  const OSSL_PARAM parameters[] = {parameter, OSSL_PARAM_construct_end()};
  return EVP_PKEY_CTX_set_params(context, parameters);
}

}  // namespace

extern "C" {

int evp_pkey_ctx_ctrl_to_param(EVP_PKEY_CTX* context, int /*key_type*/, int /*operation*/, int command, int number,
                               void* pointer) {
  switch (command) {
    case EVP_PKEY_CTRL_RSA_PADDING:
      return Set(context, OSSL_PARAM_construct_int("pad-mode", &number));
    case EVP_PKEY_CTRL_RSA_PSS_SALTLEN:
      return Set(context, OSSL_PARAM_construct_int("saltlen", &number));
    case EVP_PKEY_CTRL_RSA_MGF1_MD: {
      const char* name = EVP_MD_get0_name(static_cast<const EVP_MD*>(pointer));
      return Set(context, OSSL_PARAM_construct_utf8_string("mgf1-digest", const_cast<char*>(name), 0));
    }
    default:
      return Refuse();
  }
}

int evp_pkey_ctx_ctrl_str_to_param(EVP_PKEY_CTX* /*context*/, const char* /*name*/, const char* /*value*/) {
  return Refuse();
}

// The other way round, for keys without a provider, of which there are none.
int evp_pkey_ctx_set_params_to_ctrl(EVP_PKEY_CTX* /*context*/, const OSSL_PARAM* /*parameters*/) { return Refuse(); }
int evp_pkey_ctx_get_params_to_ctrl(EVP_PKEY_CTX* /*context*/, OSSL_PARAM* /*parameters*/) { return Refuse(); }
int evp_pkey_get_params_to_ctrl(const EVP_PKEY* /*key*/, OSSL_PARAM* /*parameters*/) { return Refuse(); }

}  // extern "C"
