/**
 * The transport of relays that give each connection a WebSocket of its own, at `URL` + `HOST:PORT`. Binary messages are the
 * bytes; closing is the end, of both directions. A relay of this project knows more, by text messages (wisp/control.ts), when
 * the option `extensions` says that it is one.
 */
import { InactivityTimer } from '../common/inactivity-timer.js';
import type { Channel, ChannelHandler, Done, Target, Transport } from './channel.js';
import { connectionError, missingArguments } from './errors.js';
import { Inbox } from './inbox.js';
import { isIP } from './ip.js';
import { Outbox, type Source } from './outbox.js';
import { Outgoing } from './outgoing.js';
import type { RelaySettings } from './relay-options.js';
import { soon } from './turns.js';
import { displayUrl, relayEnd, Wire, type WireEnd } from './wire.js';
import { formatControl, ONE_SOCKET_SUBPROTOCOL, parseControl, type Control } from './wisp/control.js';

const largestMessage = 64 * 1024;
/** Not that of an orderly close; 4000 to 4999 are for applications. */
const resetCode = 4001;

function urlOf(base: URL, { host, port }: Target): URL {
  const url = new URL(base);
  url.pathname += `${isIP(host) === 6 ? `[${host}]` : encodeURIComponent(host)}:${port}`;
  return url;
}

export class WebSocketTransport implements Transport {
  readonly #settings: RelaySettings;

  constructor(settings: RelaySettings) {
    this.#settings = settings;
  }

  connect(target: Target, handler: ChannelHandler): Channel {
    if (target.port === undefined) throw missingArguments();
    return new WebSocketChannel(this.#settings, target, handler);
  }
}

class WebSocketChannel implements Channel, Source {
  readonly #settings: RelaySettings;
  readonly #target: Target;
  readonly #handler: ChannelHandler;
  readonly #wire: Wire;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #outgoing = new Outgoing();
  #opened = false;
  /** The target has been heard of, by the relay's word or by its bytes. */
  #heard = false;
  #over = false;
  #destroyed = false;
  #end: 'open' | 'wanted' | 'sent' = 'open';
  #linger: InactivityTimer | null = null;
  /** Bytes that the relay may still send. */
  #granted = 0;
  #owed = 0;

  constructor(settings: RelaySettings, target: Target, handler: ChannelHandler) {
    this.#settings = settings;
    this.#target = target;
    this.#handler = handler;
    this.#inbox = new Inbox(handler, (bytes) => this.#taken(bytes));
    const { WebSocket, connectTimeout } = settings;
    const subprotocols = [settings.extensions ? ONE_SOCKET_SUBPROTOCOL : null];
    this.#wire = new Wire(
      { url: urlOf(settings.url, target), WebSocket, subprotocols, connectTimeout },
      {
        onOpen: () => this.#onOpen(),
        onMessage: (message) => this.#onMessage(message),
        onClose: (end) => this.#onClose(end),
      },
    );
    this.#outbox = new Outbox(this.#wire);
  }

  // --- What the relay tells.

  #onOpen(): void {
    if (this.#settings.extensions) this.#grant(this.#settings.window);
    else this.#open();
  }

