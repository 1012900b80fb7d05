/** `https.Server`: a tls.Server whose secure connections http takes over. */
import type * as http from 'node:http';
import type * as net from 'node:net';
import { callable } from '../common/callable.js';
import type { Tls } from '../module-type.js';

type Http = typeof http;
type Options = Record<string, unknown>;
type Listener = (...args: unknown[]) => void;
type Properties = Record<string | symbol, unknown>;
type NetServerClass = new (options: object, listener: Listener) => net.Server;

export type ServerClass = new (options?: unknown, listener?: unknown) => net.Server;

function serverArguments(options: unknown, listener: unknown): [Options, Listener | undefined] {
  if (typeof options === 'function') return [{}, options as Listener];
  return [(options ?? {}) as Options, listener as Listener | undefined];
}

export function defineServer(http: Http, tls: Tls): ServerClass {
  class Server extends (tls.Server as unknown as NetServerClass) {
    constructor(options?: unknown, listener?: unknown) {
      const [given, onRequest] = serverArguments(options, listener);
      // What makes an http.Server of a net.Server is its settings and two listeners. One that never listens has them, for
      // each version of Node and checked as there.
      const model = new http.Server(given);
      const [onConnection] = model.listeners('connection') as Listener[];
      const choosesAlpn = Boolean(given.ALPNProtocols || given.ALPNCallback);
      super({ noDelay: true, ...(!choosesAlpn && { ALPNProtocols: ['http/1.1'] }), ...given }, onConnection!);
      for (const key of Reflect.ownKeys(model)) {
        if (!Object.hasOwn(this, key)) (this as unknown as Properties)[key] = (model as unknown as Properties)[key];
      }
      // From here on timeouts and open connections are watched.
      for (const onListening of model.listeners('listening')) this.on('listening', onListening as Listener);
      if (onRequest) this.on('request', onRequest);
      this.on('tlsClientError', (error: Error, socket: net.Socket) => {
        if (!this.emit('clientError', error, socket)) socket.destroy(error);
      });
    }
  }

  // close(), closeAllConnections(), setTimeout(), …: they work on any net.Server with these settings.
  const inherited = ['constructor', Symbol.for('nodejs.rejection')];
  for (const key of Reflect.ownKeys(http.Server.prototype).filter((name) => !inherited.includes(name))) {
    Object.defineProperty(Server.prototype, key, Object.getOwnPropertyDescriptor(http.Server.prototype, key)!);
  }
  return callable(Server) as unknown as ServerClass;
}
