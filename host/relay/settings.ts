/** The options of a relay, checked and completed. A wrong one is a `TypeError` that names it; none is ignored. */
import net from 'node:net';
import { AllowList, PortSet } from './allow-list.js';
import { OriginPolicy } from './access.js';
import type { RelayLimits, RelayOptions, RelayTimeouts } from './types.js';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

export const defaultLimits: Readonly<Required<RelayLimits>> = {
  connections: 1000,
  connectionsPerAddress: 32,
  streams: 512,
  frameBytes: mebibyte,
  streamBufferBytes: 8 * mebibyte,
  connectionBufferBytes: 32 * mebibyte,
  bytesPerSecond: 0,
  totalBytes: 0,
  violations: 16,
};

export const defaultTimeouts: Readonly<Required<RelayTimeouts>> = {
  connect: 10_000,
  streamIdle: 3_600_000,
  ping: 30_000,
  handshake: 10_000,
  grace: 10_000,
};

/** What a limit must be at least; the others 1. */
const leastLimits: Partial<RelayLimits> = { frameBytes: kibibyte, bytesPerSecond: 0, totalBytes: 0 };
const longestTimeout = 0x7fffffff;

const knownOptions = new Set<string>([
  'host', 'port', 'path', 'allow', 'allowPrivate', 'origins', 'requireOrigin', 'tokens', 'credentials',
  'messageOfTheDay', 'trustProxy', 'allowListen', 'listenHosts', 'downloadsByHttp', 'limits', 'timeouts', 'metrics',
  'logLevel', 'log', 'lookup', 'tap',
] satisfies (keyof RelayOptions)[]); // prettier-ignore

export interface Settings extends Omit<RelayOptions, 'allow' | 'origins' | 'allowListen' | 'metrics'> {
  host: string;
  port: number;
  path: string;
  allow: AllowList;
  allowPrivate: boolean;
  origins: OriginPolicy;
  tokens: string[];
  credentials: { username: string; password: string }[];
  trustProxy: boolean;
  allowListen: PortSet | null;
  listenHosts: string[];
  downloadsByHttp: boolean;
  limits: Required<RelayLimits>;
  timeouts: Required<RelayTimeouts>;
  metrics: { host: string; port: number } | null;
  logLevel: (typeof logLevels)[number];
}

export function completeSettings(options: RelayOptions): Settings {
  for (const name of Object.keys(options)) {
    if (!knownOptions.has(name)) throw new TypeError(`The relay has no option '${name}'.`);
  }
  const { path = '/', logLevel = 'info', listenHosts = ['127.0.0.1'], tokens = [], credentials = [] } = options;
  if (!/^\/(?:[\w.~-]+\/)*$/.test(path))
    wrong('path', 'begins and ends with a slash and has plain names between', path);
  if (!logLevels.includes(logLevel)) wrong('logLevel', `is one of ${logLevels.join(', ')}`, logLevel);
  for (const host of listenHosts) if (net.isIP(host) === 0) wrong('listenHosts', 'are IP addresses', host);
  if (listenHosts.length === 0) throw new TypeError("The option 'listenHosts' has at least one address.");
  // A token is a folder of the path, so it needs no escapes; and an empty one would be none.
  if (!tokens.every((token) => /^[\w.~-]+$/.test(token))) {
    throw new TypeError("The option 'tokens' takes letters, digits and . _ ~ -");
  }
  for (const { username, password } of credentials) {
    if (typeof username !== 'string' || typeof password !== 'string' || password === '') {
      throw new TypeError("The option 'credentials' takes a username and a password that is not empty.");
    }
  }
  return {
    ...options,
    host: options.host ?? '127.0.0.1',
    port: checkPort('port', options.port ?? 6001),
    path,
    allow: new AllowList(options.allow ?? []),
    allowPrivate: options.allowPrivate ?? false,
    origins: new OriginPolicy(options.origins, options.requireOrigin ?? false),
    tokens,
    credentials,
    trustProxy: options.trustProxy ?? false,
    allowListen: options.allowListen === undefined ? null : new PortSet(options.allowListen, { any: 0 }),
    listenHosts,
    downloadsByHttp: options.downloadsByHttp ?? true,
    limits: checkNumbers('limits', defaultLimits, options.limits, (name) => leastLimits[name] ?? 1),
    timeouts: checkNumbers('timeouts', defaultTimeouts, options.timeouts, (name) =>
      name === 'connect' || name === 'handshake' ? 1 : 0,
    ),
    metrics: options.metrics === undefined ? null : parseEndpoint(options.metrics),
    logLevel,
  };
}

function checkNumbers<T extends RelayLimits | RelayTimeouts>(
  option: 'limits' | 'timeouts',
  defaults: Readonly<Required<T>>,
  given: T | undefined,
  least: (name: keyof T) => number,
): Required<T> {
  const result: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(given ?? {}) as [keyof T, unknown][]) {
    if (!(name in defaults)) throw new TypeError(`The relay has no option '${option}.${String(name)}'.`);
    if (value === undefined) continue;
    const most = option === 'timeouts' ? longestTimeout : Number.MAX_SAFE_INTEGER;
    if (!Number.isSafeInteger(value) || (value as number) < least(name) || (value as number) > most) {
      wrong(`${option}.${String(name)}`, `is an integer from ${least(name)} to ${most}`, value);
    }
    result[String(name)] = value;
  }
  return result as Required<T>;
}

function checkPort(option: string, port: unknown): number {
  if (!Number.isInteger(port) || (port as number) < 0 || (port as number) > 65535) {
    wrong(option, 'is an integer from 0 to 65535', port);
  }
  return port as number;
}

function parseEndpoint(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text);
  if (match === null) wrong('metrics', 'is PORT or HOST:PORT', text);
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port: checkPort('metrics', Number(match[3])) };
}

function wrong(option: string, rule: string, value: unknown): never {
  throw new TypeError(`The option '${option}' ${rule}; this is ${JSON.stringify(value)}.`);
}
