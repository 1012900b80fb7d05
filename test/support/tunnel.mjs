// A TCP connection that a test can break where it wants to: after so many bytes of a direction, at once, or on command.

import { once } from 'node:events';
import net from 'node:net';

/** Client → server, or server → client. */
export const directions = ['up', 'down'];

/** The lengths of the TLS records that `bytes` begins with, complete ones only. */
export function recordLengths(bytes) {
  const lengths = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = 5 + bytes.readUInt16BE(at + 3);
    if (at + length > bytes.length) break;
    lengths.push(length);
    at += length;
  }
  return lengths;
}

export class Tunnel {
  #server;
  #pairs = [];
  #waiting = [];

  /**
   * Leads to `port` of this machine. With `cut` ({ direction, after, how }) it lets `after` bytes of that direction
   * through, and then: `how` 'end' ends both sides, 'reset' resets them, 'stall' swallows everything from then on.
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
    const pair = { client, server, passed: { up: [], down: [] }, cut: false };
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
    let left = cut?.direction === direction ? cut.after : Infinity;
    const pass = (chunk) => {
      pair.passed[direction].push(chunk);
      to.write(chunk);
    };
    from.on('data', (chunk) => {
      if (pair.cut) return;
      if (chunk.length > 0) pass(chunk.subarray(0, Math.min(left, chunk.length)));
      left -= chunk.length;
      if (left <= 0) this.#break(pair, cut.how);
    });
    from.on('end', () => {
      if (!pair.cut) to.end();
    });
    if (left === 0) this.#break(pair, cut.how);
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

  /** What went through the first connection in a direction. */
  passed(direction) {
    return Buffer.concat(this.#pairs[0]?.passed[direction] ?? []);
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
