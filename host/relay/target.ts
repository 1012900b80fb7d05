/**
 * One TCP connection to a target: resolved, checked and connected here, or accepted on a port that a client listens on. It
 * is read only as far as there are credits and the client's WebSocket takes it; what is written waits in order until it is
 * connected, and who writes is told how much is taken.
 */
import net from 'node:net';
import { reasonOfError } from '../transport/wisp/close-reasons.js';
import { CloseReason } from '../transport/wisp/frames.js';
import type { RelayContext } from './context.js';
import { ReadBuffer, READ_BYTES, ROOM_BYTES, withRoom } from './read-buffers.js';
import { RefusedTarget, type LookupQueue } from './resolver.js';

/** No attempt gets less than that, so that a second address is tried even when the first swallows everything. */
const leastAttemptMilliseconds = 1000;
/** After a close, bytes that the target has not taken yet have that long between two of them. */
const lingerMilliseconds = 5000;
/** Writes below that wait for others of the same turn. */
const batchedBytes = 16 * 1024;

export interface TargetOwner {
  onOpen(): void;
  /** @param message payload with `ROOM_BYTES` free in front; `sent` is to be called when it is no longer needed */
  onData(message: Buffer, sent?: () => void): void;
  /** The target sends no more. */
  onEnd(): void;
  /** The target took packets that were written. */
  onTaken(packets: number): void;
  /** It is over; null when both directions ended. Not called after `close()` or `abort()`. */
  onOver(reason: number | null, refusal?: string): void;
}

export class Target {
  /** It was connected. */
  opened = false;
  readonly #context: RelayContext;
  readonly #owner: TargetOwner;
  readonly #read = new ReadBuffer();
  #socket: net.Socket | null = null;
  #attempt: net.Socket | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Before it is connected. */
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #endEarly = false;
  #credits = Infinity;
  /** Read, and more than there were credits for; with room for a header in front. */
  #held: Buffer | null = null;
  #ended = false;
  #waitsForLink = false;
  #corked = false;
  #over = false;
  #released: () => void = () => {};

