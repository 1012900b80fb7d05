/**
 * `tls.TLSSocket`: a net.Socket without a handle of its own. Below it is a transport, which it made or was given; between
 * the two a pump drives the engine's connection. What is asked of a socket (addresses, keep-alive, ref, …) the transport
 * answers; what is asked of TLS, the connection.
 */
import type * as net from 'node:net';
import { addAbortSignal, type Duplex } from 'node:stream';
import { createPump } from '../engine/pump.js';
import type { ConnectionOptions, EngineConnection, EngineError, EngineEvent, Pump } from '../engine/types.js';
import { callable } from '../common/callable.js';
import { choosers } from './choosers.js';
import type { RawOptions } from './context-options.js';
import { engineCall, fromEngineError, verificationErrorOf } from './engine-errors.js';
import {
  codedError,
  handshakeStarted,
  invalidArgType,
  invalidArgValue,
  socketClosed,
  socketClosedBeforeConnection,
  streamDestroyed,
  streamWrap,
  tls as errors,
} from './errors.js';
import { InactivityTimer } from '../common/inactivity-timer.js';
import { peerCertificate } from './peer-certificate.js';
import { defineRenegotiation, judgeRenegotiation } from './renegotiation.js';
import type { Runtime } from './runtime.js';
import { ContextHandle, type SecureContext } from './secure-context.js';
import { peerIs } from './server-identity.js';
import { ServerQuestions } from './server-questions.js';
import { connectionOptions, listens, sessionBytes, socketOptions, type SocketOptions } from './socket-options.js';
import { defineSocketFacade } from './socket-facade.js';
import { defineSocketQueries, type ToldSession } from './socket-queries.js';
import type { ContextByName, SocketInternals, TLSSocketClass } from './tls-socket-types.js';
import { protocolMessage, tellOnDemand } from './told-on-demand.js';
import { createTransport, forwardConnecting, releaseChunk, sendsEarly, TransportEnd } from './transport.js';
import { toBuffer, type Written } from './written.js';
import { UserBuffer } from '../common/user-buffer.js';
import { timerDuration, validateFunction, validateInt32, validateString } from './validate.js';

type Callback = (error?: Error | null) => void;

/**
 * A socket over a stream that nobody holds any more is never closed, but its connection must be, which its engine keeps for
 * this. Like the registry in host/engine/instance.ts this one outlives all instances, and keeps none.
 */
const forgotten = new FinalizationRegistry<WeakRef<EngineConnection>>((connection) => connection.deref()?.dispose());

