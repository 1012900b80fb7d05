/** Connections inside of one program: pairs of channels, and a transport whose servers listen in memory. */
import type {
  Addresses,
  Channel,
  ChannelHandler,
  Done,
  Incoming,
  Listener,
  ListenerHandler,
  ListenTarget,
  Target,
  Transport,
} from './channel.js';
import { connectionError } from './errors.js';
import { Inbox } from './inbox.js';
import { joined } from './outgoing.js';
import { firstEphemeralPort, lastPort } from './ports.js';
import { soon } from './turns.js';

/** Bytes that may lie at one end before the other end's writer waits. */
const window = 64 * 1024;
/** What a reader gets at most at a time, as from a kernel. */
const largestChunk = 64 * 1024;

const address = '127.0.0.1';

/** One end. What it is told to do reaches the other as a task of its own, as if something lay in between. */
class MemoryChannel implements Channel {
  #handler!: ChannelHandler;
  #inbox!: Inbox;
  peer: MemoryChannel | null = null;
  /** Of the peer's write, until there is room here. */
  #waiting: (() => void) | null = null;
  #destroyed = false;
  #failed = false;

  /** Before anything can happen to it: in the turn that made the pair. */
  bind(handler: ChannelHandler): this {
    this.#handler = handler;
    this.#inbox = new Inbox(handler, () => this.#makeRoom());
    return this;
  }

  write(chunks: readonly Uint8Array[], done: Done): void {
    const bytes = joined(chunks);
    const { peer } = this;
    soon(() => {
      if (this.#failed) return;
      // What was written in front of the end arrives, even if nobody waits for it to be through.
      if (peer === null) return done(connectionError('EPIPE', 'write'));
      peer.#receive(bytes, () => void (this.#destroyed || done()));
    });
  }

  end(done: Done): void {
    soon(() => {
      if (this.#destroyed) return;
      if (this.peer !== null) this.peer.#inbox.end();
      done();
    });
  }

  resume(): void {
    this.#inbox.resume();
  }

  pause(): void {
    this.#inbox.pause();
  }

  destroy(reset: boolean): void {
    this.#destroyed = true;
    // Bytes that nobody took are lost, and their sender is to know.
    const lost = reset || this.#inbox.bytes > 0;
    this.#inbox.discard();
    const { peer } = this;
    this.peer = null;
    if (peer === null) return;
    soon(() => {
      peer.peer = null;
      if (peer.#destroyed) return;
      if (lost) peer.#fail();
      else peer.#inbox.end();
      this.#makeRoom();
    });
  }

  #receive(bytes: Uint8Array, taken: () => void): void {
    if (this.#destroyed) return taken();
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += largestChunk) chunks.push(bytes.subarray(at, at + largestChunk));
    try {
      this.#inbox.receive(...chunks);
    } finally {
      // What a listener throws here is not the writer's business.
      this.#waiting = taken;
      this.#makeRoom();
    }
  }

  #makeRoom(): void {
    if (this.#inbox.bytes >= window) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }

  #fail(): void {
    this.#failed = true;
    this.#inbox.discard();
    this.#handler.onError(connectionError('ECONNRESET', 'read'));
  }
}

/** Two ends of one connection, to be bound to their handlers. */
export function channelPair(): [MemoryChannel, MemoryChannel] {
  const ends: [MemoryChannel, MemoryChannel] = [new MemoryChannel(), new MemoryChannel()];
  ends[0].peer = ends[1];
  ends[1].peer = ends[0];
  return ends;
}

interface Listening {
  readonly port: number;
  readonly handler: ListenerHandler;
}

class MemoryTransport implements Transport {
  readonly #listening = new Map<number, Listening>();
  #nextPort = firstEphemeralPort;

  connect({ port = 0 }: Target, handler: ChannelHandler): Channel {
    const client = new Connecting();
    soon(() => {
      if (client.destroyed) return;
      const listener = this.#listening.get(port);
      if (listener === undefined) {
        handler.onError(connectionError('ECONNREFUSED', 'connect', { address, port }));
        return;
      }
      listener.handler.onConnection(this.#incoming(client, handler, port));
    });
    return client;
  }

  #incoming(client: Connecting, handler: ChannelHandler, port: number): Incoming {
    const clientPort = this.#freePort();
    const addresses = { localAddress: address, localPort: port, remoteAddress: address, remotePort: clientPort };
    const mirrored = { localAddress: address, localPort: clientPort, remoteAddress: address, remotePort: port };
    return {
      addresses,
      accept: (serverHandler) => {
        const [channel, serverChannel] = channelPair();
        channel.bind(handler);
        soon(() => client.open(channel, handler, mirrored));
        return serverChannel.bind(serverHandler);
      },
      refuse: () => {
        soon(() => {
          if (!client.destroyed) handler.onError(connectionError('ECONNRESET', 'connect', { address, port }));
        });
      },
    };
  }

  listen({ port: wanted, host }: ListenTarget, handler: ListenerHandler): Listener {
    const port = wanted === 0 ? this.#freePort() : wanted;
    const taken = this.#listening.has(port);
    const listening: Listening = { port, handler };
    if (!taken) this.#listening.set(port, listening);
    let closed = false;
    soon(() => {
      if (closed) return;
      if (taken) handler.onError(connectionError('EADDRINUSE', 'listen', { address: host || address, port }));
      else handler.onListening({ address, port });
    });
    return {
      close: () => {
        closed = true;
        if (!taken) this.#listening.delete(port);
      },
    };
  }

  #freePort(): number {
    do {
      this.#nextPort = this.#nextPort >= lastPort ? firstEphemeralPort : this.#nextPort + 1;
    } while (this.#listening.has(this.#nextPort));
    return this.#nextPort;
  }
}

/** What `connect()` returns before anybody has answered. */
class Connecting implements Channel {
  #channel: Channel | null = null;
  destroyed = false;

  open(channel: Channel, handler: ChannelHandler, addresses: Addresses): void {
    this.#channel = channel;
    if (this.destroyed) channel.destroy(false);
    else handler.onOpen(addresses);
  }

  write(chunks: readonly Uint8Array[], done: Done): void {
    this.#channel?.write(chunks, done);
  }

  end(done: Done): void {
    this.#channel?.end(done);
  }

  resume(): void {
    this.#channel?.resume();
  }

  pause(): void {
    this.#channel?.pause();
  }

  destroy(reset: boolean): void {
    this.destroyed = true;
    this.#channel?.destroy(reset);
  }
}

/**
 * A transport that ends in this program: `listen()` and `connect()` meet at a port number, whatever the host. Each has ports
 * of its own.
 */
export function createMemoryTransport(): Transport & Required<Pick<Transport, 'listen'>> {
  return new MemoryTransport();
}
