/** New handshakes on a connection of TLS 1.2 or older: the user's wish for one, and a client's wish that a server judges. */
import type * as net from 'node:net';
import type { EngineConnection } from '../engine/types.js';
import type { Defaults } from './defaults.js';
import { engineCall } from './engine-errors.js';
import { socketClosed } from './errors.js';
import type { Platform } from './platform.js';
import type { SocketOptions } from './socket-options.js';
import { validateFunction, validateObject } from './validate.js';

export interface RenegotiationAccess<S> {
  /** Null once the socket is closed. */
  connection(socket: S): EngineConnection | null;
  options(socket: S): SocketOptions;
  /** The connection has something to do. */
  begun(socket: S): void;
}

type Callback = (error: Error | null) => void;

/** A client wishes to renegotiate. The engine decides, and has no clock; the limits are those that the module has now. */
export function judgeRenegotiation(limits: Defaults, connection: EngineConnection): void {
  const { CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW } = limits;
  connection.answerRenegotiation(performance.now(), Number(CLIENT_RENEG_LIMIT), Number(CLIENT_RENEG_WINDOW) * 1000);
}

export function defineRenegotiation<S extends net.Socket>(
  prototype: S,
  platform: Platform,
  access: RenegotiationAccess<S>,
): void {
  /** A server may ask for a certificate that it did not ask for before. */
  function askForCertificate(socket: S, given: { requestCert?: unknown; rejectUnauthorized?: unknown }): void {
    const options = access.options(socket);
    if (given.requestCert !== undefined) options.requestCert = Boolean(given.requestCert);
    if (given.rejectUnauthorized !== undefined) options.rejectUnauthorized = Boolean(given.rejectUnauthorized);
    if (!options.isServer) return;
    const { requestCert, rejectUnauthorized } = options;
    access.connection(socket)?.setVerifyMode(requestCert, requestCert && rejectUnauthorized);
  }

  function begin(socket: S): void {
    const connection = access.connection(socket);
    if (connection === null) throw socketClosed();
    engineCall(() => connection.renegotiate());
  }

  function renegotiate(this: S, options: object, callback?: Callback): boolean | undefined {
    validateObject(options, 'options');
    if (callback !== undefined) validateFunction(callback, 'callback');
    if (this.destroyed) return undefined;
    askForCertificate(this, options);
    // To a socket that was ended this is what any write is: an error. As in Node.
    this.write('');
    try {
      begin(this);
    } catch (error) {
      if (callback !== undefined) platform.nextTick(() => callback(error as Error));
      return false;
    }
    if (callback !== undefined) this.once('secure', () => callback(null));
    access.begun(this);
    return true;
  }

  /** A server's socket only: to Node's clients it makes no difference either. */
  function disableRenegotiation(this: S): void {
    access.connection(this)?.disableRenegotiation();
  }

  for (const [name, value] of Object.entries({ renegotiate, disableRenegotiation })) {
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
}
