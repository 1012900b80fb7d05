// Certificate data: X509 → plain data with the fields and spellings of Node's legacy certificate object.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytes.h"
#include "openssl_ptr.h"
#include "server_identity.h"

namespace wasm_tls {

// One name of a multi-valued list: {'CN', 'example.org'}; the same key may occur several times.
using NameEntries = std::vector<std::pair<std::string, std::string>>;

struct CertificateData {
  NameEntries subject;
  NameEntries issuer;
  std::string subject_alt_name;  // 'DNS:a, IP Address:127.0.0.1', with Node's quoting (CVE-2021-44532); may be empty
  bool has_subject_alt_name = false;
  NameEntries info_access;  // 'OCSP - URI' → 'http://…'
  bool ca = false;

  // RSA
  std::string modulus;   // upper-case hex; empty unless RSA
  std::string exponent;  // '0x10001'
  // EC
  std::string asn1_curve;  // 'prime256v1'
  std::string nist_curve;  // 'P-256'
  int bits = 0;            // of either; 0 for other keys
  Bytes pubkey;            // RSA: DER SubjectPublicKeyInfo; EC: the encoded point. Empty for other keys

  std::string valid_from;  // 'Jan  1 00:00:00 2026 GMT'
  std::string valid_to;
  std::string fingerprint;  // SHA-1, 'AA:BB:…'
  std::string fingerprint256;
  std::string fingerprint512;
  std::vector<std::string> ext_key_usage;  // OIDs
  std::string serial_number;               // upper-case hex
  Bytes raw;                               // DER
};

CertificateData DescribeCertificate(X509* certificate);

// The part of that which tells whose certificate it is, at a fraction of the cost.
IdentityClaims DescribeIdentity(X509* certificate);

// Whether `name` is one of the DNS names of its subjectAltName, letter by letter but for case. Wildcards are not looked
// at.
bool HasDnsName(X509* certificate, std::string_view name);

// As DER; empty of null.
Bytes EncodeCertificate(X509* certificate);

}  // namespace wasm_tls
