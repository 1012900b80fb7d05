/**
 * The transport of relays that give each connection a WebSocket of its own, at `URL` + `HOST:PORT`. Binary messages are the
 * bytes; closing is the end, of both directions. A relay of this project knows more, by text messages (wisp/control.ts), when
 * the option `extensions` says that it is one.
 */
import type { Channel, ChannelHandler, Target, Transport } from './channel.js';
import { missingArguments } from './errors.js';
import { isIP } from './ip.js';
import { Outbox } from './outbox.js';
import { RelayChannel } from './relay-channel.js';
import type { RelaySettings } from './relay-options.js';
import { displayUrl, relayEnd, Wire, type WireEnd } from './wire.js';
import { formatControl, ONE_SOCKET_SUBPROTOCOL, parseControl } from './wisp/control.js';

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

class WebSocketChannel extends RelayChannel {
  protected readonly outbox: Outbox;
  protected readonly canSend = true;
  readonly #wire: Wire;
  #closeCode: number | undefined;

  constructor(settings: RelaySettings, target: Target, handler: ChannelHandler) {
    super(settings, target, handler);
    const { WebSocket, connectTimeout, extensions } = settings;
    const subprotocols = [extensions ? ONE_SOCKET_SUBPROTOCOL : null];
    this.#wire = new Wire(
      { url: urlOf(settings.url, target), WebSocket, subprotocols, connectTimeout },
      {
        onOpen: () => this.#onOpen(),
        onMessage: (message) => this.#onMessage(message),
        onClose: (end) => this.#onClose(end),
      },
    );
    this.outbox = new Outbox(this.#wire);
  }

  // --- What the relay tells.

  #onOpen(): void {
    const { extensions, window } = this.settings;
    this.begin({ window: extensions ? window : null, halfClose: extensions });
    if (extensions) this.sendCredit(window);
    else this.open();
  }

  #onMessage(message: Uint8Array | string): void {
    const wrong = typeof message === 'string' ? this.#onText(message) : this.#onData(message);
    if (wrong !== null) this.#violation(wrong);
    this.outbox.flush();
  }

  /** @returns what is wrong with it */
  #onText(message: string): string | null {
    const control = this.settings.extensions ? parseControl(message) : null;
    switch (control?.type) {
      case 'open':
        this.heard = true;
        this.open();
        return null;
      case 'end':
        return this.opened ? this.receivedEnd() : 'an end out of place';
      case 'error':
        this.fail(control.code, this.heard);
        return null;
      default:
        return 'an unknown text message';
    }
  }

  /** @returns what is wrong with it */
  #onData(bytes: Uint8Array): string | null {
    return this.opened ? this.received(bytes) : 'data out of place';
  }

  #onClose(end: WireEnd): void {
    if (this.over) return;
    const [code, what] = relayEnd(end);
    // A relay may name the reason, even to those who do not know its text messages.
    const named = /^E[A-Z]{3,20}$/.test(end.reason) ? end.reason : null;
    const isOrderly = end.phase === 'open' && this.opened && (end.code === 1000 || end.code === 1005);
    if (named !== null) this.fail(named, this.heard);
    else if (isOrderly) this.closed();
    else this.fail(code, this.opened, `the relay ${displayUrl(this.settings.url)} ${what}`);
  }

  #violation(what: string): void {
    this.fail('ECONNRESET', this.opened, `the relay ${displayUrl(this.settings.url)} broke the protocol: ${what}`);
  }

  protected letGo(): void {
    this.outbox.stop();
    // Behind what has been handed over.
    this.#wire.close(this.#closeCode);
  }

  // --- Reading.

  protected sendCredit(bytes: number): void {
    this.#wire.send(formatControl({ type: 'credit', bytes }));
  }

  release(chunk: Uint8Array): void {
    this.#wire.release(chunk);
  }

  // --- Writing.

  next(): Uint8Array | null {
    if (this.over) return null;
    return this.unsent > 0 ? this.#nextMessage() : this.nextEnd();
  }

  sent(): boolean {
    if (this.unsent > 0) return true;
    this.outgoing.finish();
    return false;
  }

  #nextMessage(): Uint8Array {
    return this.outgoing.take(largestMessage, 0, this.outbox.room);
  }

  protected sayEnd(): null {
    this.#wire.send(formatControl({ type: 'end' }));
    return null;
  }

  destroy(reset: boolean): void {
    if (this.destroyed) return;
    this.destroyed = true;
    while (!reset && !this.over && this.unsent > 0) this.#wire.send(this.#nextMessage());
    this.discard();
    if (reset) this.#closeCode = resetCode;
    this.leave();
  }
}
