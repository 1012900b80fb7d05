/** A TLSSocket as the rest of `host/api` knows it. Its users see the type of `node:tls`. */
import type * as net from 'node:net';
import type { Duplex } from 'node:stream';
import type { EngineContext } from '../engine/types.js';
import type { SecureContext } from './secure-context.js';
import type { SocketOptions } from './socket-options.js';

export interface TLSSocket extends net.Socket {
  readonly encrypted: true;
  authorized: boolean;
  authorizationError: string | null;
  alpnProtocol: string | false | null;
  npnProtocol: string | false | null;
  servername: string | false | null;
  secureConnecting: boolean;
  server: unknown;
  setServername(name: string): void;
  setSession(session: string | Buffer): void;
  getEphemeralKeyInfo(): object | null;
  getPeerCertificate(detailed?: boolean): object | null;
  isSessionReused(): boolean | null;
}

/** How a tls.Server finds the context for a name, when the user gave no SNICallback. */
export type ContextByName = (servername: string) => EngineContext | null;

export type TLSSocketClass = new (socket?: Duplex | null, options?: object, byName?: ContextByName) => TLSSocket;

/** What `tls.connect()` and `tls.Server` may do with a TLSSocket and nobody else. */
export interface SocketInternals {
  /** Starts a client's handshake, at once or when the transport has connected. */
  start(socket: TLSSocket): void;
  /** The context is this socket's own, and ends with it. */
  ownContext(socket: TLSSocket, context: SecureContext): void;
  /** Somebody answers for the socket's errors from now on. */
  release(socket: TLSSocket): void;
  verifyError(socket: TLSSocket): Error | null;
  /** Whether the peer has a certificate, also of a session that is resumed, and it is for this host. */
  peerIs(socket: TLSSocket, hostname: string): boolean;
  /** Also of a session that is resumed; null for none. */
  peerCertificate(socket: TLSSocket): object | null;
  /** Whoever judges the peer's certificate has accepted it: sessions may be offered for later. */
  accept(socket: TLSSocket): void;
  options(socket: TLSSocket): SocketOptions;
}
