/** What the writer has handed over, in order, until it is encrypted. */
import type { EngineConnection } from './types.js';

export type WriteCallback = (error?: Error | null) => void;

interface Write {
  chunk: Uint8Array;
  /** Where it ends, counted over all writes. */
  end: number;
  callback: WriteCallback;
}

export class WriteQueue {
  /** Not yet all in the engine; the first one perhaps in part. */
  #waiting: Write[] = [];
  /** All in the engine, perhaps not yet encrypted. */
  #fed: Write[] = [];
  #bytesQueued = 0;
  #bytesFed = 0;

  push(chunk: Uint8Array, callback: WriteCallback): void {
    this.#bytesQueued += chunk.length;
    this.#waiting.push({ chunk, end: this.#bytesQueued, callback });
  }

  get allFed(): boolean {
    return this.#waiting.length === 0;
  }

  /** Gives the engine as much as it takes; true when that was anything. */
  feed(connection: EngineConnection): boolean {
    const before = this.#bytesFed;
    for (;;) {
      const write = this.#waiting[0];
      if (write === undefined) break;
      const offset = write.chunk.length - (write.end - this.#bytesFed);
      this.#bytesFed += connection.write(write.chunk, offset);
      if (this.#bytesFed < write.end) break;
      this.#waiting.shift();
      this.#fed.push(write);
    }
    return this.#bytesFed > before;
  }

  /** Removes the writes whose last byte is encrypted. */
  takeFinished(connection: EngineConnection): WriteCallback[] {
    const callbacks: WriteCallback[] = [];
    if (this.#fed.length === 0) return callbacks;
    const encrypted = this.#bytesFed - connection.pendingWrite;
    while (this.#fed.length > 0 && this.#fed[0]!.end <= encrypted) callbacks.push(this.#fed.shift()!.callback);
    return callbacks;
  }

  /** Forgets everything; who waits for it is told by the caller. */
  clear(): WriteCallback[] {
    const callbacks = [...this.#fed, ...this.#waiting].map(({ callback }) => callback);
    this.#fed = [];
    this.#waiting = [];
    return callbacks;
  }
}
