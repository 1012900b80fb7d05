// RenegotiationGuard: how often a client may have a new handshake from a server.
//
// A handshake costs a server far more than the client that asks for it. The guard has no clock: whoever asks it says
// what time it is.
#pragma once

#include <cstddef>
#include <list>

namespace wasm_tls {

// What a server's user allows, looked at anew for each wish: all three may change between two of them.
struct RenegotiationPolicy {
  double now_ms = 0;     // by a clock that never goes back; where it starts does not matter
  double limit = 3;      // renegotiations …
  double window_ms = 0;  // … in this time. NaN in either of the two is no limit, or a window without an end
};

enum class RenegotiationVerdict {
  kAllowed,
  kAttack,    // one more than `limit` within the window
  kDisabled,  // `Disable()` was called
};

class RenegotiationGuard {
 public:
  // The most wishes that are remembered: with a higher limit nothing is an attack.
  static constexpr size_t kMostRemembered = 4096;

  // Every wish counts, also one that is refused: whoever goes on asking stays refused until the window has passed.
  RenegotiationVerdict Judge(const RenegotiationPolicy& policy);

  // From now on nothing is allowed.
  void Disable() { disabled_ = true; }
  bool disabled() const { return disabled_; }

 private:
  std::list<double> wishes_;  // times in ms, the oldest first
  bool disabled_ = false;
};

}  // namespace wasm_tls
