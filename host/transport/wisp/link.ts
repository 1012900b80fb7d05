/**
 * One WebSocket to a Wisp relay and the streams and listeners that share it.
 *
 * The relay is not trusted to keep to the protocol: what it may not send ends the WebSocket, and each socket hears of it
 * once. Ids are given in order, so that a packet for a stream that is over can be told from one for a stream that never was.
 */
import type { ListenerHandler, ListenTarget } from '../channel.js';
import { Outbox } from '../outbox.js';
import { displayUrl, relayEnd, Wire } from '../wire.js';
import { errorCodeOf } from './close-reasons.js';
import { Download, downloadUrl } from './download.js';
import {
  CloseReason,
  DOWNLOAD_TOKEN_BYTES,
  encodeClose,
  encodeCredentials,
  encodeInfo,
  encodeProbe,
  encodeUint32,
  ExtensionId,
  NO_STREAM,
  parsePacket,
  parseText,
  SERVER_STREAM_BIT,
  WISP_V2_SUBPROTOCOL,
  type Extension,
  type Packet,
} from './frames.js';
import { WispListener } from './listener.js';
import type { RelaySettings } from '../relay-options.js';
import { WispStream } from './stream.js';

type PacketOf<T extends Packet['type']> = Extract<Packet, { type: T }>;

/** What is in force on a link: the relay's window, and the extensions that both sides named. */
export interface Features {
  /** DATA packets that the relay takes on a new stream. */
  readonly packets: number;
  readonly openConfirmation: boolean;
  readonly halfClose: boolean;
  readonly listen: boolean;
  /** Bytes granted to the relay on a new stream; null without credits. */
  readonly window: number | null;
}

const version1: Omit<Features, 'packets'> = {
  openConfirmation: false,
  halfClose: false,
  listen: false,
  window: null,
};

/** WebSocket close codes 4000 to 4999 are for applications. */
const protocolViolation = 4002;

/** Who has got that many bytes may get more, and faster by a response's body. */
const muchBytes = 1024 * 1024;

/** A WebSocket whose download has ended may say so long why, in ms. */
const explanation = 100;

export class WispLink {
  readonly settings: RelaySettings;
  readonly outbox: Outbox;
  readonly #wire: Wire;
  readonly #onClosed: () => void;
  readonly #name: string;
  readonly #streams = new Map<number, WispStream>();
  readonly #listeners = new Map<number, WispListener>();
  /** Until the relay has said hello. */
  readonly #waiting = new Set<WispStream | WispListener>();
  #features: Features | null = null;
  #extensions: Omit<Features, 'packets'> = version1;
  #greeted = false;
  #nextId = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  /** What the relay knows this link by; null where it has no downloads by HTTP, or when there has been one. */
  #token: Uint8Array | null = null;
  #download: Download | null = null;
  /** Of DATA, by the WebSocket. */
  #received = 0;
  /** What became of one way, the WebSocket or the download, while the other has not ended yet. */
  #end: [code: string, what: string] | null = null;

  /** @param onClosed it takes no more streams */
  constructor(settings: RelaySettings, onClosed: () => void) {
    this.settings = settings;
    this.#onClosed = onClosed;
    this.#name = displayUrl(settings.url);
    const { url, WebSocket, connectTimeout, extensions } = settings;
    // A browser fails where the server takes no subprotocol: then without one.
    const subprotocols = extensions ? [WISP_V2_SUBPROTOCOL, null] : [null];
    this.#wire = new Wire(
      { url, WebSocket, subprotocols, connectTimeout },
      {
        onOpen: () => this.#await(connectTimeout, () => this.#lose('ETIMEDOUT', 'does not answer')),
        onMessage: (message) => this.#onMessage(message),
        onClose: (end) => this.#onWireClosed(relayEnd(end)),
      },
    );
    this.outbox = new Outbox(this.#wire);
  }

  // --- Streams and listeners.

