/** Ports that one client listens on: LISTEN, LISTENING and ACCEPT of docs/relay.md. */
import net from 'node:net';
import { reasonOfError } from '../transport/wisp/close-reasons.js';
import {
  CloseReason,
  encodeAccept,
  encodeClose,
  encodeListening,
  SERVER_STREAM_BIT,
  type Packet,
} from '../transport/wisp/frames.js';
import { normalizeHost } from './hosts.js';
import type { Link } from './link.js';

type ListenPacket = Extract<Packet, { type: 'listen' }>;

export interface ListenerOwner {
  isFree(id: number): boolean;
  /** @returns false when there is no room for another stream */
  accept(id: number, label: string, socket: net.Socket, announce: () => void): boolean;
}

export class WispListeners {
  readonly #link: Link;
  readonly #owner: ListenerOwner;
  readonly #servers = new Map<number, net.Server>();
  #nextStream = 0;

  constructor(link: Link, owner: ListenerOwner) {
    this.#link = link;
    this.#owner = owner;
  }

  get size(): number {
    return this.#servers.size;
  }

  has(id: number): boolean {
    return this.#servers.has(id);
  }

  listen({ streamId, port, host }: ListenPacket): void {
    const { settings, log } = this.#link.context;
    const address = host === '' ? settings.listenHosts[0]! : (normalizeHost(host) ?? '');
    if (net.isIP(address) === 0) return this.#refuse(streamId, port, CloseReason.invalid);
    if (settings.allowListen?.has(port) !== true || !settings.listenHosts.includes(address)) {
      return this.#refuse(streamId, port, CloseReason.blocked);
    }
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    this.#servers.set(streamId, server);
    this.#link.context.metrics.add('listeners');
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#remove(streamId)) this.#refuse(streamId, port, reasonOfError(error.code));
    });
    server.on('connection', (socket) => this.#accept(streamId, socket));
    server.listen({ host: address, port, exclusive: true }, () => {
      if (this.#servers.get(streamId) !== server) return;
      const bound = server.address() as net.AddressInfo;
      log.info('listen', { connection: this.#link.id, stream: streamId, address: bound.address, port: bound.port });
      this.#link.send(encodeListening(streamId, bound.port, bound.address));
    });
  }

  /** @returns false when there is no such listener */
  close(id: number): boolean {
    return this.#remove(id);
  }

  closeAll(): void {
    for (const id of [...this.#servers.keys()]) this.#remove(id);
  }

  #remove(id: number): boolean {
    const server = this.#servers.get(id);
    if (server === undefined) return false;
    this.#servers.delete(id);
    this.#link.context.metrics.add('listeners', -1);
    server.close();
    return true;
  }

  #refuse(id: number, port: number, reason: number): void {
    this.#link.send(encodeClose(id, reason));
    this.#link.streamClosed(id, `listen:${port}`, reason);
  }

  #accept(listenerId: number, socket: net.Socket): void {
    const { remoteAddress = '', remotePort = 0 } = socket;
    const id = this.#freeId();
    const announce = () => this.#link.send(encodeAccept(id, listenerId, remotePort, remoteAddress));
    if (!this.#servers.has(listenerId) || !this.#owner.accept(id, `${remoteAddress}:${remotePort}`, socket, announce)) {
      socket.resetAndDestroy();
    }
  }

  #freeId(): number {
    let id: number;
    do {
      this.#nextStream = (this.#nextStream + 1) % SERVER_STREAM_BIT;
      id = SERVER_STREAM_BIT + this.#nextStream;
    } while (!this.#owner.isFree(id));
    return id;
  }
}
