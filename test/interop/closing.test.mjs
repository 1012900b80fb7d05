// How connections end: close_notify in both directions, half-close, a transport that just ends, destroy.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, randomLines, readBytes } from '../support/endpoint.mjs';
import { Tunnel } from '../support/tunnel.mjs';
import {
  GnutlsClient,
  NativeClient,
  NativeServer,
  OpensslClient,
  OpensslServer,
  serverPeers,
} from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';

const versions = ['TLSv1.2', 'TLSv1.3'];
const hello = Buffer.from('hello\n');

describe('closing', () => {
  const use = useCleanup();
  const pki = fixtures();
  const own = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trusted = { ca: pki.ca.cert };

  for (const version of versions) {
    for (const Peer of serverPeers) {
      it(`as a client of ${Peer.label}, ${version}: end() is behind everything written`, async () => {
        const peer = await use(Peer.start({ identity: pki.serverEcdsa, version }));
        const payload = randomLines(200_000);
        const client = await use(Client.start({ ...trusted, port: peer.port }));
        const reply = readBytes(client.socket, payload.length);
        client.socket.write(payload.subarray(0, 100_000));
        // Before the handshake is done: all of it has to wait, close_notify included.
        client.socket.end(payload.subarray(100_000));
        assert.ok((await reply).equals(peer.reply(payload)));
        assert.equal(await client.closed, false);
        assert.equal(client.error, null);
      });
    }

    it(`as a client of node:tls, ${version}: half-closed, it still reads`, async () => {
      let asked = '';
      const onConnection = (socket) => {
        socket.on('data', (data) => (asked += data));
        // Not before our close_notify has arrived.
        socket.on('end', () => socket.end(randomLines(300_000)));
      };
      const peer = await use(
        NativeServer.start({ identity: pki.serverEcdsa, version, onConnection, tls: { allowHalfOpen: true } }),
      );
      const client = await use(Client.start({ ...trusted, port: peer.port, allowHalfOpen: true }));
      const answer = readBytes(client.socket, 300_000);
      client.socket.end('question');
      assert.equal((await answer).length, 300_000);
      assert.equal(asked, 'question');
      assert.equal(await client.closed, false);
    });

    it(`as a server of node:tls, ${version}: half-closed by the client, it still writes`, async () => {
      const server = await use(Server.start({ ...own, allowHalfOpen: true }));
      const peer = await use(
        NativeClient.start({ port: server.port, version, caPath: pki.ca.certPath, tls: { allowHalfOpen: true } }),
      );
      const socket = await server.nextConnection();
      await peer.negotiated();
      peer.socket.end('question');
      const answer = randomLines(300_000);
      assert.equal((await readAll(socket)).toString(), 'question');
      assert.equal(socket.writable, true);
      socket.end(answer);
      const result = await peer.finished();
      assert.equal(result.code, 0);
      assert.ok(result.received.equals(answer));
    });

    for (const Peer of [OpensslClient, GnutlsClient]) {
      it(`as a server of ${Peer.label}, ${version}: its end of input is our 'end'`, async () => {
        const server = await use(Server.start(own));
        const args = Peer === OpensslClient ? ['-no_ign_eof'] : [];
        const peer = await use(
          Peer.start({ port: server.port, version, caPath: pki.ca.certPath, upload: hello, args }),
        );
        const socket = await server.nextConnection();
        const closed = once(socket, 'close');
        const received = readAll(socket);
        peer.stdin.end();
        assert.deepEqual(await received, hello);
        assert.deepEqual(await closed, [false]);
        assert.equal((await peer.finished()).code, 0);
      });
    }

    it(`as a client, ${version}: the transport ends without a close_notify`, async () => {
      const peer = await use(NativeServer.start({ identity: pki.serverEcdsa, version }));
      const tunnel = await use(Tunnel.start(peer.port));
      const client = await use(Client.start({ ...trusted, port: tunnel.port }));
      assert.deepEqual(await client.exchange(hello), hello);
      tunnel.endTowardsClient();
      // Node treats it as an end like any other; who must know asks the protocol above.
      await once(client.socket, 'end');
      assert.equal(await client.closed, false);
      assert.equal(client.error, null);
    });

    it(`as a server, ${version}: the transport ends without a close_notify`, async () => {
      const server = await use(Server.start(own));
      const tunnel = await use(Tunnel.start(server.port));
      const peer = await use(
        OpensslClient.start({ port: tunnel.port, version, caPath: pki.ca.certPath, upload: hello }),
      );
      const socket = await server.nextConnection();
      assert.deepEqual(await readBytes(socket, hello.length), hello);
      const closed = once(socket, 'close');
      tunnel.endTowardsServer();
      await once(socket, 'end');
      assert.deepEqual(await closed, [false]);
      await peer.finished();
    });

    it(`as a client, ${version}: the transport is reset`, async () => {
      const peer = await use(NativeServer.start({ identity: pki.serverEcdsa, version }));
      const tunnel = await use(Tunnel.start(peer.port));
      const client = await use(Client.start({ ...trusted, port: tunnel.port }));
      assert.deepEqual(await client.exchange(hello), hello);
      tunnel.resetTowardsClient();
      assert.equal(await client.closed, true);
      assert.equal(client.error.code, 'ECONNRESET');
      assert.equal(client.error.syscall, 'read');
    });

    it(`as a client of openssl s_server, ${version}: destroy() leaves it fit for the next`, async () => {
      const peer = await use(OpensslServer.start({ identity: pki.serverEcdsa, version }));
      const client = await use(Client.start({ ...trusted, port: peer.port }));
      await client.exchange(hello);
      client.socket.destroy();
      assert.equal(await client.closed, false);
      // It is there for the next one.
      const next = await use(Client.start({ ...trusted, port: peer.port }));
      assert.deepEqual(await next.exchange(hello), peer.reply(hello));
    });
  }

  /** Everything up to the end. */
  async function readAll(socket) {
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    await once(socket, 'end');
    return Buffer.concat(chunks);
  }
});
