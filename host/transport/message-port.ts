/**
 * Connections between windows, workers and Node's worker threads, over a MessagePort. What is posted on the port itself:
 *
 *     { connect: [host, port], channel: MessagePort }    a new connection, which has a port of its own
 *
 * and on the port of a connection, by either side unless said otherwise:
 *
 *     Uint8Array               bytes; its buffer is transferred
 *     { open: addresses }      by the side that accepted, in front of everything else
 *     { credit: bytes }        so many more bytes may be sent; before the first none
 *     { end: true }            no more bytes come
 *     { error: code }          the connection is over, by ECONNREFUSED, ECONNRESET or another of Node's codes
 *     { close: true }          it is over in order: nobody listens any more
 */
import type {
  Addresses,
  Channel,
  ChannelHandler,
  Done,
  Listener,
  ListenerHandler,
  ListenTarget,
  Target,
  Transport,
} from './channel.js';
import { connectionError } from './errors.js';
import { Inbox } from './inbox.js';
import { Outgoing } from './outgoing.js';
import { firstEphemeralPort, lastPort } from './ports.js';
import { soon } from './turns.js';

/** The part of a MessagePort that is used; the browsers' and that of Node's worker_threads both have it. */
export interface MessagePortLike {
  onmessage: ((event: never) => void) | null;
  postMessage(message: unknown, transfer: never[]): void;
  close(): void;
  addEventListener?(event: string, listener: () => void): void;
  ref?(): void;
  unref?(): void;
}

/** Bytes that the other side may send ahead of the reader. */
const window = 1024 * 1024;
const largestMessage = 64 * 1024;
const connectTimeout = 10_000;

interface Control {
  readonly open?: unknown;
  readonly credit?: unknown;
  readonly end?: unknown;
  readonly error?: unknown;
  readonly close?: unknown;
}

type Listening = (port: MessagePortLike, target: Target) => void;

export function isMessagePort(value: unknown): value is MessagePortLike {
  return typeof value === 'object' && value !== null && 'postMessage' in value && 'onmessage' in value;
}

class PortChannel implements Channel {
  readonly #port: MessagePortLike;
  readonly #target: Target;
  readonly #handler: ChannelHandler;
  readonly #inbox: Inbox;
  readonly #outgoing = new Outgoing();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #opened: boolean;
  /** The peer is gone, in order. */
  #closed = false;
  #destroyed = false;
  /** Bytes that this side may send. */
  #credit = 0;
  /** Bytes that the other side may send. */
  #granted = 0;
  #owed = 0;

  /** @param accepted by the side that opens it; null at the other */
  constructor(port: MessagePortLike, target: Target, handler: ChannelHandler, accepted: Addresses | null) {
    this.#port = port;
    this.#target = target;
    this.#handler = handler;
    this.#inbox = new Inbox(handler, (bytes) => this.#taken(bytes));
    this.#opened = accepted !== null;
    port.onmessage = ({ data }: { data: unknown }) => this.#onMessage(data);
    port.addEventListener?.('close', () => this.#fail('ECONNRESET'));
    if (accepted !== null) this.#post({ open: accepted });
    else this.#timer = setTimeout(() => this.#fail('ETIMEDOUT'), connectTimeout);
    this.#grant(window);
  }

  #post(message: Control): void {
    this.#port.postMessage(message, []);
  }

