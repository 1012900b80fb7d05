/**
 * The errors of connections: those of an operating system, with the `code`, `errno` and `syscall` that Node's have on Linux,
 * and those of this module (docs/net.md has the table).
 */
import { codedError, describeReceived, type CodedError } from '../common/errors.js';

export type Syscall = 'connect' | 'read' | 'write' | 'listen' | 'shutdown';

export type ConnectionError = CodedError & {
  errno?: number;
  syscall: string;
  address?: string;
  port?: number;
  hostname?: string;
};

interface Known {
  readonly errno: number;
  readonly text: string;
}

const known: Readonly<Record<string, Known>> = {
  EACCES: { errno: -13, text: 'permission denied' },
  EADDRINUSE: { errno: -98, text: 'address already in use' },
  EALREADY: { errno: -114, text: 'connection already in progress' },
  ECONNREFUSED: { errno: -111, text: 'connection refused' },
  ECONNRESET: { errno: -104, text: 'connection reset by peer' },
  EHOSTUNREACH: { errno: -113, text: 'host is unreachable' },
  EINVAL: { errno: -22, text: 'invalid argument' },
  EISCONN: { errno: -106, text: 'socket is already connected' },
  EMFILE: { errno: -24, text: 'too many open files' },
  ENETUNREACH: { errno: -101, text: 'network is unreachable' },
  ENOBUFS: { errno: -105, text: 'no buffer space available' },
  ENOTFOUND: { errno: -3008, text: 'unknown node or service' },
  EOPNOTSUPP: { errno: -95, text: 'operation not supported on socket' },
  EPIPE: { errno: -32, text: 'broken pipe' },
  EPROTO: { errno: -71, text: 'protocol error' },
  ETIMEDOUT: { errno: -110, text: 'connection timed out' },
};

export interface Where {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

/** `::1:443` as Node writes it. */
function place({ address, port }: Where): string {
  if (!address) return port === undefined ? '' : ` :${port}`;
  return ` ${address}${port ? `:${port}` : ''}`;
}

/**
 * `connect ECONNREFUSED 192.0.2.1:443`. A name that was not found is what Node has of its resolver: `getaddrinfo ENOTFOUND
 * name`. @param detail what Node has no words for, behind a colon
 */
export function connectionError(code: string, syscall: Syscall, where: Where = {}, detail?: string): ConnectionError {
  const isName = code === 'ENOTFOUND' && syscall === 'connect';
  const call = isName ? 'getaddrinfo' : syscall;
  const told = syscall === 'listen' ? `: ${known[code]?.text ?? code}` : '';
  const target = isName ? ` ${where.address ?? ''}` : place(where);
  const error = new Error(
    `${call} ${code}${told}${target}${detail === undefined ? '' : `: ${detail}`}`,
  ) as ConnectionError;
  const number = known[code]?.errno;
  if (number !== undefined) error.errno = number;
  error.code = code;
  error.syscall = call;
  if (isName) {
    if (where.address !== undefined) error.hostname = where.address;
    return error;
  }
  if (where.address !== undefined) error.address = where.address;
  if (where.port !== undefined) error.port = where.port;
  return error;
}

/** `feature` is the start of a sentence. */
export const notSupported = (feature: string): CodedError =>
  codedError(Error, 'ERR_WASM_TLS_NOT_SUPPORTED', `${feature} over a transport; see docs/net.md`);

export const noRelay = (): CodedError =>
  codedError(
    Error,
    'ERR_WASM_TLS_NO_RELAY',
    "There is no relay to connect through: call setDefaultRelay('wss://…/') of wasm-tls/net first, or give the option " +
      '"transport"',
  );

export const noWebSocket = (): CodedError =>
  codedError(
    Error,
    'ERR_WASM_TLS_NO_WEBSOCKET',
    'There is no WebSocket in this environment: give a class for it as the option "WebSocket" of the relay',
  );

export const badPort = (name: string, value: unknown): CodedError =>
  codedError(
    RangeError,
    'ERR_SOCKET_BAD_PORT',
    `${name} should be >= 0 and < 65536. Received ${describeReceived(value)}.`,
  );

export const missingArguments = (): CodedError =>
  codedError(TypeError, 'ERR_MISSING_ARGS', 'The "options" or "port" or "path" argument must be specified');

export const invalidAddress = (address: unknown): CodedError =>
  codedError(TypeError, 'ERR_INVALID_IP_ADDRESS', `Invalid IP address: ${String(address)}`);

export const alreadyListening = (): CodedError =>
  codedError(Error, 'ERR_SERVER_ALREADY_LISTEN', 'Listen method has been called more than once without closing.');

export const notListening = (): CodedError => codedError(Error, 'ERR_SERVER_NOT_RUNNING', 'Server is not running.');