  #open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#handler.onOpen();
  }

  #onMessage(message: Uint8Array | string): void {
    if (typeof message === 'string') {
      const control = this.#settings.extensions ? parseControl(message) : null;
      if (control === null || !this.#onControl(control)) this.#violation('an unknown text message');
    } else {
      this.#onData(message);
    }
    this.#outbox.flush();
  }

  /** False when the relay may not say that. */
  #onControl(control: Control): boolean {
    switch (control.type) {
      case 'open':
        this.#heard = true;
        this.#open();
        return true;
      case 'end':
        if (!this.#opened || this.#inbox.ended) return false;
        if (this.#end === 'sent') this.#leave();
        this.#inbox.end();
        return true;
      case 'error':
        this.#fail(control.code, this.#heard);
        return true;
      default:
        return false;
    }
  }

  #onData(bytes: Uint8Array): void {
    if (!this.#opened || this.#inbox.ended) return this.#violation('data out of place');
    this.#heard = true;
    this.#linger?.refresh();
    if (this.#settings.extensions) {
      this.#granted -= bytes.length;
      if (this.#granted < 0) return this.#violation('more data than was granted');
    }
    this.#inbox.receive(bytes);
    if (this.#settings.extensions || this.#inbox.bytes <= this.#settings.receiveLimit) return;
    this.#fail('ENOBUFS', true, 'the reader is too slow for a relay without credits');
  }

  #onClose(end: WireEnd): void {
    if (this.#over) return;
    const [code, what] = relayEnd(end);
    // A relay may name the reason, even to those who do not know its text messages.
    const named = /^E[A-Z]{3,20}$/.test(end.reason) ? end.reason : null;
    const isOrderly = end.phase === 'open' && this.#opened && (end.code === 1000 || end.code === 1005);
    if (named !== null) return this.#fail(named, this.#heard);
    if (!isOrderly) return this.#fail(code, this.#opened, `the relay ${displayUrl(this.#settings.url)} ${what}`);
    this.#leave();
    this.#outgoing.finish();
    this.#inbox.end();
  }

  #violation(what: string): void {
    this.#fail('ECONNRESET', this.#opened, `the relay ${displayUrl(this.#settings.url)} broke the protocol: ${what}`);
  }

  /** @param connected as far as can be said */
  #fail(code: string, connected: boolean, detail?: string): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#letGo();
    const { host, port } = this.#target;
    const syscall = connected ? 'read' : 'connect';
    this.#handler.onError(connectionError(code, syscall, { address: host, port }, detail));
  }

  #letGo(closeCode?: number): void {
    this.#inbox.discard();
    this.#outgoing.discard();
    this.#leave(closeCode);
  }

  #leave(closeCode?: number): void {
    this.#over = true;
    this.#linger?.stop();
    this.#outbox.stop();
    // Behind what has been handed over.
    this.#wire.close(closeCode);
  }

  // --- Reading.

  resume(): void {
    this.#inbox.resume();
  }

  pause(): void {
    this.#inbox.pause();
  }

  #taken(bytes: number): void {
    if (!this.#settings.extensions || this.#over || this.#inbox.ended) return;
    this.#owed += bytes;
    if (this.#owed >= this.#settings.window / 2) this.#grant(this.#owed);
  }

  #grant(bytes: number): void {
    this.#wire.send(formatControl({ type: 'credit', bytes }));
    this.#granted += bytes;
    this.#owed = 0;
  }

  // --- Writing.

  get unsent(): number {
    return this.#outgoing.unsent;
  }

  write(chunks: readonly Uint8Array[], done: Done): void {
    if (this.#over) return soon(() => done(connectionError('EPIPE', 'write')));
    this.#outgoing.put(chunks, done);
    this.#outbox.ready(this);
  }

  end(done: Done): void {
    if (this.#over) return soon(done);
    this.#outgoing.put([], done);
    this.#end = 'wanted';
    this.#outbox.ready(this);
  }

  next(): Uint8Array | null {
    if (this.#over) return null;
    if (this.unsent > 0) return this.#outgoing.take(largestMessage, 0);
    if (this.#end === 'wanted') this.#sendEnd();
    this.#outgoing.finish();
    return null;
  }

  sent(): boolean {
    if (this.unsent > 0) return true;
    this.#outgoing.finish();
    return false;
  }

  #sendEnd(): void {
    this.#end = 'sent';
    if (this.#settings.extensions) {
      this.#wire.send(formatControl({ type: 'end' }));
      if (this.#inbox.ended) this.#leave();
      return;
    }
    // To say it would be to hang up. The peer usually ends as well, now; if not, silence is what it has to say.
    this.#linger = new InactivityTimer(() => {
      this.#leave();
      this.#inbox.end();
    });
    this.#linger.start(this.#settings.lingerTimeout);
  }

  destroy(reset: boolean): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    while (!reset && !this.#over && this.unsent > 0) this.#wire.send(this.#outgoing.take(largestMessage, 0));
    this.#letGo(reset ? resetCode : undefined);
  }
}
