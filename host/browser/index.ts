/**
 * `import tls from 'wasm-tls'` in a page or a worker: the module is there when the import is. Service Workers, where a
 * module may not wait, use `createTls()` of `wasm-tls/create`.
 */
// The wasm file and the JavaScript come at the same time: nothing is imported in the usual way, which would be first.
const wasm = fetch(new URL('../engine/wasm-tls.wasm', import.meta.url), { credentials: 'same-origin' });
// Whoever loads the engine tells what is wrong with it.
wasm.catch(() => {});
const [tls] = await Promise.all([
  import('./whole.js'),
  import('./assets.js').then(({ loadEngine }) => loadEngine(undefined, wasm)),
]);

export default tls.default;
export const {
  CLIENT_RENEG_LIMIT,
  CLIENT_RENEG_WINDOW,
  CryptoStream,
  DEFAULT_CIPHERS,
  DEFAULT_ECDH_CURVE,
  DEFAULT_MAX_VERSION,
  DEFAULT_MIN_VERSION,
  SecureContext,
  SecurePair,
  Server,
  TLSSocket,
  checkServerIdentity,
  connect,
  convertALPNProtocols,
  createSecureContext,
  createSecurePair,
  createServer,
  createTls,
  engine,
  getCACertificates,
  getCertificateCompressionAlgorithms,
  getCiphers,
  loadRootCertificates,
  setDefaultCACertificates,
} = tls;
