#include "protocol_message.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace wasm_tls {
namespace {

struct Name {
  int value;
  std::string_view text;
};

constexpr Name kVersions[] = {
    {SSL2_VERSION, "SSLv2"},     {TLS1_VERSION, "TLSv1"},     {TLS1_1_VERSION, "TLSv1.1"},
    {TLS1_2_VERSION, "TLSv1.2"}, {TLS1_3_VERSION, "TLSv1.3"},
};

constexpr Name kHandshakeTypes[] = {
    {SSL3_MT_HELLO_REQUEST, "HelloRequest"},
    {SSL3_MT_CLIENT_HELLO, "ClientHello"},
    {SSL3_MT_SERVER_HELLO, "ServerHello"},
    {SSL3_MT_NEWSESSION_TICKET, "NewSessionTicket"},
    {SSL3_MT_END_OF_EARLY_DATA, "EndOfEarlyData"},
    {SSL3_MT_ENCRYPTED_EXTENSIONS, "EncryptedExtensions"},
    {SSL3_MT_CERTIFICATE, "Certificate"},
    {SSL3_MT_SERVER_KEY_EXCHANGE, "ServerKeyExchange"},
    {SSL3_MT_CERTIFICATE_REQUEST, "CertificateRequest"},
    {SSL3_MT_SERVER_DONE, "ServerHelloDone"},
    {SSL3_MT_CERTIFICATE_VERIFY, "CertificateVerify"},
    {SSL3_MT_CLIENT_KEY_EXCHANGE, "ClientKeyExchange"},
    {SSL3_MT_FINISHED, "Finished"},
    {SSL3_MT_CERTIFICATE_URL, "CertificateUrl"},
    {SSL3_MT_CERTIFICATE_STATUS, "CertificateStatus"},
    {SSL3_MT_SUPPLEMENTAL_DATA, "SupplementalData"},
    {SSL3_MT_KEY_UPDATE, "KeyUpdate"},
    {SSL3_MT_COMPRESSED_CERTIFICATE, "CompressedCertificate"},
    {SSL3_MT_NEXT_PROTO, "NextProtocol"},
};

constexpr Name kAlerts[] = {
    {SSL_AD_CLOSE_NOTIFY, "close_notify"},
    {SSL_AD_UNEXPECTED_MESSAGE, "unexpected_message"},
    {SSL_AD_BAD_RECORD_MAC, "bad_record_mac"},
    {SSL_AD_DECRYPTION_FAILED, "decryption_failed"},
    {SSL_AD_RECORD_OVERFLOW, "record_overflow"},
    {SSL_AD_DECOMPRESSION_FAILURE, "decompression_failure"},
    {SSL_AD_HANDSHAKE_FAILURE, "handshake_failure"},
    {SSL_AD_NO_CERTIFICATE, "no_certificate"},
    {SSL_AD_BAD_CERTIFICATE, "bad_certificate"},
    {SSL_AD_UNSUPPORTED_CERTIFICATE, "unsupported_certificate"},
    {SSL_AD_CERTIFICATE_REVOKED, "certificate_revoked"},
    {SSL_AD_CERTIFICATE_EXPIRED, "certificate_expired"},
    {SSL_AD_CERTIFICATE_UNKNOWN, "certificate_unknown"},
    {SSL_AD_ILLEGAL_PARAMETER, "illegal_parameter"},
    {SSL_AD_UNKNOWN_CA, "unknown_ca"},
    {SSL_AD_ACCESS_DENIED, "access_denied"},
    {SSL_AD_DECODE_ERROR, "decode_error"},
    {SSL_AD_DECRYPT_ERROR, "decrypt_error"},
    {SSL_AD_EXPORT_RESTRICTION, "export_restriction"},
    {SSL_AD_PROTOCOL_VERSION, "protocol_version"},
    {SSL_AD_INSUFFICIENT_SECURITY, "insufficient_security"},
    {SSL_AD_INTERNAL_ERROR, "internal_error"},
    {SSL_AD_INAPPROPRIATE_FALLBACK, "inappropriate_fallback"},
    {SSL_AD_USER_CANCELLED, "user_canceled"},
    {SSL_AD_NO_RENEGOTIATION, "no_renegotiation"},
    {SSL_AD_MISSING_EXTENSION, "missing_extension"},
    {SSL_AD_UNSUPPORTED_EXTENSION, "unsupported_extension"},
    {SSL_AD_CERTIFICATE_UNOBTAINABLE, "certificate_unobtainable"},
    {SSL_AD_UNRECOGNIZED_NAME, "unrecognized_name"},
    {SSL_AD_BAD_CERTIFICATE_STATUS_RESPONSE, "bad_certificate_status_response"},
    {SSL_AD_BAD_CERTIFICATE_HASH_VALUE, "bad_certificate_hash_value"},
    {SSL_AD_UNKNOWN_PSK_IDENTITY, "unknown_psk_identity"},
    {SSL_AD_CERTIFICATE_REQUIRED, "certificate_required"},
    {SSL_AD_NO_APPLICATION_PROTOCOL, "no_application_protocol"},
};

std::string NameIn(std::span<const Name> table, int value) {
  const auto found = std::ranges::find(table, value, &Name::value);
  return found == table.end() ? std::to_string(value) : std::string(found->text);
}

// RFC 8446 §4.1.3: "the HelloRetryRequest message uses the same structure as the ServerHello, but with Random set to
// the special value of the SHA-256 of "HelloRetryRequest"".
constexpr std::array<uint8_t, 32> kRetryRandom = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

bool IsRetryRequest(BytesView message) {
  constexpr size_t kRandomAt = SSL3_HM_HEADER_LENGTH + 2;  // behind the version
  return message[0] == SSL3_MT_SERVER_HELLO && message.size() >= kRandomAt + kRetryRandom.size() &&
         std::ranges::equal(message.subspan(kRandomAt, kRetryRandom.size()), kRetryRandom);
}

}  // namespace

std::optional<ProtocolMessage> DescribeMessage(bool sent, int version, int content_type, BytesView data) {
  ProtocolMessage message{.sent = sent, .protocol = NameIn(kVersions, version), .size = data.size()};
  // The ClientHello in the clothes of SSL 2 is a record, which OpenSSL calls 0.
  const bool is_old_hello = version == SSL2_VERSION && content_type == 0;
  if (is_old_hello || (content_type == SSL3_RT_HANDSHAKE && !data.empty())) {
    message.content_type = "handshake";
    message.name = is_old_hello           ? NameIn(kHandshakeTypes, SSL3_MT_CLIENT_HELLO)
                   : IsRetryRequest(data) ? "HelloRetryRequest"
                                          : NameIn(kHandshakeTypes, data[0]);
  } else if (content_type == SSL3_RT_ALERT && data.size() == 2) {
    message.content_type = "alert";
    message.name = NameIn(kAlerts, data[1]);
  } else if (content_type == SSL3_RT_CHANGE_CIPHER_SPEC) {
    message.content_type = "changeCipherSpec";
    message.name = "ChangeCipherSpec";
  } else {
    return std::nullopt;
  }
  return message;
}

}  // namespace wasm_tls
