// A relay to test, and a client of it that says exactly what a test wants.

import { once } from 'node:events';
import net from 'node:net';

import WebSocket from 'ws';

import { createRelay } from '../../dist/relay.mjs';
import * as frames from '../../dist/transport/wisp/frames.js';
import { Mailbox } from './mailbox.mjs';

const { ExtensionId } = frames;
const none = new Uint8Array(0);

/** A relay on loopback that may reach loopback; `options` come on top. With its log records, and `stop()`. */
export async function startRelay(options = {}) {
  const records = [];
  const relay = createRelay({
    port: 0,
    allow: ['127.0.0.1:*', 'localhost:*'],
    allowPrivate: true,
    logLevel: 'debug',
    log: (record) => records.push(record),
    ...options,
    timeouts: { grace: 0, ...options.timeouts },
  });
  const { port } = await relay.listen();
  const events = (event) => records.filter((record) => record.event === event);
  return {
    relay,
    port,
    records,
    events,
    url: `ws://127.0.0.1:${port}/`,
    stop: () => relay.close(),
    /** The value of a line of the metrics, 0 when there is none. */
    metric: (name) =>
      Number(relay.metrics().match(new RegExp(`^wasm_tls_relay_${escaped(name)} (.*)$`, 'm'))?.[1] ?? 0),
    describe: () => records.map((record) => JSON.stringify(record)).join('\n'),
  };
}

function escaped(text) {
  return text.replace(/[{}"]/g, '\\$&');
}

/** The extensions that a client of this project names; `credits` is its initial window. */
export function extensions({ credits, without = [] } = {}) {
  const list = [
    { id: ExtensionId.openConfirmation, payload: none },
    { id: ExtensionId.halfClose, payload: none },
    { id: ExtensionId.listen, payload: none },
  ];
  if (credits !== undefined) list.push({ id: ExtensionId.credits, payload: frames.encodeUint32(credits) });
  return list.filter(({ id }) => !without.includes(id));
}

/** A WebSocket whose messages and end can be awaited. */
export class RawClient {
  messages = new Mailbox();
  /** Resolves to the code and the reason of the WebSocket's end. */
  closed;

  constructor(url, subprotocols = [], options = {}) {
    this.ws = new WebSocket(url, subprotocols, { perMessageDeflate: false, ...options });
    this.ws.on('message', (data, isBinary) => this.messages.put(isBinary ? data : data.toString()));
    this.ws.on('error', () => {});
    this.closed = once(this.ws, 'close').then(([code, reason]) => ({ code, reason: reason.toString() }));
  }

  static async open(url, subprotocols, options) {
    const client = new this(url, subprotocols, options);
    await once(client.ws, 'open');
    return client;
  }

  /** The status that an upgrade is refused with. */
  static async refused(url, subprotocols, options) {
    const client = new this(url, subprotocols, options);
    const [request, response] = await once(client.ws, 'unexpected-response');
    request.destroy();
    return response.statusCode;
  }

  send(message) {
    this.ws.send(message);
  }

  /** Everything that was sent before has arrived, and so has what was sent here before that. */
  async pinged() {
    this.ws.ping();
    await once(this.ws, 'pong');
  }

  stop() {
    this.ws.terminate();
  }
}

/** Wisp, packet by packet. */
export class WispClient extends RawClient {
  #nextId = 1;
  /** By stream, in order; those of stream 0 as well. */
  #packets = new Map();

  /** @param hello the extensions of its INFO; without it version 1 */
  static async start(url, hello, options) {
    const client = await this.open(url, hello === undefined ? [] : ['wisp-v2'], options);
    client.#sort();
    if (hello !== undefined) {
      client.info = await client.next(0);
      client.send(frames.encodeInfo(hello));
    }
    client.window = (await client.next(0)).packets;
    return client;
  }

  async #sort() {
    for (;;) {
      const packet = frames.parsePacket(await this.messages.next());
      // Of a connection that was accepted its listener hears.
      this.#of(packet.listenerId ?? packet.streamId).put(packet);
    }
  }

  #of(streamId) {
    if (!this.#packets.has(streamId)) this.#packets.set(streamId, new Mailbox());
    return this.#packets.get(streamId);
  }

  /** The next packet on a stream. */
  next(streamId) {
    return this.#of(streamId).next();
  }

  /** How many packets of a stream nobody has taken. */
  waiting(streamId) {
    return this.#of(streamId).length;
  }

  /** Asks for a stream and returns its id. */
  connect(port, host = '127.0.0.1', id = this.#nextId++) {
    this.send(frames.encodeConnect(id, host, port));
    return id;
  }

  /** The reason that a stream is closed with, whatever comes before. */
  async closeReason(id) {
    for (;;) {
      const packet = await this.next(id);
      if (packet.type === 'close') return packet.reason;
    }
  }

  /** Payload of a stream, at least `size` bytes of it. */
  async read(id, size) {
    const chunks = [];
    let length = 0;
    while (length < size) {
      const packet = await this.next(id);
      if (packet.type === 'continue') continue;
      if (packet.type !== 'data') throw new Error(`${packet.type} after ${length} bytes`);
      chunks.push(Buffer.from(packet.payload));
      length += packet.payload.length;
    }
    return Buffer.concat(chunks);
  }

  async asks(id, text) {
    this.send(frames.encodeData(id, Buffer.from(text)));
    return (await this.read(id, text.length)).toString();
  }
}

/** A TCP server on loopback; `connections` is a mailbox of its sockets, half-open ones allowed. */
export async function startTarget(onConnection = () => {}) {
  const sockets = new Set();
  const connections = new Mailbox();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    onConnection(socket);
    connections.put(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    connections,
    sockets,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export const startEcho = () => startTarget((socket) => socket.pipe(socket));

/** When a socket is gone, in whatever way. */
export const gone = (socket) => new Promise((resolve) => socket.resume().once('close', resolve));

/** A port of loopback that nobody listens on. */
export async function closedPort() {
  const target = await startTarget();
  await target.stop();
  return target.port;
}

/** Waits until `condition()` holds, for what only the relay's own counters tell. */
export async function until(condition) {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`This never came to hold: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
