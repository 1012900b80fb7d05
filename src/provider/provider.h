// The engine's provider: the algorithms of OpenSSL that TLS needs, and none beside them.
//
// OpenSSL's default provider names every algorithm that it has, and what a table names the linker keeps. Of the tables
// of this one each entry is needed by something that docs/api.md promises. They name OpenSSL's own implementations.
#pragma once

namespace wasm_tls {

// Loads it into the default library context, in place of the default and the legacy provider. Must come before any
// other use of OpenSSL. False: the reason is in OpenSSL's error queue.
bool LoadProvider();

}  // namespace wasm_tls
