/**
 * `net.Socket` over a channel. What Node's has a handle for, this has a channel for: from `connect()` or from a server until
 * it is destroyed. A subclass may do without, as TLSSocket does, with `_read()` and the like of its own.
 *
 * The state is one object behind a symbol, so that a class from before ES2015 can be initialized by a plain call as well.
 */
import { addAbortSignal, Duplex, type DuplexOptions } from 'node:stream';
import { callable } from '../common/callable.js';
import { invalidArgValue, socketClosed, socketClosedBeforeConnection, streamDestroyed } from '../common/errors.js';
import { UserBuffer } from '../common/user-buffer.js';
import { timerDuration, validateFunction, validateNumber } from '../common/validate.js';
import { checkTarget, connectPlan, sortArguments, validateSignal, type RawOptions } from './arguments.js';
import type { Done, Incoming } from './channel.js';
import { connectionError, notSupported } from './errors.js';
import { familyName, isIP } from './ip.js';
import { resolveAddress } from './lookup.js';
import { isPortless, transportFor } from './relay.js';
import { accept, open, send, SocketState, state, underWay } from './socket-state.js';
import { soon } from './turns.js';

function streamOptions(given: unknown): DuplexOptions {
  if (typeof given === 'number') throw notSupported('A file descriptor cannot be opened');
  const options = (given ?? {}) as RawOptions;
  for (const name of ['objectMode', 'readableObjectMode', 'writableObjectMode']) {
    if (options[name]) throw invalidArgValue(`options.${name}`, options[name], 'is not supported');
  }
  if (options.keepAliveInitialDelay !== undefined) {
    validateNumber(options.keepAliveInitialDelay, 'options.keepAliveInitialDelay');
  }
  if (options.fd !== undefined) throw notSupported('A file descriptor cannot be opened');
  if (options.handle) throw notSupported('A handle cannot be opened');
  if (options.signal) validateSignal(options.signal, 'signal');
  return {
    ...options,
    // It is looked after below: not every implementation of streams does so for a Duplex.
    signal: undefined,
    allowHalfOpen: Boolean(options.allowHalfOpen),
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
  };
}

function toBytes(chunk: Buffer | string, encoding: BufferEncoding): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}

/** What a server wants to hear of a socket that it made. */
export interface ServerSide {
  _socketClosed(): void;
}

export class Socket extends Duplex {
  declare connecting: boolean;
  declare timeout: number | undefined;
  declare server: unknown;
  declare _server: ServerSide | null;
  declare _host: string | null;
  declare _parent: null;
  declare autoSelectFamilyAttemptedAddresses: string[] | undefined;
  declare readonly pending: boolean;
  declare [state]: SocketState;

  constructor(options?: object | number) {
    super(streamOptions(options));
    initialize(this, (options ?? {}) as RawOptions);
  }

  // --- connecting --------------------------------------------------------------------------------------------------

  connect(...args: unknown[]): this {
    // Node's own modules pass arguments on that are sorted already.
    const { options, callback } = sortArguments(Array.isArray(args[0]) ? (args[0] as unknown[]) : args);
    if (callback !== null) this.once('connect', callback);
    const chosen = options.transport ?? this[state].transport;
    checkTarget(options, isPortless(chosen));
    if (this.destroyed) reopen(this);
    const own = this[state];
    own.timer.refresh();
    if (own.active) {
      this.destroy(connectionError(this.connecting ? 'EALREADY' : 'EISCONN', 'connect'));
      return this;
    }
    own.active = true;
    this.connecting = true;
    const attempt = ++own.attempt;
    const plan = connectPlan(options);
    if (isIP(plan.target.host) === 0) this._host = plan.target.host;
    const isCurrent = (): boolean => this.connecting && own.attempt === attempt;
    const fail = (error: Error): void => void (isCurrent() && this.destroy(error));
    // Later, so that listeners are there when something happens.
    soon(() => {
      if (!isCurrent()) return;
      if (plan.obstacle !== null) return fail(plan.obstacle);
      resolveAddress(this, plan, isCurrent, (error, host) => {
        if (error !== null) return fail(error);
        try {
          open(this, transportFor(chosen), { ...plan.target, host });
        } catch (thrown) {
          fail(thrown as Error);
        }
      });
    });
    return this;
  }

