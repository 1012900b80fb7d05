/**
 * What goes out through one WebSocket: the sources take turns, a message each, and not more is handed over than the
 * WebSocket has sent, but for a bounded rest. A browser does not tell when it has sent something, so that it is asked: when
 * a message arrives, and by a timer.
 */
import type { Wire } from './wire.js';

export interface Source {
  /** The next message; null when there is none that may be sent now. */
  next(): Uint8Array | null;
  /** The message is handed over. True when another one may follow it. */
  sent(): boolean;
}

/** Bytes handed to the WebSocket that it has not sent yet. More, up to the second, when it sends that much between two looks. */
const leastBacklog = 1024 * 1024;
const mostBacklog = 8 * leastBacklog;
/** Waits between two looks, in ms. */
const shortestWait = 1;
const longestWait = 16;

/** A message is built here when the WebSocket has done with it as soon as it is handed over. */
let scratch = new Uint8Array(0);

type OutboxWire = Pick<Wire, 'send' | 'bufferedAmount' | 'copies'>;

export class Outbox {
  readonly #wire: OutboxWire;
  /** In the order of their turns. */
  readonly #ready = new Set<Source>();
  #scheduled = false;
  #flushing = false;
  #held = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #wait = shortestWait;
  #backlog = leastBacklog;
  /** What the WebSocket had when it was left. */
  #left = 0;

  constructor(wire: OutboxWire) {
    this.#wire = wire;
  }

  /** For a message of that size, which is to be handed over before the next one is asked for. */
  readonly room = (size: number): Uint8Array => {
    if (!this.#wire.copies) return new Uint8Array(size);
    if (scratch.length < size) scratch = new Uint8Array(size);
    return scratch.subarray(0, size);
  };

  /** The source has something. Later in this turn it is asked, so that what is written until then goes with it. */
  ready(source: Source): void {
    this.#ready.add(source);
    if (this.#scheduled || this.#flushing || this.#timer !== null) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Sends at once, in front of what waits: for what is short and rare. */
  send(message: Uint8Array): void {
    this.#wire.send(message);
  }

  remove(source: Source): void {
    this.#ready.delete(source);
  }

  flush(): void {
    if (this.#flushing || this.#held || this.#ready.size === 0) return;
    this.#flushing = true;
    let moved = false;
    try {
      while (this.#ready.size > 0 && this.#wire.bufferedAmount < this.#backlog) {
        const [source] = this.#ready as unknown as [Source];
        this.#ready.delete(source);
        const message = source.next();
        if (message === null) continue;
        this.#wire.send(message);
        moved = true;
        if (source.sent()) this.#ready.add(source);
      }
    } finally {
      this.#flushing = false;
      this.#left = this.#wire.bufferedAmount;
      if (this.#ready.size > 0) this.#lookAgain(moved);
      else this.stop();
    }
  }

  /** The WebSocket is gone: what waits, waits for good. */
  hold(): void {
    this.#held = true;
    this.stop();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#wait = shortestWait;
  }

  #lookAgain(moved: boolean): void {
    this.#wait = moved ? shortestWait : Math.min(this.#wait * 2, longestWait);
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#adapt();
      this.flush();
    }, this.#wait);
  }

  /** A browser's timers may take 4 ms, in which a fast network sends all that it was given, and then waits for more. */
  #adapt(): void {
    const sent = this.#left - this.#wire.bufferedAmount;
    if (sent >= this.#backlog / 2) this.#backlog = Math.min(this.#backlog * 2, mostBacklog);
    else if (sent < this.#backlog / 8) this.#backlog = Math.max(this.#backlog / 2, leastBacklog);
  }
}
