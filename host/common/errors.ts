/**
 * Errors as Node makes them: class, `code` and message are those of Node 20, so that programs which look at them do not
 * notice whose module they run on.
 */
import { inspect } from 'node:util';

export type CodedError = Error & { code: string };

interface ErrorClass {
  readonly name: string;
  new (message: string): Error;
}

type StackCapture = { captureStackTrace?: (target: Error, constructorOptions: unknown) => void };

/** An error as Node makes them: plain class, own `code`, and the code in the stack's first line and in `toString()`. */
export function codedError(Class: ErrorClass, code: string, message: string): CodedError {
  const error = new Class(message) as CodedError;
  // The first line of a V8 stack is fixed when it is captured, so the name carries the code for that moment only.
  Object.defineProperty(error, 'name', { value: `${Class.name} [${code}]`, configurable: true });
  (Error as StackCapture).captureStackTrace?.(error, codedError);
  void error.stack;
  Reflect.deleteProperty(error, 'name');
  error.code = code;
  Object.defineProperty(error, 'toString', {
    value: () => `${Class.name} [${code}]: ${error.message}`,
    configurable: true,
    writable: true,
  });
  return error;
}

/** The errors that Node makes in C++ have a code too, but show it nowhere else. */
export function plainError(Class: ErrorClass, code: string, message: string): CodedError {
  const error = new Class(message) as CodedError;
  error.code = code;
  return error;
}

/** 'a', 'a or b', 'a, b, or c'. */
function formatList(words: readonly string[]): string {
  if (words.length <= 2) return words.join(' or ');
  return `${words.slice(0, -1).join(', ')}, or ${words[words.length - 1]}`;
}

const primitiveTypes = new Set([
  'string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol',
]); // prettier-ignore

function describeExpected(expected: readonly string[]): string {
  const types = expected.filter((name) => primitiveTypes.has(name)).map((name) => name.toLowerCase());
  const instances = expected.filter((name) => !primitiveTypes.has(name) && /^[A-Z]/.test(name));
  const other = expected.filter((name) => !primitiveTypes.has(name) && !/^[A-Z]/.test(name));
  const objectAt = types.indexOf('object');
  if (instances.length > 0 && objectAt !== -1) {
    types.splice(objectAt, 1);
    instances.push('Object');
  }
  const parts: string[] = [];
  if (types.length > 0) parts.push(`${types.length > 1 ? 'one of type' : 'of type'} ${formatList(types)}`);
  if (instances.length > 0) parts.push(`an instance of ${formatList(instances)}`);
  if (other.length > 0) parts.push(other.length > 1 ? `one of ${formatList(other)}` : other[0]!);
  return parts.join(' or ');
}

function describeString(value: string): string {
  const short = value.length > 28 ? `${value.slice(0, 25)}...` : value;
  return short.includes("'") ? `type string (${JSON.stringify(short)})` : `type string ('${short}')`;
}

/** `type string ('x')`, `an instance of X`, … */
export function describeReceived(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  switch (typeof value) {
    case 'string':
      return describeString(value);
    case 'function':
      return `function ${value.name}`;
    case 'object': {
      const constructor: unknown = value.constructor;
      if (typeof constructor === 'function') return `an instance of ${constructor.name}`;
      return inspect(value, { depth: -1 });
    }
    case 'bigint':
      return `type bigint (${String(value)}n)`;
    case 'number':
      return `type number (${Object.is(value, -0) ? '-0' : String(value)})`;
    default:
      return `type ${typeof value} (${String(value as boolean | symbol)})`;
  }
}

const kindOfName = (name: string): string => (name.includes('.') ? 'property' : 'argument');

export function invalidArgType(name: string, expected: string | readonly string[], value: unknown): CodedError {
  const wanted = describeExpected(typeof expected === 'string' ? [expected] : expected);
  const message = `The "${name}" ${kindOfName(name)} must be ${wanted}. Received ${describeReceived(value)}`;
  return codedError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

export function invalidArgValue(name: string, value: unknown, reason = 'is invalid'): CodedError {
  const shown = inspect(value);
  const received = shown.length > 128 ? `${shown.slice(0, 128)}...` : shown;
  const message = `The ${kindOfName(name)} '${name}' ${reason}. Received ${received}`;
  return codedError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
}

/** 4_294_967_297, as Node writes integers that are hard to read otherwise. */
const withSeparators = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, '_');

function describeNumber(value: unknown): string {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > 2 ** 32) {
    return withSeparators(String(value));
  }
  return inspect(value);
}

/** `subject` is a name, or a whole sentence when `isSentence`. */
export function outOfRange(subject: string, range: string, value: unknown, isSentence = false): CodedError {
  const start = isSentence ? subject : `The value of "${subject}" is out of range.`;
  const message = `${start} It must be ${range}. Received ${describeNumber(value)}`;
  return codedError(RangeError, 'ERR_OUT_OF_RANGE', message);
}

export const socketClosed = (): CodedError => codedError(Error, 'ERR_SOCKET_CLOSED', 'Socket is closed');

export const socketClosedBeforeConnection = (): CodedError =>
  codedError(Error, 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION', 'Socket closed before the connection was established');

export const streamDestroyed = (method: string): CodedError =>
  codedError(Error, 'ERR_STREAM_DESTROYED', `Cannot call ${method} after a stream was destroyed`);
