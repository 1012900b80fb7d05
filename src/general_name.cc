#include "general_name.h"

#include <string_view>

#include "hexadecimal.h"
#include "openssl_ptr.h"

namespace wasm_tls {

namespace {

enum class Encoding { kLatin1, kUtf8 };

std::string_view View(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<size_t>(ASN1_STRING_length(string))};
}

bool IsPrintable(unsigned char c, Encoding encoding) {
  if (c >= 0x80) return encoding == Encoding::kUtf8;
  return c >= ' ' && c <= '~';
}

bool IsSafe(std::string_view name, Encoding encoding) {
  for (const char c : name) {
    // Quotes and backslashes would be taken for quoting, a comma for the end of the name.
    if (std::string_view("\"\\,'").contains(c) || !IsPrintable(static_cast<unsigned char>(c), encoding)) return false;
  }
  return true;
}

void AppendUnicodeEscape(std::string& out, unsigned char c) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\u00";
  out += kHex[c >> 4];
  out += kHex[c & 0x0f];
}

// `prefix` and `name`, quoted unless both can stand as they are.
std::string Quoted(std::string_view name, Encoding encoding, std::string_view prefix = {}) {
  if (IsSafe(name, encoding)) return std::string(prefix).append(name);
  std::string out = "\"";
  out += prefix;
  for (const char c : name) {
    if (c == '\\' || c == '"') {
      out += '\\';
      out += c;
    } else if (c != ',' && IsPrintable(static_cast<unsigned char>(c), encoding)) {
      out += c;
    } else {
      AppendUnicodeEscape(out, static_cast<unsigned char>(c));
    }
  }
  return out + '"';
}

// Not inet_ntop(): Node writes eight upper-case groups and shortens nothing.
std::string AddressText(std::string_view address) {
  const auto byte = [&](size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(address[i])); };
  if (address.size() == 4) {
    return std::to_string(byte(0)) + "." + std::to_string(byte(1)) + "." + std::to_string(byte(2)) + "." +
           std::to_string(byte(3));
  }
  if (address.size() != 16) return "<invalid length=" + std::to_string(address.size()) + ">";
  std::string out;
  for (size_t i = 0; i < address.size(); i += 2) {
    if (i > 0) out += ':';
    out += Hexadecimal(byte(i) << 8 | byte(i + 1), kUpperCase);
  }
  return out;
}

std::string DirectoryText(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB) &
                                   ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_CTRL);
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), name, 0, kFlags) < 0) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return Quoted({text, static_cast<size_t>(size)}, Encoding::kUtf8);
}

std::string OtherNameText(const OTHERNAME* name) {
  const char* prefix = nullptr;
  int type = V_ASN1_UTF8STRING;
  switch (OBJ_obj2nid(name->type_id)) {
    case NID_id_on_SmtpUTF8Mailbox:
      prefix = "SmtpUTF8Mailbox:";
      break;
    case NID_XmppAddr:
      prefix = "XmppAddr:";
      break;
    case NID_SRVName:
      prefix = "SRVName:";
      type = V_ASN1_IA5STRING;
      break;
    case NID_ms_upn:
      prefix = "UPN:";
      break;
    case NID_NAIRealm:
      prefix = "NAIRealm:";
      break;
    default:
      break;
  }
  if (prefix == nullptr || name->value->type != type) return "<unsupported>";
  const Encoding encoding = type == V_ASN1_UTF8STRING ? Encoding::kUtf8 : Encoding::kLatin1;
  return Quoted(View(name->value->value.asn1_string), encoding, prefix);
}

}  // namespace

std::string OidText(const ASN1_OBJECT* oid) {
  char text[256];
  return OBJ_obj2txt(text, sizeof(text), oid, /*no_name=*/1) < 0 ? std::string() : std::string(text);
}

std::string GeneralNameText(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS:
      return "DNS:" + Quoted(View(name->d.dNSName), Encoding::kLatin1);
    case GEN_EMAIL:
      return "email:" + Quoted(View(name->d.rfc822Name), Encoding::kLatin1);
    case GEN_URI:
      return "URI:" + Quoted(View(name->d.uniformResourceIdentifier), Encoding::kLatin1);
    case GEN_DIRNAME:
      return "DirName:" + DirectoryText(name->d.directoryName);
    case GEN_IPADD:
      return "IP Address:" + AddressText(View(name->d.iPAddress));
    case GEN_RID:
      return "Registered ID:" + OidText(name->d.registeredID);
    case GEN_OTHERNAME:
      return "othername:" + OtherNameText(name->d.otherName);
    case GEN_X400:
      return "X400Name:<unsupported>";
    default:
      return "EdiPartyName:<unsupported>";
  }
}

}  // namespace wasm_tls
