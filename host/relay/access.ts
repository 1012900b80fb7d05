/** Who may use the relay: origins of pages, tokens, passwords. */
import crypto from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import net from 'node:net';
import type { Credentials } from '../transport/wisp/frames.js';
import { normalizeHost } from './hosts.js';

/**
 * Browsers let any page open a WebSocket to any place, and say which page in `Origin`. Unless told otherwise a relay takes
 * pages that come from the machine itself. Comparing with the request's own `Host` would be no protection: after DNS
 * rebinding a foreign page has its own name in both.
 */
export class OriginPolicy {
  readonly #patterns: string[] | null;
  readonly #required: boolean;

  constructor(patterns: readonly string[] | undefined, required: boolean) {
    this.#patterns = patterns?.map(checkPattern) ?? null;
    this.#required = required;
  }

  /** @param origin the header's value; undefined for a client that is no browser */
  allows(origin: string | undefined): boolean {
    if (origin === undefined) return !this.#required;
    const asked = origin.toLowerCase();
    if (this.#patterns === null) return isLoopbackOrigin(asked);
    return this.#patterns.some((pattern) => pattern === '*' || pattern === asked || isBelow(asked, pattern));
  }
}

function checkPattern(pattern: string): string {
  const text = pattern.toLowerCase();
  if (text === '*' || text === 'null' || /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]+$/.test(text)) return text;
  throw new TypeError(`An origin is SCHEME://HOST[:PORT] without a path, or *, or null; this is '${pattern}'.`);
}

// https://*.example.com is every origin of that scheme and port below example.com.
function isBelow(origin: string, pattern: string): boolean {
  const [scheme, rest] = pattern.split('://*.', 2);
  return rest !== undefined && origin.startsWith(`${scheme}://`) && origin.endsWith(`.${rest}`);
}

function isLoopbackOrigin(origin: string): boolean {
  const host = normalizeHost(/^https?:\/\/(\[[^\]]*\]|[^:/]*)(?::\d+)?$/.exec(origin)?.[1] ?? '');
  if (host === null) return false;
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\./.test(net.isIPv4(host) ? host : '')
  );
}

/** Compares without telling by its time how much was right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => crypto.createHash('sha256').update(text).digest();
  return crypto.timingSafeEqual(digest(given), digest(expected));
}

/** Whether any of `expected` is `given`; looks at all of them, for the same reason. */
export function isToken(given: string, expected: readonly string[]): boolean {
  return expected.filter((token) => isSame(given, token)).length > 0;
}

export function isCredentials(given: Credentials, expected: readonly Credentials[]): boolean {
  const right = ({ username, password }: Credentials) =>
    // Both, always.
    Number(isSame(given.username, username)) + Number(isSame(given.password, password)) === 2;
  return expected.filter(right).length > 0;
}

/** The client's address, without the disguise of IPv4 on a socket of IPv6. */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const peer = request.socket.remoteAddress ?? '';
  // What a client itself claims stands in front; the proxy that is trusted wrote the last.
  const forwarded = trustProxy ? [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1) : '';
  const claimed = forwarded?.trim().replace(/^\[(.*)\](:\d+)?$|^([\d.]+):\d+$/, '$1$3') ?? '';
  return normalizeHost(net.isIP(claimed) ? claimed : peer) ?? peer;
}

export interface Route {
  token: string | null;
  /** The target of the form with one connection; null for Wisp. */
  target: string | null;
}

/**
 * `PATH[TOKEN/]` is Wisp, `PATH[TOKEN/]HOST:PORT` one connection; the token may be in `?token=` instead.
 *
 * @returns null when the path is not the relay's
 */
export function parseRoute(url: string, path: string): Route | null {
  const [pathname = '', query = ''] = url.split('?', 2);
  if (!pathname.startsWith(path)) return null;
  const parts = pathname.slice(path.length).split('/');
  const target = parts.pop()!;
  if (parts.length > 1) return null;
  const token = parts[0] ?? new URLSearchParams(query).get('token');
  try {
    return { token, target: target === '' ? null : decodeURIComponent(target) };
  } catch {
    return null;
  }
}

/** What `PATH[TOKEN/]?download=` names, 16 bytes in hexadecimal; null when the URL is not such a one. */
export function parseDownload(url: string, path: string): string | null {
  const route = parseRoute(url, path);
  if (route === null || route.target !== null) return null;
  const name = new URLSearchParams(url.split('?', 2)[1]).get('download') ?? '';
  return /^[0-9a-f]{32}$/i.test(name) ? name : null;
}

/** @returns null when it is not HOST:PORT with a port of 1 to 65535 */
export function parseTarget(target: string): { host: string; port: number } | null {
  const match = /^(\[[^\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(target);
  const port = Number(match?.[2]);
  return match === null || port < 1 || port > 65535 ? null : { host: match[1]!, port };
}