  // --- the stream ----------------------------------------------------------------------------------------------------

  override _read(): void {
    const { channel } = this[state];
    if (channel === null || this.connecting) this.once('connect', () => this._read());
    else channel.resume();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, callback: Done): void {
    send(this, [toBytes(chunk, encoding)], callback);
  }

  override _writev(chunks: { chunk: Buffer | string; encoding: BufferEncoding }[], callback: Done): void {
    send(
      this,
      chunks.map(({ chunk, encoding }) => toBytes(chunk, encoding)),
      callback,
    );
  }

  override _final(callback: Done): void {
    if (this.pending) return void this.once('connect', () => this._final(callback));
    const { channel } = this[state];
    if (channel === null) return callback();
    channel.end(underWay(this, callback));
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const own = this[state];
    const { channel, pending, held, active } = own;
    this.connecting = false;
    own.timer.stop();
    own.channel = own.pending = own.held = null;
    own.active = false;
    own.attempt += 1;
    channel?.destroy(own.resetting);
    own.resetting = false;
    if (held !== null) this.once('close', () => held.done(socketClosedBeforeConnection()));
    callback(error);
    pending?.(error ?? streamDestroyed('write'));
    soon(() => (active ? this.emit('close', error !== null) : this.emit('close')));
    this._server?._socketClosed();
  }

  /** A writer that has not noticed that the peer has ended, and this side with it, hears of that and of nothing vaguer. */
  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    if (!this[state].peerEnded || !this.writableEnded) {
      return (super.write as (...args: unknown[]) => boolean)(chunk, encoding, callback);
    }
    const error = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') soon(() => (done as Done)(error));
    this.destroy(error);
    return false;
  }

  override pause(): this {
    const { userBuffer, channel } = this[state];
    userBuffer?.pause();
    if (userBuffer !== null && !this.connecting) channel?.pause();
    return super.pause();
  }

  override resume(): this {
    resumeUserBuffer(this);
    return super.resume();
  }

  override read(size?: number): unknown {
    resumeUserBuffer(this);
    return super.read(size);
  }

  // --- the end -------------------------------------------------------------------------------------------------------

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  resetAndDestroy(): this {
    const own = this[state];
    if (!own.active) return this.destroy(socketClosed());
    if (this.connecting) return this.once('connect', () => void this.resetAndDestroy());
    own.resetting = true;
    return this.destroy();
  }

  // --- the rest of net.Socket ----------------------------------------------------------------------------------------

  setTimeout(milliseconds: number, callback?: () => void): this {
    if (this.destroyed) return this;
    const { timer } = this[state];
    this.timeout = milliseconds;
    const duration = timerDuration(milliseconds, 'msecs', (message, type) => console.warn(`${type}: ${message}`));
    if (callback !== undefined) validateFunction(callback, 'callback');
    if (duration === 0) {
      timer.stop();
      if (callback !== undefined) this.removeListener('timeout', callback);
    } else {
      timer.start(duration);
      if (callback !== undefined) this.once('timeout', callback);
    }
    return this;
  }

  /** Node's own modules restart the timer of a socket by this name. */
  _unrefTimer(): void {
    this[state].timer.refresh();
  }

  /** Not Node's: of a chunk that came as 'data' nobody has kept anything, so that its memory can be used again. */
  releaseChunk(chunk: Uint8Array): void {
    this[state].channel?.release?.(chunk);
  }

  setNoDelay(enable = true): this {
    const own = this[state];
    own.noDelay = Boolean(enable);
    if (!this.connecting) own.channel?.setNoDelay?.(own.noDelay);
    return this;
  }

  setKeepAlive(enable?: boolean, initialDelay?: number): this {
    const own = this[state];
    own.keepAlive = Boolean(enable);
    own.keepAliveDelay = Math.trunc((initialDelay ?? 0) / 1000) || 0;
    if (!this.connecting) own.channel?.setKeepAlive?.(own.keepAlive, own.keepAliveDelay);
    return this;
  }

  ref(): this {
    return setReference(this, 'ref');
  }

  unref(): this {
    return setReference(this, 'unref');
  }

  address(): object {
    const { localAddress, localPort } = this[state].addresses;
    if (this[state].channel === null || localAddress === undefined) return {};
    return { address: localAddress, family: familyName(localAddress), port: localPort };
  }
}

