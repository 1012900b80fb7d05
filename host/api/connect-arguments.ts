/** The three signatures of `tls.connect()`: (options[, cb]), (path[, options][, cb]), (port[, host][, options][, cb]). */
import type { RawOptions } from './context-options.js';

export interface ConnectArguments {
  options: RawOptions;
  callback: (() => void) | undefined;
}

const isObject = (value: unknown): value is RawOptions => typeof value === 'object' && value !== null;

/** As net does: a string that is no number is the path of a Unix socket. */
const isPath = (value: unknown): value is string => typeof value === 'string' && !(Number(value) >= 0);

function positional(first: unknown, second: unknown): RawOptions {
  if (isPath(first)) return { path: first };
  return typeof second === 'string' ? { port: first, host: second } : { port: first };
}

export function connectArguments(args: readonly unknown[]): ConnectArguments {
  const [first, second, third] = args;
  const last = args.at(-1);
  let options: RawOptions = {};
  if (isObject(first)) options = first;
  else if (args.length > 0) options = positional(first, second);
  // What options say wins over positional arguments.
  if (isObject(second)) options = { ...options, ...second };
  else if (isObject(third)) options = { ...options, ...third };
  return { options, callback: typeof last === 'function' ? (last as () => void) : undefined };
}
