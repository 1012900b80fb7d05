// Both ends must hold the same secrets: exported keying material, key logs, and the `finished` messages.

import assert from 'node:assert/strict';
import fs from 'node:fs';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { Client, Server } from '../support/endpoint.mjs';
import { Mailbox } from '../support/mailbox.mjs';
import { NativeServer, OpensslClient, OpensslServer } from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';

const hello = Buffer.from('hello\n');

describe('secrets', () => {
  const use = useCleanup();
  const pki = fixtures();
  const own = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    it(`exportKeyingMaterial() is what openssl s_client exports, ${version}`, async () => {
      const server = await use(Server.start(own));
      const args = ['-keymatexport', 'EXPORTER-test', '-keymatexportlen', '40'];
      const peer = await use(
        OpensslClient.start({ port: server.port, version, caPath: pki.ca.certPath, verbose: true, args }),
      );
      const socket = await server.nextConnection();
      const ours = socket.exportKeyingMaterial(40, 'EXPORTER-test').toString('hex');
      socket.end();
      await peer.finished();
      assert.equal((await peer.negotiated()).exported, ours);
    });

    it(`exportKeyingMaterial() with a context is what node:tls exports, ${version}`, async () => {
      const context = Buffer.from('context');
      let theirs = null;
      const onConnection = (socket) => {
        theirs = socket.exportKeyingMaterial(32, 'EXPORTER-test', context);
        socket.pipe(socket);
      };
      const peer = await use(NativeServer.start({ identity: pki.serverEcdsa, version, onConnection }));
      const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert }));
      await client.exchange(hello);
      assert.deepEqual(client.socket.exportKeyingMaterial(32, 'EXPORTER-test', context), theirs);
    });

    it(`as a client, ${version}: 'keylog' gives the lines that openssl s_server logs`, async () => {
      const file = (await use(temporaryDirectory())).file('keys');
      const peer = await use(OpensslServer.start({ identity: pki.serverEcdsa, version, args: ['-keylogfile', file] }));
      const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert }, (socket) => collectKeys(socket)));
      await client.exchange(hello);
      await client.stop();
      await peer.stop();
      sameKeys(client.socket.keys, file, version);
    });

    it(`as a server, ${version}: 'keylog' gives the lines that openssl s_client logs`, async () => {
      const file = (await use(temporaryDirectory())).file('keys');
      const server = await use(Server.start(own));
      collectKeys(server.server);
      const args = ['-keylogfile', file];
      const peer = await use(OpensslClient.start({ port: server.port, version, caPath: pki.ca.certPath, args }));
      (await server.nextConnection()).end();
      await peer.finished();
      sameKeys(server.server.keys, file, version);
    });

    it(`getFinished() and getPeerFinished() are each other's, ${version}`, async () => {
      const accepted = new Mailbox();
      const onConnection = (socket) => accepted.put(socket.pipe(socket));
      const peer = await use(NativeServer.start({ identity: pki.serverEcdsa, version, onConnection }));
      const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert }));
      await client.exchange(hello);
      const theirs = await accepted.next();
      assert.deepEqual(client.socket.getFinished(), theirs.getPeerFinished());
      assert.deepEqual(client.socket.getPeerFinished(), theirs.getFinished());
    });
  }

  function collectKeys(emitter) {
    emitter.keys = [];
    emitter.on('keylog', (line) => emitter.keys.push(line.toString().trim()));
  }

  function sameKeys(ours, file, version) {
    const theirs = fs
      .readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    assert.deepEqual([...ours].sort(), theirs.sort());
    assert.equal(ours.length, version === 'TLSv1.3' ? 5 : 1);
  }
});
