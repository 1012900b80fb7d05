/** `tls.Server`: a net.Server whose connections become TLSSockets. */
import type * as net from 'node:net';
import type { Duplex } from 'node:stream';
import type { EngineContext, EngineServerNames } from '../engine/types.js';
import { alpnWire } from './alpn.js';
import { callable } from '../common/callable.js';
import type { RawOptions } from './context-options.js';
import { internalAssertion, invalidArgType, tls as errors } from './errors.js';
import type { Runtime } from './runtime.js';
import type { SecureContext } from './secure-context.js';
import { superviseHandshake } from './server-handshake.js';
import type { ContextByName, SocketInternals, TLSSocket, TLSSocketClass } from './tls-socket-types.js';
import { validateFunction, validateNumber, validateObject, validateString, validateView } from './validate.js';

const defaultHandshakeTimeout = 120_000;

/** Options of the secure context, which a server shows as properties of its own. */
const contextOptionNames = [
  'pfx', 'key', 'passphrase', 'cert', 'clientCertEngine', 'ca', 'minVersion', 'maxVersion', 'secureProtocol', 'crl',
  'ciphers', 'dhparam', 'secureOptions',
] as const; // prettier-ignore

/** Of these even a falsy value reaches the context. */
const passedAsTheyAre = [
  'sigalgs',
  'ecdhCurve',
  'privateKeyIdentifier',
  'privateKeyEngine',
  'allowPartialTrustChain',
  'certificateCompression',
] as const;

interface ConnectionSettings {
  handshakeTimeout: number;
  SNICallback: unknown;
  pskCallback: unknown;
  pskIdentityHint: unknown;
  enableTrace: unknown;
}

function connectionSettings(options: RawOptions): ConnectionSettings {
  const { SNICallback, pskCallback, pskIdentityHint, enableTrace } = options;
  const handshakeTimeout: unknown = options.handshakeTimeout || defaultHandshakeTimeout;
  validateNumber(handshakeTimeout, 'options.handshakeTimeout');
  if (SNICallback) validateFunction(SNICallback, 'options.SNICallback');
  if (pskCallback) validateFunction(pskCallback, 'options.pskCallback');
  if (pskIdentityHint) validateString(pskIdentityHint, 'options.pskIdentityHint');
  return { handshakeTimeout, SNICallback, pskCallback, pskIdentityHint, enableTrace };
}

export type ServerClass = new (options?: unknown, listener?: unknown) => net.Server;

