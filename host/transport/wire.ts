/** One WebSocket as the transports of this folder use it: opened with the best subprotocol that works, told of once. */
import { noWebSocket } from './errors.js';
import { soon } from './turns.js';

/** The part of the browsers' WebSocket that is used; the one of the npm package `ws` has it as well. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: Uint8Array<ArrayBuffer> | string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike;

export interface WireOptions {
  readonly url: URL;
  readonly WebSocket: WebSocketClass | undefined;
  /** Offered one after the other until the server takes one; null offers none. */
  readonly subprotocols: readonly (string | null)[];
  /** For each of them, in ms. */
  readonly connectTimeout: number;
}

export interface WireEnd {
  /** How far it had come. */
  readonly phase: 'connect' | 'timeout' | 'open';
  /** Of the WebSocket's close. */
  readonly code: number;
  readonly reason: string;
  /** What is known of the reason, or empty. */
  readonly detail: string;
}

export interface WireOwner {
  /** @param offered which of the subprotocols it was that worked */
  onOpen(offered: string | null): void;
  onMessage(message: Uint8Array | string): void;
  onClose(end: WireEnd): void;
}

/** Of ES2024, which not every browser has yet. */
interface Transferable {
  transfer(length: number): unknown;
}

const canRelease = 'transfer' in ArrayBuffer.prototype;

/** Neither credentials nor a token are for messages of errors. */
export function displayUrl({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

/** The end of a WebSocket as an error of those who used it: its code, and what became of the relay. */
export function relayEnd({ phase, detail }: WireEnd): [code: string, what: string] {
  const more = detail === '' ? '' : ` (${detail})`;
  if (phase === 'timeout') return ['ETIMEDOUT', 'does not answer'];
  return phase === 'connect' ? ['ECONNREFUSED', `cannot be reached${more}`] : ['ECONNRESET', `is lost${more}`];
}

export class Wire {
  readonly #options: WireOptions;
  readonly #WebSocket: WebSocketClass;
  readonly #owner: WireOwner;
  #socket: WebSocketLike | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The buffers of messages, as the WebSocket made them for nobody else. */
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  #attempt = 0;
  #phase: 'connect' | 'open' | 'closed' = 'connect';
  #detail = '';

  /** Throws when there is no WebSocket; everything else is told to the owner. */
  constructor(options: WireOptions, owner: WireOwner) {
    const { WebSocket: Global } = globalThis as unknown as { WebSocket?: WebSocketClass };
    const Found = options.WebSocket ?? Global;
    if (Found === undefined) throw noWebSocket();
    this.#WebSocket = Found;
    this.#options = options;
    this.#owner = owner;
    this.#try();
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** What is sent may change as soon as `send()` returns. So it is by the standard; other classes may see it otherwise. */
  get copies(): boolean {
    return this.#options.WebSocket === undefined;
  }

  /**
   * Nobody looks any more at these bytes of a message. Their memory is free at once, and the next message comes into it while
   * it is still warm; the garbage would be collected when there are many megabytes of it.
   */
  release({ buffer }: Uint8Array): void {
    if (this.#buffers.delete(buffer)) (buffer as unknown as Transferable).transfer(0);
  }

  send(message: Uint8Array | string): void {
    if (this.#phase !== 'open') return;
    try {
      this.#socket!.send(message as Uint8Array<ArrayBuffer>);
    } catch (error) {
      // A WebSocket that is closing may refuse, and says so by an event as well.
      this.#detail ||= String(error);
    }
  }

  /** From now on the owner hears nothing. */
  close(code = 1000, reason = ''): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#drop(code, reason);
  }

  #try(): void {
    const offered = this.#options.subprotocols[this.#attempt]!;
    let socket: WebSocketLike;
    try {
      const url = this.#options.url.href;
      socket = offered === null ? new this.#WebSocket(url) : new this.#WebSocket(url, [offered]);
    } catch (error) {
      // It does not want the URL, or the page may not go there.
      soon(() => this.#failed('connect', String(error)));
      return;
    }
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#failed('timeout', ''), this.#options.connectTimeout);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#opened(offered);
    socket.onmessage = ({ data }: { data: unknown }) => this.#arrived(data);
    socket.onerror = (event: { message?: unknown }) => {
      if (typeof event.message === 'string' && event.message !== '') this.#detail = event.message;
    };
    socket.onclose = ({ code, reason = '' }: { code: number; reason?: string }) => {
      const told = reason === '' ? `code ${code}` : `code ${code}, ${reason}`;
      if (this.#phase === 'connect') this.#failed('connect', this.#detail);
      else this.#closed({ phase: 'open', code, reason, detail: told });
    };
  }

  #opened(offered: string | null): void {
    clearTimeout(this.#timer);
    this.#phase = 'open';
    this.#owner.onOpen(offered);
  }

  #arrived(data: unknown): void {
    if (this.#phase !== 'open') return;
    if (typeof data === 'string') this.#owner.onMessage(data);
    else if (ArrayBuffer.isView(data)) {
      this.#owner.onMessage(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    } else {
      if (canRelease && this.#options.WebSocket === undefined) this.#buffers.add(data as ArrayBuffer);
      this.#owner.onMessage(new Uint8Array(data as ArrayBuffer));
    }
  }

  #failed(phase: 'connect' | 'timeout', detail: string): void {
    this.#drop(1000, '');
    this.#attempt += 1;
    // A browser fails the WebSocket when the server takes none of the subprotocols, and does not say that it was this.
    if (this.#attempt < this.#options.subprotocols.length) this.#try();
    else this.#closed({ phase, code: 0, reason: '', detail });
  }

  #closed(end: WireEnd): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#drop(1000, '');
    this.#owner.onClose(end);
  }

  #drop(code: number, reason: string): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // Of `ws` an error without a listener would end the process.
    socket.onerror = () => {};
    socket.close(code, reason);
  }
}
