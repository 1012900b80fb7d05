#include "test/engine/support/exchange.h"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <random>
#include <utility>

namespace wasm_tls::test {

Subject::Subject(std::shared_ptr<SecureContext> context, ConnectionOptions options) {
  auto created = Connection::Create(std::move(context), std::move(options));
  if (!created.has_value()) {
    std::fprintf(stderr, "subject: %s\n", created.error().message.c_str());
    std::abort();
  }
  connection_ = std::move(*created);
}

void Subject::Receive(BytesView enc) {
  if (enc.empty()) return;
  std::copy(enc.begin(), enc.end(), connection_->ReserveEncIn(enc.size()).begin());
  connection_->CommitEncIn(enc.size());
}

void Subject::Write(BytesView clear) {
  if (clear.empty()) return;
  std::copy(clear.begin(), clear.end(), connection_->ReserveClearIn(clear.size()).begin());
  connection_->CommitClearIn(clear.size());
}

Bytes Subject::Send() {
  Bytes sent = ToBytes(connection_->enc_out());
  connection_->ConsumeEncOut(sent.size());
  return sent;
}

Progress Subject::Advance() {
  bool again = true;
  while (again) {
    progress_ = connection_->Advance();
    const bool answered = TakeEvents() && progress_ == Progress::kSuspended;
    const BytesView clear = connection_->clear_out();
    again = answered || (progress_ == Progress::kBudgetFull && reading && !clear.empty());
    if (!reading) continue;
    received_.insert(received_.end(), clear.begin(), clear.end());
    connection_->ConsumeClearOut(clear.size());
  }
  return progress_;
}

// True when somebody heard of one.
bool Subject::TakeEvents() {
  bool heard = false;
  while (auto event = connection_->TakeEvent()) {
    events_.push_back(std::move(*event));
    if (!on_event) continue;
    on_event(*connection_, events_.back());
    heard = true;
  }
  return heard;
}

std::string Subject::error_code() const { return connection_->error() ? connection_->error()->code : ""; }

// --- the wire --------------------------------------------------------------------------------------------------------

Delivery Whole() {
  return [](Bytes sent) { return std::vector<Bytes>{std::move(sent)}; };
}

Delivery ByteByByte() {
  return [](const Bytes& sent) {
    std::vector<Bytes> pieces;
    pieces.reserve(sent.size());
    for (const uint8_t byte : sent) pieces.push_back({byte});
    return pieces;
  };
}

Delivery RandomFragments(uint32_t seed) {
  return [random = std::mt19937(seed)](BytesView sent) mutable {
    std::vector<Bytes> pieces;
    while (!sent.empty()) {
      // Short pieces cut headers, long ones join records: both sizes occur often.
      const size_t limit = random() % 2 == 0 ? 8 : 4096;
      const size_t size = std::min<size_t>(sent.size(), 1 + random() % limit);
      pieces.push_back(ToBytes(sent.first(size)));
      sent = sent.subspan(size);
    }
    return pieces;
  };
}

Delivery ByRecord(RecordHook hook) {
  return [hook = std::move(hook), index = size_t{0}, rest = Bytes()](const Bytes& sent) mutable {
    rest.insert(rest.end(), sent.begin(), sent.end());
    std::vector<Bytes> pieces;
    for (Bytes& record : SplitRecords(rest)) {
      rest.erase(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(record.size()));
      for (Bytes& piece : hook(index++, std::move(record))) pieces.push_back(std::move(piece));
    }
    return pieces;
  };
}

std::vector<Bytes> SplitRecords(BytesView bytes) {
  constexpr size_t kHeader = 5;
  std::vector<Bytes> records;
  while (bytes.size() >= kHeader) {
    const size_t size = kHeader + (size_t{bytes[3]} << 8 | bytes[4]);
    if (bytes.size() < size) break;
    records.push_back(ToBytes(bytes.first(size)));
    bytes = bytes.subspan(size);
  }
  return records;
}

Exchange::Exchange(Subject& subject, OpensslPeer& peer, Delivery to_subject, Delivery to_peer)
    : subject_(subject), peer_(peer), to_subject_(std::move(to_subject)), to_peer_(std::move(to_peer)) {}

bool Exchange::SubjectToPeer() {
  const size_t before = subject_.received().size();
  subject_.Advance();
  Bytes sent = subject_.Send();
  const bool moved = !sent.empty() || subject_.received().size() != before;
  for (const Bytes& piece : to_peer_(std::move(sent))) {
    peer_.Receive(piece);
    peer_.Advance();
  }
  return moved;
}

bool Exchange::PeerToSubject() {
  peer_.Advance();
  Bytes sent = peer_.Send();
  const bool moved = !sent.empty();
  for (const Bytes& piece : to_subject_(std::move(sent))) {
    subject_.Receive(piece);
    subject_.Advance();
  }
  return moved;
}

bool Exchange::Step() {
  const bool out = SubjectToPeer();
  const bool in = PeerToSubject();
  return out || in;
}

void Exchange::Run() {
  while (Step()) {
  }
}

// --- odds and ends ---------------------------------------------------------------------------------------------------

Bytes Pattern(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

std::string Sha256(BytesView bytes) {
  unsigned char digest[32];
  EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha256(), nullptr);
  return std::string(reinterpret_cast<const char*>(digest), sizeof(digest));
}

std::string ProgressName(Progress progress) {
  switch (progress) {
    case Progress::kNeedsInput:
      return "kNeedsInput";
    case Progress::kSuspended:
      return "kSuspended";
    case Progress::kBudgetFull:
      return "kBudgetFull";
    case Progress::kIdle:
      return "kIdle";
    case Progress::kClosed:
      return "kClosed";
    case Progress::kFailed:
      return "kFailed";
  }
  return "?";
}

}  // namespace wasm_tls::test

namespace wasm_tls {
void PrintTo(Progress progress, std::ostream* out) { *out << test::ProgressName(progress); }
}  // namespace wasm_tls
