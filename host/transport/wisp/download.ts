/**
 * The second channel of a link: the body of a response, which a browser reads several times as fast as the messages of a
 * WebSocket. It is only begun by those who download much, and only used once it has shown that nobody on the way holds it
 * back: two probes come by it, the second when the first has been answered over the WebSocket. After that the relay says
 * SWITCH there, and then nothing more: what it says from then on is in the body. Until then a failure is none, and the
 * WebSocket goes on alone; afterwards it is that of the link.
 */
import { soon } from '../turns.js';
import { parsePacket } from './frames.js';
import { PacketReader } from './packet-stream.js';

export interface DownloadOwner {
  /** To be repeated on the WebSocket. */
  onProbe(nonce: Uint8Array): void;
  /** @param lent it is in memory that is read into again; who keeps it there says so by `keep()`, at once */
  onData(streamId: number, bytes: Uint8Array, lent: boolean): void;
  onPacket(packet: Uint8Array): void;
  /** What was read has been handed over. */
  onRead(): void;
  /** Nothing comes any more. @param wrong what the relay did that it may not, after its SWITCH */
  onEnd(wrong: string | null): void;
}

/** What is read at once: much, and little enough to be in the processor's caches still when it is used. */
const readBytes = 256 * 1024;
/** As long as there is a little to read everything else waits; not longer than that, in ms. */
const longestTurn = 8;
/** What was on its way when the link was closed has so long to end in order, in ms. */
const farewell = 2000;
const probesNeeded = 2;

/** Without a header of its own, for which a browser would ask first; the types of Node's do not know `cache`. */
const asked: RequestInit & { cache: string } = {
  method: 'POST',
  credentials: 'omit',
  cache: 'no-store',
  redirect: 'error',
  referrerPolicy: 'no-referrer',
};

/** The URL of the same endpoint for HTTP, with what the relay knows the link by. */
export function downloadUrl(relay: URL, token: Uint8Array): URL {
  const url = new URL(relay);
  url.protocol = url.protocol.replace(/^ws/, 'http');
  // fetch() refuses a URL that has them.
  url.username = url.password = '';
  url.searchParams.set('download', Array.from(token, (byte) => byte.toString(16).padStart(2, '0')).join(''));
  return url;
}

export class Download {
  readonly #owner: DownloadOwner;
  readonly #abort = new AbortController();
  readonly #packets: PacketReader;
  #probes = 0;
  #switched = false;
  /** The relay has said SWITCH. */
  #onSwitched: () => void = () => {};
  /** What was read last is in the reader's memory. */
  #lent = false;
  /** Somebody keeps some of it there. */
  #kept = false;
  #wrong: string | null = null;
  #closed = false;
  #over = false;
  #timer: ReturnType<typeof setTimeout>;

