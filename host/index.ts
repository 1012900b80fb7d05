/** `require('wasm-tls')` on Node: the `tls` module, and `createTls()` for instances beside it. */
import net from 'node:net';
import type * as nodeTls from 'node:tls';
import type { CryptoStream as Stream } from './api/secure-pair.js';
import { createTlsFor } from './create-tls.js';
import type {
  CreateTlsOptions as Options,
  EngineStatistics as Statistics,
  ProtocolMessage as Message,
  SecurePair as Pair,
  Tls,
} from './module-type.js';
import { nodePlatform } from './node-platform.js';

const tls: Tls = createTlsFor(nodePlatform(), net);

/** The types of `node:tls`, so that `import type { ConnectionOptions } from 'wasm-tls'` works as from there. */
// eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to give types to a CommonJS export
declare namespace tls {
  export type CreateTlsOptions = Options;
  export type CryptoStream = Stream;
  export type EngineStatistics = Statistics;
  export type ProtocolMessage = Message;
  export type SecurePair = Pair;
  export type Certificate = nodeTls.Certificate;
  export type CipherNameAndProtocol = nodeTls.CipherNameAndProtocol;
  export type CommonConnectionOptions = nodeTls.CommonConnectionOptions;
  export type ConnectionOptions = nodeTls.ConnectionOptions;
  export type DetailedPeerCertificate = nodeTls.DetailedPeerCertificate;
  export type EphemeralKeyInfo = nodeTls.EphemeralKeyInfo;
  export type KeyObject = nodeTls.KeyObject;
  export type PSKCallbackNegotation = nodeTls.PSKCallbackNegotation;
  export type PeerCertificate = nodeTls.PeerCertificate;
  export type PxfObject = nodeTls.PxfObject;
  export type SecureContext = nodeTls.SecureContext;
  export type SecureContextOptions = nodeTls.SecureContextOptions;
  export type SecureVersion = nodeTls.SecureVersion;
  export type Server = nodeTls.Server;
  export type TLSSocket = nodeTls.TLSSocket;
  export type TLSSocketOptions = nodeTls.TLSSocketOptions;
  export type TlsOptions = nodeTls.TlsOptions;
}

export = tls;
