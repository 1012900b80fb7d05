/**
 * `tls.createSecurePair()`, deprecated since Node 0.11 in favour of `new tls.TLSSocket()`: TLS between two streams, one for
 * each side of it, that the caller connects to whatever carries the bytes.
 */
import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { callable } from '../common/callable.js';
import type { RawOptions } from './context-options.js';
import type { Runtime } from './runtime.js';
import type { SecureContext } from './secure-context.js';
import type { SocketInternals, TLSSocket, TLSSocketClass } from './tls-socket-types.js';

type Callback = (error?: Error | null) => void;

/** One end of a pipe in memory: it reads what the other end writes. */
export class CryptoStream extends Duplex {
  #other: CryptoStream | null = null;
  /** Of the other end's last write, until this one's reader has room. */
  #written: Callback | null = null;
  #bytesWritten = 0;

  static pair(): [CryptoStream, CryptoStream] {
    const ends: [CryptoStream, CryptoStream] = [new CryptoStream(), new CryptoStream()];
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return ends;
  }

  /** How much TLS has sent through here, its own overhead included. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  override _read(): void {
    const written = this.#written;
    this.#written = null;
    written?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    const other = this.#other;
    // Behind an end that nobody can read from any more there is nothing to wait for.
    if (other === null || other.destroyed) return callback();
    other.#written = callback;
    other.#bytesWritten += chunk.length;
    other.push(chunk);
  }

  override _final(callback: Callback): void {
    this.#other?.push(null);
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const other = this.#other;
    if (other !== null && !other.destroyed && !this.writableFinished) other.push(null);
    this._read();
    callback(error);
  }
}

type SecurePairArguments = [
  context?: SecureContext,
  isServer?: boolean,
  requestCert?: boolean,
  rejectUnauthorized?: boolean,
  options?: RawOptions,
];

/** What `createSecurePair()` returns: emits 'secure' when the handshake is done. */
export interface SecurePairObject extends EventEmitter {
  /** Plain text, with all that a TLSSocket has. */
  readonly cleartext: TLSSocket;
  /** To be connected to the stream that carries the bytes. */
  readonly encrypted: CryptoStream;
  readonly credentials: SecureContext;
  readonly server: unknown;
  destroy(): void;
}

export interface SecurePairConstructor {
  new (...args: SecurePairArguments): SecurePairObject;
  (...args: SecurePairArguments): SecurePairObject;
  readonly prototype: SecurePairObject;
}

export interface SecurePairNames {
  SecurePair: SecurePairConstructor;
  createSecurePair: (...args: SecurePairArguments) => SecurePairObject;
}

export function defineSecurePair(
  runtime: Runtime,
  TLSSocketOf: TLSSocketClass,
  internals: SocketInternals,
): SecurePairNames {
  class SecurePair extends EventEmitter implements SecurePairObject {
    readonly cleartext: TLSSocket;
    readonly encrypted: CryptoStream;
    readonly credentials: SecureContext;
    readonly server: unknown;

    constructor(...args: SecurePairArguments) {
      const [context, isServer = false, requestCert = !isServer, rejectUnauthorized = false, options = {}] = args;
      super();
      const credentials = context ?? runtime.tls.createSecureContext();
      const [outside, inside] = CryptoStream.pair();
      const socketOptions = { secureContext: credentials, isServer, requestCert, rejectUnauthorized, ...options };
      this.server = options.server;
      this.credentials = credentials;
      this.encrypted = outside;
      this.cleartext = new TLSSocketOf(inside, socketOptions);
      if (context === undefined) internals.ownContext(this.cleartext, credentials);
      this.cleartext.once('secure', () => this.#onSecure());
    }

    /** Nobody else judges the peer's certificate here, and whoever hears 'secure' looks at `cleartext.authorized`. */
    #onSecure(): void {
      const { cleartext } = this;
      const { isServer, requestCert, rejectUnauthorized } = internals.options(cleartext);
      if (requestCert) {
        const error = internals.verifyError(cleartext) as (Error & { code?: string }) | null;
        cleartext.authorized = error === null;
        if (error !== null) {
          cleartext.authorizationError = error.code ?? error.message;
          if (isServer && rejectUnauthorized) return void cleartext.destroy(error);
        }
      }
      cleartext.secureConnecting = false;
      this.emit('secure');
      internals.accept(cleartext);
    }

    destroy(): void {
      this.cleartext.destroy();
      this.encrypted.destroy();
    }
  }

  let warned = false;
  function createSecurePair(...args: SecurePairArguments): SecurePair {
    if (!warned) {
      warned = true;
      const message = 'tls.createSecurePair() is deprecated. Please use tls.TLSSocket instead.';
      runtime.platform.warn(message, 'DeprecationWarning', 'DEP0064');
    }
    return new SecurePair(...args);
  }

  return { SecurePair: callable(SecurePair) as SecurePairConstructor, createSecurePair };
}
