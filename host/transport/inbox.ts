/** What has arrived on a channel and what its handler has taken of it: the one queue that every transport reads through. */
import type { ChannelHandler } from './channel.js';
import { soon } from './turns.js';

export class Inbox {
  readonly #handler: Pick<ChannelHandler, 'onData' | 'onEnd'>;
  readonly #onTaken: (bytes: number) => void;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #flowing = false;
  /** The handler has had the last word while it was given a chunk. */
  #resumed = false;
  #delivering = false;
  #end: 'open' | 'arrived' | 'told' = 'open';

  /** @param onTaken hears of every byte that the handler took, once it has */
  constructor(handler: Pick<ChannelHandler, 'onData' | 'onEnd'>, onTaken: (bytes: number) => void = () => {}) {
    this.#handler = handler;
    this.#onTaken = onTaken;
  }

  /** Bytes that arrived and were not taken. */
  get bytes(): number {
    return this.#bytes;
  }

  get flowing(): boolean {
    return this.#flowing;
  }

  get ended(): boolean {
    return this.#end !== 'open';
  }

  receive(...chunks: Uint8Array[]): void {
    if (this.ended) return;
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    }
    this.#deliver();
  }

  /** The peer sends no more. */
  end(): void {
    if (this.ended) return;
    this.#end = 'arrived';
    this.#deliver();
  }

  resume(): void {
    this.#resumed = true;
    this.#flowing = true;
    this.#deliver();
  }

  pause(): void {
    this.#resumed = false;
    this.#flowing = false;
  }

  /** The handler is gone. */
  discard(): void {
    this.#flowing = false;
    this.#chunks = [];
    this.#bytes = 0;
    this.#end = 'told';
  }

  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    let at = 0;
    let completed = false;
    try {
      while (this.#flowing && at < this.#chunks.length) {
        const chunk = this.#chunks[at++]!;
        // Of a chunk that is given back nothing is left.
        const { length } = chunk;
        this.#bytes -= length;
        this.#resumed = false;
        try {
          if (!this.#handler.onData(chunk) && !this.#resumed) this.#flowing = false;
        } finally {
          this.#onTaken(length);
        }
      }
      completed = true;
    } finally {
      if (this.#chunks.length > 0) this.#chunks.splice(0, at);
      this.#delivering = false;
      // A listener threw. Should the program survive that, then so does the connection.
      if (!completed) soon(() => this.#deliver());
    }
    if (this.#flowing && this.#chunks.length === 0 && this.#end === 'arrived') {
      this.#end = 'told';
      this.#handler.onEnd();
    }
  }
}
