// Required before one of Node's own benchmarks: its servers take the suite that WASM_TLS_BENCH_SUITE names instead of their
// own. The library is in the place of `tls` by then, or is not.

const tls = require('tls');

const { createServer } = tls;
const ciphers = process.env.WASM_TLS_BENCH_SUITE;
tls.createServer = (options, ...rest) => createServer({ ...options, ciphers }, ...rest);
