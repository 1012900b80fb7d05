/**
 * The module at once, its engine later: what bundlers put into the place of `tls`, where `require('tls')` cannot wait.
 * Making a context throws as long as nobody has imported `wasm-tls` itself, which waits for the engine.
 */
import tls from './whole.js';

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