  /** Settles when nothing of it is left: a lookup or unsent bytes may outlive `close()`. */
  readonly released = new Promise<void>((resolve) => (this.#released = resolve));

  constructor(context: RelayContext, owner: TargetOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** Bytes that wait to be taken by the target. */
  get queuedBytes(): number {
    return this.#earlyBytes + (this.#socket?.writableLength ?? 0);
  }

  /** From now on it is read as far as `grant()` allows. */
  limitReads(credits: number): void {
    this.#credits = credits;
  }

  get credits(): number {
    return this.#credits;
  }

  // --- Opening.

  /** Resolves, checks and connects; calls `onOpen()` or `onOver()`. */
  async open(host: string, port: number, queue: LookupQueue): Promise<void> {
    const { connect } = this.#context.settings.timeouts;
    const deadline = performance.now() + connect;
    this.#timer = setTimeout(() => this.#fail(CloseReason.connectTimeout), connect);
    try {
      const addresses = await this.#context.resolver.resolve(host, port, queue);
      await this.#connectAny(addresses, port, deadline);
    } catch (error) {
      const refusal = error instanceof RefusedTarget ? error.refusal : undefined;
      this.#fail(reasonOfError((error as NodeJS.ErrnoException).code), refusal);
    } finally {
      if (this.#timer !== null) clearTimeout(this.#timer);
      if (this.#over && this.#socket === null) this.#released();
    }
  }

  /** Takes a connection that a listener accepted. */
  adopt(socket: net.Socket): void {
    // Of what a server accepts Node chooses the buffers, so that each chunk is copied behind room for its header.
    socket.on('data', (bytes) => this.#deliver(withRoom(bytes)));
    this.#opened(socket);
  }

  async #connectAny(addresses: string[], port: number, deadline: number): Promise<void> {
    let failure: unknown;
    for (const [index, address] of addresses.entries()) {
      if (this.#over) return;
      const share = (deadline - performance.now()) / (addresses.length - index);
      try {
        const socket = await this.#connect(address, port, Math.max(share, leastAttemptMilliseconds));
        if (this.#over) cutOff(socket);
        else this.#opened(socket);
        return;
      } catch (error) {
        failure ??= error;
      }
    }
    throw failure;
  }

  /** `host` is an address, so nothing is resolved again: what was checked is what is connected to. */
  #connect(host: string, port: number, milliseconds: number): Promise<net.Socket> {
    return new Promise((resolve, reject) => {
      const onread = {
        buffer: () => this.#read.next(this.#credits > 0 ? this.#credits : READ_BYTES),
        callback: (size: number) => {
          const { message, release } = this.#read.taken(size);
          this.#deliver(message, release);
          return true;
        },
      };
      const socket = net.connect({ host, port, allowHalfOpen: true, noDelay: true, onread });
      this.#attempt = socket;
      const timer = setTimeout(() => socket.destroy(timedOut()), milliseconds);
      const finish = (result: () => void) => () => {
        clearTimeout(timer);
        this.#attempt = null;
        result();
      };
      let failure: Error | null = null;
      socket.once('error', (error) => (failure = error));
      socket.once('close', finish(() => reject(failure ?? timedOut()))); // prettier-ignore
      socket.once('connect', finish(() => {
        socket.removeAllListeners('close').removeAllListeners('error');
        resolve(socket);
      })); // prettier-ignore
    });
  }

  #opened(socket: net.Socket): void {
    this.#socket = socket;
    this.opened = true;
    socket.on('end', () => this.#onEnd());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const late = error.code === 'ETIMEDOUT' ? CloseReason.transferTimeout : CloseReason.networkError;
      this.#fail(late);
    });
    socket.on('close', () => this.#onClosed());
    const { streamIdle } = this.#context.settings.timeouts;
    if (streamIdle > 0) socket.setTimeout(streamIdle, () => this.#fail(CloseReason.transferTimeout));
    this.#owner.onOpen();
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    for (const bytes of early) this.write(bytes);
    if (this.#endEarly) this.end();
    if (!this.#over) this.#pace();
  }

  // --- Towards the target.

  write(bytes: Uint8Array): void {
    if (this.#socket === null) {
      this.#early.push(bytes);
      this.#earlyBytes += bytes.length;
      return;
    }
    if (bytes.length < batchedBytes) this.#cork(this.#socket);
    this.#socket.write(bytes, this.#taken);
    if (bytes.length >= batchedBytes) this.#uncork(this.#socket);
  }

  /** FIN, behind everything written. */
  end(): void {
    if (this.#socket === null) this.#endEarly = true;
    else this.#socket.end();
  }

  readonly #taken = (error?: Error | null): void => {
    if (!error && !this.#over) this.#owner.onTaken(1);
  };

  #cork(socket: net.Socket): void {
    if (this.#corked) return;
    this.#corked = true;
    socket.cork();
    process.nextTick(() => this.#uncork(socket));
  }

  #uncork(socket: net.Socket): void {
    if (!this.#corked) return;
    this.#corked = false;
    socket.uncork();
  }

  // --- From the target.

  /** More bytes may be read and given to the owner. */
  grant(bytes: number): void {
    this.#credits += bytes;
    const held = this.#held;
    if (held !== null) {
      this.#held = null;
      this.#deliver(held);
      if (this.#ended) this.#onEnd();
    }
    this.#pace();
  }

  /** The client's WebSocket is full: nothing is read until `linkReady()`. */
  waitForLink(): void {
    this.#waitsForLink = true;
    this.#socket?.pause();
  }

  linkReady(): void {
    this.#waitsForLink = false;
    this.#pace();
  }

  #pace(): void {
    if (this.#socket === null || this.#over) return;
    if (this.#credits > 0 && !this.#waitsForLink) this.#socket.resume();
    else this.#socket.pause();
  }

  // Behind what is held.
  #onEnd(): void {
    this.#ended = true;
    if (!this.#over && this.#held === null) this.#owner.onEnd();
  }

  #deliver(message: Buffer, sent?: () => void): void {
    const size = message.length - ROOM_BYTES;
    if (this.#over) {
      sent?.();
    } else if (size <= this.#credits) {
      this.#credits -= size;
      this.#owner.onData(message, sent);
    } else {
      // The rest gets a buffer of its own: what stands in front of it may still be on its way.
      const end = ROOM_BYTES + this.#credits;
      this.#held = withRoom(message.subarray(end));
      if (this.#credits > 0) {
        this.#credits = 0;
        this.#owner.onData(message.subarray(0, end), sent);
      } else {
        sent?.();
      }
    }
    if (this.#credits === 0) this.#socket?.pause();
  }

  // --- The end.

  /** The client wants no more: what was written is still sent, and then it is closed. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    const socket = this.#socket;
    this.#giveUp();
    if (socket === null) return;
    if (socket.writableLength > 0) socket.setTimeout(lingerMilliseconds, () => cutOff(socket));
    socket.resume();
    socket.destroySoon();
  }

  /** At once, and the target is told that it was cut off. */
  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#giveUp();
    this.reset();
  }

  /** After `close()`: what has not been taken yet never will be. */
  reset(): void {
    if (this.#socket !== null) cutOff(this.#socket);
  }

  #giveUp(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#attempt?.destroy();
    this.#early = [];
    this.#earlyBytes = 0;
    this.#held = null;
  }

  #fail(reason: number, refusal?: string): void {
    if (this.#over) return;
    this.abort();
    this.#owner.onOver(reason, refusal);
  }

  #onClosed(): void {
    this.#read.close();
    if (!this.#over) {
      this.#over = true;
      this.#owner.onOver(null);
    }
    this.#released();
  }
}

/** Ends a connection by RST. While its FIN is on the way that cannot be done, and would leave it open for good. */
export function cutOff(socket: net.Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

function timedOut(): Error {
  return Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
}
