/** What `connect()` and `listen()` are called with, in all the forms that Node takes, checked as Node does. */
import type { LookupFunction } from 'node:net';
import { invalidArgType, invalidArgValue } from '../common/errors.js';
import {
  validateBoolean,
  validateFunction,
  validateInt32,
  validateNumber,
  validateString,
} from '../common/validate.js';
import type { ListenTarget, Target } from './channel.js';
import { badPort, invalidAddress, missingArguments, notSupported } from './errors.js';
import { isIP } from './ip.js';

export type RawOptions = Record<string, unknown>;
export type Callback = (...args: unknown[]) => void;

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** A port may be a number in a string; any other string is the path of a Unix socket. */
function isPath(value: unknown): value is string {
  return typeof value === 'string' && !(Number(value) >= 0);
}

/** `(options[, callback])`, `(path[, callback])`, `([port][, host][, …][, callback])`. */
export function sortArguments(args: readonly unknown[]): { options: RawOptions; callback: Callback | null } {
  const [first, second] = args;
  let options: RawOptions = {};
  if (typeof first === 'object' && first !== null) options = first as RawOptions;
  else if (isPath(first)) options = { path: first };
  else if (args.length > 0) options = { port: first, ...(typeof second === 'string' && { host: second }) };
  const last = args.at(-1);
  return { options, callback: typeof last === 'function' ? (last as Callback) : null };
}

function validatePort(value: unknown, name: string): number {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  const port = Number(value);
  if (!isNumber || !Number.isInteger(port) || port < 0 || port > 0xffff) throw badPort(name, value);
  return port;
}

export interface ConnectPlan {
  readonly target: Target;
  /** The user's own way to an address; null leaves the name to the other end of the transport. */
  readonly lookup: LookupFunction | null;
  readonly family: 0 | 4 | 6;
  readonly hints: number;
  /** What is asked for and cannot be: an error of the socket, not of the call, as such things are in Node. */
  readonly obstacle: Error | null;
}

/** @param portless the transport leads to one place, so that no port need be named */
export function checkTarget(options: RawOptions, portless: boolean): void {
  if (options.port === undefined && isAbsent(options.path) && !portless) throw missingArguments();
}

export function connectPlan(options: RawOptions): ConnectPlan {
  const { path, localAddress, localPort, port, lookup } = options;
  const nowhere = { target: { host: '', port: undefined }, lookup: null, family: 0, hints: 0 } as const;
  if (path) {
    validateString(path, 'options.path');
    return { ...nowhere, obstacle: notSupported(`The Unix socket ${path} cannot be reached`) };
  }
  if (localAddress && isIP(localAddress) === 0) throw invalidAddress(localAddress);
  if (localPort) validateNumber(localPort, 'options.localPort');
  if (port !== undefined && typeof port !== 'number' && typeof port !== 'string') {
    throw invalidArgType('options.port', ['number', 'string'], port);
  }
  const number = port === undefined ? undefined : validatePort(port, 'Port');
  validateFamilySelection(options);
  const host = (options.host || 'localhost') as string;
  validateString(host, 'options.host');
  if (isIP(host) === 0) {
    if (!isAbsent(lookup)) validateFunction(lookup, 'options.lookup');
  }
  const bound = localAddress || localPort ? notSupported('A local address or port cannot be chosen') : null;
  return {
    target: { host, port: number },
    lookup: isIP(host) === 0 ? ((lookup as LookupFunction | undefined) ?? null) : null,
    family: isIP(host) === 0 ? addressFamily(options.family) : 0,
    hints: (options.hints as number | undefined) || 0,
    obstacle: bound,
  };
}

function validateFamilySelection({ autoSelectFamily, autoSelectFamilyAttemptTimeout }: RawOptions): void {
  if (!isAbsent(autoSelectFamily)) validateBoolean(autoSelectFamily, 'options.autoSelectFamily');
  if (!isAbsent(autoSelectFamilyAttemptTimeout)) {
    validateInt32(autoSelectFamilyAttemptTimeout, 'options.autoSelectFamilyAttemptTimeout', 1);
  }
}

function addressFamily(family: unknown): 0 | 4 | 6 {
  switch (family) {
    case undefined:
    case null:
    case 0:
      return 0;
    case 4:
    case 'IPv4':
      return 4;
    case 6:
    case 'IPv6':
      return 6;
    default:
      throw invalidArgValue('options.family', family, 'must be one of: 0, 4, 6');
  }
}

export interface ListenPlan {
  readonly target: ListenTarget;
  readonly signal: AbortSignal | undefined;
}

function backlogOf(value: unknown): number | undefined {
  const number = Number(value);
  return number > 0 ? number : undefined;
}

export function listenPlan(args: readonly unknown[], options: RawOptions): ListenPlan {
  const { signal, fd, handle, _handle, path } = options;
  if (signal !== undefined) validateSignal(signal, 'options.signal');
  if (handle !== undefined || _handle !== undefined) throw notSupported('A handle cannot be listened on');
  if (typeof fd === 'number' && fd >= 0) throw notSupported('A file descriptor cannot be listened on');
  const portOmitted = args.length === 0 || typeof args[0] === 'function' || options.port === null;
  const port = portOmitted || ('port' in options && options.port === undefined) ? 0 : options.port;
  if (typeof port !== 'number' && typeof port !== 'string') {
    if (path && isPath(path)) throw notSupported('A Unix socket cannot be listened on');
    const reason = 'port' in options || 'path' in options ? 'is invalid' : 'must have the property "port" or "path"';
    throw invalidArgValue('options', options, reason);
  }
  const number = validatePort(port, 'options.port');
  const host = options.host || '';
  validateString(host, 'hostname');
  const backlog = backlogOf(options.backlog) ?? backlogOf(args[1]) ?? backlogOf(args[2]);
  return {
    target: { host, port: number, backlog },
    signal,
  };
}

export function validateSignal(value: unknown, name: string): asserts value is AbortSignal {
  if (typeof value === 'object' && value !== null && 'aborted' in value) return;
  throw invalidArgType(name, 'AbortSignal', value);
}
