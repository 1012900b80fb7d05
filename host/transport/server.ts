/** `net.Server` over a transport that can listen. */
import { EventEmitter } from 'node:events';
import { callable } from '../common/callable.js';
import { invalidArgType } from '../common/errors.js';
import { validateNumber } from '../common/validate.js';
import { listenPlan, sortArguments, type Callback, type RawOptions } from './arguments.js';
import type { Incoming, Listener } from './channel.js';
import { alreadyListening, connectionError, notListening } from './errors.js';
import { familyName } from './ip.js';
import { transportFor } from './relay.js';
import { acceptSocket, type ServerSide } from './socket.js';
import { soon } from './turns.js';

const state = Symbol('state');

class ServerState {
  listener: Listener | null = null;
  address: { address: string; family: string | undefined; port: number } | null = null;
  /** Of the latest `listen()`. */
  attempt = 0;
  transport: unknown;
  stopSignal: (() => void) | null = null;
  reference: 'ref' | 'unref' | null = null;
}

function serverOptions(options: unknown, listener: unknown): [RawOptions, Callback | null] {
  if (typeof options === 'function') return [{}, options as Callback];
  if (options !== undefined && options !== null && typeof options !== 'object') {
    throw invalidArgType('options', 'Object', options);
  }
  const given: RawOptions = { ...options };
  for (const name of ['keepAliveInitialDelay', 'highWaterMark']) {
    if (given[name] !== undefined) validateNumber(given[name], `options.${name}`);
  }
  return [given, typeof listener === 'function' ? (listener as Callback) : null];
}

export class Server extends EventEmitter implements ServerSide {
  declare allowHalfOpen: boolean;
  declare pauseOnConnect: boolean;
  declare noDelay: boolean;
  declare keepAlive: boolean;
  /** Seconds, as Node has it. */
  declare keepAliveInitialDelay: number;
  declare highWaterMark: number | undefined;
  declare maxConnections: number | undefined;
  declare _connections: number;
  declare [state]: ServerState;

  constructor(options?: unknown, listener?: unknown) {
    super();
    initialize(this, options, listener);
  }

  get listening(): boolean {
    return this[state].address !== null;
  }

  address(): object | null {
    const { address } = this[state];
    return address === null ? null : { ...address };
  }

  listen(...args: unknown[]): this {
    const { options, callback } = sortArguments(args);
    const own = this[state];
    if (own.listener !== null) throw alreadyListening();
    if (callback !== null) this.once('listening', callback);
    const { target, signal } = listenPlan(args, options);
    if (signal !== undefined) closeOnAbort(this, signal);
    const transport = transportFor(options.transport ?? own.transport);
    if (transport.listen === undefined) {
      const detail = 'connections cannot arrive over this transport';
      const error = connectionError('EOPNOTSUPP', 'listen', { address: target.host, port: target.port }, detail);
      soon(() => this.emit('error', error));
      return this;
    }
    const attempt = ++own.attempt;
    const isCurrent = (): boolean => own.attempt === attempt;
    own.listener = transport.listen(target, {
      onListening: ({ address, port }) => {
        if (!isCurrent()) return;
        own.address = { address, family: familyName(address), port };
        this.emit('listening');
      },
      onConnection: (incoming) => (isCurrent() ? welcome(this, incoming) : incoming.refuse()),
      onError: (error) => {
        if (!isCurrent()) return;
        forget(own);
        this.emit('error', error);
        closeIfDrained(this);
      },
    });
    if (own.reference !== null) own.listener[own.reference]?.();
    return this;
  }

  close(callback?: (error?: Error) => void): this {
    const own = this[state];
    const { listener } = own;
    if (typeof callback === 'function') {
      this.once('close', listener === null ? () => callback(notListening()) : callback);
    }
    forget(own);
    listener?.close();
    closeIfDrained(this);
    return this;
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    const { _connections: count } = this;
    soon(() => callback(null, count));
    return this;
  }

  ref(): this {
    return setReference(this, 'ref');
  }

  unref(): this {
    return setReference(this, 'unref');
  }

  _socketClosed(): void {
    this._connections -= 1;
    closeIfDrained(this);
  }

  /** An async listener that rejects loses its connection, not the server. */
  [Symbol.for('nodejs.rejection')](error: Error, event: string, socket: { destroy(error: Error): void }): void {
    if (event === 'connection') socket.destroy(error);
    else this.emit('error', error);
  }
}

function initialize(server: Server, options: unknown, listener: unknown): void {
  const [given, onConnection] = serverOptions(options, listener);
  server[state] = new ServerState();
  server[state].transport = given.transport;
  server._connections = 0;
  server.allowHalfOpen = Boolean(given.allowHalfOpen);
  server.pauseOnConnect = Boolean(given.pauseOnConnect);
  server.noDelay = Boolean(given.noDelay);
  server.keepAlive = Boolean(given.keepAlive);
  server.keepAliveInitialDelay = Math.trunc(Math.max(0, Number(given.keepAliveInitialDelay ?? 0)) / 1000);
  const { highWaterMark } = given as { highWaterMark?: number };
  server.highWaterMark = highWaterMark !== undefined && highWaterMark >= 0 ? highWaterMark : undefined;
  if (onConnection !== null) server.on('connection', onConnection);
}

function forget(own: ServerState): void {
  own.attempt += 1;
  own.listener = null;
  own.address = null;
  own.stopSignal?.();
  own.stopSignal = null;
}

function closeIfDrained(server: Server): void {
  if (server[state].listener === null && server._connections === 0) soon(() => server.emit('close'));
}

function closeOnAbort(server: Server, signal: AbortSignal): void {
  const onAbort = (): void => void server.close();
  if (signal.aborted) return soon(onAbort);
  signal.addEventListener('abort', onAbort, { once: true });
  server[state].stopSignal = () => signal.removeEventListener('abort', onAbort);
}

function setReference<S extends Server>(server: S, kind: 'ref' | 'unref'): S {
  server[state].reference = kind;
  server[state].listener?.[kind]?.();
  return server;
}

function welcome(server: Server, incoming: Incoming): void {
  if (server.maxConnections && server._connections >= server.maxConnections) {
    const { localAddress = '', remoteAddress = '' } = incoming.addresses;
    incoming.refuse();
    server.emit('drop', {
      ...incoming.addresses,
      localFamily: familyName(localAddress),
      remoteFamily: familyName(remoteAddress),
    });
    return;
  }
  const { allowHalfOpen, noDelay, keepAlive, keepAliveInitialDelay, highWaterMark } = server;
  const options: RawOptions = {
    allowHalfOpen,
    noDelay,
    keepAlive,
    keepAliveInitialDelay: keepAliveInitialDelay * 1000,
  };
  if (highWaterMark !== undefined) options.highWaterMark = highWaterMark;
  const socket = acceptSocket(incoming, options, server.pauseOnConnect);
  server._connections += 1;
  socket.server = server;
  socket._server = server;
  server.emit('connection', socket);
}

export const ServerClass = callable(Server, (self, [options, listener]) => {
  (EventEmitter as unknown as (this: object) => void).call(self);
  initialize(self as Server, options, listener);
});
