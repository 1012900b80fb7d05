// Handles: what JavaScript owns of the engine, one Embind class each. The host calls `delete()` on every one, once.
//
// They are plain classes around the engine's owners rather than Embind's smart pointers: those would free themselves
// whenever JavaScript's garbage collector pleases, and run code in an instance that may have trapped.
//
// A handle always exists, also when the engine refused to make what it is for: then `error()` says why, and nothing
// but `delete()` may be called.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "src/connection.h"
#include "src/error.h"
#include "src/secure_context.h"
#include "src/server_name_map.h"
#include "src/trust_store.h"

namespace wasm_tls {

// Counts the living among the engine's objects.
class Counted {
 public:
  Counted() { ++live_; }
  ~Counted() { --live_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  static int live() { return live_; }

 private:
  static inline int live_ = 0;
};

class TrustStoreHandle {
 public:
  explicit TrustStoreHandle(Result<std::shared_ptr<const TrustStore>> created) : store_(std::move(created)) {}

  const Result<std::shared_ptr<const TrustStore>>& get() const { return store_; }

 private:
  Result<std::shared_ptr<const TrustStore>> store_;
};

class SecureContextHandle {
 public:
  explicit SecureContextHandle(Result<std::shared_ptr<SecureContext>> created) : context_(std::move(created)) {}

  const Result<std::shared_ptr<SecureContext>>& result() const { return context_; }
  const std::shared_ptr<SecureContext>& get() const { return *context_; }

  // A second handle to the same context.
  SecureContextHandle* Share() const { return new SecureContextHandle(context_); }

 private:
  Result<std::shared_ptr<SecureContext>> context_;
};

class ServerNameMapHandle {
 public:
  // `index` is what `Find()` gives for this pattern.
  void Add(const std::string& pattern, const SecureContextHandle& context, int index);
  // -1 when no pattern matches.
  int Find(const std::string& servername) const;

 private:
  Counted counted_;
  ServerNameMap map_;
};

// A connection, and beside it what the host wants to know after each call, so that it need not ask: `status()`.
class ConnectionHandle {
 public:
  // The words of `status()`, each 32 bits. host/engine/connection.ts has the same list.
  enum Word {
    kProgress,  // of the last `Advance()`
    kEncOut,    // address and size of what the connection would give
    kEncOutSize,
    kClearOut,
    kClearOutSize,
    kRecords,  // address and number of the sizes of the records in it, 32 bits each
    kRecordCount,
    kClearInSize,
    kFlags,
    kWords
  };
  enum Flag : uint32_t {
    kEventWaiting = 1,
    kEstablished = 2,
    kCloseNotifyReceived = 4,
    kTruncated = 8,
    kCloseNotifySent = 16
  };

  explicit ConnectionHandle(Result<std::unique_ptr<Connection>> created);

  const std::optional<Error>& error() const { return connection_ == nullptr ? error_ : connection_->error(); }
  Connection& get() { return *connection_; }
  const Connection& get() const { return *connection_; }

  // Where the words are; the address stays the same for the handle's life.
  uintptr_t status() const { return reinterpret_cast<uintptr_t>(words_.data()); }

  // Each returns with `status()` up to date. `Extend…()` makes a queue longer by `size` bytes and returns their
  // address: the host writes them before it calls again.
  void Advance();
  uintptr_t ExtendEncIn(size_t size);
  void EndEncIn();
  void ConsumeEncOut(size_t size);
  uintptr_t ExtendClearIn(size_t size);
  void ConsumeClearOut(size_t size);
  std::optional<Event> TakeEvent();
  bool AnswerNewSession();

 private:
  static uintptr_t Address(std::span<uint8_t> span) { return reinterpret_cast<uintptr_t>(span.data()); }
  void Refresh();

  Counted counted_;
  std::unique_ptr<Connection> connection_;
  std::optional<Error> error_;
  std::optional<Event> next_event_;
  Progress progress_ = Progress::kIdle;
  std::array<uint32_t, kWords> words_ = {};
};

}  // namespace wasm_tls
