/**
 * As much of HTTP/1.1 as the demo speaks, RFC 9112: messages with a Content-Length, one after the other on a connection.
 * What it does not know it refuses.
 */

export interface Head {
  /** `GET / HTTP/1.1`, or `HTTP/1.1 200 OK`. */
  first: string;
  /** Names in lower case. */
  headers: Map<string, string>;
}

export interface HttpMessage extends Head {
  body: Uint8Array;
}

/** What the other side did wrong, and the status to tell it by. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const mostHead = 16 * 1024;
const mostBody = 1024 * 1024;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match === null) throw new HttpError(400, `Not a header: ${line.slice(0, 60)}`);
    headers.set(match[1]!.toLowerCase(), match[2]!);
  }
  return { first, headers };
}

function bodyLength({ headers }: Head): number {
  if (headers.has('transfer-encoding')) throw new HttpError(411, 'Only bodies with a Content-Length are known here.');
  const length = headers.get('content-length') ?? '0';
  if (!/^\d{1,10}$/.test(length)) throw new HttpError(400, 'Not a Content-Length.');
  return Number(length);
}

/** Takes a head off the front of a stream of chunks. */
export class HeadReader {
  #waiting: Uint8Array = new Uint8Array();

  /** The head, and what came behind it; null as long as it is not complete. */
  push(chunk: Uint8Array): { head: Head; rest: Uint8Array } | null {
    this.#waiting = this.#waiting.length === 0 ? chunk : concat([this.#waiting, chunk]);
    const text = decoder.decode(this.#waiting.subarray(0, mostHead));
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) {
      if (this.#waiting.length >= mostHead) throw new HttpError(431, 'The head of the message is too long.');
      return null;
    }
    const size = encoder.encode(text.slice(0, end)).length + 4;
    const rest = this.#waiting.subarray(size);
    this.#waiting = new Uint8Array();
    return { head: parseHead(text.slice(0, end)), rest };
  }
}

/** Cuts a stream of chunks into messages. */
export class MessageReader {
  readonly #heads = new HeadReader();
  #head: Head | null = null;
  #body: Uint8Array[] = [];
  #missing = 0;

  /** `onContinue`: the other side waits to be told that it may send the body. */
  constructor(readonly onContinue: () => void) {}

  push(chunk: Uint8Array): HttpMessage[] {
    const messages: HttpMessage[] = [];
    let rest = chunk;
    for (;;) {
      if (this.#head === null) {
        if (rest.length === 0) return messages;
        const found = this.#heads.push(rest);
        if (found === null) return messages;
        rest = this.#begin(found.head, found.rest);
      }
      const piece = rest.subarray(0, this.#missing);
      this.#body.push(piece);
      this.#missing -= piece.length;
      rest = rest.subarray(piece.length);
      if (this.#missing > 0) return messages;
      messages.push({ ...this.#head!, body: concat(this.#body) });
      this.#head = null;
      this.#body = [];
    }
  }

  #begin(head: Head, rest: Uint8Array): Uint8Array {
    this.#missing = bodyLength(head);
    if (this.#missing > mostBody) throw new HttpError(413, 'The body is too long.');
    this.#head = head;
    if (rest.length < this.#missing && head.headers.get('expect')?.toLowerCase() === '100-continue') this.onContinue();
    return rest;
  }
}

const reasons: Record<number, string> = {
  200: 'OK', 400: 'Bad Request', 404: 'Not Found', 405: 'Method Not Allowed', 411: 'Length Required',
  413: 'Content Too Large', 431: 'Request Header Fields Too Large',
}; // prettier-ignore

export interface Answer {
  status: number;
  type: string;
  body: string | Uint8Array;
}

export function serialize({ status, type, body }: Answer, keepAlive: boolean, withBody = true): Uint8Array {
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  const head = [
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Unknown'}`,
    `Content-Type: ${type}`,
    `Content-Length: ${bytes.length}`,
    `Connection: ${keepAlive ? 'keep-alive' : 'close'}`,
  ];
  const encoded = encoder.encode(`${head.join('\r\n')}\r\n\r\n`);
  return withBody ? concat([encoded, bytes]) : encoded;
}

export const statusOf = ({ first }: Head): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0);
