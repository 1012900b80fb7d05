/**
 * What targets are read into. A connection that is idle or sends little reads into one buffer that all of them share, and
 * what arrives is copied out: thousands of idle connections cost no buffers. One that sends a lot reads into a buffer of a
 * pool, which goes into the WebSocket as it is, with the packet's header written into the room in front of it, and back into the
 * pool when it is sent. One that sends faster than it is read gets larger ones: what a megabyte costs at both ends is for
 * the most part so much for each message.
 */
import { HEADER_BYTES } from '../transport/wisp/frames.js';
import { LENGTH_BYTES } from '../transport/wisp/packet-stream.js';

/** In front of a payload: for the header of its packet, and for the length that stands before it outside of WebSockets. */
export const ROOM_BYTES = LENGTH_BYTES + HEADER_BYTES;

/** Most bytes of one read, and so of one DATA packet. */
export const READ_BYTES = 256 * 1024;
const smallRead = 64 * 1024;
/** A read of that much is followed by one into a buffer of a pool; one that fills it, by one into a large one. */
const bulkBytes = smallRead / 4;

/** Buffers of one size, so many at most. */
class Pool {
  readonly bytes: number;
  readonly #most: number;
  readonly #free: Buffer[] = [];
  #allocated = 0;

  constructor(bytes: number, most: number) {
    this.bytes = bytes;
    this.#most = most;
  }

  take(): Buffer | null {
    const buffer = this.#free.pop();
    if (buffer !== undefined) return buffer;
    if (this.#allocated >= this.#most) return null;
    this.#allocated++;
    return Buffer.allocUnsafeSlow(ROOM_BYTES + this.bytes);
  }

  giveBack(buffer: Buffer): void {
    this.#free.push(buffer);
  }
}

const shared = Buffer.allocUnsafeSlow(ROOM_BYTES + smallRead);
/** When they are all on their way, everything goes through the shared buffer. */
const small = new Pool(smallRead, 256);
const large = new Pool(READ_BYTES, 64);

/** A message with `ROOM_BYTES` free in front of its payload, and what to call when it is sent. */
export interface ReadMessage {
  message: Buffer;
  release: (() => void) | undefined;
}

export class ReadBuffer {
  /** The one that the next read goes into. */
  #buffer: Buffer = shared;
  /** Where that one is from. */
  #pool: Pool | null = null;
  /** Where the next one should be from. */
  #wanted: Pool | null = null;

  /** Where the next read goes, at most `limit` bytes. */
  next(limit: number): Buffer {
    if (this.#pool === null && this.#wanted !== null) this.#use(this.#wanted);
    return this.#buffer.subarray(ROOM_BYTES, ROOM_BYTES + Math.min(limit, this.#buffer.length - ROOM_BYTES));
  }

  /** What the last read, of `size` bytes, has brought. */
  taken(size: number): ReadMessage {
    this.#wanted = size < bulkBytes ? null : size < smallRead ? small : large;
    const pool = this.#pool;
    const buffer = this.#buffer;
    if (pool !== null && this.#wanted !== null) {
      this.#buffer = shared;
      this.#pool = null;
      return { message: buffer.subarray(0, ROOM_BYTES + size), release: () => pool.giveBack(buffer) };
    }
    const message = withRoom(buffer.subarray(ROOM_BYTES, ROOM_BYTES + size));
    this.close();
    return { message, release: undefined };
  }

  /** No read comes any more, or it goes into the shared buffer. */
  close(): void {
    this.#pool?.giveBack(this.#buffer);
    this.#pool = null;
    this.#buffer = shared;
  }

  #use(wanted: Pool): void {
    for (const pool of wanted === large ? [large, small] : [small]) {
      const buffer = pool.take();
      if (buffer === null) continue;
      this.#pool = pool;
      this.#buffer = buffer;
      return;
    }
  }
}

/** A copy of `bytes` with `ROOM_BYTES` free in front. */
export function withRoom(bytes: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(ROOM_BYTES + bytes.length);
  message.set(bytes, ROOM_BYTES);
  return message;
}
