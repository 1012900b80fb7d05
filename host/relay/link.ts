/**
 * One WebSocket of a client: what both forms of the relay do with it. It batches small messages, says when its sender has to
 * wait (the client reads slowly, or its rate is used up), counts bytes, and notices when the client is gone.
 */
import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';
import { errorCodeOf } from '../transport/wisp/close-reasons.js';
import { encodeSwitch } from '../transport/wisp/frames.js';
import { LENGTH_BYTES, withLength, writeLength } from '../transport/wisp/packet-stream.js';
import type { RelayContext } from './context.js';
import type { DownloadBody } from './downloads.js';
import type { Fields } from './log.js';
import { RateLimit } from './rate-limit.js';
import { READ_BYTES } from './read-buffers.js';

/** Bytes on their way to the client beyond which targets are not read. */
const highMark = 1024 * 1024;
/** Messages below that wait for others of the same turn of the event loop, and leave in one system call. */
const batchedBytes = 16 * 1024;
/** A WebSocket that was told to close and does not is cut after that. */
const closeMilliseconds = 2000;

/** Codes of RFC 6455, section 7.4.1. */
export const WebSocketCode = { normal: 1000, goingAway: 1001, lost: 1006, policy: 1008, failed: 1011 } as const;

/** Who reads a target for the client. */
export interface Producer {
  /** It may go on. */
  linkReady(): void;
}

export interface LinkOwner {
  onMessage(message: Buffer): void;
  onText(message: string): void;
  /** The WebSocket is gone; `clean` when the client ended it. */
  onClose(clean: boolean): void;
}

export interface LinkFacts {
  id: number;
  client: string;
  form: 'wisp1' | 'wisp2' | 'tcp';
}

export class Link {
  readonly id: number;
  readonly form: LinkFacts['form'];
  readonly context: RelayContext;
  /** Set at once by whoever makes it. */
  owner: LinkOwner | null = null;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #facts: LinkFacts;
  readonly #rate: RateLimit;
  readonly #waiting = new Set<Producer>();
  readonly #started = performance.now();
  #rateTimer: NodeJS.Timeout | null = null;
  /** What is sent goes by it, from the moment that it is there. */
  #body: DownloadBody | null = null;
  /** The owner cannot take more from the client. */
  #held = false;
  #corked = false;
  #heard = true;
  #bytes = { 'to-client': 0, 'to-target': 0 };
  #violations = 0;
  #cutFor: string | undefined;

