/** `wasm-tls relay` */
import fs from 'node:fs';
import { createRelay } from '../relay/relay.js';
import type { LogLevel, LogRecord, RelayOptions } from '../relay/types.js';
import { bytes, helpText, integer, parseCommandLine, seconds, UsageError, type CommandLine } from './options.js';

const declarations = {
  host: { value: 'ADDRESS', help: 'Address to listen on. Default: 127.0.0.1' },
  port: { value: 'PORT', help: 'Port to listen on, 0 for any. Default: 6001' },
  path: { value: 'PATH', help: 'Path of the endpoint, with a slash at both ends. Default: /' },
  allow: {
    value: 'HOST:PORTS',
    multiple: true,
    help: 'A target that may be reached; may be repeated. Default: none\nHOST is a name, *.name, an address or *; PORTS are as 443, 80,443, 1024-65535 or *',
  },
  'allow-private': { help: 'Private, loopback, link-local and translated addresses may be reached. Default: off' },
  origin: {
    value: 'ORIGIN',
    multiple: true,
    help: 'A page that may connect, as https://app.example, https://*.example.com or *; may be repeated.\nDefault: pages on loopback',
  },
  'require-origin': { help: 'Refuse who sends no Origin header, which browsers always do. Default: off' },
  token: {
    value: 'TOKEN',
    multiple: true,
    help: 'What the URL must have, as last folder or ?token=; may be repeated. Default: none\nOther users of the machine can see it here: prefer the next, or WASM_TLS_RELAY_TOKEN',
  },
  'token-file': { value: 'FILE', help: 'Tokens, one per line. Default: none' },
  password: {
    value: 'USER:PASSWORD',
    multiple: true,
    help: 'Asked for by the password extension of Wisp 2; may be repeated. Default: none\nLikewise prefer the next, or WASM_TLS_RELAY_PASSWORD',
  },
  'password-file': { value: 'FILE', help: 'Lines of USER:PASSWORD. Default: none' },
  motd: { value: 'TEXT', help: 'A message of the day for users. Default: none' },
  'trust-proxy': { help: 'Clients are known by the last address of X-Forwarded-For. Default: off' },
  'allow-listen': {
    value: 'PORTS',
    help: 'Ports that clients may listen on, as in --allow; 0 is any free one. Default: none',
  },
  'listen-host': {
    value: 'ADDRESS',
    multiple: true,
    help: 'Address that clients may listen on, the first is the default one; may be repeated.\nDefault: 127.0.0.1',
  },
  'no-downloads-by-http': { help: 'Send everything over WebSockets, also to those who could get it by HTTP faster.' },
  'max-connections': { value: 'N', help: 'WebSockets at a time. Default: 1000' },
  'max-connections-per-address': { value: 'N', help: 'WebSockets at a time from one client address. Default: 32' },
  'max-streams': { value: 'N', help: 'Streams and listeners at a time on one WebSocket. Default: 512' },
  'max-frame': { value: 'BYTES', help: 'Size of one WebSocket message. Default: 1M' },
  'max-stream-buffer': { value: 'BYTES', help: 'What may wait for one target. Default: 8M' },
  'max-connection-buffer': { value: 'BYTES', help: 'What may wait for all targets of one WebSocket. Default: 32M' },
  'max-rate': { value: 'BYTES', help: 'Bytes per second through one WebSocket, both ways; 0 for no limit. Default: 0' },
  'max-bytes': { value: 'BYTES', help: 'Bytes through one WebSocket in its life; 0 for no limit. Default: 0' },
  'max-violations': { value: 'N', help: 'Packets against the protocol until a WebSocket is closed. Default: 16' },
  'connect-timeout': { value: 'SECONDS', help: 'To resolve and connect a target. Default: 10' },
  'stream-idle': { value: 'SECONDS', help: 'Without a byte until a stream is closed; 0 for never. Default: 3600' },
  'ping-interval': { value: 'SECONDS', help: 'Between pings; who does not answer is cut; 0 for none. Default: 30' },
  'handshake-timeout': { value: 'SECONDS', help: 'For the client to send its password. Default: 10' },
  grace: { value: 'SECONDS', help: 'For streams to end after SIGTERM or SIGINT. Default: 10' },
  metrics: { value: '[HOST:]PORT', help: 'Serve Prometheus metrics there, at /metrics. Default: not at all' },
  'log-level': { value: 'LEVEL', help: 'Least level logged: error, warn, info or debug. Default: info' },
  help: { help: 'Show this text.' },
};

