/**
 * The side of a TLSSocket that is about its transport: addresses, counters, states and the knobs of TCP. They are laid
 * onto the prototype one by one, because TypeScript lets no accessor override what the base class declares as a property.
 */
import type * as net from 'node:net';
import type { Duplex } from 'node:stream';

export interface FacadeAccess<S> {
  transport(socket: S): Duplex;
  isOpen(socket: S): boolean;
  /** Cleartext, both of them. */
  bytesRead(socket: S): number;
  bytesWritten(socket: S): number;
}

const delegated = [
  'localAddress', 'localPort', 'localFamily', 'remoteAddress', 'remotePort', 'remoteFamily',
  'autoSelectFamilyAttemptedAddresses',
] as const; // prettier-ignore

/** A transport may be any Duplex; those with an address have these. */
type Addressed = {
  [K in (typeof delegated)[number] | 'address']?: K extends keyof net.Socket ? net.Socket[K] : unknown;
};

interface BufferedChunk {
  chunk: Buffer | string;
  encoding: BufferEncoding;
}

/** What `write()` took and `_write()` has not seen yet. */
function bufferedBytes(socket: net.Socket): number | undefined {
  const { writableBuffer } = socket as net.Socket & { writableBuffer?: BufferedChunk[] };
  return writableBuffer?.reduce(
    (sum, { chunk, encoding }) => sum + (typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length),
    0,
  );
}

function defineGetters<S extends net.Socket>(prototype: S, getters: Record<string, (socket: S) => unknown>): void {
  for (const [name, read] of Object.entries(getters)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: S) {
        return read(this);
      },
    });
  }
}

/** A method with which a socket passes the call on, where its transport has such a thing. */
function delegate<S extends net.Socket>(
  access: FacadeAccess<S>,
  name: 'setNoDelay' | 'setKeepAlive' | 'ref' | 'unref',
) {
  return function (this: S, ...args: unknown[]): S {
    const transport = access.transport(this) as { [N in typeof name]?: (...rest: unknown[]) => unknown };
    transport[name]?.(...args);
    return this;
  };
}

export function defineSocketFacade<S extends net.Socket>(prototype: S, access: FacadeAccess<S>): void {
  const transport = (socket: S): Addressed => access.transport(socket) as Addressed;
  defineGetters(prototype, {
    ...Object.fromEntries(delegated.map((name) => [name, (socket: S) => transport(socket)[name]])),
    bytesRead: (socket) => access.bytesRead(socket),
    _bytesDispatched: (socket) => access.bytesWritten(socket),
    bytesWritten: (socket) => {
      const buffered = bufferedBytes(socket);
      return buffered === undefined ? undefined : access.bytesWritten(socket) + buffered;
    },
    bufferSize: (socket) => (access.isOpen(socket) ? socket.writableLength : undefined),
    pending: (socket) => !access.isOpen(socket) || socket.connecting,
  });
  const methods = {
    address: function (this: S) {
      return transport(this).address?.() ?? {};
    },
    setNoDelay: delegate(access, 'setNoDelay'),
    setKeepAlive: delegate(access, 'setKeepAlive'),
    ref: delegate(access, 'ref'),
    unref: delegate(access, 'unref'),
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
}