type Reader = (socket: Socket, own: SocketState) => unknown;

/** On the prototype one by one, because TypeScript lets no accessor override a property of a subclass's declaration. */
const getters: Record<string, Reader> = {
  // Not Node's: what is written before it is connected goes out at once where it can.
  sendsEarly: (_, own) => own.active,
  pending: (socket, own) => !own.active || socket.connecting,
  readyState(socket) {
    if (socket.connecting) return 'opening';
    if (socket.readable) return socket.writable ? 'open' : 'readOnly';
    return socket.writable ? 'writeOnly' : 'closed';
  },
  bufferSize: (socket, own) => (own.active ? socket.writableLength : undefined),
  bytesRead: (_, own) => own.bytesRead,
  bytesWritten: (socket, own) => own.bytesWritten + bufferedBytes(socket),
  localAddress: (_, own) => (own.channel === null ? undefined : own.addresses.localAddress),
  localPort: (_, own) => (own.channel === null ? undefined : own.addresses.localPort),
  localFamily: (_, own) => (own.channel === null ? undefined : familyName(own.addresses.localAddress ?? '')),
  remoteAddress: (_, own) => own.addresses.remoteAddress,
  remotePort: (_, own) => own.addresses.remotePort,
  remoteFamily: (_, own) => familyName(own.addresses.remoteAddress ?? ''),
};

for (const [name, read] of Object.entries(getters)) {
  Object.defineProperty(Socket.prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: Socket) {
      return read(this, this[state]);
    },
  });
}

/** What `write()` took and `_write()` has not seen yet. */
function bufferedBytes(socket: Socket): number {
  const { writableBuffer = [] } = socket as { writableBuffer?: { chunk: Buffer | string; encoding: BufferEncoding }[] };
  return writableBuffer.reduce(
    (sum, { chunk, encoding }) => sum + (typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length),
    0,
  );
}

function setReference<S extends Socket>(socket: S, kind: 'ref' | 'unref'): S {
  const own = socket[state];
  own.reference = kind;
  if (!socket.connecting) own.channel?.[kind]?.();
  return socket;
}

function resumeUserBuffer(socket: Socket): void {
  const { userBuffer: buffer, channel, endPending } = socket[state];
  if (buffer === null || !buffer.paused || !buffer.resume()) return;
  if (endPending) {
    socket[state].endPending = false;
    socket.push(null);
  } else if (!socket.connecting) {
    channel?.resume();
  }
}

function initialize(socket: Socket, options: RawOptions): void {
  const own = new SocketState(socket);
  socket[state] = own;
  socket.connecting = false;
  socket.server = null;
  socket._server = null;
  socket._host = null;
  socket._parent = null;
  own.transport = options.transport;
  own.userBuffer = UserBuffer.from(options.onread);
  own.noDelay = Boolean(options.noDelay);
  own.keepAlive = Boolean(options.keepAlive);
  own.keepAliveDelay = Math.trunc(Math.max(0, (options.keepAliveInitialDelay as number | undefined) ?? 0) / 1000);
  socket.on('end', () => (socket[state].peerEnded = !socket.allowHalfOpen));
  // Last, because a signal that is already aborted destroys the socket here and now.
  if (options.signal) addAbortSignal(options.signal as AbortSignal, socket);
}

/** A socket may be connected again after its end. */
function reopen(socket: Socket): void {
  (socket as unknown as { _undestroy(): void })._undestroy();
  const { noDelay, keepAlive, keepAliveDelay, transport, userBuffer, timer, attempt, reference } = socket[state];
  const fresh = { noDelay, keepAlive, keepAliveDelay, transport, userBuffer, timer, attempt, reference };
  socket[state] = Object.assign(new SocketState(socket), fresh);
}

export const SocketClass = callable(Socket, (self, [options]) => {
  (Duplex as unknown as (this: object, options: DuplexOptions) => void).call(self, streamOptions(options));
  initialize(self as Socket, (options ?? {}) as RawOptions);
});

/** A socket for a connection that has arrived. */
export function acceptSocket(incoming: Incoming, options: RawOptions, paused: boolean): Socket {
  const socket = new Socket(options);
  accept(socket, incoming);
  if (paused) socket.pause();
  else socket.read(0);
  return socket;
}
