/** A relay, as a user names it: its URL, or an object of these options. */
import { invalidArgValue } from '../common/errors.js';
import {
  validateBoolean,
  validateFunction,
  validateInteger,
  validateObject,
  validateString,
} from '../common/validate.js';
import type { Transport } from './channel.js';
import { WebSocketTransport } from './web-socket.js';
import type { WebSocketClass } from './wire.js';
import { encodeCredentials, type Credentials } from './wisp/frames.js';
import { WispTransport } from './wisp/transport.js';

export interface RelayOptions {
  /** `ws:` or `wss:`; in a page it may be relative to it. */
  url: string | URL;
  /**
   * `'wisp'` (the default) for all connections over one WebSocket; `'websocket'` for a WebSocket each, at URL + `HOST:PORT`.
   */
  protocol?: 'wisp' | 'websocket';
  /**
   * Whether more than the bare protocol is offered. Wisp: version 2 and its extensions; default true, a relay that knows none
   * is no matter. `'websocket'`: the subprotocol of this project's own relay; default false, another relay refuses it.
   */
  extensions?: boolean;
  /** Sent as the query parameter `token`. */
  token?: string;
  username?: string;
  /** Wisp 2 only: asked for by its password extension. */
  password?: string;
  /** The class that opens WebSockets. Default: the global one. */
  WebSocket?: WebSocketClass;
  /**
   * Wisp, over a relay of this project: `'fetch'` lets who downloads much get it by the body of a response, as far as nobody
   * on the way holds it back; `'websocket'`, the default, sends no such request.
   */
  downloads?: 'fetch' | 'websocket';
  /** ms, 1 to 2^31-1: for the WebSocket to open, and again for the relay to greet. Default: 10,000. */
  connectTimeout?: number;
  /** ms, 0 to 2^31-1 or Infinity: a WebSocket without sockets and servers is closed after it. Default: 30,000. */
  idleTimeout?: number;
  /** Bytes, 65,536 to 2^30: what a relay with credits may send on a connection ahead of its reader. Default: 4 MiB. */
  window?: number;
  /** Bytes, 65,536 to 2^30: what is held for a reader that stands still, where there are no credits. Default: 16 MiB. */
  receiveLimit?: number;
  /** ms, 0 to 2^31-1: silence after `end()` that ends a connection where there is no half-close. Default: 5,000. */
  lingerTimeout?: number;
  /** What the relay has to tell its users. */
  onMessageOfTheDay?: (message: string) => void;
}

/** The same, checked and with all defaults. */
export interface RelaySettings {
  readonly url: URL;
  readonly extensions: boolean;
  readonly WebSocket: WebSocketClass | undefined;
  readonly credentials: Credentials | null;
  readonly downloads: 'fetch' | 'websocket';
  readonly connectTimeout: number;
  readonly idleTimeout: number;
  readonly window: number;
  readonly receiveLimit: number;
  readonly lingerTimeout: number;
  readonly onMessageOfTheDay: ((message: string) => void) | undefined;
}

const names = new Set([
  'url', 'protocol', 'extensions', 'token', 'username', 'password', 'WebSocket', 'downloads', 'connectTimeout', 'idleTimeout',
  'window', 'receiveLimit', 'lingerTimeout', 'onMessageOfTheDay',
]); // prettier-ignore

const longestTimer = 2 ** 31 - 1;
const smallestBuffer = 64 * 1024;
const largestBuffer = 2 ** 30;
const mebibyte = 1024 * 1024;

function relayUrl(given: unknown, token: string | undefined): URL {
  if (!(given instanceof URL)) validateString(given, 'relay.url');
  const { location } = globalThis as { location?: { href: string } };
  let url: URL;
  try {
    url = new URL(given as string | URL, location?.href);
  } catch {
    throw invalidArgValue('relay.url', String(given), 'must be the URL of a relay');
  }
  url.protocol = url.protocol.replace(/^http/, 'ws');
  if (!/^wss?:$/.test(url.protocol)) throw invalidArgValue('relay.url', String(given), 'must begin with wss: or ws:');
  url.hash = '';
  // With the slash a relay tells this form from the one with HOST:PORT.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  if (token !== undefined) url.searchParams.set('token', token);
  return url;
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

function integer(options: RelayOptions, name: keyof RelayOptions, { least, most, otherwise }: Range): number {
  const value = options[name];
  if (value === undefined) return otherwise;
  validateInteger(value, `relay.${name}`, least, most);
  return value;
}

function credentials(username: string, password: string | undefined): Credentials | null {
  if (password === undefined) return null;
  try {
    encodeCredentials({ username, password });
  } catch (error) {
    throw invalidArgValue('relay.password', '…', `does not fit: ${(error as Error).message}`);
  }
  return { username, password };
}

function downloads({ downloads: chosen = 'websocket' }: RelayOptions): 'fetch' | 'websocket' {
  if (chosen === 'fetch' || chosen === 'websocket') return chosen;
  throw invalidArgValue('relay.downloads', chosen, "must be 'fetch' or 'websocket'");
}

function idleTimeout(options: RelayOptions): number {
  if (options.idleTimeout === Infinity) return Infinity;
  return integer(options, 'idleTimeout', { least: 0, most: longestTimer, otherwise: 30_000 });
}

function relaySettings(options: RelayOptions, isWisp: boolean): RelaySettings {
  const { extensions = isWisp, token, username = '', password, WebSocket, onMessageOfTheDay } = options;
  validateBoolean(extensions, 'relay.extensions');
  if (token !== undefined) validateString(token, 'relay.token');
  validateString(username, 'relay.username');
  if (password !== undefined) validateString(password, 'relay.password');
  if (WebSocket !== undefined) validateFunction(WebSocket, 'relay.WebSocket');
  if (onMessageOfTheDay !== undefined) validateFunction(onMessageOfTheDay, 'relay.onMessageOfTheDay');
  const buffer = { least: smallestBuffer, most: largestBuffer };
  return {
    url: relayUrl(options.url, token),
    extensions,
    WebSocket,
    credentials: credentials(username, password),
    downloads: downloads(options),
    connectTimeout: integer(options, 'connectTimeout', { least: 1, most: longestTimer, otherwise: 10_000 }),
    idleTimeout: idleTimeout(options),
    window: integer(options, 'window', { ...buffer, otherwise: 4 * mebibyte }),
    receiveLimit: integer(options, 'receiveLimit', { ...buffer, otherwise: 16 * mebibyte }),
    lingerTimeout: integer(options, 'lingerTimeout', { least: 0, most: longestTimer, otherwise: 5_000 }),
    onMessageOfTheDay,
  };
}

export function createRelayTransport(options: RelayOptions): Transport {
  validateObject(options, 'relay');
  const unknown = Object.keys(options).find((name) => !names.has(name));
  if (unknown !== undefined) throw invalidArgValue('relay', unknown, 'has an option that is not known');
  const { protocol = 'wisp' } = options;
  if (protocol === 'wisp') return new WispTransport(relaySettings(options, true));
  if (protocol !== 'websocket') throw invalidArgValue('relay.protocol', protocol, "must be 'wisp' or 'websocket'");
  const wispOnly = (['username', 'password', 'downloads', 'idleTimeout', 'onMessageOfTheDay'] as const).find(
    (name) => name in options,
  );
  if (wispOnly !== undefined) throw invalidArgValue(`relay.${wispOnly}`, options[wispOnly], "is for protocol 'wisp'");
  return new WebSocketTransport(relaySettings(options, false));
}
