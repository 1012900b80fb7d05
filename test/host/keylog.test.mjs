// 'keylog' of both sides: NSS lines, and the same secrets as the foreign peer's.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';

const labels = {
  'TLSv1.2': ['CLIENT_RANDOM'],
  'TLSv1.3': [
    'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
    'SERVER_HANDSHAKE_TRAFFIC_SECRET',
    'EXPORTER_SECRET',
    'CLIENT_TRAFFIC_SECRET_0',
    'SERVER_TRAFFIC_SECRET_0',
  ],
};

for (const [version, expected] of Object.entries(labels)) {
  describe(`keylog, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ...only(version) };

    function check(lines, theirs) {
      assert.ok(lines.every((line) => Buffer.isBuffer(line)));
      assert.deepEqual(lines.map(String).sort(), theirs.map(String).sort());
      assert.deepEqual(lines.map((line) => String(line).split(' ')[0]).sort(), [...expected].sort());
      for (const line of lines) assert.match(String(line), /^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{64,96}\n$/);
    }

    it('of a client', async () => {
      const server = await use(nativeServer(identity));
      const theirs = [];
      server.server.on('keylog', (line) => theirs.push(line));
      const lines = [];
      const client = await use(
        Client.start({ port: server.port, ca: pki.ca.cert }, (socket) =>
          socket.on('keylog', (line) => lines.push(line)),
        ),
      );
      await client.secure;
      await server.connections.next();
      check(lines, theirs);
    });

    it('of a server, with the socket', async () => {
      const server = await use(Server.start(identity));
      const lines = [];
      const sockets = new Set();
      server.server.on('keylog', (line, socket) => {
        lines.push(line);
        sockets.add(socket);
      });
      const theirs = [];
      const connecting = nativeClient({ port: server.port, ca: pki.ca.cert });
      const client = await use(connecting);
      assert.ok(client);
      const socket = await server.nextConnection();
      assert.deepEqual([...sockets], [socket]);
      const second = Client.start({ port: server.port, ca: pki.ca.cert });
      second.socket.on('keylog', (line) => theirs.push(line));
      await use(second);
      await second.secure;
      await server.nextConnection();
      check(lines.slice(lines.length / 2), theirs);
      await once(second.socket.end(), 'close');
    });

    it('costs nothing when nobody listens', async () => {
      const server = await use(Server.start(identity));
      await use(nativeClient({ port: server.port, ca: pki.ca.cert }));
      const socket = await server.nextConnection();
      assert.equal(socket.listenerCount('keylog'), 0);
    });
  });
}
