#include "error.h"

#include <openssl/err.h>

#include "error_codes.h"
#include "hexadecimal.h"

namespace wasm_tls {

namespace {

struct Record {
  unsigned long packed;
  std::string function;
};

std::string Text(const char* text) { return text == nullptr ? std::string() : std::string(text); }

// The one-line form of ERR_error_string(), which never tells the function.
std::string Message(unsigned long packed) {
  std::string library = Text(ERR_lib_error_string(packed));
  if (library.empty()) library = "lib(" + std::to_string(ERR_GET_LIB(packed)) + ")";
  std::string reason = ReasonText(packed);
  if (reason.empty()) reason = "reason(" + std::to_string(ERR_GET_REASON(packed)) + ")";
  return "error:" + Hexadecimal(packed, kUpperCase, 8) + ":" + library + "::" + reason;
}

std::vector<Record> Drain() {
  std::vector<Record> records;
  const char* function = nullptr;
  while (const unsigned long packed = ERR_get_error_all(nullptr, nullptr, &function, nullptr, nullptr)) {
    records.push_back({packed, Text(function)});
  }
  if (!records.empty()) LoadErrorTexts();
  return records;
}

// `records` without the one at `told`, latest first.
std::vector<std::string> Others(const std::vector<Record>& records, size_t told) {
  std::vector<std::string> messages;
  for (size_t i = records.size(); i-- > 0;) {
    if (i != told) messages.push_back(Message(records[i].packed));
  }
  return messages;
}

Error FromRecord(ErrorKind kind, const Record& record) {
  return {
      .kind = kind,
      .code = kind == ErrorKind::kSsl ? SslErrorCode(record.packed) : OsslErrorCode(record.packed),
      .library = Text(ERR_lib_error_string(record.packed)),
      .function = record.function,
      .reason = ReasonText(record.packed),
      .message = Message(record.packed),
      .stack = {},
  };
}

Error Plain(ErrorKind kind, std::string_view code, std::string_view message) {
  Error error;
  error.kind = kind;
  error.code = code;
  error.message = message;
  return error;
}

// ERR_clear_error() goes through all of the queue, which is empty nearly always.
void ClearErrors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

ErrorQueueScope::ErrorQueueScope() { ClearErrors(); }

ErrorQueueScope::~ErrorQueueScope() { ClearErrors(); }

ErrorQueueMark::ErrorQueueMark() { ERR_set_mark(); }

ErrorQueueMark::~ErrorQueueMark() { ERR_pop_to_mark(); }

Error TakeSslError(std::string_view fallback) {
  const std::vector<Record> records = Drain();
  if (records.empty()) return Plain(ErrorKind::kSsl, "", fallback);
  Error error = FromRecord(ErrorKind::kSsl, records.front());
  error.message = Message(records.back().packed);
  error.stack = Others(records, records.size() - 1);
  return error;
}

Error TakeOsslError(std::string_view fallback) {
  const std::vector<Record> records = Drain();
  if (records.empty()) return Plain(ErrorKind::kOssl, "", fallback);
  Error error = FromRecord(ErrorKind::kOssl, records.front());
  error.stack = Others(records, 0);
  return error;
}

Error TakeLatestOsslError(std::string_view fallback) {
  const std::vector<Record> records = Drain();
  if (records.empty()) return Plain(ErrorKind::kOssl, "", fallback);
  Error error = FromRecord(ErrorKind::kOssl, records.back());
  error.stack = Others(records, records.size() - 1);
  return error;
}

bool LatestErrorIs(int library, int reason) {
  const unsigned long packed = ERR_peek_last_error();
  return ERR_GET_LIB(packed) == library && ERR_GET_REASON(packed) == reason;
}

Error ArgumentError(std::string_view code, std::string_view message) {
  return Plain(ErrorKind::kArgument, code, message);
}

Error StateError(std::string_view code, std::string_view message) { return Plain(ErrorKind::kState, code, message); }

}  // namespace wasm_tls
