/**
 * What targets are read into. A connection that is idle or sends little reads into one buffer that all of them share, and
 * what arrives is copied out: thousands of idle connections cost no buffers. One that sends a lot reads into a buffer of the
 * pool, which goes into the WebSocket as it is, with the packet's header written into the room in front, and back into the
 * pool when it is sent.
 */
import { HEADER_BYTES } from '../transport/wisp/frames.js';

/** Most bytes of one read, and so of one DATA packet. */
export const READ_BYTES = 64 * 1024;

/** A read of that much is followed by one into a buffer of the pool. */
const bulkBytes = READ_BYTES / 4;
/** Beyond so many, everything goes through the shared buffer. */
const mostBuffers = 256;

const shared = Buffer.allocUnsafeSlow(HEADER_BYTES + READ_BYTES);
const free: Buffer[] = [];
let allocated = 0;

function take(): Buffer | null {
  const buffer = free.pop();
  if (buffer !== undefined) return buffer;
  if (allocated >= mostBuffers) return null;
  allocated++;
  return Buffer.allocUnsafeSlow(HEADER_BYTES + READ_BYTES);
}

function giveBack(buffer: Buffer): void {
  free.push(buffer);
}

/** A message with `HEADER_BYTES` free in front of its payload, and what to call when it is sent. */
export interface ReadMessage {
  message: Buffer;
  release: (() => void) | undefined;
}

export class ReadBuffer {
  /** The one that the next read goes into. */
  #buffer: Buffer = shared;
  #bulk = false;

  /** Where the next read goes, at most `limit` bytes. */
  next(limit: number): Buffer {
    if (this.#buffer === shared && this.#bulk) this.#buffer = take() ?? shared;
    return this.#buffer.subarray(HEADER_BYTES, HEADER_BYTES + Math.min(limit, READ_BYTES));
  }

  /** What the last read, of `size` bytes, has brought. */
  taken(size: number): ReadMessage {
    this.#bulk = size >= bulkBytes;
    const buffer = this.#buffer;
    if (buffer !== shared && this.#bulk) {
      this.#buffer = shared;
      return { message: buffer.subarray(0, HEADER_BYTES + size), release: () => giveBack(buffer) };
    }
    const message = withRoom(buffer.subarray(HEADER_BYTES, HEADER_BYTES + size));
    this.close();
    return { message, release: undefined };
  }

  /** No read comes any more, or it goes into the shared buffer. */
  close(): void {
    if (this.#buffer === shared) return;
    giveBack(this.#buffer);
    this.#buffer = shared;
  }
}

/** A copy of `bytes` with `HEADER_BYTES` free in front. */
export function withRoom(bytes: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(HEADER_BYTES + bytes.length);
  message.set(bytes, HEADER_BYTES);
  return message;
}
