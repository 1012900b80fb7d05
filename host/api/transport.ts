/** The stream below a TLSSocket: a socket that the TLSSocket made for itself, or whatever Duplex it was given. */
import type * as net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Net, Platform } from './platform.js';
import type { RawOptions } from './context-options.js';

/** Emitted while an address is found and connected to; a TLSSocket passes them on. */
const connectingEvents = ['lookup', 'connectionAttempt', 'connectionAttemptFailed', 'connectionAttemptTimeout'];

type ConnectionEvents = Pick<net.Socket, 'emit'>;

/** A socket still to be connected, with the options of `tls.connect()` that concern the socket itself. */
export function createTransport({ Socket }: Net, options: RawOptions): net.Socket {
  const { noDelay, keepAlive, keepAliveInitialDelay } = options;
  // Half-open: TLS decides what the end of one direction means for the other.
  const own: Record<string, unknown> = { allowHalfOpen: true };
  if (noDelay !== undefined) own.noDelay = noDelay;
  if (keepAlive !== undefined) own.keepAlive = keepAlive;
  if (keepAliveInitialDelay !== undefined) own.keepAliveInitialDelay = keepAliveInitialDelay;
  return new Socket(own);
}

export function forwardConnecting(from: net.Socket, to: ConnectionEvents): void {
  for (const event of connectingEvents) from.on(event, (...args: unknown[]) => to.emit(event, ...args));
}

/** From now on TLS ends, destroys and hears of errors of `transport`. */
export function takeOver({ Socket }: Net, transport: Duplex): void {
  if (transport instanceof Socket) transport.allowHalfOpen = true;
  // An error after the TLSSocket has let go concerns nobody any more, but must not end the process.
  transport.on('error', () => {});
}

/** Destroys `transport` and calls back when it is closed. */
export function close({ Socket }: Net, platform: Platform, transport: Duplex, callback: () => void): void {
  if (transport.closed) return platform.nextTick(callback);
  if (transport instanceof Socket) {
    transport.once('close', callback);
    transport.destroy();
  } else {
    transport.destroy();
    // Not every Duplex tells when it is closed, and some never finish closing.
    platform.soon(callback);
  }
}
