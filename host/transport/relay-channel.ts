/**
 * What the two kinds of channels to a relay have in common, streams of a Wisp connection and WebSockets of their own: what
 * is granted to the relay and what it has used of it, the write under way, the ends of both directions, and that the handler
 * hears of the end of it all once.
 */
import { InactivityTimer } from '../common/inactivity-timer.js';
import type { Channel, ChannelHandler, Done, Target } from './channel.js';
import { connectionError } from './errors.js';
import { Inbox } from './inbox.js';
import type { Outbox, Source } from './outbox.js';
import { Outgoing } from './outgoing.js';
import type { RelaySettings } from './relay-options.js';
import { soon } from './turns.js';

/** What a relay has agreed to. */
export interface Terms {
  /** Bytes granted at first; null without credits. */
  readonly window: number | null;
  /** There is a word for the end of one direction. */
  readonly halfClose: boolean;
}

export abstract class RelayChannel implements Channel, Source {
  readonly target: Target;
  protected readonly settings: RelaySettings;
  protected readonly inbox: Inbox;
  protected readonly outgoing = new Outgoing();
  /** Null until the relay is there. */
  protected terms: Terms | null = null;
  /** Told to the handler. */
  protected opened = false;
  /** The target has been heard of, by the relay's word or by its bytes. */
  protected heard = false;
  /** Nothing is sent or expected any more. */
  protected over = false;
  protected destroyed = false;
  readonly #handler: ChannelHandler;
  #ending: 'open' | 'wanted' | 'sent' = 'open';
  #linger: InactivityTimer | null = null;
  /** Bytes that the relay may still send. */
  #granted = 0;
  /** Taken by the reader, and not granted anew yet. */
  #owed = 0;

  protected constructor(settings: RelaySettings, target: Target, handler: ChannelHandler) {
    this.settings = settings;
    this.target = target;
    this.#handler = handler;
    this.inbox = new Inbox(handler, (bytes) => this.#taken(bytes));
  }

  protected abstract get outbox(): Outbox;
  /** Whether a write can go out; if not, something else calls for its turn. */
  protected abstract get canSend(): boolean;
  abstract next(): Uint8Array | null;
  abstract sent(): boolean;
  abstract destroy(reset: boolean): void;
  abstract release(chunk: Uint8Array): void;
  protected abstract sendCredit(bytes: number): void;
  /** The relay's word for the end of this direction: the message, or null when it has gone out. */
  protected abstract sayEnd(): Uint8Array | null;
  /** Lets go of the relay. Once, with `over` set. */
  protected abstract letGo(): void;

  // --- What the relay tells.

  protected begin(terms: Terms): void {
    this.terms = terms;
    this.#granted = terms.window ?? 0;
  }

  protected open(): void {
    if (this.opened || this.destroyed) return;
    this.opened = true;
    this.#handler.onOpen();
    // What went out before that.
    if (this.unsent === 0) this.outgoing.finish();
  }

  /** @returns what is wrong with it */
  protected received(bytes: Uint8Array): string | null {
    if (this.inbox.ended) return 'data behind an end';
    this.heard = true;
    this.open();
    if (this.destroyed) return null;
    this.#linger?.refresh();
    const { window } = this.terms!;
    if (window !== null) {
      this.#granted -= bytes.length;
      if (this.#granted < 0) return 'more data than was granted';
    }
    this.inbox.receive(bytes);
    if (window === null && this.inbox.bytes > this.settings.receiveLimit) this.overflow();
    return null;
  }

  /** @returns what is wrong with it */
  protected receivedEnd(): string | null {
    if (this.inbox.ended) return 'a second end';
    this.heard = true;
    this.open();
    if (this.#ending === 'sent') this.leave();
    this.inbox.end();
    return null;
  }

  /** It is over in order, both ways. */
  protected closed(): void {
    this.leave();
    this.open();
    if (this.destroyed) return;
    // What is on its way out goes where a kernel's buffer would go now; the next write hears of it.
    this.outgoing.finish();
    this.inbox.end();
  }

  /** @param connected as far as the handler knows */
  protected fail(code: string, connected: boolean, detail?: string): void {
    this.leave();
    if (this.destroyed) return;
    this.destroyed = true;
    this.discard();
    const { host, port } = this.target;
    const syscall = connected ? 'read' : 'connect';
    this.#handler.onError(connectionError(code, syscall, { address: host, port }, detail));
  }

  /** The reader stands still, and there is no way to tell the relay. */
  protected overflow(): void {
    this.fail('ENOBUFS', true, 'the reader is too slow for a relay without credits');
  }

  protected discard(): void {
    this.inbox.discard();
    this.outgoing.discard();
  }

  protected leave(): void {
    if (this.over) return;
    this.over = true;
    this.#linger?.stop();
    this.letGo();
  }

  // --- Reading.

  resume(): void {
    this.inbox.resume();
  }

  pause(): void {
    this.inbox.pause();
  }

  #taken(bytes: number): void {
    const window = this.terms?.window ?? null;
    if (window === null || this.over || this.inbox.ended) return;
    this.#owed += bytes;
    if (this.#owed < window / 2) return;
    this.sendCredit(this.#owed);
    this.#granted += this.#owed;
    this.#owed = 0;
  }

  // --- Writing.

  get unsent(): number {
    return this.outgoing.unsent;
  }

  write(chunks: readonly Uint8Array[], done: Done): void {
    if (this.over) return soon(() => done(connectionError('EPIPE', 'write')));
    this.outgoing.put(chunks, done);
    if (this.canSend) this.outbox.ready(this);
  }

  end(done: Done): void {
    if (this.over) return soon(done);
    this.outgoing.put([], done);
    this.#ending = 'wanted';
    if (this.canSend) this.outbox.ready(this);
  }

  /** When everything that was written has gone out. */
  protected nextEnd(): Uint8Array | null {
    const isWanted = this.#ending === 'wanted';
    let message: Uint8Array | null = null;
    if (isWanted) {
      this.#ending = 'sent';
      if (this.terms!.halfClose) {
        message = this.sayEnd();
        if (this.inbox.ended) this.leave();
      } else {
        // To say it would be to hang up. The peer usually ends as well, now; if not, silence is what it has to say.
        this.#linger = new InactivityTimer(() => this.hangUp());
        this.#linger.start(this.settings.lingerTimeout);
      }
    }
    if (message === null) this.outgoing.finish();
    return message;
  }

  protected hangUp(): void {
    this.leave();
    this.inbox.end();
  }
}
