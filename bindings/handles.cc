#include "bindings/handles.h"

namespace wasm_tls {
namespace {

// Rides along with each context in the map, where its deleter would be: it owns the context, and knows its index.
struct IndexedOwner {
  int index;
  std::shared_ptr<SecureContext> context;
  void operator()(SecureContext*) { context.reset(); }
};

}  // namespace

void ServerNameMapHandle::Add(const std::string& pattern, const SecureContextHandle& context, int index) {
  map_.Add(pattern, std::shared_ptr<SecureContext>(context.get().get(), IndexedOwner{index, context.get()}));
}

int ServerNameMapHandle::Find(const std::string& servername) const {
  const std::shared_ptr<SecureContext> context = map_.Find(servername);
  return context == nullptr ? -1 : std::get_deleter<IndexedOwner>(context)->index;
}

ConnectionHandle::ConnectionHandle(Result<std::unique_ptr<Connection>> created) {
  if (created.has_value()) {
    connection_ = std::move(*created);
    Refresh();
  } else {
    error_ = std::move(created.error());
  }
}

void ConnectionHandle::Advance() {
  progress_ = connection_->Advance();
  Refresh();
}

uintptr_t ConnectionHandle::ExtendEncIn(size_t size) {
  const uintptr_t address = Address(connection_->ReserveEncIn(size));
  connection_->CommitEncIn(size);
  return address;
}

void ConnectionHandle::EndEncIn() {
  connection_->EndEncIn();
  Refresh();
}

void ConnectionHandle::ConsumeEncOut(size_t size) {
  connection_->ConsumeEncOut(size);
  Refresh();
}

uintptr_t ConnectionHandle::ExtendClearIn(size_t size) {
  const uintptr_t address = Address(connection_->ReserveClearIn(size));
  connection_->CommitClearIn(size);
  Refresh();
  return address;
}

void ConnectionHandle::ConsumeClearOut(size_t size) {
  connection_->ConsumeClearOut(size);
  Refresh();
}

std::optional<Event> ConnectionHandle::TakeEvent() {
  std::optional<Event> event = std::exchange(next_event_, std::nullopt);
  Refresh();
  return event;
}

bool ConnectionHandle::AnswerNewSession() {
  const bool answered = connection_->AnswerNewSession();
  Refresh();
  return answered;
}

void ConnectionHandle::Refresh() {
  if (!next_event_.has_value()) next_event_ = connection_->TakeEvent();
  const BytesView enc_out = connection_->enc_out();
  const BytesView clear_out = connection_->clear_out();
  words_[kProgress] = static_cast<uint32_t>(progress_);
  words_[kEncOut] = reinterpret_cast<uintptr_t>(enc_out.data());
  words_[kEncOutSize] = enc_out.size();
  words_[kClearOut] = reinterpret_cast<uintptr_t>(clear_out.data());
  words_[kClearOutSize] = clear_out.size();
  words_[kRecords] = reinterpret_cast<uintptr_t>(connection_->clear_out_records().data());
  words_[kRecordCount] = connection_->clear_out_records().size();
  words_[kClearInSize] = connection_->clear_in_size();
  words_[kFlags] = (next_event_.has_value() ? kEventWaiting : 0u) | (connection_->established() ? kEstablished : 0u) |
                   (connection_->close_notify_received() ? kCloseNotifyReceived : 0u) |
                   (connection_->truncated() ? kTruncated : 0u) |
                   (connection_->close_notify_sent() ? kCloseNotifySent : 0u);
}

}  // namespace wasm_tls
