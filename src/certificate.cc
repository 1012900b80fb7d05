#include "certificate.h"

#include <openssl/asn1.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <string_view>

#include "error.h"
#include "general_name.h"
#include "hexadecimal.h"
#include "json_string.h"

namespace wasm_tls {

namespace {

struct GeneralNamesDeleter {
  void operator()(GENERAL_NAMES* names) const { sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free); }
};

struct ObjectsDeleter {
  void operator()(STACK_OF(ASN1_OBJECT)* objects) const { sk_ASN1_OBJECT_pop_free(objects, ASN1_OBJECT_free); }
};

using AccessPtr = OpensslPtr<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>;

// What `print` writes to a BIO.
template <class Print>
std::string Printed(Print print) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr) return {};
  print(bio.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

std::string TimeText(const ASN1_TIME* time) {
  return Printed([&](BIO* out) { ASN1_TIME_print(out, time); });
}

// A known type by its short name, others by their number. One value that is no text spoils the whole name, as in Node.
NameEntries Entries(const X509_NAME* name) {
  NameEntries entries;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(entry);
    const int nid = OBJ_obj2nid(type);
    unsigned char* value = nullptr;
    const int size = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) return {};
    const OpensslMemoryPtr<unsigned char> owner(value);
    entries.emplace_back(nid == NID_undef ? OidText(type) : std::string(OBJ_nid2sn(nid)),
                         std::string(reinterpret_cast<const char*>(value), static_cast<size_t>(size)));
  }
  return entries;
}

// Of an extension that occurs twice, which no certificate may have, the first.
void* FirstExtension(X509* certificate, int nid) {
  X509_EXTENSION* extension = X509_get_ext(certificate, X509_get_ext_by_NID(certificate, nid, -1));
  return extension == nullptr ? nullptr : X509V3_EXT_d2i(extension);
}

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, GeneralNamesDeleter>;

GeneralNamesPtr GeneralNames(X509* certificate) {
  return GeneralNamesPtr(static_cast<GENERAL_NAMES*>(FirstExtension(certificate, NID_subject_alt_name)));
}

std::optional<std::string> AltNames(X509* certificate) {
  const GeneralNamesPtr names = GeneralNames(certificate);
  if (names == nullptr) return std::nullopt;
  std::string text;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    if (i > 0) text += ", ";
    text += GeneralNameText(sk_GENERAL_NAME_value(names.get(), i));
  }
  return text;
}

// {'OCSP - URI', 'http://…'}: Node cuts its text at the first colon and undoes the quoting of the value.
NameEntries InfoAccess(X509* certificate) {
  const AccessPtr descriptions(static_cast<AUTHORITY_INFO_ACCESS*>(FirstExtension(certificate, NID_info_access)));
  NameEntries entries;
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(descriptions.get()); ++i) {
    const ACCESS_DESCRIPTION* description = sk_ACCESS_DESCRIPTION_value(descriptions.get(), i);
    char method[80];
    i2t_ASN1_OBJECT(method, sizeof(method), description->method);
    const std::string text = GeneralNameText(description->location);
    const size_t colon = text.find(':');
    const std::string value = text.substr(colon + 1);
    entries.emplace_back(std::string(method) + " - " + text.substr(0, colon),
                         JsonStringLength(value) == value.size() && !value.empty() ? DecodeJsonString(value) : value);
  }
  return entries;
}

std::vector<std::string> ExtendedKeyUsage(X509* certificate) {
  const std::unique_ptr<STACK_OF(ASN1_OBJECT), ObjectsDeleter> usages(
      static_cast<STACK_OF(ASN1_OBJECT)*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
  std::vector<std::string> oids;
  if (usages == nullptr) return oids;
  oids.reserve(static_cast<size_t>(sk_ASN1_OBJECT_num(usages.get())));
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    oids.push_back(OidText(sk_ASN1_OBJECT_value(usages.get(), i)));
  }
  return oids;
}

BignumPtr KeyNumber(const EVP_PKEY* key, const char* parameter) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, parameter, &number);
  return BignumPtr(number);
}

