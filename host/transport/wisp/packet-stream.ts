/**
 * Packets in a stream of bytes, the body of a response, which unlike a WebSocket does not tell where one ends: in front of
 * each stands its length, u32. A length of 0 is no packet; it only shows that the other end is there.
 *
 * Plain computing, as frames.ts.
 */
import { HEADER_BYTES, NO_STREAM, PacketType, parseUint32, writeUint32 } from './frames.js';

/** In front of each packet. */
export const LENGTH_BYTES = 4;

/** More than any packet of a relay has: of DATA, which is handed over as it comes, and of others. */
const largestData = 16 * 1024 * 1024;
const largestOther = 64 * 1024;

/** What is written when there is nothing to say. */
export const NOTHING: Uint8Array = new Uint8Array(LENGTH_BYTES);

/** Writes the length of a packet that has `LENGTH_BYTES` free in front of it. */
export function writeLength(framed: Uint8Array): void {
  writeUint32(framed, 0, framed.length - LENGTH_BYTES);
}

/** A copy of the packet behind its length. */
export function withLength(packet: Uint8Array): Uint8Array {
  const framed = new Uint8Array(LENGTH_BYTES + packet.length);
  framed.set(packet, LENGTH_BYTES);
  writeLength(framed);
  return framed;
}

export interface PacketOwner {
  /** Payload of DATA as it comes, a view of what was read: a packet in one or several parts. */
  onData(streamId: number, part: Uint8Array): void;
  /** Any other packet, whole and in memory of its own. */
  onPacket(packet: Uint8Array): void;
}

export class PacketReader {
  readonly #owner: PacketOwner;
  /** Of the packet that has begun: its length, type and stream. */
  readonly #head = new Uint8Array(LENGTH_BYTES + HEADER_BYTES);
  #headBytes = 0;
  #streamId = 0;
  /** What is put together; null for DATA. */
  #packet: Uint8Array | null = null;
  /** Bytes of it that are still to come, when its head is there. */
  #left = 0;

  constructor(owner: PacketOwner) {
    this.#owner = owner;
  }

  /**
   * Throws when their memory is taken away meanwhile.
   *
   * @returns false when these are no packets; nothing is read any more then
   */
  read(bytes: Uint8Array): boolean {
    // Of memory that somebody has taken away it would be 0 then; like this the next `subarray()` throws.
    const { length } = bytes;
    for (let at = 0; at < length; ) {
      if (this.#headBytes < this.#head.length) {
        // The length alone first: nothing may follow it.
        const end = this.#headBytes < LENGTH_BYTES ? LENGTH_BYTES : this.#head.length;
        const part = bytes.subarray(at, at + end - this.#headBytes);
        this.#head.set(part, this.#headBytes);
        this.#headBytes += part.length;
        at += part.length;
        if (this.#headBytes === end && !this.#begin()) return false;
      } else {
        const part = bytes.subarray(at, at + this.#left);
        at += part.length;
        this.#take(part);
      }
    }
    return true;
  }

  /** The length is there, or all of the head. */
  #begin(): boolean {
    const length = parseUint32(this.#head.subarray(0, LENGTH_BYTES))!;
    if (this.#headBytes === LENGTH_BYTES) {
      if (length === 0) this.#headBytes = 0;
      return length === 0 || (length >= HEADER_BYTES && length <= largestData);
    }
    this.#left = length - HEADER_BYTES;
    this.#streamId = parseUint32(this.#head.subarray(LENGTH_BYTES + 1))!;
    if (this.#head[LENGTH_BYTES] === PacketType.data) {
      if (this.#streamId === NO_STREAM) return false;
    } else {
      if (length > largestOther) return false;
      this.#packet = new Uint8Array(length);
      this.#packet.set(this.#head.subarray(LENGTH_BYTES));
    }
    if (this.#left === 0) this.#finish();
    return true;
  }

  #take(part: Uint8Array): void {
    const packet = this.#packet;
    if (packet !== null) packet.set(part, packet.length - this.#left);
    this.#left -= part.length;
    if (this.#left === 0) this.#finish();
    if (packet === null) this.#owner.onData(this.#streamId, part);
  }

  #finish(): void {
    const packet = this.#packet;
    this.#packet = null;
    this.#headBytes = 0;
    if (packet !== null) this.#owner.onPacket(packet);
  }
}
