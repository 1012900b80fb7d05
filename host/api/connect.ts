/** `tls.connect()`: a TLSSocket, connected, and the judgement of the server's certificate. */
import type * as net from 'node:net';
import type { Duplex } from 'node:stream';
import type { EphemeralKeyInfo } from 'node:tls';
import { connectArguments } from './connect-arguments.js';
import type { RawOptions } from './context-options.js';
import { connectionReset, internalAssertion, tls as errors } from './errors.js';
import type { Overridable, Runtime } from './runtime.js';
import type { SecureContext } from './secure-context.js';
import type { SocketInternals, TLSSocket, TLSSocketClass } from './tls-socket-types.js';
import { validateFunction, validateNumber } from './validate.js';

interface ConnectOptions extends RawOptions {
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity: (hostname: string, certificate: object) => Error | undefined;
  readonly minDHSize: number;
  readonly socket?: Duplex & { _host?: string };
  readonly servername?: string;
  readonly host?: string;
}

/** As Nodes before 24 check them. */
function assertOptions(checkServerIdentity: unknown, minDHSize: unknown): void {
  if (typeof checkServerIdentity !== 'function')
    throw internalAssertion('options.checkServerIdentity is not a function');
  if (typeof minDHSize !== 'number') throw internalAssertion(`options.minDHSize is not a number: ${String(minDHSize)}`);
  if (!(minDHSize > 0)) throw internalAssertion(`options.minDHSize is not a positive number: ${minDHSize}`);
}

export function defineConnect(
  runtime: Runtime,
  TLSSocketOf: TLSSocketClass,
  internals: SocketInternals,
  ownIdentityCheck: Overridable['checkServerIdentity'],
): (...args: unknown[]) => TLSSocket {
  const { net, platform } = runtime;
  let warnedOfAddress = false;

  function withDefaults(options: RawOptions): ConnectOptions {
    const merged: RawOptions = {
      rejectUnauthorized: !platform.allowsUnauthorized(),
      ciphers: runtime.tls.DEFAULT_CIPHERS,
      checkServerIdentity: runtime.tls.checkServerIdentity,
      minDHSize: 1024,
      ...options,
    };
    const { checkServerIdentity, minDHSize } = merged;
    if (platform.newArgumentErrors) {
      validateFunction(checkServerIdentity, 'options.checkServerIdentity');
      validateNumber(minDHSize, 'options.minDHSize', 1);
    } else {
      assertOptions(checkServerIdentity, minDHSize);
    }
    return merged as ConnectOptions;
  }

  /** The server's certificate must verify, and must be for the host that was meant. Null when all is well. */
  function serverError(socket: TLSSocket, options: ConnectOptions): Error | null {
    const verifyError = internals.verifyError(socket);
    if (verifyError !== null) return verifyError;
    const { checkServerIdentity: check } = options;
    const hostname = options.servername || options.host || options.socket?._host || 'localhost';
    if (check === ownIdentityCheck && internals.peerIs(socket, hostname)) return null;
    // Any false value says that all is well.
    if (!socket.isSessionReused()) return check(hostname, socket.getPeerCertificate(true)!) || null;
    // A function of the user's own has judged when the session began, and is not asked again, as in Node. But the session
    // may have begun where nobody was to look at the name, or another one was meant; its certificate is still there.
    const certificate = check === runtime.tls.checkServerIdentity ? internals.peerCertificate(socket) : null;
    return certificate === null ? null : check(hostname, certificate) || null;
  }

  function onSecure(this: TLSSocket, options: ConnectOptions): void {
    const { type, size = 0 } = this.getEphemeralKeyInfo() as Partial<EphemeralKeyInfo>;
    if (type === 'DH' && size < options.minDHSize) {
      this.destroy(errors.dhParamSize(size));
      return;
    }
    let error: (Error & { code?: string }) | null;
    try {
      error = serverError(this, options);
    } catch (thrown) {
      // What checkServerIdentity() throws is no verdict, and without one nobody goes on.
      this.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
      return;
    }
    this.authorized = error === null;
    if (error !== null) {
      this.authorizationError = error.code || error.message;
      if (options.rejectUnauthorized) {
        this.destroy(error);
        return;
      }
    }
    this.secureConnecting = false;
    this.emit('secureConnect');
    internals.accept(this);
  }

  /** The server hung up before the handshake was done. */
  function onEarlyEnd(this: TLSSocket, options: ConnectOptions): void {
    const { path, host, port, localAddress } = options;
    const error = connectionReset('Client network socket disconnected before secure TLS connection was established');
    this.destroy(Object.assign(error, { path, host, port, localAddress }));
  }

  function warnOfAddress(servername: string): void {
    if (warnedOfAddress || !net.isIP(servername)) return;
    warnedOfAddress = true;
    platform.warn(
      'Setting the TLS ServerName to an IP address is not permitted by RFC 6066. This will be ignored in a future version.',
      'DeprecationWarning',
      'DEP0123',
    );
  }

  /** Everything that may throw because of an option, after the socket exists. */
  function prepare(socket: TLSSocket, options: ConnectOptions): void {
    const { servername, timeout } = options;
    if (!options.socket) {
      if (timeout) socket.setTimeout(timeout as number);
      socket.connect(options as unknown as net.SocketConnectOpts);
    }
    if (servername) {
      warnOfAddress(servername);
      socket.setServername(servername);
    }
  }

  function listen(socket: TLSSocket, options: ConnectOptions): void {
    const onEnd = function (this: TLSSocket): void {
      onEarlyEnd.call(this, options);
    };
    socket.on('secure', function (this: TLSSocket) {
      onSecure.call(this, options);
      if (!this.secureConnecting) this.removeListener('end', onEnd);
    });
    socket.prependListener('end', onEnd);
  }

  return function connect(...args: unknown[]): TLSSocket {
    const { options: given, callback } = connectArguments(args);
    const options = withDefaults(given);
    const context = (options.secureContext || runtime.tls.createSecureContext(options)) as SecureContext;
    const socket = new TLSSocketOf(options.socket, {
      allowHalfOpen: options.allowHalfOpen,
      secureContext: context,
      isServer: false,
      requestCert: true,
      rejectUnauthorized: options.rejectUnauthorized !== false,
      ALPNProtocols: options.ALPNProtocols,
      NPNProtocols: options.NPNProtocols,
      requestOCSP: options.requestOCSP,
      session: options.session,
      enableTrace: options.enableTrace,
      pskCallback: options.pskCallback,
      highWaterMark: options.highWaterMark,
      onread: options.onread,
      signal: options.signal,
      noDelay: options.noDelay,
      keepAlive: options.keepAlive,
      keepAliveInitialDelay: options.keepAliveInitialDelay,
    });
    if (!options.secureContext) internals.ownContext(socket, context);
    try {
      prepare(socket, options);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    if (callback !== undefined) socket.once('secureConnect', callback);
    listen(socket, { ...options, rejectUnauthorized: options.rejectUnauthorized !== false });
    internals.release(socket);
    internals.start(socket);
    return socket;
  };
}