  add(stream: WispStream): void {
    clearTimeout(this.#timer);
    if (this.#features === null) this.#waiting.add(stream);
    else this.#start(stream, this.#features);
  }

  listen(target: ListenTarget, handler: ListenerHandler): WispListener {
    const listener = new WispListener(this, target, handler);
    clearTimeout(this.#timer);
    if (this.#features === null) this.#waiting.add(listener);
    else this.#start(listener, this.#features);
    return listener;
  }

  remove(one: WispStream | WispListener): void {
    this.#waiting.delete(one);
    if (one instanceof WispStream) {
      this.#streams.delete(one.id);
      this.outbox.remove(one);
    } else {
      this.#listeners.delete(one.id);
    }
    this.#closeWhenIdle();
  }

  #start(one: WispStream | WispListener, features: Features): void {
    const id = this.#freeId();
    if (one instanceof WispStream) this.#streams.set(id, one);
    else this.#listeners.set(id, one);
    one.start(id, features);
  }

  #freeId(): number {
    do {
      const id = this.#nextId;
      this.#nextId = id === SERVER_STREAM_BIT - 1 ? 1 : id + 1;
      if (!this.#streams.has(id) && !this.#listeners.has(id)) return id;
      // eslint-disable-next-line no-constant-condition
    } while (true);
  }

  /** A connection that waits for nobody, of a listener. */
  refuse(id: number): void {
    this.outbox.send(encodeClose(id, CloseReason.refused));
  }

  adopt(stream: WispStream, id: number): void {
    this.#streams.set(id, stream);
    stream.adopt(id, this.#features!);
  }

  /** Bytes of a message that nobody looks at any more. */
  release(chunk: Uint8Array): void {
    this.#wire.release(chunk);
  }

  // --- From the relay.

  #onMessage(message: Uint8Array | string): void {
    if (typeof message === 'string') return this.#violation('a text message');
    if (this.#download?.switched) return this.#violation('a message behind a SWITCH');
    const packet = parsePacket(message);
    if (this.#features === null) return this.#greeting(packet);
    if (packet.type === 'switch') return this.#onSwitch();
    // Before it is handed over: of what is given back nothing is left.
    if (packet.type === 'data') this.#received += packet.payload.length;
    this.#onPacket(packet);
    if (!this.#closed && this.#token !== null && this.#received > muchBytes) this.#beginDownload(this.#token);
    // What has been sent meanwhile may have made room; a page that is not looked at hardly has timers.
    this.outbox.flush();
  }

  #onPacket(packet: Packet): void {
    switch (packet.type) {
      case 'data':
        this.#onStream(packet.streamId, (stream) => stream.onData(packet.payload));
        break;
      case 'continue':
        this.#onStream(packet.streamId, (stream) => stream.onContinue(packet.packets));
        break;
      case 'close':
        this.#onClosePacket(packet);
        break;
      case 'end':
        if (!this.#features!.halfClose) return this.#violation('an END that was not agreed on');
        this.#onStream(packet.streamId, (stream) => stream.onEnd());
        break;
      case 'listening':
        this.#onListening(packet);
        break;
      case 'accept':
        this.#onAccept(packet);
        break;
      case 'malformed':
        return this.#violation(`a packet that is malformed: ${packet.error}`);
      default:
        return this.#violation(`a packet out of place: ${packet.type}`);
    }
  }

  #onStream(id: number, use: (stream: WispStream) => string | null | void): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined) {
      const wrong = use(stream);
      if (wrong) this.#violation(wrong);
    } else if (!this.#isPast(id)) {
      this.#violation(`a packet for a stream that never was, ${id}`);
    }
  }

  /** The relay's packets and a close may cross; so may a new window for the whole WebSocket, which some send. */
  #isPast(id: number): boolean {
    if (id >= SERVER_STREAM_BIT) return this.#features!.listen;
    return id < this.#nextId;
  }

  /** INFO and CONTINUE, or CONTINUE alone: then it is version 1. */
  #greeting(packet: Packet): void {
    if (packet.type === 'info' && !this.#greeted) return this.#onInfo(packet);
    if (packet.type === 'close' && packet.streamId === NO_STREAM) return this.#onClosePacket(packet);
    if (packet.type !== 'continue' || packet.streamId !== NO_STREAM) {
      return this.#violation('something else than a greeting');
    }
    const features: Features = { ...this.#extensions, packets: packet.packets };
    this.#features = features;
    clearTimeout(this.#timer);
    for (const one of [...this.#waiting]) {
      this.#waiting.delete(one);
      this.#start(one, features);
    }
    this.#closeWhenIdle();
  }

  #onInfo({ extensions }: PacketOf<'info'>): void {
    this.#greeted = true;
    const { credentials, window, onMessageOfTheDay } = this.settings;
    const offered = new Map(extensions.map(({ id, payload }) => [id, payload]));
    const mine: Extension[] = [];
    const agree = (id: number, payload: Uint8Array = new Uint8Array(0)): boolean => {
      if (!offered.has(id)) return false;
      mine.push({ id, payload });
      return true;
    };
    if (credentials !== null) agree(ExtensionId.password, encodeCredentials(credentials));
    else if (offered.get(ExtensionId.password)?.[0] === 1) return this.#lose('EACCES', 'wants a password');
    const message = offered.get(ExtensionId.messageOfTheDay);
    if (message !== undefined && onMessageOfTheDay !== undefined) {
      agree(ExtensionId.messageOfTheDay);
      onMessageOfTheDay(parseText(message) ?? '');
    }
    this.#extensions = {
      openConfirmation: agree(ExtensionId.openConfirmation),
      halfClose: agree(ExtensionId.halfClose),
      listen: agree(ExtensionId.listen),
      window: agree(ExtensionId.credits, encodeUint32(window)) ? window : null,
    };
    const token = offered.get(ExtensionId.download);
    if (this.settings.downloads === 'fetch' && token?.length === DOWNLOAD_TOKEN_BYTES) {
      agree(ExtensionId.download);
      this.#token = token.slice();
    }
    this.outbox.send(encodeInfo(mine));
  }

  #onClosePacket({ streamId, reason }: PacketOf<'close'>): void {
    if (streamId === NO_STREAM) {
      const code = errorCodeOf(reason, { opened: this.#features !== null, toAddress: false }) ?? 'ECONNRESET';
      return this.#lose(code, code === 'EACCES' ? 'wants other credentials' : `hung up, reason ${reason}`);
    }
    const listener = this.#listeners.get(streamId);
    if (listener !== undefined) return listener.onClose(reason);
    this.#onStream(streamId, (stream) => stream.onClose(reason));
  }

  #onListening({ streamId, port, address }: PacketOf<'listening'>): void {
    const listener = this.#listeners.get(streamId);
    if (listener === undefined && this.#features!.listen && this.#isPast(streamId)) return;
    if (listener === undefined || !listener.onListening(address, port)) {
      this.#violation('a LISTENING that nobody asked for');
    }
  }

  #onAccept({ streamId, listenerId, remoteAddress, remotePort }: PacketOf<'accept'>): void {
    const listener = this.#listeners.get(listenerId);
    if (listener === undefined && this.#features!.listen && this.#isPast(listenerId)) return this.refuse(streamId);
    if (!listener?.listening || streamId < SERVER_STREAM_BIT || this.#streams.has(streamId)) {
      return this.#violation('an ACCEPT that cannot be');
    }
    listener.onAccept(streamId, { remoteAddress, remotePort });
  }

  // --- Downloads by HTTP.

  #beginDownload(token: Uint8Array): void {
    this.#token = null;
    this.#download = new Download(downloadUrl(this.settings.url, token), this.settings.connectTimeout, {
      onProbe: (nonce) => this.outbox.send(encodeProbe(nonce)),
      onData: (streamId, bytes, lent) => {
        this.#onStream(streamId, (stream) => stream.onDownload(bytes, lent));
      },
      onPacket: (packet) => this.#onPacket(parsePacket(packet)),
      onRead: () => this.outbox.flush(),
      onEnd: (wrong) => this.#onDownloadEnd(wrong),
    });
  }

  /** Of what the download hands over just now somebody keeps some, and not as a copy. */
  keep(): void {
    this.#download?.keep();
  }

  #onSwitch(): void {
    if (!this.#download?.switch()) return this.#violation('a SWITCH without a download');
    // It broke while the relay went over to it.
    if (this.#download.over) this.#onDownloadEnd(null);
  }

  #onDownloadEnd(wrong: string | null): void {
    if (wrong !== null) return this.#violation(wrong);
    if (!this.#download!.switched) return;
    if (this.#end !== null) return this.#lose(...this.#end);
    // Both ways end together, and the WebSocket says why: it may only be heard of later.
    this.#endsWith(['ECONNRESET', 'is lost (its download broke off)'], explanation);
  }

  #onWireClosed(end: [code: string, what: string]): void {
    if (!this.#download?.carries) return this.#lose(...end);
    this.outbox.hold();
    this.#endsWith(end, this.settings.connectTimeout);
  }

  /** When the other way has ended as well, or after so many ms. */
  #endsWith(end: [code: string, what: string], milliseconds: number): void {
    this.#end = end;
    this.#onClosed();
    this.#await(milliseconds, () => this.#lose(...end));
  }

  // --- The end.

  #await(milliseconds: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, milliseconds);
  }

  #closeWhenIdle(): void {
    const { size: streams } = this.#streams;
    const isIdle = streams + this.#listeners.size + this.#waiting.size === 0;
    const { idleTimeout } = this.settings;
    if (this.#closed || !isIdle || this.#features === null || this.#end !== null || idleTimeout === Infinity) return;
    this.#await(idleTimeout, () => this.#close());
  }

  #violation(what: string): void {
    this.#wire.close(protocolViolation, 'protocol violation');
    this.#lose('ECONNRESET', `broke the protocol: ${what}`);
  }

  /** @param what became of the relay */
  #lose(code: string, what: string): void {
    if (this.#closed) return;
    this.#close();
    const detail = `the relay ${this.#name} ${what}`;
    const concerned = [...this.#waiting, ...this.#streams.values(), ...this.#listeners.values()];
    this.#waiting.clear();
    for (const one of concerned) one.onLost(code, detail);
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.outbox.stop();
    this.#onClosed();
    this.#wire.close();
    this.#download?.close();
  }
}
