// The implementation under test as a server and as a client, with everything that happens kept for the test to ask.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';

import { Mailbox } from './mailbox.mjs';
import { tls } from './subject.mjs';

/** Version limits for one version alone. */
export const only = (version) => ({ minVersion: version, maxVersion: version });

export const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** `size` bytes of random hexadecimal digits in lines: what every peer can carry, and a mix-up cannot go unseen. */
export function randomLines(size) {
  const width = 4000;
  const text = randomBytes(Math.ceil(size / 2)).toString('hex');
  const lines = [];
  for (let at = 0; at < size; at += width) lines.push(text.slice(at, Math.min(at + width, size) - 1), '\n');
  return Buffer.from(lines.join(''));
}

/** The next `size` bytes of a socket. Rejects when it ends or fails before. */
export function readBytes(socket, size) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let got = 0;
    const finish = (error) => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', finish);
      if (error) reject(error);
      else resolve(Buffer.concat(chunks));
    };
    const onData = (chunk) => {
      chunks.push(chunk);
      got += chunk.length;
      if (got >= size) finish();
    };
    const onEnd = () => finish(new Error(`the socket ended after ${got} of ${size} bytes`));
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', finish);
  });
}

/** A listening `tls.Server` of the implementation under test. */
export class Server {
  #sockets = new Set();

  /** Secure connections, as they come. */
  connections = new Mailbox();
  /** `tlsClientError`s, as they come. */
  errors = new Mailbox();

  static async start(options) {
    const self = new Server();
    self.server = tls.createServer(options);
    self.server.on('secureConnection', (socket) => {
      // A test that is interested listens itself; one that is not must not die of a peer that went away.
      socket.on('error', () => {});
      self.connections.put(socket);
    });
    self.server.on('tlsClientError', (error, socket) => self.errors.put(Object.assign(error, { socket })));
    self.server.on('connection', (socket) => {
      self.#sockets.add(socket);
      socket.on('close', () => self.#sockets.delete(socket));
    });
    self.server.listen(0, '127.0.0.1');
    await once(self.server, 'listening');
    self.port = self.server.address().port;
    return self;
  }

  /** The next secure connection. Rejects when a handshake fails before there is one. */
  async nextConnection() {
    const [mailbox, item] = await Mailbox.any(this.connections, this.errors);
    if (mailbox === this.errors) throw item;
    return item;
  }

  /** Raw connections that are still open. */
  get open() {
    return this.#sockets.size;
  }

  async stop() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Gives a Server a store of sessions outside of the library. Both answers come later, as from a database. */
export function keepSessions({ server }) {
  const store = new Map();
  server.on('newSession', (id, data, done) => {
    store.set(id.toString('hex'), data);
    setImmediate(done);
  });
  server.on('resumeSession', (id, done) => setImmediate(done, null, store.get(id.toString('hex')) ?? null));
  return store;
}

/** A connecting `TLSSocket` of the implementation under test; `secure` resolves, or rejects with its error. */
export class Client {
  static start(options, onSocket) {
    const self = new Client();
    self.socket = tls.connect({ host: '127.0.0.1', servername: 'localhost', ...options });
    self.error = null;
    self.socket.on('error', (error) => (self.error = error));
    onSocket?.(self.socket);
    self.closed = new Promise((resolve) => self.socket.on('close', (hadError) => resolve(hadError)));
    self.secure = new Promise((resolve, reject) => {
      self.socket.once('secureConnect', () => resolve(self.socket));
      self.socket.once('close', () => reject(self.error ?? new Error('closed before it was secure')));
    });
    self.secure.catch(() => {});
    return self;
  }

  /** Sends `payload` and waits for an answer of `size` bytes. */
  async exchange(payload, size = payload.length) {
    const reply = readBytes(this.socket, size);
    this.socket.write(payload);
    return reply;
  }

  async stop() {
    this.socket.destroy();
    await this.closed;
  }
}

/** The server's half of an exchange: takes `size` bytes, sends `reply` and closes. Resolves with what it got. */
export async function serveExchange(socket, protocol, size, reply) {
  if (protocol === 'raw') {
    const received = await readBytes(socket, size);
    socket.end(reply);
    return received;
  }
  return new Promise((resolve, reject) => {
    const server = http.createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        response.end(reply);
        resolve(Buffer.concat(chunks));
      });
    });
    server.on('clientError', reject);
    // As an http.Server sees a connection of its own; a TLSSocket is a net.Socket to it.
    server.emit('connection', socket);
  });
}
