/** Engine errors, which are plain data, to `Error` objects with the properties that Node gives its own. */
import { EngineFailure, type EngineConnection, type EngineError } from '../engine/types.js';
import { plainError, tls as errors, type CodedError } from './errors.js';

/** Codes for which Node throws a TypeError; all others are plain errors. */
const typeErrorCodes = new Set(['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_TLS_INVALID_CONTEXT']);

interface OpensslDetails {
  library?: string;
  function?: string;
  reason?: string;
  code?: string;
  opensslErrorStack?: string[];
}

/** The properties in the order in which Node sets them; what OpenSSL left empty stays away. */
function opensslError(from: EngineError, withStack: boolean): Error {
  const error: Error & OpensslDetails = new Error(from.message);
  // Of a PFX Node gives OpenSSL's sentence and nothing else.
  if (from.code === '') return error;
  if (withStack && from.stack.length > 0) error.opensslErrorStack = [...from.stack];
  if (from.library !== '') error.library = from.library;
  if (from.function !== '') error.function = from.function;
  if (from.reason !== '') error.reason = from.reason;
  error.code = from.code;
  return error;
}

/** Those that Node makes in JavaScript. */
const apiErrors: Readonly<Record<string, () => CodedError>> = {
  ERR_TLS_INVALID_STATE: errors.invalidState,
  ERR_TLS_RENEGOTIATION_DISABLED: errors.renegotiationDisabled,
  ERR_TLS_SESSION_ATTACK: errors.sessionAttack,
};

/** What Node 24 spells better than those before it, whose codes the engine has. */
const newSpellings = new Map([['ERR_TLS_PSK_SET_IDENTIY_HINT_FAILED', 'ERR_TLS_PSK_SET_IDENTITY_HINT_FAILED']]);

function ownError({ code, message, cause }: EngineError, newSpelling: boolean): Error {
  const spelt = newSpelling ? (newSpellings.get(code) ?? code) : code;
  const made = apiErrors[code]?.();
  if (made !== undefined) return made;
  const error = plainError(typeErrorCodes.has(code) ? TypeError : Error, spelt, message);
  return cause === undefined ? error : Object.assign(error, { cause });
}

export function fromEngineError(from: EngineError, newSpelling = false): Error {
  switch (from.kind) {
    case 'ssl':
      return opensslError(from, false);
    case 'ossl':
      return opensslError(from, true);
    case 'argument':
    case 'state':
      return ownError(from, newSpelling);
  }
}

/** Runs `call`; what the engine refuses becomes a Node error. */
export function engineCall<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof EngineFailure ? fromEngineError(error.engineError) : error;
  }
}

/** A peer certificate's verification failure: OpenSSL's sentence, and the name of its code. Null when there is none. */
export function verificationErrorOf(connection: EngineConnection | null): CodedError | null {
  const failure = connection?.verifyError() ?? null;
  return failure && plainError(Error, failure.code, failure.reason);
}
