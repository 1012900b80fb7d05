/**
 * Error objects. Only this file and `engine-errors.ts` build them; class, `code` and message are those of Node 20, so
 * that programs which look at them do not notice whose `tls` they run on.
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

function describeReceived(value: unknown): string {
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

export const internalAssertion = (message: string): CodedError => codedError(Error, 'ERR_INTERNAL_ASSERTION', message);

export const multipleCallback = (): CodedError =>
  codedError(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times');

export const socketClosed = (): CodedError => codedError(Error, 'ERR_SOCKET_CLOSED', 'Socket is closed');

export const socketClosedBeforeConnection = (): CodedError =>
  codedError(Error, 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION', 'Socket closed before the connection was established');

export const streamDestroyed = (method: string): CodedError =>
  codedError(Error, 'ERR_STREAM_DESTROYED', `Cannot call ${method} after a stream was destroyed`);

export const handshakeStarted = (): CodedError =>
  codedError(Error, 'ERR_INVALID_STATE', 'Invalid state: The handshake has started');

export const streamWrap = (): CodedError =>
  codedError(Error, 'ERR_STREAM_WRAP', 'Stream has StringDecoder set or is in objectMode');

export const customEngineNotSupported = (): CodedError =>
  codedError(Error, 'ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED', 'Custom engines not supported by this OpenSSL');

/** `feature` reads as the start of a sentence: "The 'NPNProtocols' option". */
export const notImplemented = (feature: string): CodedError =>
  codedError(Error, 'ERR_METHOD_NOT_IMPLEMENTED', `${feature} is not implemented`);

/** A connection that went away; `code` ECONNRESET, as the operating system would say it. */
export const connectionReset = (message: string): CodedError => plainError(Error, 'ECONNRESET', message);

export const tls = {
  alpnCallbackInvalidResult: (value: string, protocols: readonly string[]): CodedError =>
    codedError(
      TypeError,
      'ERR_TLS_ALPN_CALLBACK_INVALID_RESULT',
      `ALPN callback returned a value (${value}) that did not match any of the client's offered protocols ` +
        `(${protocols.join(', ')})`,
    ),
  alpnCallbackWithProtocols: (): CodedError =>
    codedError(
      TypeError,
      'ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS',
      'The ALPNCallback and ALPNProtocols TLS options are mutually exclusive',
    ),
  altNameFormat: (): CodedError =>
    codedError(SyntaxError, 'ERR_TLS_CERT_ALTNAME_FORMAT', 'Invalid subject alternative name string'),
  altNameInvalid: <C>(
    reason: string,
    host: string,
    cert: C,
  ): CodedError & { reason: string; host: string; cert: C } => {
    const message = `Hostname/IP does not match certificate's altnames: ${reason}`;
    return Object.assign(codedError(Error, 'ERR_TLS_CERT_ALTNAME_INVALID', message), { reason, host, cert });
  },
  dhParamSize: (size: number): CodedError =>
    codedError(Error, 'ERR_TLS_DH_PARAM_SIZE', `DH parameter size ${size} is less than 2048`),
  handshakeTimeout: (): CodedError => codedError(Error, 'ERR_TLS_HANDSHAKE_TIMEOUT', 'TLS handshake timeout'),
  invalidContext: (name: string): CodedError =>
    codedError(TypeError, 'ERR_TLS_INVALID_CONTEXT', `${name} must be a SecureContext`),
  invalidProtocolMethod: (message: string): CodedError =>
    plainError(TypeError, 'ERR_TLS_INVALID_PROTOCOL_METHOD', message),
  invalidProtocolVersion: (version: unknown, which: string): CodedError =>
    codedError(
      TypeError,
      'ERR_TLS_INVALID_PROTOCOL_VERSION',
      `${JSON.stringify(version)} is not a valid ${which} TLS protocol version`,
    ),
  /** OpenSSL's own error, for a context whose `secureProtocol` is for the other role. */
  wrongRole: (): CodedError =>
    Object.assign(
      plainError(
        Error,
        'ERR_SSL_CALLED_A_FUNCTION_YOU_SHOULD_NOT_CALL',
        'error:0A0C0101:SSL routines::called a function you should not call',
      ),
      { library: 'SSL routines', reason: 'called a function you should not call' },
    ),
  invalidState: (): CodedError =>
    codedError(Error, 'ERR_TLS_INVALID_STATE', 'TLS socket connection must be securely established'),
  protocolVersionConflict: (version: unknown, method: unknown): CodedError =>
    codedError(
      TypeError,
      'ERR_TLS_PROTOCOL_VERSION_CONFLICT',
      `TLS protocol version ${JSON.stringify(version)} conflicts with secureProtocol ${JSON.stringify(method)}`,
    ),
  renegotiationDisabled: (): CodedError =>
    codedError(Error, 'ERR_TLS_RENEGOTIATION_DISABLED', 'TLS session renegotiation disabled for this socket'),
  requiredServerName: (): CodedError =>
    codedError(Error, 'ERR_TLS_REQUIRED_SERVER_NAME', '"servername" is required parameter for Server.addContext'),
  sessionAttack: (): CodedError =>
    codedError(Error, 'ERR_TLS_SESSION_ATTACK', 'TLS session renegotiation attack detected'),
  sniFromServer: (): CodedError =>
    codedError(Error, 'ERR_TLS_SNI_FROM_SERVER', 'Cannot issue SNI from a TLS server-side socket'),
};
