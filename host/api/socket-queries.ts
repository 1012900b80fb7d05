/**
 * What a TLSSocket tells about its connection. Once the connection is gone the answer is null, as in Node; before there is
 * something to tell it is undefined, an empty object or an empty list, also as in Node.
 */
import type { EngineConnection } from '../engine/types.js';
import { engineCall, verificationErrorOf } from './engine-errors.js';
import { outOfRange, tls as errors } from './errors.js';
import { certificateObject, longestChain, peerCertificate } from './peer-certificate.js';
import type { Platform } from './platform.js';
import { toBytes, validatePositiveUint32, validateString, validateView } from './validate.js';

export interface QueryAccess<S> {
  /** Null once the socket is closed. */
  connection(socket: S): EngineConnection | null;
  isServer(socket: S): boolean;
  isSecure(socket: S): boolean;
  /** The one that the latest 'session' event gave; null before. */
  toldSession(socket: S): ToldSession | null;
  transport(socket: S): object;
}

/** Of the engine's newSession event. */
export interface ToldSession {
  readonly data: Buffer;
  readonly ticket: Buffer;
}

/** Node has memory for more. Nobody has a use for it, and here it would be all of the instance's. */
const longestExport = 2 ** 24;

function ephemeralKeyInfo(connection: EngineConnection): object {
  const { type, name, size } = connection.ephemeralKey();
  switch (type) {
    case '':
      return {};
    case 'DH':
      return { type, size };
    case 'TLSGroup': // A KEM's share is a ciphertext and has no size as keys have one.
      return { type, name };
    default:
      return { type, name, size };
  }
}

/** Queries without arguments. */
function simpleQueries(platform: Platform): Record<string, (connection: EngineConnection) => unknown> {
  return {
    getCipher: (connection) => connection.cipher() ?? undefined,
    getProtocol: (connection) => connection.protocol(),
    getSharedSigalgs: (connection) => connection.sharedSigalgs(),
    getFinished: (connection) => connection.finished() ?? undefined,
    getPeerFinished: (connection) => connection.peerFinished() ?? undefined,
    isSessionReused: (connection) => connection.sessionReused(),
    getCertificate(connection) {
      const data = connection.ownCertificate();
      return data === null ? {} : certificateObject(data);
    },
    getPeerX509Certificate: (connection) =>
      platform.x509Certificates(connection.peerCertificates(longestChain).map(({ data }) => data)),
    getX509Certificate(connection) {
      const own = connection.ownCertificate();
      return platform.x509Certificates(own === null ? [] : [own]);
    },
  };
}

export function defineSocketQueries<S extends object>(prototype: S, platform: Platform, access: QueryAccess<S>): void {
  const define = (name: string, value: (this: S, ...args: never[]) => unknown): void =>
    void Object.defineProperty(prototype, name, { value, configurable: true, writable: true });

  for (const [name, query] of Object.entries(simpleQueries(platform))) {
    define(name, function () {
      const connection = access.connection(this);
      if (connection !== null) return query(connection);
      return name.endsWith('X509Certificate') ? undefined : null;
    });
  }
  // Undocumented, and looked at by programs all the same.
  Object.defineProperty(prototype, '_secureEstablished', {
    configurable: true,
    get(this: S) {
      return access.isSecure(this);
    },
  });
  // What programs ask Node's native object for.
  Object.defineProperty(prototype, 'ssl', {
    configurable: true,
    get(this: S) {
      const connection = access.connection(this);
      const { _handle: handle } = access.transport(this) as { _handle?: { fd?: number } | null };
      return connection && { fd: handle?.fd ?? -1, verifyError: () => verificationErrorOf(connection) };
    },
  });
  define('getSession', function () {
    const connection = access.connection(this);
    return connection === null ? null : (access.toldSession(this)?.data ?? connection.session() ?? undefined);
  });
  define('getTLSTicket', function () {
    const connection = access.connection(this);
    if (connection === null) return null;
    const told = access.toldSession(this)?.ticket ?? Buffer.alloc(0);
    return told.length > 0 ? told : (connection.ticket() ?? undefined);
  });
  define('getPeerCertificate', function (detailed?: unknown) {
    const connection = access.connection(this);
    if (connection === null) return null;
    // A server that resumes does not send its chain again, and Node's clients show nothing else.
    if (!access.isServer(this) && connection.sessionReused()) return {};
    return peerCertificate(connection, detailed === true) ?? {};
  });
  define('getEphemeralKeyInfo', function () {
    const connection = access.connection(this);
    return connection === null || access.isServer(this) ? null : ephemeralKeyInfo(connection);
  });
  define('exportKeyingMaterial', function (length: unknown, label: unknown, context?: unknown) {
    validatePositiveUint32(length, 'length');
    validateString(label, 'label');
    if (context !== undefined) validateView(context, 'context');
    const connection = access.connection(this);
    if (connection === null || !access.isSecure(this)) throw errors.invalidState();
    if (length > longestExport) throw outOfRange('length', `<= ${longestExport}`, length);
    return engineCall(() => connection.exportKeyingMaterial(length, label, context && toBytes(context)));
  });
}
