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

/** What is written before it is connected goes out at once: for a handshake a way there and back less. */
export function sendsEarly(transport: Duplex): boolean {
  return (transport as { sendsEarly?: boolean }).sendsEarly === true;
}

/** A chunk of the transport's has been copied. Only for one that nobody else listens to. */
export function releaseChunk(transport: Duplex, chunk: Uint8Array): void {
  (transport as { releaseChunk?(chunk: Uint8Array): void }).releaseChunk?.(chunk);
}

export function forwardConnecting(from: net.Socket, to: ConnectionEvents): void {
  for (const event of connectingEvents) from.on(event, (...args: unknown[]) => to.emit(event, ...args));
}

/** The end of a transport that TLS has taken over: from now on nobody else ends or destroys it, or hears of its errors. */
export class TransportEnd {
  readonly #platform: Platform;
  readonly #transport: Duplex;
  /** It will emit 'close' once it is destroyed. Not every Duplex does, and some never finish closing. */
  readonly #tellsItsEnd: boolean;
  #reached = false;

  constructor({ Socket }: Net, platform: Platform, transport: Duplex) {
    this.#platform = platform;
    this.#transport = transport;
    this.#tellsItsEnd = transport instanceof Socket && !transport.closed;
    // Half-open, so that what TLS still has to say after the peer's end goes out.
    if (transport instanceof Socket) transport.allowHalfOpen = true;
    transport.once('close', () => (this.#reached = true));
    // An error after TLS has let go concerns nobody any more, but must not end the process.
    transport.on('error', () => {});
  }

  /** Destroys the transport, and calls back when it is closed. */
  reach(callback: () => void): void {
    if (this.#reached) return this.#platform.nextTick(callback);
    if (this.#tellsItsEnd) this.#transport.once('close', callback);
    this.#transport.destroy();
    if (!this.#tellsItsEnd) this.#platform.soon(callback);
  }
}