void DescribeRsa(X509* certificate, EVP_PKEY* key, CertificateData* data) {
  const BignumPtr modulus = KeyNumber(key, OSSL_PKEY_PARAM_RSA_N);
  const BignumPtr exponent = KeyNumber(key, OSSL_PKEY_PARAM_RSA_E);
  if (modulus == nullptr || exponent == nullptr) return;
  data->modulus = Printed([&](BIO* out) { BN_print(out, modulus.get()); });
  data->bits = BN_num_bits(modulus.get());
  data->exponent = "0x" + Hexadecimal(BN_get_word(exponent.get()), kLowerCase);
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  const OpensslMemoryPtr<unsigned char> owner(der);
  if (size > 0) data->pubkey.assign(der, der + size);
}

void DescribeEc(const EVP_PKEY* key, CertificateData* data) {
  data->bits = EVP_PKEY_get_bits(key);
  size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0, &size) == 1) {
    data->pubkey.resize(size);
    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, data->pubkey.data(), size, &size);
  }
  char group[80];
  if (EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) != 1) return;
  const int nid = OBJ_txt2nid(group);
  if (nid == NID_undef) return;
  data->asn1_curve = OBJ_nid2sn(nid);
  const char* nist = EC_curve_nid2nist(nid);
  if (nist != nullptr) data->nist_curve = nist;
}

void DescribeKey(X509* certificate, CertificateData* data) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return;
  // RSA-PSS has a type of its own, of which Node tells nothing.
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    DescribeRsa(certificate, key, data);
  } else if (EVP_PKEY_is_a(key, "EC") == 1) {
    DescribeEc(key, data);
  }
}

std::string SerialNumber(X509* certificate) {
  const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (number == nullptr) return {};
  const OpensslMemoryPtr<char> text(BN_bn2hex(number.get()));
  return text == nullptr ? std::string() : std::string(text.get());
}

std::string Fingerprint(const X509* certificate, const EVP_MD* digest) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate, digest, bytes, &size) != 1) return {};
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    if (i > 0) text += ':';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 0x0f];
  }
  return text;
}

}  // namespace

Bytes EncodeCertificate(X509* certificate) {
  if (certificate == nullptr) return {};
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  const OpensslMemoryPtr<unsigned char> owner(der);
  return size > 0 ? Bytes(der, der + size) : Bytes();
}

CertificateData DescribeCertificate(X509* certificate) {
  const ErrorQueueMark errors;
  CertificateData data;
  data.subject = Entries(X509_get_subject_name(certificate));
  data.issuer = Entries(X509_get_issuer_name(certificate));
  const std::optional<std::string> alt_names = AltNames(certificate);
  data.subject_alt_name = alt_names.value_or("");
  data.has_subject_alt_name = alt_names.has_value();
  data.info_access = InfoAccess(certificate);
  // Other results mean "perhaps", for certificates of times before there was an extension to say so.
  data.ca = X509_check_ca(certificate) == 1;
  DescribeKey(certificate, &data);
  data.valid_from = TimeText(X509_get0_notBefore(certificate));
  data.valid_to = TimeText(X509_get0_notAfter(certificate));
  data.fingerprint = Fingerprint(certificate, EVP_sha1());
  data.fingerprint256 = Fingerprint(certificate, EVP_sha256());
  data.fingerprint512 = Fingerprint(certificate, EVP_sha512());
  data.ext_key_usage = ExtendedKeyUsage(certificate);
  data.serial_number = SerialNumber(certificate);
  data.raw = EncodeCertificate(certificate);
  return data;
}

IdentityClaims DescribeIdentity(X509* certificate) {
  const ErrorQueueMark errors;
  IdentityClaims claims{.subject_alt_name = AltNames(certificate), .has_subject = true};
  for (auto& [key, value] : Entries(X509_get_subject_name(certificate))) {
    if (key == "CN") claims.common_names.push_back(std::move(value));
  }
  return claims;
}

bool HasDnsName(X509* certificate, std::string_view name) {
  const ErrorQueueMark errors;
  const GeneralNamesPtr names = GeneralNames(certificate);
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* alternative = sk_GENERAL_NAME_value(names.get(), i);
    if (alternative->type != GEN_DNS) continue;
    const ASN1_IA5STRING* dns = alternative->d.dNSName;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(dns));
    const std::string_view found(text, static_cast<size_t>(ASN1_STRING_length(dns)));
    if (found.size() == name.size() && OPENSSL_strncasecmp(text, name.data(), name.size()) == 0) return true;
  }
  return false;
}

}  // namespace wasm_tls
