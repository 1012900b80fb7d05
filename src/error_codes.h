// Numbers of OpenSSL → names of Node. Pure tables and string work; no queue, no state.
#pragma once

#include <string>
#include <string_view>

namespace wasm_tls {

// Whether the alerts that SSL 3.0 brought are named as OpenSSL has it since 3.2 ('ssl/tls alert …') or as before
// ('sslv3 alert …'), in what the functions below return.
void UseNewAlertNames(bool use);

// Loads OpenSSL's texts of errors into its tables, once. They are some 1,500, and a program that meets no error does
// without; so OpenSSL is kept from loading them when it starts. Whatever asks OpenSSL for a text calls this before.
void LoadErrorTexts();

// 'wrong version number', empty for a reason that OpenSSL has no words for.
std::string ReasonText(unsigned long packed_error);

// 'ERR_SSL_WRONG_VERSION_NUMBER' for a record of libssl. One of another library, which may be the first cause of a
// failed handshake, is 'ERR_SSL_<REASON>' as well, as in Node.
std::string SslErrorCode(unsigned long packed_error);

// 'ERR_OSSL_PEM_NO_START_LINE': library and reason, upper case, `_` between words. Libraries that Node does not name
// are left out: 'ERR_OSSL_BAD_DECRYPT'. A record of libssl is 'ERR_SSL_<REASON>' here too. Empty when the reason has no
// words.
std::string OsslErrorCode(unsigned long packed_error);

// 'DEPTH_ZERO_SELF_SIGNED_CERT' for X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT; 'UNSPECIFIED' for an unknown number;
// 'OK' for X509_V_OK. The view lives forever.
std::string_view VerifyErrorCode(long verify_result);

// OpenSSL's sentence for the same number: 'self-signed certificate'. The view lives forever.
std::string_view VerifyErrorReason(long verify_result);

}  // namespace wasm_tls