const help = helpText(
  'wasm-tls relay --allow HOST:PORTS [options]',
  'Carries TCP connections of web pages over WebSockets: Wisp 1.2 and 2, or one connection each at /HOST:PORT.\n' +
    'Nothing may be reached that no --allow names. Logs are JSON lines on stdout.',
  declarations,
  'BYTES may end in K, M or G. docs/relay.md in the repository has the rules and the protocol.',
);

/** Lines of a file that are not empty. */
function linesOf(file: string | undefined): string[] {
  if (file === undefined) return [];
  return fs.readFileSync(file, 'utf8').split(/\r?\n/).filter((line) => line !== ''); // prettier-ignore
}

function credentials(line: CommandLine): { username: string; password: string }[] {
  const fromEnvironment = process.env['WASM_TLS_RELAY_PASSWORD'];
  const texts = [
    ...(line.all('password') ?? []),
    ...linesOf(line.one('password-file')),
    ...(fromEnvironment ? [fromEnvironment] : []),
  ];
  return texts.map((text) => {
    const colon = text.indexOf(':');
    // Not the text itself: it may be a password all the same.
    if (colon < 0) throw new UsageError('A password is USER:PASSWORD; there is one without a colon.');
    return { username: text.slice(0, colon), password: text.slice(colon + 1) };
  });
}

function tokens(line: CommandLine): string[] {
  const fromEnvironment = process.env['WASM_TLS_RELAY_TOKEN'];
  return [
    ...(line.all('token') ?? []),
    ...linesOf(line.one('token-file')),
    ...(fromEnvironment ? [fromEnvironment] : []),
  ];
}

/** Without what is not given: the relay has the defaults. */
function given<T extends object>(options: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function relayOptions(line: CommandLine): RelayOptions {
  const count = (name: string) => integer(name, line.one(name));
  const size = (name: string) => bytes(name, line.one(name));
  const time = (name: string) => seconds(name, line.one(name));
  return given({
    host: line.one('host'),
    port: count('port'),
    path: line.one('path'),
    allow: line.all('allow'),
    allowPrivate: line.switched('allow-private'),
    origins: line.all('origin'),
    requireOrigin: line.switched('require-origin'),
    tokens: tokens(line),
    credentials: credentials(line),
    messageOfTheDay: line.one('motd'),
    trustProxy: line.switched('trust-proxy'),
    allowListen: line.one('allow-listen'),
    listenHosts: line.all('listen-host'),
    downloadsByHttp: !line.switched('no-downloads-by-http'),
    limits: given({
      connections: count('max-connections'),
      connectionsPerAddress: count('max-connections-per-address'),
      streams: count('max-streams'),
      frameBytes: size('max-frame'),
      streamBufferBytes: size('max-stream-buffer'),
      connectionBufferBytes: size('max-connection-buffer'),
      bytesPerSecond: size('max-rate'),
      totalBytes: size('max-bytes'),
      violations: count('max-violations'),
    }),
    timeouts: given({
      connect: time('connect-timeout'),
      streamIdle: time('stream-idle'),
      ping: time('ping-interval'),
      handshake: time('handshake-timeout'),
      grace: time('grace'),
    }),
    metrics: line.one('metrics'),
    logLevel: line.one('log-level') as LogLevel | undefined,
    log: (record: LogRecord) => process.stdout.write(`${JSON.stringify(record)}\n`),
  });
}

export async function relayCommand(args: string[]): Promise<void> {
  const line = parseCommandLine(args, declarations, 0);
  if (line.switched('help')) return void process.stdout.write(help);
  const options = relayOptions(line);
  let relay;
  try {
    relay = createRelay(options);
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
  if (options.allow === undefined && options.allowListen === undefined) {
    process.stderr.write('wasm-tls relay: no target may be reached. --allow example.com:443 lets one.\n');
  }
  await relay.listen();
  await new Promise<void>((resolve, reject) => {
    let stopping = false;
    const stop = () => {
      // Whoever asks twice does not want to wait.
      if (stopping) process.exit(1);
      stopping = true;
      relay.close().then(resolve, reject);
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  });
  process.exit(0);
}