  #onMessage(data: unknown): void {
    if (this.#destroyed) return;
    if (data instanceof Uint8Array) return this.#onBytes(data);
    const { open, credit, end, error, close }: Control = typeof data === 'object' && data !== null ? data : {};
    if (open !== undefined) this.#onOpen(open);
    else if (credit !== undefined) this.#onCredit(credit);
    else if (end !== undefined && this.#opened) this.#inbox.end();
    else if (error !== undefined) this.#fail(typeof error === 'string' ? error : 'ECONNRESET');
    else if (close !== undefined && this.#opened) this.#onClose();
    else this.#fail('EPROTO');
  }

  #onOpen(addresses: unknown): void {
    if (this.#opened || typeof addresses !== 'object') return this.#fail('EPROTO');
    clearTimeout(this.#timer);
    this.#opened = true;
    this.#handler.onOpen((addresses ?? {}) as Addresses);
  }

  #onBytes(bytes: Uint8Array): void {
    this.#granted -= bytes.length;
    if (this.#granted < 0 || !this.#opened || this.#inbox.ended) return this.#fail('EPROTO');
    this.#inbox.receive(bytes);
  }

  #onCredit(bytes: unknown): void {
    if (!Number.isSafeInteger(bytes) || (bytes as number) <= 0) return this.#fail('EPROTO');
    this.#credit += bytes as number;
    this.#flush();
  }

  #onClose(): void {
    this.#closed = true;
    this.#outgoing.finish();
    this.#inbox.end();
  }

  #fail(code: string): void {
    if (this.#destroyed || this.#closed) return;
    const syscall = this.#opened ? 'read' : 'connect';
    const { host, port } = this.#target;
    if (code === 'EPROTO') this.#post({ error: 'ECONNRESET' });
    this.#letGo();
    this.#handler.onError(connectionError(code, syscall, { address: host, port }));
  }

  #letGo(): void {
    this.#destroyed = true;
    clearTimeout(this.#timer);
    this.#inbox.discard();
    this.#outgoing.discard();
    this.#port.onmessage = null;
    this.#port.close();
  }

  resume(): void {
    this.#inbox.resume();
  }

  pause(): void {
    this.#inbox.pause();
  }

  #taken(bytes: number): void {
    if (this.#destroyed || this.#inbox.ended) return;
    this.#owed += bytes;
    if (this.#owed >= window / 2) this.#grant(this.#owed);
  }

  #grant(bytes: number): void {
    this.#post({ credit: bytes });
    this.#granted += bytes;
    this.#owed = 0;
  }

  get unsent(): number {
    return this.#outgoing.unsent;
  }

  write(chunks: readonly Uint8Array[], done: Done): void {
    if (this.#closed) return soon(() => done(connectionError('EPIPE', 'write')));
    this.#outgoing.put(chunks, done);
    // Later in this turn, so that small writes come together.
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    while (this.unsent > 0 && this.#credit > 0) {
      const bytes = this.#outgoing.take(Math.min(largestMessage, this.#credit), 0);
      this.#credit -= bytes.length;
      this.#port.postMessage(bytes, [bytes.buffer as never]);
    }
    if (this.unsent === 0) this.#outgoing.finish();
  }

  end(done: Done): void {
    if (!this.#closed) this.#post({ end: true });
    soon(() => void (this.#destroyed || done()));
  }

  destroy(reset: boolean): void {
    if (this.#destroyed) return;
    if (!reset) this.#flush();
    // Bytes that nobody took are lost, and their sender is to know.
    const lost = reset || this.#inbox.bytes > 0;
    this.#post(lost ? { error: 'ECONNRESET' } : { close: true });
    this.#letGo();
  }

  ref(): void {
    this.#port.ref?.();
  }

  unref(): void {
    this.#port.unref?.();
  }
}

class PortTransport implements Transport {
  readonly #port: MessagePortLike;
  readonly #listening = new Map<number, Listening>();

  constructor(port: MessagePortLike) {
    this.#port = port;
    port.onmessage = ({ data }: { data: unknown }) => this.#onMessage(data);
    port.unref?.();
  }

  connect(target: Target, handler: ChannelHandler): Channel {
    const { port1, port2 } = new MessageChannel() as unknown as { port1: MessagePortLike; port2: MessagePortLike };
    const channel = new PortChannel(port1, target, handler, null);
    this.#port.postMessage({ connect: [target.host, target.port ?? 0], channel: port2 }, [port2 as never]);
    return channel;
  }

  listen({ host, port: wanted }: ListenTarget, handler: ListenerHandler): Listener {
    const port = wanted === 0 ? this.#freePort() : wanted;
    if (this.#listening.has(port)) {
      soon(() => handler.onError(connectionError('EADDRINUSE', 'listen', { address: host || undefined, port })));
      return { close: () => {} };
    }
    this.#listening.set(port, (channel, target) => {
      const addresses = { localPort: port };
      handler.onConnection({
        addresses,
        accept: (channelHandler) => new PortChannel(channel, target, channelHandler, { remotePort: port }),
        refuse: () => refuse(channel, 'ECONNRESET'),
      });
    });
    this.#port.ref?.();
    soon(() => void (this.#listening.has(port) && handler.onListening({ address: host || 'localhost', port })));
    return {
      close: () => {
        this.#listening.delete(port);
        if (this.#listening.size === 0) this.#port.unref?.();
      },
      ref: () => this.#port.ref?.(),
      unref: () => this.#port.unref?.(),
    };
  }

  #freePort(): number {
    for (let port = firstEphemeralPort; port <= lastPort; ++port) {
      if (!this.#listening.has(port)) return port;
    }
    return firstEphemeralPort;
  }

  #onMessage(data: unknown): void {
    const { connect, channel } = ((typeof data === 'object' ? data : null) ?? {}) as Record<string, unknown>;
    if (!Array.isArray(connect) || !isMessagePort(channel)) return;
    const [host, port] = connect as unknown[];
    const target: Target = { host: String(host), port: Number(port) };
    const listening = this.#listening.get(Number(port));
    if (listening === undefined) refuse(channel, 'ECONNREFUSED');
    else listening(channel, target);
  }
}

function refuse(port: MessagePortLike, code: string): void {
  port.postMessage({ error: code }, []);
  port.close();
}

/** The transport to whoever holds the other end of the port, and has a transport over it as well. */
export function messagePortTransport(port: MessagePortLike): Transport & Required<Pick<Transport, 'listen'>> {
  return new PortTransport(port);
}
