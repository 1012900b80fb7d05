/** A connection over a pair of the WHATWG's streams: of WebTransport, of a serial port, of another program's making. */
import { invalidArgType } from '../common/errors.js';
import type { Channel, ChannelHandler, Done, Target, Transport } from './channel.js';
import { connectionError } from './errors.js';
import { Inbox } from './inbox.js';
import { joined } from './outgoing.js';

interface Reader {
  read(): Promise<{ done: boolean; value?: unknown }>;
  cancel(reason?: unknown): Promise<void>;
}

interface Writer {
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
}

/** The part of `{ readable, writable }` that is used. Chunks are bytes: a typed array, a DataView or an ArrayBuffer. */
export interface StreamPair {
  readonly readable: { getReader(): Reader };
  readonly writable: { getWriter(): Writer };
}

/** One pair, for one connection; or a function that opens one for each. */
export type StreamSource = StreamPair | ((target: Target) => StreamPair | Promise<StreamPair>);

export function isStreamPair(value: unknown): value is StreamPair {
  return typeof value === 'object' && value !== null && 'readable' in value && 'writable' in value;
}

function toBytes(value: unknown): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : null;
}

const ignore = (): void => {};

class StreamChannel implements Channel {
  readonly #handler: ChannelHandler;
  readonly #inbox: Inbox;
  #reader: Reader | null = null;
  #writer: Writer | null = null;
  #reading = false;
  #writerClosed = false;
  #destroyed = false;

  constructor(pair: Promise<StreamPair>, handler: ChannelHandler) {
    this.#handler = handler;
    this.#inbox = new Inbox(handler);
    pair.then(
      (opened) => this.#open(opened),
      (error: unknown) => this.#fail(error, 'connect'),
    );
  }

  #open({ readable, writable }: StreamPair): void {
    try {
      this.#reader = readable.getReader();
      this.#writer = writable.getWriter();
    } catch (error) {
      // A pair is for one connection, and somebody has it already.
      return this.#fail(error, 'connect');
    }
    if (this.#destroyed) this.#letGo(undefined);
    else this.#handler.onOpen();
  }

  #fail(error: unknown, syscall: 'connect' | 'read'): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#inbox.discard();
    this.#letGo(error);
    // What broke knows best why.
    this.#handler.onError(error instanceof Error ? error : connectionError('ECONNRESET', syscall, {}, String(error)));
  }

  #letGo(reason: unknown): void {
    this.#reader?.cancel(reason).catch(ignore);
    if (!this.#writerClosed) this.#writer?.abort(reason).catch(ignore);
  }

  resume(): void {
    this.#inbox.resume();
    this.#read();
  }

  pause(): void {
    this.#inbox.pause();
  }

  /** One chunk at a time, and none that nobody wants: that is how these streams hold their source back. */
  #read(): void {
    if (this.#reading || this.#destroyed || this.#inbox.ended || !this.#inbox.flowing) return;
    this.#reading = true;
    this.#reader!.read().then(
      ({ done, value }) => {
        this.#reading = false;
        if (this.#destroyed) return;
        const bytes = done ? null : toBytes(value);
        if (done) this.#inbox.end();
        else if (bytes === null) this.#fail(invalidArgType('chunk', ['Uint8Array', 'ArrayBuffer'], value), 'read');
        else this.#inbox.receive(bytes);
        this.#read();
      },
      (error: unknown) => this.#fail(error, 'read'),
    );
  }

  write(chunks: readonly Uint8Array[], done: Done): void {
    // A stream may keep what it is given for longer than the writer leaves it alone.
    this.#writer!.write(joined(chunks)).then(
      () => void (this.#destroyed || done()),
      (error: unknown) => this.#fail(error, 'read'),
    );
  }

  end(done: Done): void {
    this.#writerClosed = true;
    this.#writer!.close().then(
      () => void (this.#destroyed || done()),
      (error: unknown) => this.#fail(error, 'read'),
    );
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#inbox.discard();
    this.#letGo(undefined);
  }
}

/** A transport over such streams; with one pair it makes one connection, and the port of a target says nothing. */
export function streamTransport(source: StreamSource): Transport {
  return {
    portless: true,
    connect(target, handler) {
      const pair = typeof source === 'function' ? Promise.resolve(target).then(source) : Promise.resolve(source);
      return new StreamChannel(pair, handler);
    },
  };
}
