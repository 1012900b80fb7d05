/** One stream of a Wisp connection, as the channel of a socket. */
import { InactivityTimer } from '../../common/inactivity-timer.js';
import type { Channel, ChannelHandler, Done, Target } from '../channel.js';
import { connectionError } from '../errors.js';
import { Inbox } from '../inbox.js';
import { isIP } from '../ip.js';
import type { Source } from '../outbox.js';
import { Outgoing } from '../outgoing.js';
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

export class WispStream implements Channel, Source {
  readonly target: Target;
  id = 0;
  readonly #link: WispLink;
  readonly #handler: ChannelHandler;
  readonly #inbox: Inbox;
  #features: Features | null = null;
  /** Told to the handler. */
  #opened = false;
  /** The target has been heard of, by a confirmation or by its bytes. */
  #heard = false;
  /** Nothing is sent or expected any more. */
  #over = false;
  #destroyed = false;

  // Out.
  /** DATA packets that the relay takes now. */
  #packets = 0;
  readonly #outgoing = new Outgoing();
  #end: 'open' | 'wanted' | 'sent' = 'open';
  #linger: InactivityTimer | null = null;

  // In.
  /** Bytes that the relay may still send. */
  #granted = 0;
  /** Taken by the reader, and not granted anew yet. */
  #owed = 0;

  constructor(link: WispLink, target: Target, handler: ChannelHandler) {
    this.#link = link;
    this.target = target;
    this.#handler = handler;
    this.#inbox = new Inbox(handler, (bytes) => this.#taken(bytes));
  }

  readonly takesEarly = true;

  // --- What the link tells.

  /** The relay is there: asks it to connect. */
  start(id: number, features: Features): void {
    this.#begin(id, features);
    this.#link.outbox.send(encodeConnect(id, this.target.host, this.target.port ?? 0));
    if (this.unsent > 0) this.#link.outbox.ready(this);
    if (!features.openConfirmation) soon(() => this.#open());
  }

  /** The relay has accepted a connection. */
  adopt(id: number, features: Features): void {
    this.#begin(id, features);
    this.#heard = this.#opened = true;
  }

  #begin(id: number, features: Features): void {
    this.id = id;
    this.#features = features;
    this.#packets = features.packets;
    this.#granted = features.window ?? 0;
  }

  onContinue(packets: number): void {
    this.#heard = true;
    this.#packets = packets;
    this.#open();
    if (this.unsent > 0) this.#link.outbox.ready(this);
  }

  /** @returns what is wrong with it */
  onData(payload: Uint8Array): string | null {
    if (this.#inbox.ended) return 'data behind an end';
    this.#heard = true;
    this.#open();
    if (this.#destroyed) return null;
    this.#linger?.refresh();
    const { window } = this.#features!;
    if (window !== null) {
      this.#granted -= payload.length;
      if (this.#granted < 0) return 'more data than was granted';
    }
    this.#inbox.receive(payload);
    if (window === null && this.#inbox.bytes > this.#link.settings.receiveLimit) this.#overflow();
    return null;
  }

  onEnd(): string | null {
    if (this.#inbox.ended) return 'a second end';
    this.#heard = true;
    this.#open();
    if (this.#end === 'sent') this.#leave();
    this.#inbox.end();
    return null;
  }

  onClose(reason: number): void {
    const opened = this.#heard || !this.#features!.openConfirmation;
    const code = errorCodeOf(reason, { opened, toAddress: isIP(this.target.host) !== 0 });
    this.#leave();
    if (code !== null) return this.#fail(code, this.#heard);
    this.#open();
    if (this.#destroyed) return;
    // What is on its way out goes where a kernel's buffer would go now; the next write hears of it.
    this.#outgoing.finish();
    this.#inbox.end();
  }

  /** The relay is lost. */
  onLost(code: string, detail: string): void {
    this.#leave();
    this.#fail(code, this.#opened, detail);
  }

  #open(): void {
    if (this.#opened || this.#destroyed) return;
    this.#opened = true;
    this.#handler.onOpen();
    // What went out before that.
    if (this.unsent === 0) this.#outgoing.finish();
  }

  /** @param connected as far as the handler knows */
  #fail(code: string, connected: boolean, detail?: string): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#inbox.discard();
    this.#outgoing.discard();
    const { host, port } = this.target;
    const syscall = connected ? 'read' : 'connect';
    this.#handler.onError(connectionError(code, syscall, { address: host, port }, detail));
  }

  /** The reader stands still, and there is no way to tell the relay. */
  #overflow(): void {
    this.#link.outbox.send(encodeClose(this.id, CloseReason.clientError));
    this.#leave();
    this.#fail('ENOBUFS', true, 'the reader is too slow for a relay without credits');
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#linger?.stop();
    this.#link.remove(this);
  }

  // --- Reading.

  resume(): void {
    this.#inbox.resume();
  }

  pause(): void {
    this.#inbox.pause();
  }

  #taken(bytes: number): void {
    const window = this.#features?.window ?? null;
    if (window === null || this.#over || this.#inbox.ended) return;
    this.#owed += bytes;
    if (this.#owed < window / 2) return;
    this.#link.outbox.send(encodeCredit(this.id, this.#owed));
    this.#granted += this.#owed;
    this.#owed = 0;
  }

  // --- Writing.

  get unsent(): number {
    return this.#outgoing.unsent;
  }

  write(chunks: readonly Uint8Array[], done: Done): void {
    if (this.#over) return soon(() => done(connectionError('EPIPE', 'write')));
    this.#outgoing.put(chunks, done);
    if (this.id !== 0) this.#link.outbox.ready(this);
  }

  end(done: Done): void {
    if (this.#over) return soon(done);
    this.#outgoing.put([], done);
    this.#end = 'wanted';
    this.#link.outbox.ready(this);
  }

  next(): Uint8Array | null {
    if (this.#over) return null;
    if (this.unsent === 0) return this.#nextEnd();
    if (this.#packets === 0) return null;
    this.#packets -= 1;
    return this.#nextData();
  }

  sent(): boolean {
    if (this.unsent > 0) return this.#packets > 0;
    if (this.#opened) this.#outgoing.finish();
    return false;
  }

  #nextData(): Uint8Array {
    const message = this.#outgoing.take(largestPayload, HEADER_BYTES);
    writeDataHeader(message, this.id);
    return message;
  }

  #nextEnd(): Uint8Array | null {
    if (this.#end !== 'wanted') {
      // A write of nothing.
      this.#outgoing.finish();
      return null;
    }
    this.#end = 'sent';
    if (this.#features!.halfClose) {
      if (this.#inbox.ended) this.#leave();
      return encodeEnd(this.id);
    }
    // To say it would be to hang up. The peer usually ends as well, now; if not, silence is what it has to say.
    this.#linger = new InactivityTimer(() => this.#hangUp());
    this.#linger.start(this.#link.settings.lingerTimeout);
    this.#outgoing.finish();
    return null;
  }

  #hangUp(): void {
    this.#link.outbox.send(encodeClose(this.id, CloseReason.voluntary));
    this.#leave();
    this.#inbox.end();
  }

  destroy(reset: boolean): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#inbox.discard();
    if (this.#over) return;
    if (this.id === 0) return this.#leave();
    // What was written before an orderly end arrives, as far as the relay takes it now.
    while (!reset && this.unsent > 0 && this.#packets > 0) {
      this.#packets -= 1;
      this.#link.outbox.send(this.#nextData());
    }
    this.#link.outbox.send(encodeClose(this.id, reset ? CloseReason.networkError : CloseReason.voluntary));
    this.#outgoing.discard();
    this.#leave();
  }
}
