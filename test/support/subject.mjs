// The implementation under test, chosen in one place: the built package, or with WASM_TLS_SUBJECT=native the `tls` of
// Node itself. The second run tells a wrong expectation in a test from a fault in the library.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Whether the tests run against Node's own `tls`. */
export const isNative = process.env.WASM_TLS_SUBJECT === 'native';

function load(nodeName, name) {
  if (isNative) return require(nodeName);
  try {
    // By its name, through the same `exports` as for any user.
    return require(name);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error("dist/ is missing: 'npm run build' makes it.", { cause: error });
  }
}

export const tls = load('node:tls', 'wasm-tls');
export const https = load('node:https', 'wasm-tls/https');
