/** What the writer has handed over, in order, until it is encrypted. */
import type { EngineConnection } from './types.js';

export type WriteCallback = (error?: Error | null) => void;

interface Write {
  /** Where it ends, counted over all writes. */
  end: number;
  callback: WriteCallback;
}

export class WriteQueue {
  /** Not yet all in the engine; of the first one, so many bytes are. */
  #chunks: Uint8Array[] = [];
  #offset = 0;
  /** Perhaps not yet encrypted. */
  #writes: Write[] = [];
  #bytesQueued = 0;
  #bytesFed = 0;

  push(chunks: readonly Uint8Array[], callback: WriteCallback): void {
    for (const chunk of chunks) {
      if (chunk.length > 0) this.#chunks.push(chunk);
      this.#bytesQueued += chunk.length;
    }
    this.#writes.push({ end: this.#bytesQueued, callback });
  }

  get allFed(): boolean {
    return this.#chunks.length === 0;
  }

  /** Gives the engine as much as it takes; true when that was anything. */
  feed(connection: EngineConnection): boolean {
    const size = connection.write(this.#chunks, this.#offset);
    if (size === 0) return false;
    this.#bytesFed += size;
    this.#offset += size;
    let whole = 0;
    while (whole < this.#chunks.length && this.#offset >= this.#chunks[whole]!.length) {
      this.#offset -= this.#chunks[whole++]!.length;
    }
    this.#chunks.splice(0, whole);
    return true;
  }

  /** Removes the writes whose last byte is encrypted. */
  takeFinished(connection: EngineConnection): WriteCallback[] {
    if (this.#writes.length === 0) return [];
    const encrypted = this.#bytesFed - connection.pendingWrite;
    let finished = 0;
    while (finished < this.#writes.length && this.#writes[finished]!.end <= encrypted) finished++;
    return this.#writes.splice(0, finished).map(({ callback }) => callback);
  }

  /** Forgets everything; who waits for it is told by the caller. */
  clear(): WriteCallback[] {
    this.#chunks = [];
    this.#offset = 0;
    return this.#writes.splice(0).map(({ callback }) => callback);
  }
}
