#include "renegotiation_guard.h"

namespace wasm_tls {

RenegotiationVerdict RenegotiationGuard::Judge(const RenegotiationPolicy& policy) {
  while (!wishes_.empty() && policy.now_ms - wishes_.front() >= policy.window_ms) wishes_.pop_front();
  if (wishes_.size() == kMostRemembered) wishes_.pop_front();
  wishes_.push_back(policy.now_ms);
  if (static_cast<double>(wishes_.size()) > policy.limit) return RenegotiationVerdict::kAttack;
  return disabled_ ? RenegotiationVerdict::kDisabled : RenegotiationVerdict::kAllowed;
}

}  // namespace wasm_tls
