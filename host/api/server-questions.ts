/**
 * A server's handshake stops at three questions, and answers come from user code, at any later time: a session for the
 * client's ID ('resumeSession'), a context for the name it asks for (SNICallback, addContext) with an OCSP staple
 * ('OCSPRequest'), and whether a new session is stored ('newSession').
 */
import type { EngineConnection, EngineContext, EngineEvent } from '../engine/types.js';
import { multipleCallback, plainError } from './errors.js';
import type { SecureContext } from './secure-context.js';
import { toBytes } from './validate.js';

type EventOf<T extends EngineEvent['type']> = Extract<EngineEvent, { type: T }>;

/** A tls.Server, or a net.Server that a user passed as the `server` option. */
export interface ServerLike {
  emit(event: string, ...args: unknown[]): boolean;
  listenerCount(event: string): number;
  readonly _sharedCreds?: SecureContext;
}

/** What the answers need of their TLSSocket. */
export interface QuestionedSocket {
  readonly destroyed: boolean;
  destroy(error?: Error): unknown;
  servername: string | false | null;
}

export interface ContextLookup {
  /** The user's SNICallback; undefined when there is none. */
  sniCallback: ((servername: string, callback: (error: unknown, context?: unknown) => void) => unknown) | undefined;
  /** The server's table of names. */
  byName: (servername: string) => EngineContext | null;
  /** The engine's part of what SNICallback answered; null when it is no context. */
  resolve: (context: unknown) => EngineContext | null;
}

export class ServerQuestions {
  readonly #socket: QuestionedSocket;
  readonly #server: ServerLike | null;
  readonly #connection: EngineConnection;
  readonly #lookup: ContextLookup;
  readonly #goOn: () => void;
  /** New sessions that are not stored yet; TLS 1.3 makes two. */
  #storing = 0;

  constructor(
    socket: QuestionedSocket,
    server: ServerLike | null,
    connection: EngineConnection,
    lookup: ContextLookup,
    goOn: () => void,
  ) {
    this.#socket = socket;
    this.#server = server;
    this.#connection = connection;
    this.#lookup = lookup;
    this.#goOn = goOn;
  }

  /** A new session waits for its owner to store it; until then the handshake does not count as done. */
  get storing(): boolean {
    return this.#storing > 0;
  }

  clientHello(event: EventOf<'clientHello'>): void {
    const answer = this.#once((error, session) => {
      if (error) return void this.#socket.destroy(error as Error);
      this.#connection.answerClientHello(ArrayBuffer.isView(session) ? toBytes(session) : null);
      this.#goOn();
    });
    try {
      if (this.#server?.emit('resumeSession', event.sessionId, answer)) return;
    } catch (error) {
      this.#socket.destroy(error as Error);
      return;
    }
    this.#connection.answerClientHello(null);
    this.#goOn();
  }

  certificateWanted(event: EventOf<'certificateWanted'>): void {
    if (event.servername !== '') this.#socket.servername = event.servername;
    const { sniCallback } = this.#lookup;
    if (event.servername === '' || sniCallback === undefined) {
      const context = event.servername === '' ? null : this.#lookup.byName(event.servername);
      this.#staple(event, context);
      return;
    }
    const answer = this.#once((error, chosen) => {
      if (error) return void this.#socket.destroy(error as Error);
      const context = chosen ? this.#lookup.resolve(chosen) : null;
      if (chosen && context === null) return void this.#socket.destroy(new TypeError('Invalid SNI context'));
      this.#staple(event, context);
    });
    try {
      sniCallback.call(this.#socket, event.servername, answer);
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
  }

  /** `done` is called when the session is stored. */
  newSession(event: EventOf<'newSession'>, done: () => void): void {
    let called = false;
    const answer = (): void => {
      if (called) return;
      called = true;
      this.#storing--;
      if (this.#socket.destroyed) return;
      this.#connection.answerNewSession();
      done();
      this.#goOn();
    };
    this.#storing++;
    let asked: boolean | undefined = false;
    try {
      asked = this.#server?.emit('newSession', event.id, event.data, answer);
    } catch (error) {
      // Without a store its session is of no use, but the connection is.
      this.#server?.emit('error', error);
    }
    if (asked !== true) answer();
  }

  #staple(event: EventOf<'certificateWanted'>, context: EngineContext | null): void {
    const server = this.#server;
    const presented =
      context ?? (server?._sharedCreds === undefined ? null : this.#lookup.resolve(server._sharedCreds));
    if (!event.ocspRequested || presented === null || server === null || server.listenerCount('OCSPRequest') === 0) {
      this.#answerCertificate(context, null);
      return;
    }
    const answer = this.#once((error, response) => {
      if (error) return void this.#socket.destroy(error as Error);
      if (response && !ArrayBuffer.isView(response)) {
        throw plainError(TypeError, 'ERR_INVALID_ARG_TYPE', 'OCSP response must be a buffer');
      }
      this.#answerCertificate(context, response ? toBytes(response as ArrayBufferView) : null);
    });
    try {
      server.emit('OCSPRequest', presented.certificate(), presented.issuer(), answer);
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
  }

  #answerCertificate(context: EngineContext | null, response: Uint8Array | null): void {
    if (this.#socket.destroyed) return;
    this.#connection.answerCertificate(context, response);
    this.#goOn();
  }

  /** A callback for user code: a second call destroys the socket, a call after the socket's end does nothing. */
  #once(answer: (error: unknown, result?: unknown) => void): (error?: unknown, result?: unknown) => void {
    let called = false;
    return (error, result) => {
      if (called) return void this.#socket.destroy(multipleCallback());
      called = true;
      if (!this.#socket.destroyed) answer(error, result);
    };
  }
}
