/**
 * `wasm-tls/net` in a browser: Node's `net` over transports. docs/net.md says what differs from Node's, and why.
 */
import type * as nodeNet from 'node:net';
import { validateBoolean, validateInt32 } from '../common/validate.js';
import { sortArguments } from './arguments.js';
import type { Transport } from './channel.js';
import { notSupported } from './errors.js';
import { isIP, isIPv4, isIPv6 } from './ip.js';
import { createMemoryTransport } from './memory.js';
import { messagePortTransport } from './message-port.js';
import { duplexPair as socketPair } from './pair.js';
import { getDefaultRelay, setDefaultRelay, type TransportOption } from './relay.js';
import { createRelayTransport } from './relay-options.js';
import { ServerClass } from './server.js';
import { SocketClass } from './socket.js';
import { streamTransport } from './streams.js';

export type {
  Addresses,
  Channel,
  ChannelHandler,
  Incoming,
  Listener,
  ListenerHandler,
  ListenTarget,
  Target,
  Transport,
} from './channel.js';
export type { TransportOption } from './relay.js';
export type { MessagePortLike } from './message-port.js';
export type { StreamPair, StreamSource } from './streams.js';
export type { RelayOptions } from './relay-options.js';
export type { WebSocketClass, WebSocketLike } from './wire.js';

interface OwnOptions {
  /** What the connections go over. Default: the default relay. */
  transport?: TransportOption | undefined;
}

export type SocketOptions = nodeNet.SocketConstructorOpts & OwnOptions & { highWaterMark?: number | undefined };
export type ConnectOptions = SocketOptions &
  OwnOptions &
  Omit<Partial<nodeNet.TcpNetConnectOpts>, keyof nodeNet.SocketConstructorOpts>;
export type ServerOptions = nodeNet.ServerOpts & OwnOptions;
export type ListenOptions = nodeNet.ListenOptions & OwnOptions;

export interface Socket extends nodeNet.Socket {
  connect(options: ConnectOptions, connectionListener?: () => void): this;
  connect(port: number, host: string, connectionListener?: () => void): this;
  connect(port: number, connectionListener?: () => void): this;
  connect(path: string, connectionListener?: () => void): this;
}

export interface Server extends nodeNet.Server {
  listen(port?: number, hostname?: string, backlog?: number, listeningListener?: () => void): this;
  listen(port?: number, hostname?: string, listeningListener?: () => void): this;
  listen(port?: number, backlog?: number, listeningListener?: () => void): this;
  listen(port?: number, listeningListener?: () => void): this;
  listen(path: string, backlog?: number, listeningListener?: () => void): this;
  listen(path: string, listeningListener?: () => void): this;
  listen(options: ListenOptions, listeningListener?: () => void): this;
  listen(handle: unknown, backlog?: number, listeningListener?: () => void): this;
  listen(handle: unknown, listeningListener?: () => void): this;
}

type ConnectionListener = (socket: Socket) => void;

interface SocketConstructor {
  new (options?: SocketOptions): Socket;
  (options?: SocketOptions): Socket;
  readonly prototype: Socket;
}

interface ServerConstructor {
  new (options?: ServerOptions, connectionListener?: ConnectionListener): Server;
  new (connectionListener?: ConnectionListener): Server;
  (options?: ServerOptions, connectionListener?: ConnectionListener): Server;
  (connectionListener?: ConnectionListener): Server;
  readonly prototype: Server;
}

/** What a class inherits beside its constructor. */
type Statics<C> = { [K in keyof C]: C[K] };

export const Socket = SocketClass as unknown as SocketConstructor & Statics<typeof nodeNet.Socket>;
export const Server = ServerClass as unknown as ServerConstructor & Statics<typeof nodeNet.Server>;
export const Stream = Socket;

export function connect(options: ConnectOptions, connectionListener?: () => void): Socket;
export function connect(port: number, host?: string, connectionListener?: () => void): Socket;
export function connect(port: number, connectionListener?: () => void): Socket;
export function connect(path: string, connectionListener?: () => void): Socket;
export function connect(...args: unknown[]): Socket {
  const { options, callback } = sortArguments(args);
  const socket = new SocketClass(options);
  if (options.timeout) socket.setTimeout(options.timeout as number);
  return socket.connect(options, callback ?? undefined) as unknown as Socket;
}

export const createConnection = connect;

export function createServer(connectionListener?: ConnectionListener): Server;
export function createServer(options?: ServerOptions, connectionListener?: ConnectionListener): Server;
export function createServer(options?: unknown, connectionListener?: unknown): Server {
  return new ServerClass(options, connectionListener) as unknown as Server;
}

// Whoever resolves the names also chooses among their addresses. The defaults are kept for programs that read them.

let autoSelectFamily = true;
let autoSelectFamilyAttemptTimeout = 250;
const leastAttemptTimeout = 10;

export const getDefaultAutoSelectFamily = (): boolean => autoSelectFamily;

export function setDefaultAutoSelectFamily(value: boolean): void {
  validateBoolean(value, 'value');
  autoSelectFamily = value;
}

export const getDefaultAutoSelectFamilyAttemptTimeout = (): number => autoSelectFamilyAttemptTimeout;

export function setDefaultAutoSelectFamilyAttemptTimeout(value: number): void {
  validateInt32(value, 'value', 1);
  autoSelectFamilyAttemptTimeout = Math.max(value, leastAttemptTimeout);
}

function absent(name: string): new () => never {
  return class {
    constructor() {
      throw notSupported(`net.${name} is not there`);
    }
  } as unknown as new () => never;
}

/** Who may be connected to is the relay's to say. */
export const BlockList = absent('BlockList');
export const SocketAddress = absent('SocketAddress');

/** Two sockets that are connected to each other; the options are for both. */
export const duplexPair = (options: SocketOptions = {}): [Socket, Socket] =>
  socketPair(options as Record<string, unknown>) as unknown as [Socket, Socket];

export {
  createMemoryTransport,
  getDefaultRelay,
  isIP,
  isIPv4,
  isIPv6,
  messagePortTransport,
  setDefaultRelay,
  streamTransport,
};

/** A transport of one's own for a relay, whose WebSocket it shares with no other. */
export const relayTransport: (options: Parameters<typeof createRelayTransport>[0]) => Transport = createRelayTransport;

export default {
  BlockList,
  Server,
  Socket,
  SocketAddress,
  Stream,
  connect,
  createConnection,
  createMemoryTransport,
  createServer,
  duplexPair,
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  getDefaultRelay,
  isIP,
  isIPv4,
  isIPv6,
  messagePortTransport,
  relayTransport,
  setDefaultAutoSelectFamily,
  setDefaultAutoSelectFamilyAttemptTimeout,
  setDefaultRelay,
  streamTransport,
};
