// The peer stops in every state of the handshake: before, within and after each record of either direction, by ending the
// connection or by saying nothing more.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, randomLines } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { NativeClient, NativeServer, OpensslClient, OpensslServer } from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative } from '../support/subject.mjs';
import { Tunnel } from '../support/tunnel.mjs';

/** The records of a full handshake; 'up' is what the client sends. */
const flights = {
  'TLSv1.2': {
    up: ['ClientHello', 'ClientKeyExchange', 'ChangeCipherSpec', 'Finished'],
    down: [
      'ServerHello', 'Certificate', 'ServerKeyExchange', 'ServerHelloDone',
      'NewSessionTicket', 'ChangeCipherSpec', 'Finished',
    ], // prettier-ignore
  },
  'TLSv1.3': {
    up: ['ClientHello', 'ChangeCipherSpec', 'Finished'],
    down: ['ServerHello', 'ChangeCipherSpec', 'EncryptedExtensions', 'Certificate', 'CertificateVerify', 'Finished'],
  },
};

/** The type of application data, as which TLS 1.3 dresses up everything encrypted. */
const data = 23;

function recordType(version, name) {
  if (name === 'ChangeCipherSpec') return 20;
  return version === 'TLSv1.3' && !name.endsWith('Hello') ? data : 22;
}

/** The first record that the end under test sends once it has all that it needs. */
const done = {
  client: { 'TLSv1.2': {}, 'TLSv1.3': { up: 1 } },
  server: { 'TLSv1.2': { down: 4 }, 'TLSv1.3': {} },
};

const cuts = (version, how) =>
  ['up', 'down'].flatMap((direction) =>
    flights[version][direction].flatMap((name, record) =>
      ['before', 'header', 'body'].map((part) => ({ direction, record, part, how, name })),
    ),
  );

/** Whether the end under test has finished its handshake when the cut comes. */
function isDone(role, version, { direction, record, part }) {
  const from = done[role][version][direction] ?? Infinity;
  // Before a record is right behind the one before it, which may still be the other end's to answer.
  return record > from || (record === from && part !== 'before');
}

const describeCut = ({ direction, part, name }) => `${direction}, ${part} ${name}`;

describe('truncation', function suite() {
  // Each test is some thirty connections.
  this.timeout(120_000);
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const own = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trusted = { ca: pki.ca.cert };
  const hello = Buffer.from('hello\n');

  for (const version of Object.keys(flights)) {
    it(`${version}: the table of records is true`, async () => {
      const peer = await use(OpensslServer.start({ identity: pki.serverEcdsa, version }));
      const tunnel = await use(Tunnel.start(peer.port));
      const client = await use(Client.start({ ...trusted, port: tunnel.port }));
      await client.exchange(hello);
      const { up, down } = flights[version];
      const types = (names) => names.map((name) => recordType(version, name));
      assert.deepEqual(tunnel.recordTypes('up'), [...types(up), data]);
      const tickets = version === 'TLSv1.3' ? [data, data] : [];
      assert.deepEqual(tunnel.recordTypes('down'), [...types(down), ...tickets, data]);
    });

    it(`as a client, ${version}: the server's side ends`, async () => {
      const peer = await use(OpensslServer.start({ identity: pki.serverEcdsa, version }));
      for (const cut of cuts(version, 'end')) {
        const tunnel = await use(Tunnel.start(peer.port, cut));
        const client = await use(Client.start({ ...trusted, port: tunnel.port }));
        const secure = await client.secure.then(
          () => true,
          () => false,
        );
        client.socket.resume();
        const hadError = await client.closed;
        assert.equal(secure, isDone('client', version, cut), describeCut(cut));
        assert.equal(client.error?.code, secure ? undefined : 'ECONNRESET', describeCut(cut));
        assert.equal(hadError, !secure, describeCut(cut));
      }
      // It still serves, and we still connect.
      const client = await use(Client.start({ ...trusted, port: peer.port }));
      assert.deepEqual(await client.exchange(hello), peer.reply(hello));
    });

    it(`as a server, ${version}: the client's side ends`, async () => {
      const server = await use(Server.start(own));
      for (const cut of cuts(version, 'end')) {
        const tunnel = await use(Tunnel.start(server.port, cut));
        const peer = await use(OpensslClient.start({ port: tunnel.port, version, caPath: pki.ca.certPath }));
        if (isDone('server', version, cut)) {
          const socket = await server.nextConnection();
          await new Promise((resolve) => socket.resume().on('close', resolve));
        } else {
          const error = await server.errors.next();
          assert.equal(error.code, 'ECONNRESET', describeCut(cut));
          assert.equal(error.socket.destroyed, true, describeCut(cut));
        }
        await peer.finished();
      }
      await stillServes(server);
    });

    it(`as a client, ${version}: the server's side falls silent, and the user gives up`, async () => {
      const peer = await use(NativeServer.start({ identity: pki.serverEcdsa, version }));
      const client = await use(Client.start({ ...trusted, port: peer.port }));
      await client.exchange(hello);
      for (const cut of cuts(version, 'stall')) {
        const tunnel = await use(Tunnel.start(peer.port, cut));
        const stalled = await use(Client.start({ ...trusted, port: tunnel.port }));
        await tunnel.broken();
        stalled.socket.destroy();
        assert.equal(await stalled.closed, false, describeCut(cut));
        assert.equal(stalled.error, null, describeCut(cut));
      }
      assert.deepEqual(await client.exchange(hello), hello);
    });

    it(`as a server, ${version}: the client's side falls silent, until handshakeTimeout`, async () => {
      const server = await use(Server.start({ ...own, handshakeTimeout: 1500 }));
      // All at once: what is waited for is the same timeout.
      const waiting = cuts(version, 'stall').filter((cut) => !isDone('server', version, cut));
      for (const cut of waiting) {
        const tunnel = await use(Tunnel.start(server.port, cut));
        await use(NativeClient.start({ port: tunnel.port, version, caPath: pki.ca.certPath }));
      }
      for (let left = waiting.length; left > 0; left -= 1) {
        const error = await server.errors.next();
        assert.equal(error.code, 'ERR_TLS_HANDSHAKE_TIMEOUT');
        // Node leaves that to whoever listens.
        if (!isNative) assert.equal(error.socket.destroyed, true);
      }
      await stillServes(server);
    });
  }

  async function stillServes(server) {
    const client = await use(Client.start({ ...trusted, port: server.port }));
    const socket = await server.nextConnection();
    socket.pipe(socket);
    const lines = randomLines(10_000);
    assert.ok((await client.exchange(lines)).equals(lines));
  }
});
