/** Patterns of what may be reached: `HOST:PORTS`. */
import net from 'node:net';
import { normalizeHost } from './hosts.js';

/** `443`, `5432,6432`, `1024-65535`, `*`, and combinations. */
export class PortSet {
  readonly #ranges: [first: number, last: number][] = [];

  /** @param any a number that stands for none in particular and is therefore not part of `*` or of a range */
  constructor(text: string, { any }: { any?: number } = {}) {
    for (const part of text.split(',')) {
      const match = /^(?:\*|(\d{1,5})(?:-(\d{1,5}))?)$/.exec(part.trim());
      if (match === null) throw new TypeError(`Not a port, a range or *: ${JSON.stringify(part)} in '${text}'.`);
      const first = Number(match[1] ?? 1);
      const last = Number(match[2] ?? match[1] ?? 65535);
      const least = match[2] === undefined && any !== undefined ? any : 1;
      if (first < least || last > 65535 || first > last) throw new TypeError(`Not ports: '${part}' in '${text}'.`);
      this.#ranges.push([first, last]);
    }
  }

  has(port: number): boolean {
    return this.#ranges.some(([first, last]) => first <= port && port <= last);
  }
}

interface Pattern {
  matches: (host: string) => boolean;
  ports: PortSet;
}

/**
 * - `example.com:443` is that name alone, `*.example.com:443` every name below it and not itself, `*:443` every name and
 *   address.
 * - `192.0.2.1:443`, `[2001:db8::1]:443` are addresses, which the check of addresses still has to let pass.
 */
export class AllowList {
  readonly #patterns: Pattern[];

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map(parsePattern);
  }

  /** @param host as `normalizeHost()` spells it */
  allows(host: string, port: number): boolean {
    return this.#patterns.some(({ matches, ports }) => ports.has(port) && matches(host));
  }
}

function parsePattern(pattern: string): Pattern {
  const match = /^(\[[^\]]+\]|[^:[\]]+):([^:]+)$/.exec(pattern.trim());
  if (match === null) throw new TypeError(`A target that may be reached is HOST:PORTS; this is '${pattern}'.`);
  const ports = new PortSet(match[2]!);
  const host = match[1]!;
  if (host === '*') return { matches: () => true, ports };
  const below = host.startsWith('*.');
  const name = normalizeHost(below ? host.slice(2) : host);
  if (name === null || name.includes('*') || (below && net.isIP(name) !== 0)) {
    throw new TypeError(`Not a host: '${host}' in '${pattern}'.`);
  }
  const suffix = `.${name}`;
  return { matches: below ? (asked) => asked.endsWith(suffix) : (asked) => asked === name, ports };
}
