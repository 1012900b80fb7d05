// Error: what went wrong, as plain data. `error.cc` is the only reader of OpenSSL's error queue.
//
// Each call into OpenSSL that may fail is made between `ErrorQueueScope` and one of the `Take…` functions, so that no
// record of one operation is ever blamed on the next.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace wasm_tls {

enum class ErrorKind {
  kSsl,       // the handshake or a record failed: code is ERR_SSL_<REASON>
  kOssl,      // a key, certificate or option was refused by OpenSSL: code is ERR_OSSL_<LIB>_<REASON>
  kArgument,  // a value that the engine itself refuses: code is a Node code, such as ERR_INVALID_ARG_VALUE
  kState,     // the call is not possible now: code is a Node code, such as ERR_TLS_INVALID_STATE
};

struct Error {
  ErrorKind kind = ErrorKind::kOssl;
  std::string code = {};                // 'ERR_SSL_WRONG_VERSION_NUMBER'
  std::string library = {};             // 'SSL routines'; empty when OpenSSL has no part in it, like the next two
  std::string function = {};            // OpenSSL's function name, where its build records one
  std::string reason = {};              // 'wrong version number'
  std::string message = {};             // 'error:0A00010B:SSL routines::wrong version number'
  std::vector<std::string> stack = {};  // the other records of the queue, one message each, latest first
};

template <class T>
using Result = std::expected<T, Error>;

// Empties the queue on entry and on exit: stale records do not leak in, ours do not leak out.
class ErrorQueueScope {
 public:
  ErrorQueueScope();
  ~ErrorQueueScope();
  ErrorQueueScope(const ErrorQueueScope&) = delete;
  ErrorQueueScope& operator=(const ErrorQueueScope&) = delete;
};

// Forgets what its lifetime adds to the queue and keeps what was there: for work inside one of OpenSSL's callbacks.
class ErrorQueueMark {
 public:
  ErrorQueueMark();
  ~ErrorQueueMark();
  ErrorQueueMark(const ErrorQueueMark&) = delete;
  ErrorQueueMark& operator=(const ErrorQueueMark&) = delete;
};

// Drains the queue into an error of a connection: the code comes from the earliest record (the cause), the message
// from the latest, the rest goes to `stack`. With an empty queue the message is `fallback`.
Error TakeSslError(std::string_view fallback);

// Drains the queue into an error of a key, certificate, or option: code and message come from the earliest record,
// as Node's ThrowCryptoError does, the later ones go to `stack`.
Error TakeOsslError(std::string_view fallback);

// The same with code and message of the latest record, which Node prefers where it reads roots of trust.
Error TakeLatestOsslError(std::string_view fallback);

// Is the latest record of the queue this one? PEM readers tell the end of their input so.
bool LatestErrorIs(int library, int reason);

// An error that is the engine's own.
Error ArgumentError(std::string_view code, std::string_view message);
Error StateError(std::string_view code, std::string_view message);

}  // namespace wasm_tls
