/** The `onread` option: cleartext goes into the user's own buffer instead of the stream's. */

type BufferSource = Uint8Array | (() => unknown);
type Callback = (size: number, buffer: Uint8Array) => unknown;

export class UserBuffer {
  readonly #next: (() => unknown) | null;
  readonly #callback: Callback;
  #buffer: Uint8Array;
  /** What came after the user said stop. */
  #rest: Buffer | null = null;
  #paused = false;

  private constructor(source: BufferSource, callback: Callback) {
    this.#next = typeof source === 'function' ? source : null;
    this.#callback = callback;
    this.#buffer = (typeof source === 'function' ? source() : source) as Uint8Array;
  }

  /** Null when the option is not of the one form that has an effect. */
  static from(onread: unknown): UserBuffer | null {
    if (onread === null || typeof onread !== 'object') return null;
    const { buffer, callback } = onread as { buffer?: unknown; callback?: unknown };
    if (typeof callback !== 'function') return null;
    if (!(buffer instanceof Uint8Array) && typeof buffer !== 'function') return null;
    return new UserBuffer(buffer as BufferSource, callback as Callback);
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  /** False when the user paused, again or still, before everything was delivered. */
  resume(): boolean {
    this.#paused = false;
    const rest = this.#rest;
    this.#rest = null;
    return rest === null || this.deliver(rest);
  }

  /** False when the user wants no more for now. */
  deliver(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length && !this.#paused) {
      const size = Math.min(this.#buffer.length, chunk.length - at);
      this.#buffer.set(chunk.subarray(at, at + size));
      at += size;
      if (this.#callback(size, this.#buffer) === false) this.#paused = true;
      const next = this.#next?.();
      if (next instanceof Uint8Array) this.#buffer = next;
    }
    if (at < chunk.length) this.#rest = chunk.subarray(at);
    return !this.#paused;
  }

  get empty(): boolean {
    return this.#rest === null;
  }
}
