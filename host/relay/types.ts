/** What `wasm-tls/relay` takes and gives. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** One structured log line. It never holds payload, a token or a password. */
export interface LogRecord {
  /** ISO 8601, UTC. */
  time: string;
  level: LogLevel;
  event: string;
  [field: string]: string | number | boolean | undefined;
}

export interface ResolvedAddress {
  address: string;
  family: number;
}

/** Bytes that pass through: what the relay sees of a connection. */
export interface RelayedChunk {
  connection: number;
  /** 0 where the WebSocket carries one connection only. */
  stream: number;
  direction: 'to-client' | 'to-target';
  /** Valid during the call only. */
  bytes: Uint8Array;
}

export interface RelayLimits {
  /** WebSockets at a time; default 1000. */
  connections?: number;
  /** WebSockets at a time from one client address; default 32. */
  connectionsPerAddress?: number;
  /** Streams and listeners at a time on one WebSocket; default 512. */
  streams?: number;
  /** Bytes of one WebSocket message; default 1 MiB. */
  frameBytes?: number;
  /** Bytes from the client that wait for one target; default 8 MiB. Beyond, the stream is closed. */
  streamBufferBytes?: number;
  /** Bytes that wait on one WebSocket in either direction; default 32 MiB. Beyond, its largest stream is closed. */
  connectionBufferBytes?: number;
  /** Bytes per second through one WebSocket, both directions together; default 0, no limit. */
  bytesPerSecond?: number;
  /** Bytes through one WebSocket in its lifetime; default 0, no limit. */
  totalBytes?: number;
  /** Packets that break the protocol before the WebSocket is closed; default 16. */
  violations?: number;
}

export interface RelayTimeouts {
  /** Milliseconds to resolve and connect a target; default 10000. */
  connect?: number;
  /** Milliseconds without a byte in either direction until a stream is closed; default 3600000, 0 for never. */
  streamIdle?: number;
  /** Milliseconds between pings; a WebSocket that stays silent from one to the next is cut. Default 30000, 0 for none. */
  ping?: number;
  /** Milliseconds for the client's part of the handshake, where a password is asked for; default 10000. */
  handshake?: number;
  /** Milliseconds that `close()` lets open streams go on; default 10000. */
  grace?: number;
}

export interface RelayOptions {
  /** Address to listen on; default `127.0.0.1`. */
  host?: string;
  /** Port to listen on, 0 for any; default 6001. */
  port?: number;
  /** Path of the endpoint, with a slash at both ends; default `/`. */
  path?: string;
  /** Targets that may be reached, `HOST:PORTS`; default none. */
  allow?: string[];
  /** Private, loopback, link-local and translated addresses may be reached; default false. */
  allowPrivate?: boolean;
  /** Origins of pages that may connect; default pages on loopback. `*` is any. */
  origins?: string[];
  /** Who sends no Origin header is refused; default false. */
  requireOrigin?: boolean;
  /** What has to be in the URL, as the last folder of the path or as `?token=`; default none. */
  tokens?: string[];
  /** Accepted by the password extension; default none. A valid token does instead. */
  credentials?: { username: string; password: string }[];
  /** A text for users, by the extension for it; default none. */
  messageOfTheDay?: string;
  /** The last address of X-Forwarded-For is the client's; default false. */
  trustProxy?: boolean;
  /** Ports that clients may listen on, as in `allow`; 0 stands for any free one. Default none. */
  allowListen?: string;
  /** Addresses that clients may listen on, the default one first; default `127.0.0.1`. */
  listenHosts?: string[];
  /** Clients that know how may get what they download by the body of an HTTP response; default true. */
  downloadsByHttp?: boolean;
  limits?: RelayLimits;
  timeouts?: RelayTimeouts;
  /** Where metrics are served, `[HOST:]PORT`; default nowhere. Without HOST, on loopback. */
  metrics?: string;
  /** Least level that is logged; default `info`. */
  logLevel?: LogLevel;
  /** Takes log records; default none. */
  log?: (record: LogRecord) => void;
  /** Resolves names; default the system's way, all addresses. */
  lookup?: (hostname: string) => Promise<ResolvedAddress[]>;
  /** Sees all bytes: for demonstrations and tests. */
  tap?: (chunk: RelayedChunk) => void;
}

export interface Endpoint {
  address: string;
  port: number;
}

export interface Relay {
  /** Starts the relay's own HTTP server. */
  listen(): Promise<Endpoint>;
  /** Where its own HTTP server listens; null when it does not. */
  address(): Endpoint | null;
  /** Where metrics are served; null when they are not. */
  metricsAddress(): Endpoint | null;
  /** For another HTTP server: answers what is the relay's and returns true, or leaves it alone and returns false. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  /** For another HTTP server's 'upgrade'; likewise. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** What `/metrics` serves: Prometheus' text format. */
  metrics(): string;
  /** Takes no more, lets streams end for the grace period, then cuts them. */
  close(): Promise<void>;
}