  constructor(ws: WebSocket, socket: Duplex, context: RelayContext, facts: LinkFacts) {
    this.id = facts.id;
    this.form = facts.form;
    this.context = context;
    this.#ws = ws;
    this.#socket = socket;
    this.#facts = facts;
    this.#rate = new RateLimit(context.settings.limits.bytesPerSecond);
    ws.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    ws.on('pong', () => (this.#heard = true));
    ws.on('error', (error) => this.#onError(error));
    ws.on('close', (code) => this.#onClose(code));
    context.metrics.add('connections_total', 1, facts.form);
    context.metrics.add('connections');
    context.log.info('connection', { connection: facts.id, client: facts.client, form: facts.form });
  }

  get open(): boolean {
    return this.#ws.readyState === WebSocket.OPEN;
  }

  /** Nothing more should be sent now; `wait()` tells when it may. */
  get busy(): boolean {
    return this.#buffered >= highMark || this.#rateTimer !== null;
  }

  get #buffered(): number {
    return this.#ws.bufferedAmount + (this.#body?.buffered ?? 0);
  }

  /** @param done is called once, when the message is sent or never will be */
  send(message: Uint8Array, done?: () => void): void {
    if (!this.open) done?.();
    else if (this.#body === null) this.#sendByWebSocket(message, done);
    else this.#sendByBody(this.#body, withLength(message), done);
  }

  /** Likewise, for one with `LENGTH_BYTES` free in front of it. */
  sendRoomy(message: Uint8Array, done?: () => void): void {
    if (!this.open) return done?.();
    if (this.#body === null) return this.#sendByWebSocket(message.subarray(LENGTH_BYTES), done);
    writeLength(message);
    this.#sendByBody(this.#body, message, done);
  }

  #sendByBody(body: DownloadBody, framed: Uint8Array, done?: () => void): void {
    body.write(framed, () => {
      done?.();
      this.#wake();
    });
  }

  #sendByWebSocket(message: Uint8Array, done?: () => void): void {
    if (message.length < batchedBytes) this.#cork();
    this.#ws.send(message, { binary: true }, () => {
      done?.();
      this.#wake();
    });
    if (message.length >= batchedBytes) this.#uncork();
  }

  /** Says so, and from then on sends everything by it. */
  switchTo(body: DownloadBody): void {
    if (!this.open) return;
    this.#sendByWebSocket(encodeSwitch());
    this.#body = body;
    this.context.metrics.add('downloads_total', 1, 'switched');
    this.context.metrics.add('downloads');
    this.context.log.info('download', { connection: this.id, client: this.#facts.client });
  }

  carriedBy(body: DownloadBody): boolean {
    return this.#body === body;
  }

  sendText(message: string): void {
    if (this.open) this.#ws.send(message, { binary: false });
  }

  /** `producer` is told when `busy` is over. */
  wait(producer: Producer): void {
    this.#waiting.add(producer);
  }

  forget(producer: Producer): void {
    this.#waiting.delete(producer);
  }

  /** Stops reading from the client, with all that it carries, until `releaseClient()`. */
  holdClient(): void {
    this.#held = true;
    this.#ws.pause();
  }

  releaseClient(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#listen();
  }

  // What it has said meanwhile, its answer to a ping perhaps, is only read now.
  #listen(): void {
    if (this.#held || this.#rateTimer !== null) return;
    this.#heard = true;
    this.#ws.resume();
  }

  /** Payload that passed; what is limited by number is. */
  count(direction: 'to-client' | 'to-target', stream: number, bytes: Uint8Array): void {
    const { settings, metrics } = this.context;
    metrics.add('bytes_total', bytes.length, direction);
    settings.tap?.({ connection: this.id, stream, direction, bytes });
    this.#bytes[direction] += bytes.length;
    this.#rate.take(bytes.length);
    this.#holdBack();
    const { totalBytes } = settings.limits;
    if (totalBytes > 0 && this.#bytes['to-client'] + this.#bytes['to-target'] > totalBytes) this.cut('total-bytes');
  }

  /** Something that breaks the protocol; after too many of these the client is cut off. */
  violation(kind: string, stream = 0): void {
    this.context.metrics.add('violations_total', 1, kind);
    this.context.log.warn('violation', { connection: this.id, stream, kind });
    if (++this.#violations >= this.context.settings.limits.violations) this.cut('violations');
  }

  streamClosed(stream: number, target: string, reason: number, fields: Fields = {}): void {
    const facts = { opened: true, toAddress: false };
    this.context.metrics.add('stream_closes_total', 1, `0x${reason.toString(16).padStart(2, '0')}`);
    const record = { connection: this.id, stream, target, reason, ...fields };
    if (errorCodeOf(reason, facts) === null) this.context.log.debug('stream-close', record);
    else this.context.log.info('stream-close', record);
  }

  /** Ends the WebSocket because of the client; `why` is for it, for the log and for the metrics. */
  cut(why: string, code: number = WebSocketCode.policy): void {
    if (!this.open) return;
    this.#cutFor = why;
    this.context.metrics.add('connections_cut_total', 1, why);
    this.close(code, why);
  }

  close(code: number = WebSocketCode.normal, why = ''): void {
    this.#uncork();
    // The client takes the end of the body for that of everything it is told, wherever it hears of the other first.
    this.#body?.finish();
    this.#ws.close(code, why);
    // What waits for a client that reads nothing would never be followed by the close.
    setTimeout(() => this.#ws.terminate(), closeMilliseconds).unref();
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** Called at intervals: who has not been heard of since the last time is gone, and so is who takes nothing for long. */
  ping(): void {
    // Who is not listened to cannot be heard.
    if (this.#held || this.#rateTimer !== null) return;
    if (!this.#heard || this.#body?.isStuck()) {
      this.#cutFor = 'silent';
      this.context.metrics.add('connections_cut_total', 1, 'silent');
      this.#ws.terminate();
      return;
    }
    this.#heard = false;
    if (!this.open) return;
    this.#ws.ping();
    this.#body?.keepAlive();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#heard = true;
    // What was on its way when the WebSocket was closed from here.
    if (!this.open) return;
    if (isBinary) this.owner?.onMessage(data as Buffer);
    else this.owner?.onText((data as Buffer).toString());
  }

  #onError(error: Error & { code?: string }): void {
    // ws ends the WebSocket with the code that fits; what is wrong with the socket itself is no violation.
    if (!error.code?.startsWith('WS_ERR')) return;
    this.#cutFor = error.code;
    this.context.metrics.add('violations_total', 1, 'websocket');
    this.context.log.warn('violation', { connection: this.id, stream: 0, kind: 'websocket', code: error.code });
  }

  #onClose(code: number): void {
    if (this.#rateTimer !== null) clearTimeout(this.#rateTimer);
    this.#rateTimer = null;
    this.#waiting.clear();
    if (this.#body !== null) {
      this.context.metrics.add('downloads', -1);
      if (code === WebSocketCode.lost) this.#body.destroy();
      else this.#body.finish();
    }
    this.context.metrics.add('connections', -1);
    this.context.log.info('connection-close', {
      connection: this.id,
      client: this.#facts.client,
      code,
      cut: this.#cutFor,
      toClient: this.#bytes['to-client'],
      toTarget: this.#bytes['to-target'],
      milliseconds: Math.round(performance.now() - this.#started),
    });
    this.owner?.onClose(code === WebSocketCode.normal || code === WebSocketCode.goingAway || code === 1005);
  }

  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    setImmediate(() => this.#uncork());
  }

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  // Over its rate the connection stands still in both directions until the bucket has something again.
  #holdBack(): void {
    const wait = this.#rate.wait();
    if (wait === 0 || this.#rateTimer !== null || !this.open) return;
    this.#ws.pause();
    this.#rateTimer = setTimeout(() => {
      this.#rateTimer = null;
      this.#listen();
      this.#wake();
    }, wait);
  }

  // As many go on as there is room for one read each. When nothing is on its way, nobody would call again: then all do.
  #wake(): void {
    if (this.#waiting.size === 0 || this.busy) return;
    const buffered = this.#buffered;
    let places = buffered === 0 ? Infinity : Math.ceil((highMark - buffered) / READ_BYTES);
    for (const producer of this.#waiting) {
      if (places-- <= 0) return;
      this.#waiting.delete(producer);
      producer.linkReady();
    }
  }
}
