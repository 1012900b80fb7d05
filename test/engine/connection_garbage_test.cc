// A peer that does not speak TLS, or speaks it wrongly in the clear, and one that gives up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::IsEmpty;
using testing::StartsWith;

Bytes Record(uint8_t type, BytesView contents, uint8_t minor = 1) {
  Bytes record = {type, 3, minor, static_cast<uint8_t>(contents.size() >> 8), static_cast<uint8_t>(contents.size())};
  record.insert(record.end(), contents.begin(), contents.end());
  return record;
}

Bytes Alert(uint8_t level, uint8_t description) { return Record(21, Bytes{level, description}, 3); }

// A message that says of itself that it is 16 MiB long.
Bytes HugeMessage(uint8_t type) {
  Bytes message = {type, 0xff, 0xff, 0xff};
  message.resize(16'000, 0);
  return Record(22, message, 3);
}

Bytes Http() { return ToBytes(AsBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")); }
Bytes HttpResponse() { return ToBytes(AsBytes("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")); }

// RFC 5246 §E.2: the length with its highest bit set, message type 1, version.
Bytes Sslv2Hello() {
  return {0x80, 0x1c, 1, 0, 2, 0, 3, 0, 0, 0, 16, 7, 0, 0xc0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
}

Bytes ClientHello(uint8_t minor, BytesView extensions = {}) {
  Bytes body = {1, 0, 0, static_cast<uint8_t>(41 + extensions.size()), 3, minor};
  body.insert(body.end(), 32, 0x11);                  // random
  body.insert(body.end(), {0, 0, 2, 0, 0x2f, 1, 0});  // no session, one cipher, no compression
  body.insert(body.end(), extensions.begin(), extensions.end());
  return Record(22, body, 0);
}

struct Garbage {
  const char* name;
  Bytes bytes;
  const char* client_code;
  const char* server_code;
};

void PrintTo(const Garbage& garbage, std::ostream* out) { *out << garbage.name; }

std::vector<Garbage> AllGarbage() {
  constexpr const char* kWrongVersion = "ERR_SSL_WRONG_VERSION_NUMBER";
  constexpr const char* kUnexpected = "ERR_SSL_UNEXPECTED_MESSAGE";
  constexpr const char* kTooLong = "ERR_SSL_DATA_LENGTH_TOO_LONG";
  return {
      {"Zeros", Bytes(100, 0), kWrongVersion, kWrongVersion},
      {"Ones", Bytes(100, 0xff), kWrongVersion, kWrongVersion},
      {"Random", Pattern(5000, 3), kWrongVersion, kWrongVersion},
      {"HttpRequest", Http(), "ERR_SSL_HTTP_REQUEST", "ERR_SSL_HTTP_REQUEST"},
      {"HttpResponse", HttpResponse(), kWrongVersion, kWrongVersion},
      {"Smtp", ToBytes(AsBytes("220 mail.example.org ESMTP\r\n")), kWrongVersion, kWrongVersion},
      {"Sslv2Hello", Sslv2Hello(), kWrongVersion, "ERR_SSL_UNKNOWN_PROTOCOL"},
      {"Sslv3Hello", ClientHello(0), kUnexpected, "ERR_SSL_VERSION_TOO_LOW"},
      {"OversizeRecord", Bytes{22, 3, 1, 0xff, 0xff, 0}, kTooLong, kTooLong},
      {"DataBeforeHandshake", Record(23, Bytes(10, 1)), kUnexpected, kUnexpected},
      {"UnknownRecordType", Record(99, Bytes(10, 1)), kUnexpected, kUnexpected},
      {"CcsFirst", Record(20, Bytes{1}), kUnexpected, kUnexpected},
      {"EmptyAlert", Record(21, {}), "ERR_SSL_INVALID_ALERT", kUnexpected},
      {"MessageOf16MiB", HugeMessage(1), kUnexpected, "ERR_SSL_EXCESSIVE_MESSAGE_SIZE"},
      {"ServerHelloOf16MiB", HugeMessage(2), "ERR_SSL_EXCESSIVE_MESSAGE_SIZE", kUnexpected},
      {"FinishedFirst", Record(22, Bytes{20, 0, 0, 4, 1, 2, 3, 4}), kUnexpected, kUnexpected},
      {"EmptyHello", Record(22, Bytes{1, 0, 0, 0}), kUnexpected, "ERR_SSL_LENGTH_TOO_SHORT"},
  };
}

using GarbageCase = std::tuple<Mode, Garbage>;
class ConnectionGarbageTest : public testing::TestWithParam<GarbageCase> {};

INSTANTIATE_TEST_SUITE_P(Garbage, ConnectionGarbageTest,
                         testing::Combine(testing::ValuesIn(AllModes()), testing::ValuesIn(AllGarbage())),
                         [](const auto& param) {
                           return ModeName(std::get<0>(param.param)) + std::get<1>(param.param).name;
                         });

TEST_P(ConnectionGarbageTest, FailsWithACodeHoweverItArrives) {
  const auto& [mode, garbage] = GetParam();
  for (const bool byte_by_byte : {false, true}) {
    Pair pair(mode);
    pair.subject.Advance();
    for (const Bytes& piece : (byte_by_byte ? ByteByByte() : Whole())(garbage.bytes)) {
      pair.subject.Receive(piece);
      pair.subject.Advance();
    }
    ExpectFailedForGood(pair.subject, mode.server() ? garbage.server_code : garbage.client_code);
  }
}

class ConnectionGiveUpTest : public ConnectionTest {};
WASM_TLS_ALL_MODES(ConnectionGiveUpTest);

// RFC 5054 §2.8.1: a name that OpenSSL keeps a copy of. The sanitizer says it when nobody frees that.
TEST_P(ConnectionGiveUpTest, NothingIsKeptOfANameForSrp) {
  if (!mode().server() || mode().tls13()) GTEST_SKIP() << "for servers of TLS 1.2";
  Pair pair(mode());
  pair.subject.Receive(ClientHello(3, Bytes{0, 10, 0, 12, 0, 6, 5, 'a', 'l', 'i', 'c', 'e'}));
  pair.subject.Advance();
  ExpectFailedForGood(pair.subject, "ERR_SSL_NO_SHARED_CIPHER");
}

// Garbage where a record was expected, when the connection is already in use.
TEST_P(ConnectionGiveUpTest, GarbageAfterTheHandshake) {
  Pair pair(mode());
  pair.Run();
  pair.subject.Receive(Http());
  pair.subject.Advance();
  ExpectFailedForGood(pair.subject, mode().tls13() ? "ERR_SSL_BAD_RECORD_TYPE" : "ERR_SSL_WRONG_VERSION_NUMBER");
}

TEST_P(ConnectionGiveUpTest, DataReadBeforeTheGarbageAreKept) {
  Pair pair(mode());
  pair.Run();
  pair.subject.reading = false;
  pair.peer.Write(AsBytes("good"));
  pair.peer.Advance();
  Bytes sent = pair.peer.Send();
  const Bytes garbage = Http();
  sent.insert(sent.end(), garbage.begin(), garbage.end());
  pair.subject.Receive(sent);
  EXPECT_EQ(pair.subject.Advance(), Progress::kFailed);
  EXPECT_EQ(AsText(pair.subject->clear_out()), "good");
}

struct AlertCase {
  uint8_t description;
  const char* code;
};

// RFC 8446 §6.2, in the names that OpenSSL has for what it is told.
constexpr AlertCase kAlerts[] = {
    {10, "ERR_SSL_SSLV3_ALERT_UNEXPECTED_MESSAGE"},
    {20, "ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC"},
    {22, "ERR_SSL_TLSV1_ALERT_RECORD_OVERFLOW"},
    {40, "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"},
    {42, "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE"},
    {43, "ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE"},
    {44, "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED"},
    {45, "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED"},
    {46, "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN"},
    {47, "ERR_SSL_SSLV3_ALERT_ILLEGAL_PARAMETER"},
    {48, "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"},
    {49, "ERR_SSL_TLSV1_ALERT_ACCESS_DENIED"},
    {50, "ERR_SSL_TLSV1_ALERT_DECODE_ERROR"},
    {51, "ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR"},
    {70, "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"},
    {71, "ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY"},
    {80, "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR"},
    {86, "ERR_SSL_TLSV1_ALERT_INAPPROPRIATE_FALLBACK"},
    {109, "ERR_SSL_TLSV13_ALERT_MISSING_EXTENSION"},
    {110, "ERR_SSL_TLSV1_UNSUPPORTED_EXTENSION"},
    {112, "ERR_SSL_TLSV1_UNRECOGNIZED_NAME"},
    {113, "ERR_SSL_TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE"},
    {115, "ERR_SSL_TLSV1_ALERT_UNKNOWN_PSK_IDENTITY"},
    {116, "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"},
    {120, "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL"},
};

TEST_P(ConnectionGiveUpTest, AFatalAlertTellsItsReason) {
  for (const AlertCase& alert : kAlerts) {
    SCOPED_TRACE(static_cast<int>(alert.description));
    Pair pair(mode());
    ReachHandshake(pair);
    pair.subject.Receive(Alert(2, alert.description));
    EXPECT_EQ(pair.subject.Advance(), Progress::kFailed);
    EXPECT_THAT(pair.subject.Send(), IsEmpty()) << "an alert is not answered by another";
    ExpectFailedForGood(pair.subject, alert.code);
  }
}

TEST_P(ConnectionGiveUpTest, AnUnknownAlertIsAnErrorWithACodeToo) {
  Pair pair(mode());
  ReachHandshake(pair);
  pair.subject.Receive(Alert(2, 222));
  EXPECT_EQ(pair.subject.Advance(), Progress::kFailed);
  EXPECT_THAT(pair.subject.error_code(), StartsWith("ERR_SSL_"));
}

TEST_P(ConnectionGiveUpTest, AWarningInTheMiddleIsNoFailure) {
  Pair pair(mode());
  ReachHandshake(pair);
  constexpr uint8_t kUserCanceled = 90;
  pair.subject.Receive(Alert(1, kUserCanceled));
  EXPECT_EQ(pair.subject.Advance(), Progress::kNeedsInput);
}

TEST_P(ConnectionGiveUpTest, OfWarningsWithoutEndThereIsOne) {
  Pair pair(mode());
  ReachHandshake(pair);
  constexpr uint8_t kUserCanceled = 90;
  for (int i = 0; i < 100 && pair.subject.progress() != Progress::kFailed; ++i) {
    pair.subject.Receive(Alert(1, kUserCanceled));
    pair.subject.Advance();
  }
  ExpectFailedForGood(pair.subject, "ERR_SSL_TOO_MANY_WARN_ALERTS");
}

}  // namespace
}  // namespace wasm_tls
