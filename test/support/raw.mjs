// Peers below TLS: streams that a test controls byte by byte.

import net from 'node:net';
import { once } from 'node:events';
import { Duplex } from 'node:stream';

/** Two streams, each reading what the other writes. A write calls back when the other side has room again. */
export function duplexPair() {
  class Side extends Duplex {
    other = null;
    callback = null;
    _read() {
      const { callback } = this;
      this.callback = null;
      callback?.();
    }
    _write(chunk, _encoding, callback) {
      this.other.callback = callback;
      this.other.push(chunk);
    }
    _final(callback) {
      this.other.push(null);
      callback();
    }
    _destroy(error, callback) {
      if (!this.other.destroyed) process.nextTick(() => this.other.destroy());
      callback(error);
    }
  }
  const one = new Side();
  const two = new Side();
  one.other = two;
  two.other = one;
  return [one, two];
}

/** A TCP server that does with each connection what `onConnection` says. */
export async function rawServer(onConnection) {
  const sockets = new Set();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    sockets,
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A TCP connection to `port`. */
export async function rawClient(port) {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return Object.assign(socket, { stop: () => socket.destroy() });
}

/** A proxy in front of `port` that hands each direction's bytes to `filter(direction, chunk)`, which returns what passes. */
export async function proxy(port, filter) {
  return rawServer((near) => {
    const far = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    far.on('error', () => near.destroy());
    near.on('error', () => far.destroy());
    const pass = (from, to, direction) => {
      from.on('data', (chunk) => {
        const passed = filter(direction, chunk, { near, far });
        if (passed !== null && !to.destroyed) to.write(passed);
      });
      from.on('end', () => to.end());
      from.on('close', () => to.destroy());
    };
    pass(near, far, 'toServer');
    pass(far, near, 'toClient');
  });
}
