// Numbers of OpenSSL → names of Node. Pure tables and string work; no queue, no state.
#pragma once

#include <string>
#include <string_view>

namespace wasm_tls {

// 'ERR_SSL_WRONG_VERSION_NUMBER' for a record of libssl, from its reason number.
std::string SslErrorCode(unsigned long packed_error);

// 'ERR_OSSL_PEM_NO_START_LINE': library and reason, upper case, `_` between words. A reason without a library prefix
// of its own (ERR_LIB_NONE, system) is 'ERR_OSSL_<REASON>'.
std::string OsslErrorCode(unsigned long packed_error);

// 'DEPTH_ZERO_SELF_SIGNED_CERT' for X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT; 'UNSPECIFIED' for an unknown number;
// 'OK' for X509_V_OK. The view lives forever.
std::string_view VerifyErrorCode(long verify_result);

// OpenSSL's sentence for the same number: 'self-signed certificate'. The view lives forever.
std::string_view VerifyErrorReason(long verify_result);

}  // namespace wasm_tls
