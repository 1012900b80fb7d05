/**
 * What a `Socket` and a `Server` stand on. The transports of this folder implement these interfaces; so may a program, which
 * gives its own as the option `transport`.
 *
 * - A **transport** opens channels to a host and port, and may listen for them.
 * - A **channel** is one connection: bytes in order, both ways, each way with an end of its own.
 * - A **handler** is who owns a channel: the socket. A channel calls it, never out of a call of the handler's own to
 *   `connect()` or `accept()`, and never again after `destroy()`.
 *
 * A channel begins paused: `onData` and `onEnd` come after `resume()`. What arrives while it is paused is held within a
 * bound that is the channel's to say, and beyond it the sender is stopped; or the channel fails with ENOBUFS where the
 * sender cannot be.
 */

export interface Addresses {
  localAddress?: string | undefined;
  localPort?: number | undefined;
  remoteAddress?: string | undefined;
  remotePort?: number | undefined;
}

/** Where to. Names are not resolved here: that is done at the other end of the transport. */
export interface Target {
  /** A name, or an address without brackets. */
  readonly host: string;
  /** 0 to 65535; undefined when the user named none, for transports that always lead to the same place. */
  readonly port: number | undefined;
}

export interface ChannelHandler {
  /** Connected: bytes may go both ways. Once, before anything else but `onError`. */
  onOpen(addresses?: Addresses): void;
  /** Bytes of the peer's, which the handler may keep. False to be paused; `resume()` inside of this call overrules it. */
  onData(chunk: Uint8Array): boolean;
  /** The peer sends no more. Once, behind the last of the data. */
  onEnd(): void;
  /** The channel is over, whatever state it was in. The last call. */
  onError(error: Error): void;
}

export type Done = (error?: Error | null) => void;

export interface Channel {
  /** One write may come before `onOpen`. It goes out at once where it can, which saves a way there and back; `done` waits. */
  readonly takesEarly?: boolean;
  /**
   * Sends the bytes of all chunks. Called after `onOpen`, but for `takesEarly`, and, as `end()`, never while another write is under way. The chunks
   * stay as they are until `done`, which is called when the channel wants more; not after `destroy()`.
   */
  write(chunks: readonly Uint8Array[], done: Done): void;
  /** No more writes; the other direction goes on. */
  end(done: Done): void;
  resume(): void;
  pause(): void;
  /** Lets go of everything, at any time, once. `reset` tells the peer that this is not an orderly end, where it can. */
  destroy(reset: boolean): void;
  /** Takes back a chunk of `onData`, of which the handler has kept nothing; it may be anybody's. */
  release?(chunk: Uint8Array): void;
  /** Bytes of the write under way that have not gone out: while they get less, the connection is not idle. */
  readonly unsent?: number;
  setNoDelay?(enable: boolean): void;
  setKeepAlive?(enable: boolean, initialDelaySeconds: number): void;
  ref?(): void;
  unref?(): void;
}

/** A connection that has arrived and that nobody has taken yet: one of the two methods, once. */
export interface Incoming {
  readonly addresses: Addresses;
  /** The channel is open at once; `onOpen` is not called. */
  accept(handler: ChannelHandler): Channel;
  refuse(): void;
}

export interface ListenTarget {
  /** Empty for the transport's default. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly backlog: number | undefined;
}

export interface ListenerHandler {
  onListening(address: { address: string; port: number }): void;
  onConnection(incoming: Incoming): void;
  /** It does not listen, or no longer. The last call. */
  onError(error: Error): void;
}

export interface Listener {
  /** Connections that were taken go on. Nothing is called any more. */
  close(): void;
  ref?(): void;
  unref?(): void;
}

export interface Transport {
  /** It leads to one place: a port need not be named. */
  readonly portless?: boolean;
  connect(target: Target, handler: ChannelHandler): Channel;
  /** Absent where connections cannot arrive. */
  listen?(target: ListenTarget, handler: ListenerHandler): Listener;
}

export function isTransport(value: unknown): value is Transport {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Transport>).connect === 'function';
}
