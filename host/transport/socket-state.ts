/** The side of a socket that its channel sees: what a socket knows of its connection, and what it does when it hears of it. */
import { socketClosed } from '../common/errors.js';
import { InactivityTimer } from '../common/inactivity-timer.js';
import type { UserBuffer } from '../common/user-buffer.js';
import type { Addresses, Channel, ChannelHandler, Done, Incoming, Target, Transport } from './channel.js';
import { isIP } from './ip.js';
import type { Socket } from './socket.js';

export const state = Symbol('state');

interface HeldWrite {
  readonly chunks: readonly Uint8Array[];
  readonly done: Done;
  /** The channel has it already, and calls this when it is through. */
  finish: Done | null;
}

export class SocketState {
  channel: Channel | null = null;
  addresses: Addresses = {};
  /** From `connect()` on, or from a server's connection, to the end; whether there is a channel yet or not. */
  active = false;
  /** Which `connect()` it is; what belongs to another is stale. */
  attempt = 0;
  /** The constructor's option. */
  transport: unknown;
  userBuffer: UserBuffer | null = null;
  /** The peer has ended, behind bytes that the user's buffer has not taken. */
  endPending = false;
  /** A write that waits for the connection; the channel may have it already. */
  held: HeldWrite | null = null;
  /** To be called when what is under way is done, a write or an end. */
  pending: Done | null = null;
  /** The channel's `unsent` when somebody looked last. */
  unsent = 0;
  peerEnded = false;
  resetting = false;
  bytesRead = 0;
  bytesWritten = 0;
  noDelay = false;
  keepAlive = false;
  keepAliveDelay = 0;
  reference: 'ref' | 'unref' | null = null;
  readonly timer: InactivityTimer;

  constructor(socket: Socket) {
    this.timer = new InactivityTimer(() => ring(socket));
  }
}

/** A long write that goes on is no silence, though nothing has been done with yet. */
function ring(socket: Socket): void {
  const own = socket[state];
  const unsent = own.channel?.unsent ?? 0;
  const moved = own.pending !== null && own.unsent > 0 && unsent !== own.unsent;
  own.unsent = unsent;
  if (moved) own.timer.refresh();
  else socket.emit('timeout');
}

/** Remembers `done` as what is under way; the result, for the channel, calls it once, unless the socket was quicker. */
export function underWay(socket: Socket, done: Done): Done {
  const own = socket[state];
  own.pending = done;
  return (error) => {
    if (own.pending !== done) return;
    own.pending = null;
    own.unsent = 0;
    own.timer.refresh();
    done(error);
  };
}

export function send(socket: Socket, chunks: readonly Uint8Array[], done: Done): void {
  const own = socket[state];
  if (!own.active) return done(socketClosed());
  const size = chunks.reduce((total, { length }) => total + length, 0);
  own.bytesWritten += size;
  if (socket.connecting) {
    own.held = { chunks, done, finish: null };
    return writeEarly(socket);
  }
  own.timer.refresh();
  own.unsent = size;
  own.channel!.write(chunks, underWay(socket, done));
}

/** What was written before the connection is there, where the channel takes it. */
function writeEarly(socket: Socket): void {
  const { held, channel } = socket[state];
  if (held === null || !channel?.takesEarly) return;
  held.finish = () => {};
  channel.write(held.chunks, (error) => held.finish!(error));
}

class SocketHandler implements ChannelHandler {
  readonly #socket: Socket;
  readonly #own: SocketState;
  readonly #attempt: number;
  readonly #target: Target | null;

  constructor(socket: Socket, target: Target | null) {
    this.#socket = socket;
    this.#target = target;
    this.#own = socket[state];
    this.#attempt = this.#own.attempt;
  }

  /** A transport of a user's own may be less strict than its contract. */
  get #stale(): boolean {
    return this.#own.attempt !== this.#attempt || this.#socket.destroyed;
  }

  onOpen(addresses?: Addresses): void {
    const socket = this.#socket;
    if (this.#stale || !socket.connecting) return;
    Object.assign(this.#own.addresses, addresses);
    socket.connecting = false;
    this.#own.timer.refresh();
    applySettings(this.#own);
    const { held } = this.#own;
    this.#own.held = null;
    if (held !== null) {
      const done = underWay(socket, held.done);
      if (held.finish === null) this.#own.channel!.write(held.chunks, done);
      else held.finish = done;
    }
    socket.emit('connect');
    socket.emit('ready');
    if (!socket.isPaused() && !socket.destroyed) socket.read(0);
  }

  onData(chunk: Uint8Array): boolean {
    if (this.#stale) return false;
    const own = this.#own;
    own.timer.refresh();
    own.bytesRead += chunk.length;
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (own.userBuffer === null) return this.#socket.push(buffer);
    const wantsMore = own.userBuffer.deliver(buffer);
    if (own.userBuffer.empty) own.channel?.release?.(chunk);
    return wantsMore;
  }

  onEnd(): void {
    if (this.#stale) return;
    const { userBuffer } = this.#own;
    if (userBuffer !== null && !userBuffer.empty) {
      this.#own.endPending = true;
      return;
    }
    this.#socket.push(null);
    // For who listens for the end alone.
    this.#socket.read(0);
  }

  onError(error: Error): void {
    if (this.#stale) return;
    const socket = this.#socket;
    if (socket.connecting && this.#target !== null) tellAttempt(socket, 'connectionAttemptFailed', this.#target, error);
    socket.destroy(error);
  }
}

function applySettings({ channel, noDelay, keepAlive, keepAliveDelay, reference }: SocketState): void {
  if (noDelay) channel?.setNoDelay?.(true);
  if (keepAlive) channel?.setKeepAlive?.(true, keepAliveDelay);
  if (reference !== null) channel?.[reference]?.();
}

/** Only addresses are attempted here; names are somebody else's to resolve, and attempts at them to make. */
function tellAttempt(socket: Socket, event: string, { host, port }: Target, ...rest: unknown[]): void {
  const family = isIP(host);
  if (family !== 0) socket.emit(event, host, port, family, ...rest);
}

export function open(socket: Socket, transport: Transport, target: Target): void {
  const own = socket[state];
  own.addresses = { remotePort: target.port, remoteAddress: isIP(target.host) === 0 ? undefined : target.host };
  own.timer.refresh();
  tellAttempt(socket, 'connectionAttempt', target);
  if (!socket.connecting) return;
  own.channel = transport.connect(target, new SocketHandler(socket, target));
  writeEarly(socket);
}

/** For a socket without a channel that has just been made. */
export function accept(socket: Socket, incoming: Incoming): void {
  const own = socket[state];
  own.active = true;
  own.addresses = { ...incoming.addresses };
  own.channel = incoming.accept(new SocketHandler(socket, null));
  applySettings(own);
}
