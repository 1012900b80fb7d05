/**
 * The type of the module: that of `node:tls`, in whichever version of `@types/node` its user has; what newer and older Nodes
 * have besides; and what is this library's own.
 */
import type { EventEmitter } from 'node:events';
import type * as nodeTls from 'node:tls';
import type { Net } from './api/platform.js';
import type { CryptoStream } from './api/secure-pair.js';
import type { EngineHooks } from './engine/types.js';

/** What an instance takes from its embedder instead of from the platform. */
export interface CreateTlsOptions extends EngineHooks {
  /** Sockets and servers to stand on; `node:net` or the same interface. */
  net?: Net | undefined;
}

/** Facts about an instance, for tests, benchmarks and monitoring. */
export interface EngineStatistics {
  /** Contexts, connections and name tables alive inside the engine. */
  liveObjects(): number;
  memoryBytes(): number;
  opensslVersion(): string;
}

export interface SecureContextConstructor {
  new (
    secureProtocol?: string,
    secureOptions?: number,
    minVersion?: string,
    maxVersion?: string,
  ): nodeTls.SecureContext;
  (secureProtocol?: string, secureOptions?: number, minVersion?: string, maxVersion?: string): nodeTls.SecureContext;
  readonly prototype: nodeTls.SecureContext;
}

/** @deprecated `new tls.TLSSocket()` does the same over any stream. */
export interface SecurePair extends EventEmitter {
  /** Plain text. */
  readonly cleartext: nodeTls.TLSSocket;
  /** To be connected to the stream that carries the bytes. */
  readonly encrypted: CryptoStream;
  readonly credentials: nodeTls.SecureContext;
  readonly server: unknown;
  destroy(): void;
}

type SecurePairArguments = [
  context?: nodeTls.SecureContext,
  isServer?: boolean,
  requestCert?: boolean,
  rejectUnauthorized?: boolean,
  options?: nodeTls.TLSSocketOptions,
];

export interface SecurePairConstructor {
  new (...args: SecurePairArguments): SecurePair;
  (...args: SecurePairArguments): SecurePair;
  readonly prototype: SecurePair;
}

/** NPN, which Node had up to version 8. */
export interface NpnOptions {
  NPNProtocols: readonly (string | Uint8Array)[] | NodeJS.ArrayBufferView;
}

export type NpnSocket = nodeTls.TLSSocket & {
  /** False when none was agreed on, null until the handshake is done. */
  readonly npnProtocol: string | false | null;
};

/**
 * What `'protocolMessage'` tells, of a TLSSocket, or of a server with the socket as a second argument: a message of TLS itself
 * has been sent or received. Only while the connection has a listener of it.
 */
export interface ProtocolMessage {
  readonly direction: 'sent' | 'received';
  /** As far as it was known then: `'TLSv1.3'`. */
  readonly protocol: string;
  readonly contentType: 'handshake' | 'alert' | 'changeCipherSpec';
  /** `'ClientHello'`; of an alert, its name in the standard: `'close_notify'`. A number when there is none. */
  readonly name: string;
  /** Of the message, header included; without that of its record, and without what encryption adds. */
  readonly bytes: number;
  /** When the host heard of it, by `performance.now()`. */
  readonly time: number;
  /** So many before this one were not kept, because the peer sent more at once than anybody wants to know. */
  readonly missed: number;
}

/** Not in every version of `@types/node`, or in none. */
interface Untyped {
  readonly SecureContext: SecureContextConstructor;
  readonly SecurePair: SecurePairConstructor;
  readonly CryptoStream: typeof CryptoStream;
  /** @deprecated `new tls.TLSSocket()` does the same over any stream. */
  createSecurePair(...args: SecurePairArguments): SecurePair;
  connect(options: nodeTls.ConnectionOptions & NpnOptions, callback?: () => void): NpnSocket;
  createServer(options: nodeTls.TlsOptions & NpnOptions, listener?: (socket: NpnSocket) => void): nodeTls.Server;
  getCACertificates(type?: 'default' | 'system' | 'bundled' | 'extra'): string[];
  setDefaultCACertificates(certs: readonly (string | NodeJS.ArrayBufferView)[]): void;
  /**
   * Resolves when the default trust roots are there. Connections wait for them by themselves; `rootCertificates` and
   * `getCACertificates()` do not, and throw in a browser when nobody has waited for this.
   */
  loadRootCertificates(): Promise<void>;
  /** Always empty: there is no compressor in the engine. */
  getCertificateCompressionAlgorithms(): ('zlib' | 'brotli' | 'zstd')[];
  convertALPNProtocols(
    protocols: readonly (string | Uint8Array)[] | NodeJS.ArrayBufferView,
    out: { ALPNProtocols?: Buffer },
  ): void;
}

/** The module. */
export type Tls = Untyped &
  typeof nodeTls & {
    createTls(options?: CreateTlsOptions): Tls;
    readonly engine: EngineStatistics;
  };
