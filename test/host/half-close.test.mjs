// Ends of one direction: close_notify, FIN, allowHalfOpen, and data that still flows the other way.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeTls from 'node:tls';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server, readBytes } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { proxy } from '../support/raw.mjs';

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  describe(`half-close, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ...only(version) };
    const long = Buffer.alloc(300_000, 'abc');

    async function connected(clientOptions, serverOptions) {
      const server = await use(nativeServer({ ...identity, ...serverOptions }, () => {}));
      const client = await use(Client.start({ port: server.port, ca: pki.ca.cert, ...clientOptions }));
      await client.secure;
      return [client, await server.connections.next()];
    }

    it('end() is behind everything written, and the peer sees a clean end', async () => {
      const [client, peer] = await connected();
      const received = readBytes(peer, long.length);
      client.socket.end(long);
      assert.ok((await received).equals(long));
      if (!peer.readableEnded) await once(peer, 'end');
      peer.end();
      assert.equal(await client.closed, false);
    });

    it('after its own end() a socket with allowHalfOpen reads on', async () => {
      const [client, peer] = await connected({ allowHalfOpen: true }, { allowHalfOpen: true });
      client.socket.end('question');
      await once(peer.resume(), 'end');
      const reply = readBytes(client.socket, long.length);
      peer.end(long);
      assert.ok((await reply).equals(long));
      assert.equal(await client.closed, false);
    });

    it('without allowHalfOpen, too: its own end() does not stop the peer', async () => {
      const [client, peer] = await connected({}, { allowHalfOpen: true });
      client.socket.end('question');
      await once(peer.resume(), 'end');
      const reply = readBytes(client.socket, long.length);
      peer.end(long);
      assert.ok((await reply).equals(long));
      assert.equal(await client.closed, false);
    });

    it('after the peer’s end a socket with allowHalfOpen writes on', async () => {
      const [client, peer] = await connected({ allowHalfOpen: true }, { allowHalfOpen: true });
      peer.end();
      await once(client.socket.resume(), 'end');
      assert.equal(client.socket.readyState, 'writeOnly');
      const received = readBytes(peer, long.length);
      client.socket.end(long);
      assert.ok((await received).equals(long));
      assert.equal(await client.closed, false);
    });

    it('after the peer’s end a socket without allowHalfOpen ends as well', async () => {
      const [client, peer] = await connected();
      const closed = once(peer.resume(), 'close');
      peer.end('bye');
      client.socket.resume();
      await once(client.socket, 'end');
      assert.equal(await client.closed, false);
      await closed;
    });

    it('writing after the peer’s end is EPIPE', async () => {
      const [client, peer] = await connected();
      peer.end();
      client.socket.resume();
      await once(client.socket, 'end');
      await new Promise(setImmediate);
      const failed = new Promise((resolve) => client.socket.write('late', resolve));
      const error = await failed;
      assert.ok(['EPIPE', 'ERR_STREAM_WRITE_AFTER_END'].includes(error.code), error.code);
      await client.closed;
    });

    it('a connection cut without close_notify is an end', async () => {
      const server = await use(nativeServer(identity, () => {}));
      let cut;
      const between = await use(proxy(server.port, (_direction, chunk, sockets) => ((cut = sockets), chunk)));
      const client = await use(Client.start({ port: between.port, ca: pki.ca.cert }));
      await client.secure;
      const peer = await server.connections.next();
      peer.write('some');
      await once(client.socket, 'data');
      cut.near.end();
      await once(client.socket, 'end');
      assert.equal(await client.closed, false);
    });

    it('end() before the handshake waits for it', async () => {
      const server = await use(nativeServer(identity, () => {}));
      const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
      client.socket.end('early');
      const peer = await server.connections.next();
      assert.equal(String(await readBytes(peer, 5)), 'early');
      peer.end();
      assert.equal(await client.closed, false);
    });

    it('a server’s socket, the same', async () => {
      const server = await use(Server.start({ ...identity, allowHalfOpen: true }));
      const options = { port: server.port, ca: pki.ca.cert, host: '127.0.0.1', servername: 'localhost' };
      const peer = nativeTls.connect({ ...options, allowHalfOpen: true });
      await use({ stop: () => peer.destroy() });
      const socket = await server.nextConnection();
      peer.end('question');
      assert.equal(String(await readBytes(socket, 8)), 'question');
      if (!socket.readableEnded) await once(socket, 'end');
      const reply = readBytes(peer, long.length);
      socket.end(long);
      assert.ok((await reply).equals(long));
      if (!socket.closed) await once(socket, 'close');
    });

    it('destroySoon() is behind everything written', async () => {
      const [client, peer] = await connected();
      // Closing a TCP socket over bytes that nobody read, such as tickets, resets the connection.
      if (version === 'TLSv1.3') await once(client.socket, 'session');
      const received = readBytes(peer, long.length);
      client.socket.write(long);
      client.socket.destroySoon();
      assert.ok((await received).equals(long));
      assert.equal(await client.closed, false);
    });
  });
}
