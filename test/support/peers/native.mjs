// Node's own `tls` as the other end, with the interface of the foreign programs.

import { once } from 'node:events';
import fs from 'node:fs';
import tls from 'node:tls';

const read = (file) => (file === undefined ? undefined : fs.readFileSync(file));
const isOld = (version) => version === 'TLSv1' || version === 'TLSv1.1';
const limits = (version) => ({
  ...(version && { minVersion: version, maxVersion: version }),
  // As for the `openssl` program.
  ...(isOld(version) && { ciphers: 'DEFAULT:@SECLEVEL=0' }),
});
const credentials = (identity) => ({ cert: read(identity?.certPath), key: read(identity?.keyPath) });

const everything = ['protocol', 'alpn', 'servername', 'peerName', 'reused'];

function report(socket) {
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    alpn: socket.alpnProtocol || undefined,
    servername: socket.servername || undefined,
    peerName: socket.getPeerCertificate()?.subject?.CN,
    reused: socket.isSessionReused(),
    verification: socket.authorized ? 'OK' : undefined,
  };
}

/** Items to wait for by their number. */
class Numbered {
  #items = [];
  #waiting = [];

  put(item) {
    this.#waiting[this.#items.length]?.(item);
    this.#items.push(item);
  }

  get(index) {
    if (index < this.#items.length) return Promise.resolve(this.#items[index]);
    return new Promise((resolve) => (this.#waiting[index] = resolve));
  }
}

/** Echoes. Options as OpensslServer's, `tls` for further ones of `tls.createServer()`. */
export class NativeServer {
  static label = 'node:tls server';
  static tells = everything;
  #server;
  #sockets = new Set();
  #log = [];
  #reports = new Numbered();

  static async start({ identity, version, clientCaPath, alpn, tls: more, onConnection }) {
    const peer = new NativeServer();
    peer.#server = tls.createServer(
      {
        ...credentials(identity),
        ...limits(version),
        ...(clientCaPath && { ca: read(clientCaPath), requestCert: true, rejectUnauthorized: true }),
        ...(alpn && { ALPNProtocols: alpn }),
        ...more,
      },
      (socket) => {
        peer.#log.push(`connection: ${JSON.stringify(report(socket))}`);
        peer.#reports.put(report(socket));
        socket.on('error', (error) => peer.#log.push(`socket: ${error.message}`));
        if (onConnection) onConnection(socket);
        else socket.pipe(socket);
      },
    );
    peer.#server.on('tlsClientError', (error) => peer.#log.push(`handshake: ${error.message}`));
    // Not 'secureConnection': a connection that stops in its handshake must end with the test as well.
    peer.#server.on('connection', (socket) => {
      peer.#sockets.add(socket);
      socket.on('close', () => peer.#sockets.delete(socket));
    });
    peer.#server.listen(0, '127.0.0.1');
    await once(peer.#server, 'listening');
    peer.port = peer.#server.address().port;
    return peer;
  }

  reply(payload) {
    return payload;
  }

  /** What it knows of the connection with this number. */
  negotiated(index = 0) {
    return this.#reports.get(index);
  }

  describe() {
    return `node:tls server\n${this.#log.join('\n')}`;
  }

  async stop() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/**
 * Sends `upload` and collects what comes. Options as OpensslClient's, `tls` for further ones of `tls.connect()`; of several
 * connections `socket` is the last one's.
 */
export class NativeClient {
  static label = 'node:tls client';
  static protocol = 'raw';
  static tells = ['protocol', 'alpn', 'reused'];
  #finished;
  #secure;
  #log = [];

  static start(options) {
    const peer = new NativeClient();
    peer.#finished = peer.#connect(options, options.connections ?? 1);
    return peer;
  }

  async #connect(options, connections) {
    const { port, version, caPath, servername = 'localhost', identity, alpn, upload, tls: more } = options;
    const socket = tls.connect({
      host: '127.0.0.1',
      port,
      servername,
      ca: read(caPath),
      ...credentials(identity),
      ...limits(version),
      ...(alpn && { ALPNProtocols: alpn }),
      ...more,
    });
    this.socket = socket;
    const chunks = [];
    let failure = null;
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => {
      failure = error;
      this.#log.push(`error: ${error.code} ${error.message}`);
    });
    let session;
    socket.on('session', (latest) => (session = latest));
    this.#secure = new Promise((resolve) => socket.once('secureConnect', () => resolve(report(socket))));
    if (upload) socket.write(upload);
    await new Promise((resolve) => socket.on('close', resolve));
    if (failure || connections === 1) {
      return { code: failure ? 1 : 0, received: Buffer.concat(chunks), error: failure };
    }
    return this.#connect({ ...options, tls: { ...more, session } }, connections - 1);
  }

  get stdin() {
    return this.socket;
  }

  finished() {
    return this.#finished;
  }

  negotiated() {
    return this.#secure;
  }

  describe() {
    return `node:tls client\n${this.#log.join('\n')}`;
  }

  async stop() {
    this.socket.destroy();
    await this.#finished;
  }
}
