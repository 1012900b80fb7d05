// A TCP connection that a test can break where it wants to: in any record of a direction, or on command.

import { once } from 'node:events';
import net from 'node:net';

/** The TLS records that `bytes` begins with, complete ones only: { type, length }. */
function completeRecords(bytes) {
  const found = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = 5 + bytes.readUInt16BE(at + 3);
    if (at + length > bytes.length) break;
    found.push({ type: bytes[at], length });
    at += length;
  }
  return found;
}

/** How much of `bytes`, the whole of a direction so far, may pass a `cut`; and whether that is the end of it. */
function passage(bytes, { record, part }) {
  const before = completeRecords(bytes).slice(0, record);
  if (before.length < record) return { length: bytes.length, done: false };
  const start = before.reduce((sum, { length }) => sum + length, 0);
  if (part === 'before') return { length: start, done: true };
  if (part === 'header') return { length: Math.min(start + 3, bytes.length), done: bytes.length >= start + 3 };
  if (bytes.length < start + 5) return { length: bytes.length, done: false };
  const half = start + 5 + (bytes.readUInt16BE(start + 3) >> 1);
  return { length: Math.min(half, bytes.length), done: bytes.length >= half };
}

export class Tunnel {
  #server;
  #pairs = [];
  #waiting = [];

  /**
   * Leads to `port` of this machine. `cut` breaks each connection: { direction: 'up' (to the server) or 'down',
   * record (how many records of that direction pass), part (right 'before' what follows, or in its 'header' or 'body'),
   * how: 'end' (both sides), 'reset' (both) or 'stall' (it swallows everything from then on) }.
   */
  static async start(port, cut = null) {
    const self = new Tunnel();
    self.#server = net.createServer({ allowHalfOpen: true }, (client) => self.#connect(client, port, cut));
    self.#server.listen(0, '127.0.0.1');
    await once(self.#server, 'listening');
    self.port = self.#server.address().port;
    return self;
  }

  #connect(client, port, cut) {
    const server = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const pair = { client, server, seen: { up: Buffer.alloc(0), down: Buffer.alloc(0) }, cut: false };
    this.#pairs.push(pair);
    this.#carry(pair, 'up', client, server, cut);
    this.#carry(pair, 'down', server, client, cut);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      // Either end may be the one that a test breaks.
      socket.on('error', () => {});
    }
  }

  #carry(pair, direction, from, to, cut) {
    let passed = 0;
    from.on('data', (chunk) => {
      if (pair.cut) return;
      const bytes = (pair.seen[direction] = Buffer.concat([pair.seen[direction], chunk]));
      const limit = cut?.direction === direction ? passage(bytes, cut) : { length: bytes.length, done: false };
      if (limit.length > passed) to.write(bytes.subarray(passed, limit.length));
      passed = limit.length;
      if (limit.done) this.#break(pair, cut.how);
    });
    from.on('end', () => {
      if (!pair.cut) to.end();
    });
  }

  #break(pair, how) {
    pair.cut = true;
    for (const socket of [pair.client, pair.server]) {
      if (how === 'end') socket.end();
      if (how === 'reset') socket.resetAndDestroy();
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when it has broken a connection. */
  broken() {
    if (this.#pairs.some((pair) => pair.cut)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** The types of the records that the first connection had in a direction (RFC 8446, section 5.1). */
  recordTypes(direction) {
    return completeRecords(this.#pairs[0].seen[direction]).map(({ type }) => type);
  }

  endTowardsClient() {
    for (const { client } of this.#pairs) client.end();
  }

  endTowardsServer() {
    for (const { server } of this.#pairs) server.end();
  }

  resetTowardsClient() {
    for (const { client } of this.#pairs) client.resetAndDestroy();
  }

  async stop() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    await closed;
  }
}
