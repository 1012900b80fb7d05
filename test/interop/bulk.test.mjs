// Much data in each direction at once: no byte lost, doubled or out of order, whoever is faster.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, randomLines, readBytes, serveExchange, sha256 } from '../support/endpoint.mjs';
import { OpensslServer, clientPeers, serverPeers } from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';

const versions = ['TLSv1.2', 'TLSv1.3'];
const size = 8 * 1024 * 1024;

describe('bulk', () => {
  const use = useCleanup();
  const pki = fixtures();
  const payload = randomLines(size);
  const hash = sha256(payload);

  for (const version of versions) {
    for (const Peer of serverPeers) {
      it(`8 MiB to ${Peer.label} and back, ${version}`, async () => {
        const peer = await use(Peer.start({ identity: pki.serverEcdsa, version }));
        const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert }));
        await client.secure;
        assert.equal(sha256(await client.exchange(payload)), sha256(peer.reply(payload)));
        assert.equal(client.socket.bytesWritten, size);
      });
    }

    for (const Peer of clientPeers) {
      const reply = payload.subarray(0, Peer.downloadLimit);
      it(`8 MiB from ${Peer.label}, then ${reply.length / 1024} KiB to it, ${version}`, async () => {
        const server = await use(Server.start({ key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert }));
        const peer = await use(Peer.start({ port: server.port, version, caPath: pki.ca.certPath, upload: payload }));
        const socket = await server.nextConnection();
        const received = await serveExchange(socket, Peer.protocol, size, reply);
        assert.equal(sha256(received), hash);
        const result = await peer.finished();
        assert.equal(result.code, 0);
        assert.equal(sha256(result.received), sha256(reply));
      });
    }

    it(`8 MiB to openssl s_server in writes of every size, nobody reading until they block, ${version}`, async () => {
      const peer = await use(OpensslServer.start({ identity: pki.serverEcdsa, version }));
      const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert }));
      const socket = await client.secure;
      const blocked = await writeUntilBlocked(socket);
      const echoed = readBytes(socket, size);
      await once(socket, 'drain');
      await writeFrom(socket, blocked);
      assert.equal(sha256(await echoed), sha256(peer.reply(payload)));
    });
  }

  it('a slow reader gets what came before the connection closed', async () => {
    // Ours at both ends: the server sends in the largest chunks, and is gone long before the reader is done.
    const server = await use(Server.start({ key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert }));
    server.server.on('secureConnection', (socket) => socket.pipe(socket));
    for (const rest of [1, 5_000, 10_000, 15_000]) {
      const sent = payload.subarray(0, 3 * 65_536 + rest);
      const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
      client.socket.end(sent);
      const chunks = [];
      for await (const chunk of client.socket) {
        chunks.push(chunk);
        await setImmediate();
      }
      assert.ok(Buffer.concat(chunks).equals(sent));
    }
  });

  /** Writes until `write()` says no; how far that was. */
  async function writeUntilBlocked(socket) {
    for (let at = 0; at < size; ) {
      const end = at + width(at);
      if (!socket.write(payload.subarray(at, end))) return end;
      at = end;
    }
    throw new Error('nothing ever blocked');
  }

  async function writeFrom(socket, start) {
    for (let at = start; at < size; ) {
      const end = at + width(at);
      if (!socket.write(payload.subarray(at, end))) await once(socket, 'drain');
      at = end;
    }
  }

  /** From one byte to more than four records. */
  function width(at) {
    return (at * 7919) % 70_001 || 1;
  }
});
