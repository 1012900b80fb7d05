/** The write of a channel that is under way: cut into messages, with room in front of each for its header. */
import type { Done } from './channel.js';

function newBytes(size: number): Uint8Array {
  return new Uint8Array(size);
}

export class Outgoing {
  #chunks: Uint8Array[] = [];
  /** Of the first chunk, what has been taken. */
  #offset = 0;
  #unsent = 0;
  #done: Done | null = null;

  get unsent(): number {
    return this.#unsent;
  }

  put(chunks: readonly Uint8Array[], done: Done): void {
    this.#chunks = chunks.filter(({ length }) => length > 0);
    this.#offset = 0;
    this.#unsent = this.#chunks.reduce((total, { length }) => total + length, 0);
    this.#done = done;
  }

  /** The next bytes, `most` at most, in what `room(size)` gives, behind `header` bytes for the caller to fill. */
  take(most: number, header: number, room = newBytes): Uint8Array {
    const size = Math.min(this.#unsent, most);
    const message = room(header + size);
    for (let at = 0; at < size; ) {
      const [chunk] = this.#chunks as [Uint8Array];
      const part = chunk.subarray(this.#offset, this.#offset + size - at);
      message.set(part, header + at);
      at += part.length;
      this.#offset += part.length;
      if (this.#offset < chunk.length) continue;
      this.#chunks.shift();
      this.#offset = 0;
    }
    this.#unsent -= size;
    return message;
  }

  /** Calls back, whether everything has been taken or not. */
  finish(): void {
    const done = this.#done;
    this.discard();
    done?.();
  }

  discard(): void {
    this.#done = null;
    this.#chunks = [];
    this.#unsent = 0;
  }
}

/** A copy of all of them. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const size = chunks.reduce((total, { length }) => total + length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