export function defineServer(runtime: Runtime, TLSSocketOf: TLSSocketClass, internals: SocketInternals): ServerClass {
  const { net, platform } = runtime;
  let warnedOfSetOptions = false;

  class Server extends net.Server {
    /** The context of connections whose name asks for no other; Node's name for it. */
    _sharedCreds!: SecureContext;
    requestCert: boolean;
    rejectUnauthorized: boolean;
    ALPNCallback: unknown;
    ALPNProtocols: Buffer | undefined;
    NPNProtocols: Buffer | undefined;
    honorCipherOrder = true;
    sessionIdContext: unknown;
    sessionTimeout: unknown;
    ticketKeys: unknown;

    readonly #settings: ConnectionSettings;
    #names: EngineServerNames | null = null;

    constructor(options?: unknown, listener?: unknown) {
      const [given, onSecureConnection] = serverArguments(options, listener);
      super(given as net.ServerOpts);
      this.requestCert = given.requestCert === true;
      this.rejectUnauthorized = given.rejectUnauthorized !== false;
      this.ALPNCallback = given.ALPNCallback;
      if (given.ALPNCallback && given.ALPNProtocols) throw errors.alpnCallbackWithProtocols();
      if (given.ALPNProtocols) this.ALPNProtocols = alpnWire(given.ALPNProtocols, platform.newArgumentErrors);
      if (given.NPNProtocols) this.NPNProtocols = alpnWire(given.NPNProtocols, false);
      this.setSecureContext(given);
      this.#settings = connectionSettings(given);
      this.on('connection', (socket: Duplex) => this.#accept(socket));
      if (onSecureConnection) this.on('secureConnection', onSecureConnection);
    }

    #accept(transport: Duplex): void {
      const socket = new TLSSocketOf(
        transport,
        {
          ...this.#settings,
          secureContext: this._sharedCreds,
          isServer: true,
          server: this,
          requestCert: this.requestCert,
          rejectUnauthorized: this.rejectUnauthorized,
          ALPNProtocols: this.ALPNProtocols,
          ALPNCallback: this.ALPNCallback,
          NPNProtocols: this.NPNProtocols,
          pauseOnConnect: (this as { pauseOnConnect?: boolean }).pauseOnConnect,
        },
        this.#contextByName(),
      );
      superviseHandshake(this, socket, internals);
    }

    /** Undefined when there is nothing to choose from, so that handshakes need not stop to ask. */
    #contextByName(): ContextByName | undefined {
      const names = this.#names;
      return names === null ? undefined : (servername): EngineContext | null => names.find(servername);
    }

    setSecureContext(options: object): void {
      validateObject(options, 'options');
      const given = options as RawOptions;
      const own = this as Record<string, unknown>;
      for (const name of contextOptionNames) own[name] = given[name] || undefined;
      for (const name of passedAsTheyAre) own[name] = given[name];
      this.honorCipherOrder = given.honorCipherOrder === undefined || Boolean(given.honorCipherOrder);
      this.sessionIdContext = given.sessionIdContext || platform.sessionIdContext();
      if (given.sessionTimeout) this.sessionTimeout = given.sessionTimeout;
      if (given.ticketKeys) this.ticketKeys = given.ticketKeys;

      const { honorCipherOrder, sessionIdContext, sessionTimeout, ticketKeys } = this;
      const context: Record<string, unknown> = { honorCipherOrder, sessionIdContext, sessionTimeout, ticketKeys };
      for (const name of [...contextOptionNames, ...passedAsTheyAre]) context[name] = own[name];
      // Connections that began with the old context keep it.
      this._sharedCreds = runtime.tls.createSecureContext(context);
    }

    /** Deprecated; what is set here concerns connections to come. */
    setOptions(options: RawOptions): void {
      if (!warnedOfSetOptions) {
        warnedOfSetOptions = true;
        platform.warn('Server.prototype.setOptions() is deprecated', 'DeprecationWarning', 'DEP0122');
      }
      this.requestCert = options.requestCert === true;
      this.rejectUnauthorized = options.rejectUnauthorized !== false;
      const own = this as Record<string, unknown>;
      for (const name of [...contextOptionNames, ...passedAsTheyAre, 'sessionTimeout', 'ticketKeys'] as const) {
        if (options[name]) own[name] = options[name];
      }
      if (options.ALPNProtocols) this.ALPNProtocols = alpnWire(options.ALPNProtocols, platform.newArgumentErrors);
      if (options.honorCipherOrder !== undefined) this.honorCipherOrder = Boolean(options.honorCipherOrder);
      this.sessionIdContext = options.sessionIdContext || platform.sessionIdContext();
      if (options.pskCallback) this.#settings.pskCallback = options.pskCallback;
      if (options.pskIdentityHint) this.#settings.pskIdentityHint = options.pskIdentityHint;
    }

    addContext(servername: string, context: object): void {
      if (!servername) throw errors.requiredServerName();
      // Options have no `context`: whatever has one is a context, and must be one of ours.
      const isContext = (context as Partial<SecureContext> | undefined)?.context !== undefined;
      const ready = isContext ? context : runtime.tls.createSecureContext(context);
      this.#names ??= runtime.engine().createServerNames();
      this.#names.add(servername, runtime.contexts.engineContext(ready));
    }

    getTicketKeys(): Buffer {
      return this._sharedCreds.context.getTicketKeys();
    }

    setTicketKeys(keys: ArrayBufferView): void {
      validateView(keys);
      if (keys.byteLength !== 48) throw internalAssertion('Session ticket keys must be a 48-byte buffer');
      this._sharedCreds.context.setTicketKeys(keys);
    }

    /** Node's cluster module carries ticket keys to the other workers with these two. */
    _getServerData(): { ticketKeys: string } {
      return { ticketKeys: this.getTicketKeys().toString('hex') };
    }

    _setServerData(data: { ticketKeys: string }): void {
      this.setTicketKeys(Buffer.from(data.ticketKeys, 'hex'));
    }

    /** An async listener of 'secureConnection' that rejects loses its connection, not the server. */
    [Symbol.for('nodejs.rejection')](error: Error, event: string, socket: TLSSocket): void {
      if (event === 'secureConnection') {
        socket.destroy(error);
        return;
      }
      const inherited = (net.Server.prototype as unknown as Record<symbol, (...args: unknown[]) => void>)[
        Symbol.for('nodejs.rejection')
      ];
      inherited?.call(this, error, event, socket);
    }
  }

  return callable(Server) as unknown as ServerClass;
}

type SecureConnectionListener = (socket: TLSSocket) => void;

function serverArguments(options: unknown, listener: unknown): [RawOptions, SecureConnectionListener | undefined] {
  if (typeof options === 'function') return [{}, options as SecureConnectionListener];
  if (options === undefined || options === null) return [{}, listener as SecureConnectionListener | undefined];
  if (typeof options !== 'object') throw invalidArgType('options', 'Object', options);
  return [options as RawOptions, listener as SecureConnectionListener | undefined];
}