export function defineTLSSocket(runtime: Runtime): { TLSSocket: TLSSocketClass; internals: SocketInternals } {
  const { net, platform } = runtime;
  let internals!: SocketInternals;

  class TLSSocket extends net.Socket {
    readonly encrypted = true;
    authorized = false;
    authorizationError: string | null = null;
    alpnProtocol: string | false | null = null;
    npnProtocol: string | false | null = null;
    servername: string | false | null = null;
    secureConnecting = true;
    server: unknown = null;

    readonly #options: SocketOptions;
    /** Whether the context's `secureProtocol` is for what this is. */
    readonly #rightRole: boolean;
    readonly #transport: Duplex;
    readonly #transportEnd: TransportEnd;
    readonly #userBuffer: UserBuffer | null;
    readonly #timer = new InactivityTimer(() => this.emit('timeout'));
    readonly #handshakeTimer = new InactivityTimer(() => this.destroy(errors.handshakeTimeout()));
    /** Both null once the socket is destroyed and its listeners have heard of it. */
    #pump: Pump | null;
    #connection: EngineConnection | null;
    #questions: ServerQuestions | null = null;
    #ownContext: SecureContext | null = null;

    /** Until the default roots are there, without which the peer cannot be judged. */
    #roots: Promise<void> | null = null;
    #started = false;
    #startWanted = false;
    #established = false;
    #finishWhenStored = false;
    #accepted = false;
    #pendingSession: ToldSession | null = null;
    #toldSession: ToldSession | null = null;
    #endPending = false;
    #resetting = false;
    #writing: Callback | null = null;
    /** Written before the peer was judged, whom it may not reach if the judgement is against it. */
    #heldBack: readonly Buffer[] | null = null;
    #bytesRead = 0;
    #bytesWritten = 0;

    constructor(socket?: Duplex | null, rawOptions?: object, byName?: ContextByName) {
      const raw: RawOptions = { ...rawOptions };
      const options = socketOptions(raw, platform);
      const given = raw.secureContext || raw.credentials;
      const context = (given || runtime.tls.createSecureContext(raw)) as SecureContext;
      const engineContext = runtime.contexts.engineContext(context);
      const rightRole = ContextHandle.serves(context.context, options.isServer ? 'server' : 'client');
      const { highWaterMark } = raw as { highWaterMark?: number };
      const allowHalfOpen = Boolean(socket ? socket.allowHalfOpen : raw.allowHalfOpen);
      if (socket && typeof (socket as Partial<Duplex>).write !== 'function') {
        throw invalidArgType('socket', 'stream.Duplex', socket);
      }
      super({ allowHalfOpen, ...(highWaterMark !== undefined && { highWaterMark }) } as net.SocketConstructorOpts);

      if (!given) this.#ownContext = context;
      this.#options = options;
      this.#rightRole = rightRole;
      this.server = options.server;
      this.#userBuffer = socket ? null : UserBuffer.from(raw.onread);
      this.#transport = socket || createTransport(net, raw);
      this.#transportEnd = new TransportEnd(net, platform, this.#transport);
      this.#connection = engineCall(() =>
        runtime.engine().createConnection(engineContext, this.#connectionOptions(byName)),
      );
      forgotten.register(this, new WeakRef(this.#connection), this);
      this.on('error', this._tlsError);
      if (options.isServer) this.#questions = this.#serverQuestions(this.#connection, byName);
      this.#pump = createPump(this.#connection, this.#transport, {
        onEvent: (event) => this.#onEvent(event),
        onData: (chunk) => this.#onData(chunk),
        onEnd: () => this.#onEnd(),
        onFailure: (error) => this.#onFailure(error),
        onTransportClose: (error) => this.#onTransportClose(error),
        onActivity: () => this.#timer.refresh(),
        ...(!socket && { onTaken: (chunk: Uint8Array) => releaseChunk(this.#transport, chunk) }),
      });
      this.#listen(socket);
      if (!options.isServer || options.requestCert) this.#awaitRoots(runtime.rootsToCome(engineContext));
      if (options.pauseOnConnect) this.pause();
      if (options.handshakeTimeout !== undefined) this.#handshakeTimer.start(options.handshakeTimeout);
      // In the next tick, so that listeners are there when the first bytes are looked at.
      if (options.isServer) platform.nextTick(() => this.#start());
      // Last, because a signal that is already aborted destroys the socket here and now.
      if (options.signal !== undefined) addAbortSignal(options.signal, this);
    }

    // --- making it -------------------------------------------------------------------------------------------------

    #connectionOptions(byName: ContextByName | undefined): ConnectionOptions {
      const options = this.#options;
      const result = connectionOptions(options);
      if (options.isServer) {
        const staples = options.server !== null && listens(options.server, 'OCSPRequest');
        result.askCertificate = options.sniCallback !== undefined || byName !== undefined || staples;
      }
      return { ...result, ...choosers({ socket: this, fail: (error) => this.#fail(error) }, options) };
    }

    #serverQuestions(connection: EngineConnection, byName: ContextByName | undefined): ServerQuestions {
      const lookup = {
        sniCallback: this.#options.sniCallback,
        byName: byName ?? (() => null),
        resolve: (context: unknown) => runtime.contexts.findEngineContext(context),
      };
      return new ServerQuestions(this, this.#options.server, connection, lookup, () => this.#pump?.kick());
    }

    #listen(given: Duplex | null | undefined): void {
      const transport = this.#transport;
      // The pump listens from the start of the handshake on; a connection can fail before.
      transport.on('error', (error: Error) => {
        if (!this.#started) this.#onTransportClose(error);
      });
      transport.on('close', () => {
        if (!this.#started) this.#onTransportClose(null);
      });
      if (transport instanceof net.Socket) {
        setConnecting(this, transport.pending);
        transport.once('connect', () => this.#onConnect());
        if (!given) {
          forwardConnecting(transport, this);
          transport.once('ready', () => this.emit('ready'));
        }
      }
      tellOnDemand(this, platform, () => this.#connection);
    }

    override connect(options: net.SocketConnectOpts, connectionListener?: () => void): this;
    override connect(port: number, host: string, connectionListener?: () => void): this;
    override connect(port: number, connectionListener?: () => void): this;
    override connect(path: string, connectionListener?: () => void): this;
    override connect(...args: unknown[]): this {
      const last = args.at(-1);
      if (typeof last === 'function' && args.length > 1) this.once('connect', args.pop() as () => void);
      const transport = this.#transport;
      if (this.#pump === null || !(transport instanceof net.Socket)) throw socketClosed();
      this.#timer.refresh();
      setConnecting(this, true);
      (transport.connect as (...rest: unknown[]) => unknown)(...args);
      return this;
    }

    #onConnect(): void {
      if (this.destroyed) return;
      setConnecting(this, false);
      this.#timer.refresh();
      if (this.#startWanted) this.#start();
      this.emit('connect');
    }

    /**
     * Until somebody answers for the socket, which `tls.connect()` and tls.Server do, an error is told by an event of
     * another name and ends nobody's process. Both methods have the names that Node's own modules know.
     */
    readonly _tlsError = (error: Error): void => {
      this.emit('_tlsError', error);
    };

    _releaseControl(): boolean {
      const held = this.listeners('error').includes(this._tlsError);
      this.removeListener('error', this._tlsError);
      return held;
    }

    /** A client that is not made by `tls.connect()` comes here with its first write, as in Node. */
    #start(): void {
      this.#startWanted = true;
      if (!this.connecting) return this.#begin();
      // Later, because what the caller does now may be about the handshake.
      if (sendsEarly(this.#transport) && !this.#options.isServer) platform.soon(() => this.#begin());
    }

    #begin(): void {
      if (this.#started || this.#pump === null || this.#roots !== null) return;
      const obstacle = this.#obstacle();
      if (obstacle !== null) return void this.destroy(obstacle);
      this.#started = true;
      this.#pump.start();
    }

    #awaitRoots(roots: Promise<void> | null): void {
      if (roots === null) return;
      this.#roots = roots;
      const arrived = (): void => {
        this.#roots = null;
        if (this.#startWanted) this.#start();
      };
      // Whoever accepts every peer can do without them.
      roots.then(arrived, (error: Error) => (this.#options.rejectUnauthorized ? this.destroy(error) : arrived()));
    }

    #obstacle(): Error | null {
      if (this.#transport.readableObjectMode || this.#transport.readableEncoding) return streamWrap();
      return this.#rightRole ? null : errors.wrongRole();
    }

    // --- what the pump tells ---------------------------------------------------------------------------------------

    #onEvent(event: EngineEvent): void {
      if (this.destroyed) return;
      switch (event.type) {
        case 'handshakeStart':
          // The first one is timed from the socket's making on.
          return this.#established ? this.#startHandshakeTimer() : undefined;
        case 'handshakeDone':
          return this.#handshakeDone();
        case 'renegotiationWish':
          judgeRenegotiation(runtime.tls, this.#connected);
          return this.#pump?.kick();
        case 'clientHello':
          return this.#questions?.clientHello(event);
        case 'certificateWanted':
          return this.#questions?.certificateWanted(event);
        case 'newSession':
          return this.#newSession(event);
        case 'keylog':
          return void this.emit('keylog', Buffer.from(`${event.line}\n`));
        case 'ocspResponse':
          return void this.emit('OCSPResponse', event.response.length > 0 ? event.response : null);
        case 'trace':
          return platform.writeTrace(event.text);
        case 'message':
          return void this.emit('protocolMessage', protocolMessage(event));
        case 'endOfData': // The pump says so itself, after the last cleartext.
          return;
      }
    }

    #startHandshakeTimer(): void {
      const { isServer, handshakeTimeout } = this.#options;
      if (isServer && handshakeTimeout !== undefined) this.#handshakeTimer.start(handshakeTimeout);
    }

    #handshakeDone(): void {
      const connection = this.#connection;
      if (connection === null) return;
      if (this.#questions?.storing) {
        this.#finishWhenStored = true;
        return;
      }
      this.alpnProtocol = connection.alpnProtocol() ?? false;
      this.npnProtocol = connection.npnProtocol() ?? false;
      if (this.servername === null) this.servername = connection.servername() ?? false;
      this.#established = true;
      this.#handshakeTimer.stop();
      this.emit('secure');
      const held = this.#heldBack;
      this.#heldBack = null;
      if (held !== null && this.#writing !== null) this.#pump?.write(held, this.#writing);
    }

    #newSession(event: Extract<EngineEvent, { type: 'newSession' }>): void {
      if (this.#questions !== null) {
        this.#questions.newSession(event, () => {
          if (!this.#finishWhenStored) return;
          this.#finishWhenStored = false;
          this.#handshakeDone();
        });
      } else if (this.#accepted) {
        this.#tellSession(event);
      } else {
        this.#pendingSession = event;
      }
    }

    #accept(): void {
      this.#accepted = true;
      const session = this.#pendingSession;
      this.#pendingSession = null;
      if (session !== null) this.#tellSession(session);
    }

    /** Others may have arrived with it, but for its listeners this one is the latest. */
    #tellSession(session: ToldSession): void {
      this.#toldSession = session;
      this.emit('session', session.data);
    }

    #onData(chunk: Buffer): boolean {
      if (this.destroyed) return false;
      this.#bytesRead += chunk.length;
      return this.#userBuffer === null ? this.push(chunk) : this.#userBuffer.deliver(chunk);
    }

    #onEnd(): void {
      if (this.destroyed) return;
      if (this.#userBuffer !== null && !this.#userBuffer.empty) {
        this.#endPending = true;
        return;
      }
      this.push(null);
      // Without anything buffered nobody would come to find the end.
      this.read(0);
    }

    #onFailure(error: EngineError): void {
      if (this.destroyed) return;
      // A client that has no certificate for a renegotiation is not authorized, which is no error of the connection's.
      const { isServer, rejectUnauthorized } = this.#options;
      const unauthorized = error.code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE';
      if (this.#established && isServer && rejectUnauthorized && unauthorized) this.destroy();
      else this.destroy(fromEngineError(error, platform.newArgumentErrors));
    }

    #onTransportClose(reason: Error | null): void {
      if (this.destroyed) return;
      // A peer that has gone without waiting for our close_notify, or for an answer of the protocol itself, is no error
      // for a user who has nothing under way; what it has to say, its end, is read.
      const error =
        reason !== null && this.#established && this.#writing === null && isWriteError(reason) ? null : reason;
      // The peer only has nothing more to say.
      if (error === null && this.#established && !this.#transport.destroyed) return;
      // What has arrived is still the reader's, however late it comes for it.
      if (error === null && this.#established && (this.readableLength > 0 || this.#endPending)) {
        this.once('end', () => this.destroy());
        return;
      }
      if (error !== null || this.#established || this.readableEnded) {
        this.destroy(error ?? undefined);
        return;
      }
      // The handshake broke off: 'end' comes first, and whoever waits for the handshake may make it an error.
      this.once('end', () => this.destroy());
      this.#onEnd();
    }

    #fail(error: unknown): void {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }

    // --- the stream ------------------------------------------------------------------------------------------------

    override _read(): void {
      this.#pump?.resume();
    }

    override _write(chunk: Buffer | string, encoding: BufferEncoding, callback: Callback): void {
      this.#send([toBuffer({ chunk, encoding })], callback);
    }

    override _writev(chunks: Written[], callback: Callback): void {
      this.#send(chunks.map(toBuffer), callback);
    }

    #send(buffers: readonly Buffer[], callback: Callback): void {
      if (this.#pump === null) return callback(socketClosed());
      for (const { length } of buffers) this.#bytesWritten += length;
      const done: Callback = (error) => {
        if (this.#writing !== done) return;
        this.#writing = null;
        callback(error);
      };
      this.#writing = done;
      this.#start();
      if (this.#established) this.#pump?.write(buffers, done);
      else this.#heldBack = buffers;
    }

    override _final(callback: Callback): void {
      if (this.connecting) return void this.once('connect', () => this._final(callback));
      if (this.#pump === null) return callback();
      this.#start();
      this.#pump?.end(callback);
    }

    override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
      const wasConnecting = this.connecting;
      setConnecting(this, false);
      this.#timer.stop();
      this.#handshakeTimer.stop();
      callback(error);
      const release = (): void => this.#release(error !== null, wasConnecting);
      // Listeners of a failed handshake may still ask the connection about its peer.
      if (error !== null && !this.#established) platform.nextTick(release);
      else release();
    }

    #release(hadError: boolean, wasConnecting: boolean): void {
      forgotten.unregister(this);
      this.#pump?.destroy();
      this.#pump = null;
      this.#connection = null;
      this.#pendingSession = null;
      this.#ownContext?.context.close();
      this.#ownContext = null;
      this.#writing?.(wasConnecting ? socketClosedBeforeConnection() : streamDestroyed('write'));
      if (this.#resetting) (this.#transport as net.Socket).resetAndDestroy();
      this.#transportEnd.reach(() => this.emit('close', hadError));
    }

    override resetAndDestroy(): this {
      if (this.#pump === null) return this.destroy(socketClosed());
      if (!(this.#transport instanceof net.Socket)) {
        throw codedError(TypeError, 'ERR_INVALID_HANDLE_TYPE', 'This handle type cannot be sent');
      }
      this.#resetting = true;
      return this.destroy();
    }

    override pause(): this {
      this.#userBuffer?.pause();
      return super.pause();
    }

    override resume(): this {
      this.#resumeUserBuffer();
      return super.resume();
    }

    override read(size?: number): unknown {
      this.#resumeUserBuffer();
      return super.read(size);
    }

    #resumeUserBuffer(): void {
      const buffer = this.#userBuffer;
      if (buffer === null || !buffer.paused || !buffer.resume()) return;
      if (this.#endPending) {
        this.#endPending = false;
        this.push(null);
      } else {
        this.#pump?.resume();
      }
    }

    override setTimeout(milliseconds: number, callback?: () => void): this {
      if (this.destroyed) return this;
      (this as { timeout?: number }).timeout = milliseconds;
      const duration = timerDuration(milliseconds, 'msecs', (message, type) => platform.warn(message, type));
      if (callback !== undefined) validateFunction(callback, 'callback');
      if (duration === 0) {
        this.#timer.stop();
        if (callback !== undefined) this.removeListener('timeout', callback);
      } else {
        this.#timer.start(duration);
        if (callback !== undefined) this.once('timeout', callback);
      }
      return this;
    }

    /** Node's own modules (http2) restart the timer of a socket by this name. */
    _unrefTimer(): void {
      this.#timer.refresh();
    }

    // --- TLS -------------------------------------------------------------------------------------------------------

    setServername(name: string): void {
      validateString(name, 'name');
      if (this.#options.isServer) throw errors.sniFromServer();
      if (this.#started) throw handshakeStarted();
      // To OpenSSL an empty name is a failure, and the end of the name that was there.
      if (!this.#connected.setServername(name) && name !== '') {
        throw invalidArgValue('name', name, 'is no server name');
      }
    }

    setSession(session: string | Buffer): void {
      const bytes = typeof session === 'string' ? Buffer.from(session, 'latin1') : session;
      if (this.#started) throw handshakeStarted();
      // A session that cannot be read is no reason to fail: the handshake is a full one then.
      this.#connected.setSession(sessionBytes(bytes));
    }

    setKeyCert(context: unknown): void {
      const connection = this.#connection;
      if (connection === null) return;
      const isContext = context instanceof runtime.contexts.SecureContext;
      const ready = isContext ? context : runtime.tls.createSecureContext(context);
      if (this.#options.isServer) engineCall(() => connection.setKeyCert(runtime.contexts.engineContext(ready)));
    }

    setMaxSendFragment(size: number): boolean {
      validateInt32(size, 'size');
      return this.#connected.setMaxSendFragment(size);
    }

    enableTrace(): void {
      this.#connection?.setTrace(true);
    }

    /** Node's name for what only the end of the socket does here. */
    _destroySSL(): void {
      this.destroy();
    }

    /** For calls that make no sense after the end. */
    get #connected(): EngineConnection {
      if (this.#connection === null) throw socketClosed();
      return this.#connection;
    }

    static {
      defineSocketFacade(this.prototype, {
        transport: (socket) => socket.#transport,
        isOpen: (socket) => socket.#pump !== null,
        bytesRead: (socket) => socket.#bytesRead,
        bytesWritten: (socket) => socket.#bytesWritten,
      });
      defineRenegotiation(this.prototype, platform, {
        connection: (socket) => socket.#connection,
        options: (socket) => socket.#options,
        begun: (socket) => {
          socket.#startHandshakeTimer();
          socket.#pump?.kick();
        },
      });
      defineSocketQueries(this.prototype, platform, {
        connection: (socket) => socket.#connection,
        isServer: (socket) => socket.#options.isServer,
        isSecure: (socket) => socket.#established,
        toldSession: (socket) => socket.#toldSession,
        transport: (socket) => socket.#transport,
      });
      // Whoever has the internals has made the socket with this class.
      const own = (socket: object): TLSSocket => socket as TLSSocket;
      internals = {
        start: (socket) => own(socket).#start(),
        release: (socket) => void own(socket)._releaseControl(),
        ownContext: (socket, context) => void (own(socket).#ownContext = context),
        verifyError: (socket) => verificationErrorOf(own(socket).#connection),
        peerIs: (socket, hostname) => peerIs(runtime, own(socket).#connected, hostname),
        peerCertificate: (socket) => {
          const connection = own(socket).#connection;
          return connection && peerCertificate(connection, false);
        },
        accept: (socket) => own(socket).#accept(),
        options: (socket) => own(socket).#options,
      };
    }
  }

  return { TLSSocket: callable(TLSSocket) as unknown as TLSSocketClass, internals };
}

/** Which net.Socket declares to be read-only for its users. */
function setConnecting(socket: net.Socket, connecting: boolean): void {
  (socket as { connecting: boolean }).connecting = connecting;
}

/** `write EPIPE`: the peer no longer takes what we send. */
function isWriteError(error: Error): boolean {
  return (error as NodeJS.ErrnoException).syscall === 'write';
}
