// Runs the cases under memcheck: the number of errors of each case must be 0, and that of the two that break the rule
// on purpose must not. Without those, a build that memcheck does not see through would pass.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "test/constant_time/secret.h"

namespace wasm_tls::test {
namespace {

struct Case {
  const char* name;
  void (*run)();
};

std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}

bool BreaksTheRule(const Case& a_case) { return std::strncmp(a_case.name, "Leak", 4) == 0; }

volatile uint8_t sink;

WASM_TLS_CONSTANT_TIME(LeakByBranch) {
  volatile uint8_t secret = 1;
  MakeSecret(const_cast<uint8_t*>(&secret), 1);
  if (secret == 1) sink = 2;
}

WASM_TLS_CONSTANT_TIME(LeakByAddress) {
  static const volatile uint8_t table[256] = {};
  volatile uint8_t secret = 1;
  MakeSecret(const_cast<uint8_t*>(&secret), 1);
  sink = table[secret];
}

// What a kernel may do.
WASM_TLS_CONSTANT_TIME(Arithmetic) {
  volatile uint8_t secret = 1;
  MakeSecret(const_cast<uint8_t*>(&secret), 1);
  sink = static_cast<uint8_t>((secret ^ 0x55) * 3);
}

int Main() {
  if (RUNNING_ON_VALGRIND == 0) {
    std::fprintf(stderr, "constant_time: this says nothing without valgrind.\n");
    return 2;
  }
  int failed = 0;
  for (const Case& a_case : Cases()) {
    const unsigned before = VALGRIND_COUNT_ERRORS;
    a_case.run();
    const bool found = VALGRIND_COUNT_ERRORS != before;
    const bool ok = found == BreaksTheRule(a_case);
    std::printf("%s %s\n", ok ? "ok" : "not ok", a_case.name);
    if (!ok) ++failed;
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace

ConstantTimeCase::ConstantTimeCase(const char* name, void (*run)()) { Cases().push_back({name, run}); }

}  // namespace wasm_tls::test

int main() { return wasm_tls::test::Main(); }
