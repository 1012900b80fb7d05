/**
 * What clients get by HTTP beside their WebSocket: the body of one response each, in which packets follow each other. A
 * client is known by a token that it was told on its WebSocket, after it had shown there that it may use the relay; it is
 * good for one request, as long as that WebSocket is open.
 */
import crypto from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NOTHING } from '../transport/wisp/packet-stream.js';
import { clientAddress, parseDownload } from './access.js';
import type { RelayContext } from './context.js';

/** A body that was ended and is not read is cut after that. */
const endMilliseconds = 2000;
/** What waits is sent together, up to 1 MiB: a slow client needs more than one interval for it. */
const patientLooks = 3;

/** One response that has no end of its own. */
export class DownloadBody {
  /** Bytes that were written and are not sent. */
  buffered = 0;
  readonly #response: ServerResponse;
  /** For each write that is not sent, in order: each is called once. */
  readonly #unsent = new Set<() => void>();
  /** The first of them when that was looked at last, and how often it has been the same. */
  #oldest: (() => void) | undefined;
  #looks = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
    // Of what was written to a connection that is gone a response does not always say that it never will be sent.
    response.on('close', () => {
      for (const settle of this.#unsent) settle();
    });
  }

  /** @param done is called once, when the bytes are sent or never will be */
  write(framed: Uint8Array, done?: () => void): void {
    if (this.#response.closed) return done?.();
    const settle = () => {
      if (!this.#unsent.delete(settle)) return;
      this.buffered -= framed.length;
      done?.();
    };
    this.#unsent.add(settle);
    this.buffered += framed.length;
    this.#response.write(framed, settle);
  }

  /** Called at intervals: whether nothing of what was written has been sent for several of them. */
  isStuck(): boolean {
    const [oldest] = this.#unsent;
    this.#looks = oldest !== undefined && oldest === this.#oldest ? this.#looks + 1 : 0;
    this.#oldest = oldest;
    return this.#looks >= patientLooks;
  }

  /** So that nobody on the way takes it for dead. */
  keepAlive(): void {
    this.#response.write(NOTHING);
  }

  /** Ends it behind what was written. */
  finish(): void {
    this.#response.end();
    setTimeout(() => this.destroy(), endMilliseconds).unref();
  }

  destroy(): void {
    this.#response.destroy();
  }
}

/** Who a token was given to. */
export interface Downloader {
  onBody(body: DownloadBody): void;
  /** It has ended, whoever ended it. */
  onBodyClosed(): void;
}

/** By the digest of their tokens, so that to look one up tells nothing of it. */
export class ExpectedDownloads {
  readonly #clients = new Map<string, Downloader>();

  expect(token: Uint8Array, client: Downloader): void {
    this.#clients.set(digest(token), client);
  }

  forget(token: Uint8Array): void {
    this.#clients.delete(digest(token));
  }

  /** Uses the token up. */
  take(token: Uint8Array): Downloader | undefined {
    const client = this.#clients.get(digest(token));
    if (client !== undefined) this.forget(token);
    return client;
  }
}

/** @returns false when the request is not for a download */
export function answerDownload(request: IncomingMessage, response: ServerResponse, context: RelayContext): boolean {
  const { settings, metrics, log } = context;
  const token = settings.downloadsByHttp ? parseDownload(request.url ?? '', settings.path) : null;
  if (token === null) return false;
  const { origin } = request.headers;
  response.setHeader('Cache-Control', 'no-store, no-transform');
  response.setHeader('Vary', 'Origin');
  if (origin !== undefined && settings.origins.allows(origin))
    response.setHeader('Access-Control-Allow-Origin', origin);
  const found = find(request, token, context);
  if ('onBody' in found) {
    begin(request, response, found);
    return true;
  }
  metrics.add('downloads_rejected_total', 1, found.why);
  log.warn('rejected', { client: clientAddress(request, settings.trustProxy), ...found });
  // Whatever else is sent on this connection need not be read.
  response.writeHead(found.status, { 'Content-Type': 'text/plain', Connection: 'close' });
  response.end(`${found.why}\n`);
  return true;
}

function find(
  { headers, method }: IncomingMessage,
  token: string,
  { closing, settings, downloads }: RelayContext,
): Downloader | { status: number; why: string } {
  if (closing) return { status: 503, why: 'shutdown' };
  if (!settings.origins.allows(headers.origin)) return { status: 403, why: 'origin' };
  // With another method a browser would not always say the page's origin, and caches would want to have a say.
  if (method !== 'POST') return { status: 405, why: 'method' };
  return downloads.take(Buffer.from(token, 'hex')) ?? { status: 404, why: 'token' };
}

function begin({ httpVersionMajor, socket }: IncomingMessage, response: ServerResponse, client: Downloader): void {
  if (!socket.writable) return void response.destroy();
  // By HTTP/1 it is the client that is gone: a server ends its own side then, and would collect what is written from then on.
  if (httpVersionMajor === 1) socket.once('end', () => response.destroy());
  // Ended by the end of its connection: pieces would cost more, and what is in it tells where it ends.
  response.removeHeader('Transfer-Encoding');
  response.setTimeout(0);
  response.on('error', () => {});
  response.on('close', () => client.onBodyClosed());
  // The last is for nginx, which would otherwise collect the answer before it passes any of it on.
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    Connection: 'close',
    'X-Accel-Buffering': 'no',
  });
  client.onBody(new DownloadBody(response));
}

function digest(token: Uint8Array): string {
  return crypto.createHash('sha256').update(token).digest('base64');
}
