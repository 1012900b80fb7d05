// The names in a certificate's extensions → Node's text.
//
// A name that could be mistaken for several, or for another kind, is written as a JSON string literal
// (CVE-2021-44532): 'DNS:"a.com\u002c DNS:b.com"'.
#pragma once

#include <openssl/x509v3.h>

#include <string>

namespace wasm_tls {

// '1.3.6.1.5.5.7.3.1'; never a name.
std::string OidText(const ASN1_OBJECT* oid);

// 'DNS:a.com', 'IP Address:127.0.0.1', 'URI:http://…', 'DirName:CN = a', …
std::string GeneralNameText(const GENERAL_NAME* name);

}  // namespace wasm_tls
