/**
 * `import tls from 'wasm-tls'` in a page or a worker: the module is there when the import is. Service Workers, where a
 * module may not wait, use `createTls()` of `wasm-tls/create`.
 */
import { loadModule } from './assets.js';

// The wasm file and the JavaScript come at the same time: what is here has all that the former needs, and imports the
// latter in the unusual way, since what is imported in the usual one would be first.
const module = loadModule(undefined);
// Who waits for it comes later.
module.catch(() => {});
const { default: tls, loadEngine } = await import('./whole.js');
await loadEngine(undefined, module);

export default tls;
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