  /** @param patience ms until it has to have shown that it is not held back */
  constructor(url: URL, patience: number, owner: DownloadOwner) {
    this.#owner = owner;
    this.#packets = new PacketReader({
      onData: (streamId, part) => this.#onData(streamId, part),
      onPacket: (packet) => this.#onPacket(packet),
    });
    this.#timer = setTimeout(() => this.#abort.abort(), patience);
    void this.#run(url);
  }

  /** The relay has gone over to it, whatever became of it since. */
  get switched(): boolean {
    return this.#switched;
  }

  /** Everything that the relay says comes by it. */
  get carries(): boolean {
    return this.#switched && !this.#over;
  }

  get over(): boolean {
    return this.#over;
  }

  /** The relay goes over to it. @returns false when it may not */
  switch(): boolean {
    if (this.#probes < probesNeeded || this.#switched) return false;
    this.#switched = true;
    this.#onSwitched();
    return true;
  }

  /** Of the bytes that are handed over just now somebody keeps some, and not as a copy. */
  keep(): void {
    this.#kept = true;
  }

  /** The owner hears nothing any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onSwitched();
    clearTimeout(this.#timer);
    if (!this.carries) this.#abort.abort();
    // The relay ends it, as it hears that the WebSocket is closed. To break it off would look like an accident.
    else this.#timer = setTimeout(() => this.#abort.abort(), farewell);
  }

  // --- Reading.

  async #run(url: URL): Promise<void> {
    try {
      const response = await fetch(url, { ...asked, signal: this.#abort.signal });
      if (isDownload(response) && response.body !== null) await this.#readAll(response.body);
    } catch {
      // A policy, a proxy, the network: that it is over is all that matters.
    } finally {
      this.#abort.abort();
      clearTimeout(this.#timer);
      this.#over = true;
      // Before the SWITCH it may have been anybody who answered.
      if (!this.#closed) this.#owner.onEnd(this.#switched ? this.#wrong : null);
    }
  }

  async #readAll(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = new BodyReader(body);
    let since = performance.now();
    for (;;) {
      if (this.#probes === probesNeeded && !this.#switched) await this.#untilSwitched();
      const read = await reader.read();
      if (read === null) return;
      // A link that is closed waits for the end alone.
      if (this.#closed) continue;
      this.#lent = read.lent;
      this.#kept = false;
      if (!this.#packets.read(read.bytes)) this.#wrong ??= 'what is no packet';
      if (this.#wrong !== null) return;
      if (read.lent && !this.#kept) reader.reuse(read.bytes);
      if (!this.#closed) this.#handOver(() => this.#owner.onRead());
      // Behind much there is a task for others: who took it may have to rest, and would be given the next in vain.
      if (read.bytes.length < readBytes && performance.now() - since < longestTurn) continue;
      await new Promise<void>((resolve) => soon(resolve));
      since = performance.now();
    }
  }

  async #untilSwitched(): Promise<void> {
    if (!this.#closed) await new Promise<void>((resolve) => (this.#onSwitched = resolve));
  }

  #onData(streamId: number, part: Uint8Array): void {
    if (this.#closed) return;
    if (this.#switched) this.#handOver(() => this.#owner.onData(streamId, part, this.#lent));
    else this.#wrong ??= 'data before a SWITCH';
  }

  /** A listener that throws is no fault of the relay's: what else has come is for others. */
  #handOver(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.keep();
      soon(() => {
        throw error;
      });
    }
  }

  #onPacket(packet: Uint8Array): void {
    if (this.#closed) return;
    if (this.#switched) return this.#handOver(() => this.#owner.onPacket(packet));
    const parsed = parsePacket(packet);
    if (parsed.type !== 'probe' || this.#probes === probesNeeded) {
      this.#wrong ??= 'something else than a probe before a SWITCH';
      return;
    }
    this.#probes += 1;
    if (this.#probes === probesNeeded) clearTimeout(this.#timer);
    this.#owner.onProbe(parsed.nonce);
  }
}

/** A login page or an application's own answer to everything is none. */
function isDownload({ ok, headers }: Response): boolean {
  return ok && /^application\/octet-stream *(;|$)/i.test(headers.get('Content-Type') ?? '');
}

/** Reads into memory that is lent, the same again and again; where a browser cannot do that, in pieces of its own. */
class BodyReader {
  readonly #lender: ReadableStreamBYOBReader | null = null;
  readonly #giver: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #memory: ArrayBuffer | null = null;

  constructor(body: ReadableStream<Uint8Array>) {
    try {
      this.#lender = body.getReader({ mode: 'byob' });
    } catch {
      // Not every browser can do that with a response.
      this.#giver = body.getReader();
    }
  }

  /** @returns null at the end */
  async read(): Promise<{ bytes: Uint8Array; lent: boolean } | null> {
    if (this.#lender === null) {
      const { value } = await this.#giver!.read();
      return value === undefined ? null : { bytes: value, lent: false };
    }
    const memory = this.#memory ?? new ArrayBuffer(readBytes);
    this.#memory = null;
    const { done, value } = await this.#lender.read(new Uint8Array(memory));
    return done ? null : { bytes: value, lent: true };
  }

  /** What was lent may be read over. */
  reuse({ buffer }: Uint8Array): void {
    this.#memory = buffer as ArrayBuffer;
  }
}
