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

/** Bytes handed to the WebSocket that it has not sent yet. */
const backlog = 1024 * 1024;
/** Waits between two looks, in ms. */
const shortestWait = 1;
const longestWait = 16;

export class Outbox {
  readonly #wire: Pick<Wire, 'send' | 'bufferedAmount'>;
  /** In the order of their turns. */
  readonly #ready = new Set<Source>();
  #scheduled = false;
  #flushing = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #wait = shortestWait;

  constructor(wire: Pick<Wire, 'send' | 'bufferedAmount'>) {
    this.#wire = wire;
  }

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
    if (this.#flushing || this.#ready.size === 0) return;
    this.#flushing = true;
    let moved = false;
    try {
      while (this.#ready.size > 0 && this.#wire.bufferedAmount < backlog) {
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
      if (this.#ready.size > 0) this.#lookAgain(moved);
      else this.stop();
    }
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
      this.flush();
    }, this.#wait);
  }
}
