// Backpressure: a reader that pauses and a transport that is slow both bound what is kept in memory.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, readBytes, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { duplexPair } from '../support/raw.mjs';
import { isNative, tls } from '../support/subject.mjs';

const mebibyte = 1 << 20;
const turns = async (count) => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
};

describe('backpressure', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };

  it('a paused reader stops the sender, and gets everything later', async () => {
    const total = 48 * mebibyte;
    const server = await use(nativeServer(identity, () => {}));
    const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
    await client.secure;
    const peer = await server.connections.next();
    const { socket } = client;
    socket.pause();
    const memory = () => process.memoryUsage().arrayBuffers + (isNative ? 0 : tls.engine.memoryBytes());
    const block = Buffer.alloc(mebibyte, 'x');
    for (let sent = 0; sent < total; sent += block.length) peer.write(block);
    const before = memory();
    await turns(300);
    assert.ok(socket.readableLength <= socket.readableHighWaterMark + 128 * 1024, `${socket.readableLength} buffered`);
    assert.ok(peer.writableLength > total / 2, 'the sender was stopped');
    assert.ok(memory() - before < 8 * mebibyte, 'memory grew');
    const data = readBytes(socket, total);
    socket.resume();
    assert.equal((await data).length, total);
  });

  it('write() says no when the peer does not read, and drains when it does', async () => {
    const server = await use(Server.start(identity));
    const peer = await use(nativeClient({ port: server.port, ca: pki.ca.cert }));
    const socket = await server.nextConnection();
    peer.pause();
    const block = Buffer.alloc(mebibyte, 'x');
    let written = 0;
    let stuck = 0;
    while (stuck < 100) {
      if (socket.writableNeedDrain) {
        stuck++;
        await turns(1);
        continue;
      }
      stuck = 0;
      socket.write(block);
      written += block.length;
      assert.ok(written < 256 * mebibyte, 'nothing ever stopped the writer');
    }
    const drained = once(socket, 'drain');
    const received = readBytes(peer, written);
    peer.resume();
    await drained;
    assert.equal((await received).length, written);
  });

  it('a slow transport bounds what is encrypted ahead', async function () {
    if (isNative) this.skip(); // Node encrypts all of a write at once.
    const [near, far] = duplexPair();
    const slow = new SlowTransport(near);
    const server = new tls.TLSSocket(slow, { isServer: true, secureContext: tls.createSecureContext(identity) });
    const client = tls.connect({ socket: far, servername: 'localhost', ca: pki.ca.cert });
    const secure = once(client, 'secureConnect');
    await use({ stop: () => (server.destroy(), client.destroy()) });
    await secure;
    slow.block();
    server.write(Buffer.alloc(32 * mebibyte, 'x'));
    await turns(100);
    assert.ok(slow.writableLength < mebibyte, `${slow.writableLength} bytes wait for the transport`);
    const received = readBytes(client, 32 * mebibyte);
    slow.unblock();
    assert.equal((await received).length, 32 * mebibyte);
  });

  it('a reader that reads piece by piece', async () => {
    const server = await use(nativeServer(identity, (peer) => peer.end(Buffer.alloc(4 * mebibyte, 'y'))));
    const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
    let read = 0;
    for await (const chunk of client.socket) {
      read += chunk.length;
      await turns(1);
    }
    assert.equal(read, 4 * mebibyte);
  });

  it('data in both directions at once, nobody waits for the other', async () => {
    const size = 16 * mebibyte;
    const server = await use(nativeServer(identity, () => {}));
    const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
    await client.secure;
    const peer = await server.connections.next();
    client.socket.write(Buffer.alloc(size, 'a'));
    peer.write(Buffer.alloc(size, 'b'));
    const [mine, theirs] = await Promise.all([readBytes(client.socket, size), readBytes(peer, size)]);
    assert.equal(mine[size - 1], 98);
    assert.equal(theirs[size - 1], 97);
  });
});

/** Passes everything on, and holds writes back while it is blocked. */
class SlowTransport extends Duplex {
  #inner;
  #held = null;
  #blocked = false;

  constructor(inner) {
    super();
    this.#inner = inner;
    inner.on('data', (chunk) => {
      if (!this.push(chunk)) inner.pause();
    });
    inner.on('end', () => this.push(null));
    inner.on('close', () => this.destroy());
  }

  block() {
    this.#blocked = true;
  }

  unblock() {
    this.#blocked = false;
    const held = this.#held;
    this.#held = null;
    held?.();
  }

  _read() {
    this.#inner.resume();
  }

  _write(chunk, encoding, callback) {
    const pass = () => this.#inner.write(chunk, encoding, callback);
    if (this.#blocked) this.#held = pass;
    else pass();
  }

  _final(callback) {
    this.#inner.end(callback);
  }

  _destroy(error, callback) {
    this.#inner.destroy();
    callback(error);
  }
}
