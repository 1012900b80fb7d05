import legacy from 'url/';
import { toUnicode } from './punycode.js';

export const { parse, resolve } = legacy;
export const { URL, URLSearchParams } = globalThis;

export function domainToASCII(name: string): string {
  try {
    return new URL(`ws://${name}`).hostname;
  } catch {
    return '';
  }
}

export function domainToUnicode(name: string): string {
  return toUnicode(domainToASCII(name));
}

/** Of objects of either kind. */
export function format(url: URL | string, ...rest: unknown[]): string {
  return url instanceof URL ? url.href : (legacy.format as (...args: unknown[]) => string)(url, ...rest);
}

export function fileURLToPath(url: URL | string): string {
  const { protocol, pathname } = new URL(url);
  if (protocol !== 'file:') throw new TypeError('The URL must be of scheme file');
  return decodeURIComponent(pathname);
}

export function pathToFileURL(path: string): URL {
  const url = new URL('file:///');
  url.pathname = path.replaceAll('%', '%25');
  return url;
}

export function urlToHttpOptions(url: URL): Record<string, unknown> {
  const { protocol, hash, search, pathname, href, username, password } = url;
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const options: Record<string, unknown> = {
    protocol,
    hostname,
    hash,
    search,
    pathname,
    path: pathname + search,
    href,
  };
  if (url.port !== '') options.port = Number(url.port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}
