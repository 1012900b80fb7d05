// Library: what is done once per process (natively) or per wasm instance, and facts about this build of OpenSSL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "error.h"

namespace wasm_tls {

// What the engine asks of whoever embeds it. The wall clock is libc's `time()`, which the host supplies in wasm.
struct HostFunctions {
  // Fills `size` bytes with cryptographically strong random data; false when there is none to be had.
  bool (*fill_random)(uint8_t* out, size_t size) = nullptr;
  // OpenSSL 3.2 renamed the alerts of SSL 3.0, and Node's error codes with them. False: the older names, of Node 20.
  bool new_alert_names = false;
};

// Must succeed before anything else is called. A second call is a no-op.
Result<void> InitLibrary(const HostFunctions& host);

// Cipher names as `tls.getCiphers()` gives them: lower case, sorted, TLS 1.3 suites by their RFC names.
std::vector<std::string> CipherNames();

// 'OpenSSL 3.5.7 9 Jun 2026'
std::string OpensslVersion();

}  // namespace wasm_tls
