/** The options of `new tls.TLSSocket()`, checked. */
import type { ConnectionOptions } from '../engine/types.js';
import { requiredAlpnWire } from './alpn.js';
import type { RawOptions } from './context-options.js';
import { invalidArgType, plainError } from './errors.js';
import type { CommandLine, Platform } from './platform.js';
import type { ServerLike } from './server-questions.js';
import { timerDuration, toBytes, validateBoolean, validateFunction, validateString } from './validate.js';

type UserFunction = (...args: unknown[]) => unknown;

export interface SocketOptions {
  isServer: boolean;
  server: ServerLike | null;
  requestCert: boolean;
  rejectUnauthorized: boolean;
  requestOCSP: boolean;
  session: Uint8Array | undefined;
  trace: boolean;
  alpnProtocols: Buffer | undefined;
  npnProtocols: Buffer | undefined;
  alpnCallback: UserFunction | undefined;
  sniCallback: UserFunction | undefined;
  pskCallback: UserFunction | undefined;
  pskIdentityHint: string | undefined;
  /** Milliseconds; undefined for no limit. */
  handshakeTimeout: number | undefined;
  pauseOnConnect: boolean;
  signal: AbortSignal | undefined;
}

function optionalFunction(value: unknown, name: string): UserFunction | undefined {
  if (!value) return undefined;
  validateFunction(value, name);
  return value as UserFunction;
}

function traceWanted(enableTrace: unknown, commandLine: CommandLine): boolean {
  if (enableTrace === undefined || enableTrace === null) return commandLine.trace;
  validateBoolean(enableTrace, 'options.enableTrace');
  return enableTrace;
}

export function sessionBytes(session: unknown): Uint8Array {
  if (!ArrayBuffer.isView(session)) throw plainError(TypeError, 'ERR_INVALID_ARG_TYPE', 'Session must be a buffer');
  return toBytes(session);
}

function abortSignal(signal: unknown): AbortSignal | undefined {
  if (!signal) return undefined;
  if (typeof signal !== 'object' || !('aborted' in signal)) throw invalidArgType('signal', 'AbortSignal', signal);
  return signal as AbortSignal;
}

function identityHint(hint: unknown): string | undefined {
  if (!hint) return undefined;
  validateString(hint, 'options.pskIdentityHint');
  return hint;
}

function handshakeTimeout(milliseconds: unknown, platform: Platform): number | undefined {
  if (!((milliseconds as number) > 0)) return undefined;
  return timerDuration(milliseconds, 'msecs', (message, type) => platform.warn(message, type));
}

export function socketOptions(options: RawOptions, platform: Platform): SocketOptions {
  const isServer = Boolean(options.isServer);
  const trace = traceWanted(options.enableTrace, platform.commandLine);
  const alpnProtocols = options.ALPNProtocols
    ? requiredAlpnWire(options.ALPNProtocols, platform.newArgumentErrors)
    : undefined;
  const npnProtocols = options.NPNProtocols ? requiredAlpnWire(options.NPNProtocols, false) : undefined;
  const alpnCallback = isServer ? optionalFunction(options.ALPNCallback, 'options.ALPNCallback') : undefined;
  const sniCallback = isServer ? optionalFunction(options.SNICallback, 'options.SNICallback') : undefined;
  const pskCallback = optionalFunction(options.pskCallback, 'pskCallback');
  return {
    isServer,
    server: (options.server as ServerLike | undefined) || null,
    // A client always asks for a certificate; whether a bad one is refused is for its owner to say.
    requestCert: Boolean(options.requestCert) || !isServer,
    rejectUnauthorized: Boolean(options.rejectUnauthorized),
    requestOCSP: Boolean(options.requestOCSP),
    session: options.session && !isServer ? sessionBytes(options.session) : undefined,
    trace,
    alpnProtocols,
    npnProtocols,
    alpnCallback,
    sniCallback,
    pskCallback,
    pskIdentityHint: pskCallback === undefined ? undefined : identityHint(options.pskIdentityHint),
    handshakeTimeout: handshakeTimeout(options.handshakeTimeout, platform),
    pauseOnConnect: Boolean(options.pauseOnConnect),
    signal: abortSignal(options.signal),
  };
}

/** What of them the engine is told when the connection is made. */
export function connectionOptions(options: SocketOptions): ConnectionOptions {
  const { isServer, server } = options;
  const result: ConnectionOptions = { isServer, sessions: true, trace: options.trace };
  if (options.alpnProtocols !== undefined) result.alpnProtocols = options.alpnProtocols;
  if (options.npnProtocols !== undefined) result.npnProtocols = options.npnProtocols;
  if (!isServer) {
    result.requestOcsp = options.requestOCSP;
    if (options.session !== undefined) result.session = options.session;
    return result;
  }
  const storesSessions = server !== null && (listens(server, 'newSession') || listens(server, 'resumeSession'));
  result.requestCertificate = options.requestCert;
  result.requireCertificate = options.requestCert && options.rejectUnauthorized;
  result.askClientHello = storesSessions;
  result.askNewSession = storesSessions;
  if (options.pskIdentityHint !== undefined) result.pskIdentityHint = options.pskIdentityHint;
  return result;
}

export const listens = (server: ServerLike, event: string): boolean => server.listenerCount(event) > 0;
