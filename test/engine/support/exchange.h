// A connection and its peer, and the wire between them.
//
//   Subject client(context, {.role = Role::kClient});
//   OpensslPeer server({.identities = {&identity}});
//   Exchange(client, server).Run();
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/connection.h"
#include "test/engine/support/openssl_peer.h"

namespace wasm_tls::test {

// A Connection, driven as a host would drive it, and all that it has told so far.
class Subject {
 public:
  Subject(std::shared_ptr<SecureContext> context, ConnectionOptions options);

  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }
  // Destroys the connection, in whatever state it is.
  void Destroy() { connection_.reset(); }

  void Receive(BytesView enc);
  void Write(BytesView clear);
  // Takes all that waits to be sent.
  Bytes Send();

  // Advances, then takes events and, unless `reading` is off, cleartext. Goes on while questions are answered by
  // `on_event`, or the budget was full and taking cleartext made room.
  Progress Advance();

  Progress progress() const { return progress_; }
  const Bytes& received() const { return received_; }
  const std::vector<Event>& events() const { return events_; }
  std::string error_code() const;

  template <class E>
  std::vector<E> All() const {
    std::vector<E> all;
    for (const Event& event : events_) {
      if (const E* found = std::get_if<E>(&event)) all.push_back(*found);
    }
    return all;
  }

  // Called with each event after `Advance()` has returned; null: nobody listens, and no question is answered.
  std::function<void(Connection& connection, const Event& event)> on_event;
  bool reading = true;

 private:
  bool TakeEvents();

  std::unique_ptr<Connection> connection_;
  Progress progress_ = Progress::kIdle;
  Bytes received_;
  std::vector<Event> events_;
};

// What becomes of the bytes that one side has sent: the pieces in which the other side gets them.
using Delivery = std::function<std::vector<Bytes>(Bytes sent)>;

Delivery Whole();
Delivery ByteByByte();
Delivery RandomFragments(uint32_t seed);
// Cuts the stream into TLS records; `hook` gets each with its number, counted from 0, and says what is delivered
// instead.
using RecordHook = std::function<std::vector<Bytes>(size_t index, Bytes record)>;
Delivery ByRecord(RecordHook hook);

class Exchange {
 public:
  Exchange(Subject& subject, OpensslPeer& peer, Delivery to_subject = Whole(), Delivery to_peer = Whole());

  // One turn each; false when nothing moved.
  bool Step();
  // Until nothing moves.
  void Run();

 private:
  bool SubjectToPeer();
  bool PeerToSubject();

  Subject& subject_;
  OpensslPeer& peer_;
  Delivery to_subject_;
  Delivery to_peer_;
};

// `size` bytes that differ from each other with `seed`.
Bytes Pattern(size_t size, uint32_t seed = 1);
std::string Sha256(BytesView bytes);

// Text of TLS on the wire: '16 0303', type and version of each whole record.
std::vector<Bytes> SplitRecords(BytesView bytes);

std::string ProgressName(Progress progress);

}  // namespace wasm_tls::test

namespace wasm_tls {
void PrintTo(Progress progress, std::ostream* out);
}  // namespace wasm_tls
