/** One stream of a Wisp connection, as the channel of a socket. */
import type { ChannelHandler, Target } from '../channel.js';
import { isIP } from '../ip.js';
import type { Outbox } from '../outbox.js';
import { RelayChannel } from '../relay-channel.js';
import { soon } from '../turns.js';
import { errorCodeOf } from './close-reasons.js';
import {
  CloseReason,
  encodeClose,
  encodeConnect,
  encodeCredit,
  encodeEnd,
  HEADER_BYTES,
  writeDataHeader,
} from './frames.js';
import type { Features, WispLink } from './link.js';

/** The payload of a DATA packet: large enough that its cost is the copy, small enough that others get their turn soon. */
const largestPayload = 64 * 1024;

export class WispStream extends RelayChannel {
  id = 0;
  readonly takesEarly = true;
  readonly #link: WispLink;
  #openConfirmation = false;
  /** DATA packets that the relay takes now. */
  #packets = 0;
  /** What a download hands over just now. */
  #given: Uint8Array | null = null;
  /** Who reads gave back what came last, and will again. */
  #givesBack = false;

  constructor(link: WispLink, target: Target, handler: ChannelHandler) {
    super(link.settings, target, handler);
    this.#link = link;
  }

  protected get outbox(): Outbox {
    return this.#link.outbox;
  }

  // --- What the link tells.

  /** The relay is there: asks it to connect. */
  start(id: number, features: Features): void {
    this.#begin(id, features);
    this.outbox.send(encodeConnect(id, this.target.host, this.target.port ?? 0));
    if (this.unsent > 0) this.outbox.ready(this);
    if (!features.openConfirmation) soon(() => this.open());
  }

  /** The relay has accepted a connection. */
  adopt(id: number, features: Features): void {
    this.#begin(id, features);
    this.heard = this.opened = true;
  }

  #begin(id: number, features: Features): void {
    this.id = id;
    this.#openConfirmation = features.openConfirmation;
    this.#packets = features.packets;
    this.begin(features);
  }

  onContinue(packets: number): void {
    this.heard = true;
    this.#packets = packets;
    this.open();
    if (this.unsent > 0) this.outbox.ready(this);
  }

  /** @returns what is wrong with it */
  onData(payload: Uint8Array): string | null {
    return this.received(payload);
  }

  /**
   * Bytes of a download, in memory that is lent or not. Who gives back what he gets needs no copy; who may keep it, or
   * transfer it elsewhere, gets memory that nothing else is in.
   *
   * @returns what is wrong with them
   */
  onDownload(bytes: Uint8Array, lent: boolean): string | null {
    const isAlone = !lent && bytes.length === bytes.buffer.byteLength;
    const isCopied = !isAlone && !(this.#givesBack && this.inbox.flowing);
    const given = (this.#given = isCopied ? bytes.slice() : bytes);
    this.#givesBack = false;
    try {
      return this.received(given);
    } finally {
      this.#given = null;
      if (!this.#givesBack && !isCopied) this.#link.keep();
    }
  }

  /** @returns what is wrong with it */
  onEnd(): string | null {
    return this.receivedEnd();
  }

  onClose(reason: number): void {
    const opened = this.heard || !this.#openConfirmation;
    const code = errorCodeOf(reason, { opened, toAddress: isIP(this.target.host) !== 0 });
    if (code === null) this.closed();
    else this.fail(code, this.heard);
  }

  /** The relay is lost. */
  onLost(code: string, detail: string): void {
    this.fail(code, this.opened, detail);
  }

  protected override overflow(): void {
    this.outbox.send(encodeClose(this.id, CloseReason.clientError));
    super.overflow();
  }

  protected letGo(): void {
    this.#link.remove(this);
  }

  // --- Reading.

  protected sendCredit(bytes: number): void {
    this.outbox.send(encodeCredit(this.id, bytes));
  }

  release(chunk: Uint8Array): void {
    const given = this.#given;
    // Not what came before it, and not a part of it.
    const isAll =
      given === null ||
      (chunk.buffer === given.buffer && chunk.byteOffset === given.byteOffset && chunk.length === given.length);
    if (isAll) this.#givesBack = true;
    this.#link.release(chunk);
  }

  // --- Writing.

  protected get canSend(): boolean {
    return this.id !== 0;
  }

  next(): Uint8Array | null {
    if (this.over) return null;
    if (this.unsent === 0) return this.nextEnd();
    return this.#packets === 0 ? null : this.#nextData();
  }

  sent(): boolean {
    if (this.unsent > 0) return this.#packets > 0;
    if (this.opened) this.outgoing.finish();
    return false;
  }

  #nextData(): Uint8Array {
    this.#packets -= 1;
    const message = this.outgoing.take(largestPayload, HEADER_BYTES, this.outbox.room);
    writeDataHeader(message, this.id);
    return message;
  }

  protected sayEnd(): Uint8Array {
    return encodeEnd(this.id);
  }

  protected override hangUp(): void {
    this.outbox.send(encodeClose(this.id, CloseReason.voluntary));
    super.hangUp();
  }

  destroy(reset: boolean): void {
    if (this.destroyed) return;
    this.destroyed = true;
    if (!this.over && this.id !== 0) {
      // What was written before an orderly end arrives, as far as the relay takes it now.
      while (!reset && this.unsent > 0 && this.#packets > 0) this.outbox.send(this.#nextData());
      this.outbox.send(encodeClose(this.id, reset ? CloseReason.networkError : CloseReason.voluntary));
    }
    this.discard();
    this.leave();
  }
}
