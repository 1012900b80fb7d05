// What NODE_OPTIONS requires in every process of a test: the library in the place of `tls` and `https`.
//
// The suite looks up the version of OpenSSL to know what to expect of it, and the library to know which of its two sets of
// error codes the programs around it know: here that is the OpenSSL under test, not the one in this Node.

const { version: openssl } = require('../../scripts/pins.json').openssl;
Object.defineProperty(process.versions, 'openssl', { value: openssl });
require('../../dist/register.js');
if (process.env.WASM_TLS_SUITE === 'http2') require('./http2.cjs');
