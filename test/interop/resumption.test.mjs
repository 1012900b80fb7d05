// A second connection resumes the session of the first: both roles, both versions.

import assert from 'node:assert/strict';
import { constants } from 'node:crypto';
import { once } from 'node:events';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { Client, Server, keepSessions, randomLines, serveExchange } from '../support/endpoint.mjs';
import {
  CurlClient,
  GnutlsClient,
  NativeClient,
  OpensslClient,
  OpensslServer,
  serverPeers,
} from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';

const versions = ['TLSv1.2', 'TLSv1.3'];
const hello = Buffer.from('hello\n');

describe('resumption', () => {
  const use = useCleanup();
  const pki = fixtures();
  const own = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };

  for (const version of versions) {
    for (const Peer of serverPeers) {
      it(`as a client of ${Peer.label}, ${version}`, async () => {
        const peer = await use(Peer.start({ identity: pki.serverEcdsa, version }));
        const session = await firstSession(peer);
        const second = await use(Client.start({ port: peer.port, ca: pki.ca.cert, session }));
        await second.secure;
        assert.equal(second.socket.isSessionReused(), true);
        // The server proved itself on the first connection and does not send its certificate again.
        assert.equal(second.socket.authorized, true);
        assert.deepEqual(second.socket.getPeerCertificate(), {});
        const payload = randomLines(20_000);
        assert.ok((await second.exchange(payload)).equals(peer.reply(payload)));
      });
    }

    it(`as a client of openssl s_server, ${version}: a server that forgot starts afresh`, async () => {
      const first = await use(OpensslServer.start({ identity: pki.serverEcdsa, version }));
      const session = await firstSession(first);
      const other = await use(OpensslServer.start({ identity: pki.serverEcdsa, version }));
      const second = await use(Client.start({ port: other.port, ca: pki.ca.cert, session }));
      await second.secure;
      assert.equal(second.socket.isSessionReused(), false);
      assert.deepEqual(await second.exchange(hello), other.reply(hello));
    });

    it(`as a server of openssl s_client, ${version}`, async () => {
      const server = await use(Server.start(own));
      const file = (await use(temporaryDirectory())).file('session');
      const connect = (flag) =>
        OpensslClient.start({
          port: server.port, version, caPath: pki.ca.certPath, upload: hello, verbose: true, args: [flag, file],
        }); // prettier-ignore
      for (const [flag, reused] of [
        ['-sess_out', false],
        ['-sess_in', true],
      ]) {
        const peer = await use(connect(flag));
        const socket = await server.nextConnection();
        assert.equal(socket.isSessionReused(), reused);
        await serveExchange(socket, 'raw', hello.length, hello);
        assert.equal((await peer.finished()).code, 0);
        assert.equal((await peer.negotiated()).reused, reused);
      }
    });

    it(`as a server of gnutls-cli, ${version}`, async () => {
      const server = await use(Server.start(own));
      const peer = await use(
        GnutlsClient.start({
          port: server.port, version, caPath: pki.ca.certPath, args: ['--resume', '--waitresumption'],
        }), // prettier-ignore
      );
      // It says goodbye on the first connection by itself, once it has its ticket.
      const first = await server.nextConnection();
      assert.equal(first.isSessionReused(), false);
      first.on('end', () => first.end()).resume();
      const second = await server.nextConnection();
      assert.equal(second.isSessionReused(), true);
      second.end(hello);
      assert.deepEqual(await peer.finished(), { code: 0, received: hello });
      assert.equal((await peer.negotiated()).reused, true);
    });

    it(`as a server of node:tls client, ${version}`, async () => {
      const server = await use(Server.start(own));
      const connect = (session) =>
        use(NativeClient.start({ port: server.port, version, caPath: pki.ca.certPath, tls: { session } }));
      const first = await connect();
      const [session] = await once(first.socket, 'session');
      assert.equal((await server.nextConnection()).isSessionReused(), false);
      const second = await connect(session);
      assert.equal((await server.nextConnection()).isSessionReused(), true);
      assert.equal((await second.negotiated()).reused, true);
    });

    it(`as a server, ${version}: another server with the same ticket keys resumes`, async () => {
      const first = await use(Server.start(own));
      const second = await use(Server.start({ ...own, ticketKeys: first.server.getTicketKeys() }));
      const stranger = await use(Server.start(own));
      const client = await use(NativeClient.start({ port: first.port, version, caPath: pki.ca.certPath }));
      const [session] = await once(client.socket, 'session');
      for (const [server, reused] of [
        [second, true],
        [stranger, false],
      ]) {
        const again = { port: server.port, version, caPath: pki.ca.certPath, tls: { session } };
        const peer = await use(NativeClient.start(again));
        assert.equal((await server.nextConnection()).isSessionReused(), reused);
        assert.equal((await peer.negotiated()).reused, reused);
      }
    });
  }

  it('as a server of openssl s_client -reconnect, TLSv1.2: five times', async () => {
    // In TLS 1.3 it does not wait for a ticket, and resumes nothing.
    const server = await use(Server.start(own));
    const options = { port: server.port, version: 'TLSv1.2', caPath: pki.ca.certPath, verbose: true };
    const peer = await use(OpensslClient.start({ ...options, args: ['-reconnect'] }));
    const reused = [];
    for (let left = 6; left > 0; left -= 1) {
      const socket = await server.nextConnection();
      reused.push(socket.isSessionReused());
      if (left === 1) socket.end();
    }
    assert.deepEqual(reused, [false, true, true, true, true, true]);
    await peer.finished();
    assert.deepEqual(peer.output().match(/^(New|Reused)(?=, )/gm), ['New', ...Array(5).fill('Reused')]);
  });

  it('as a server of curl, TLSv1.3', async () => {
    await curlTwice(await use(Server.start(own)), 'TLSv1.3');
  });

  it('as a server of curl, TLSv1.2: it takes no tickets, so that sessions live in the application', async () => {
    const server = await use(Server.start(own));
    const store = keepSessions(server);
    await curlTwice(server, 'TLSv1.2');
    assert.equal(store.size, 1);
  });

  it('as a server without tickets of openssl s_client, TLSv1.2: the same', async () => {
    const server = await use(Server.start({ ...own, secureOptions: constants.SSL_OP_NO_TICKET }));
    const store = keepSessions(server);
    const file = (await use(temporaryDirectory())).file('session');
    const options = { port: server.port, version: 'TLSv1.2', caPath: pki.ca.certPath, verbose: true };
    for (const [flag, reused] of [
      ['-sess_out', false],
      ['-sess_in', true],
    ]) {
      const peer = await use(OpensslClient.start({ ...options, args: [flag, file] }));
      const socket = await server.nextConnection();
      assert.equal(socket.isSessionReused(), reused);
      socket.end();
      await peer.finished();
      assert.equal((await peer.negotiated()).reused, reused);
    }
    assert.equal(store.size, 1);
  });

  /** Two requests of one curl, a connection each. */
  async function curlTwice(server, version) {
    const options = { port: server.port, version, caPath: pki.ca.certPath, upload: hello, connections: 2 };
    const peer = await use(CurlClient.start(options));
    for (const reused of [false, true]) {
      const socket = await server.nextConnection();
      assert.equal(socket.isSessionReused(), reused);
      await serveExchange(socket, 'http', hello.length, hello);
    }
    assert.equal((await peer.finished()).code, 0);
    assert.equal((await peer.negotiated()).reused, true);
  }

  /** What the server gave us on a first connection. */
  async function firstSession(peer) {
    const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert }));
    const session = once(client.socket, 'session');
    await client.secure;
    assert.equal(client.socket.isSessionReused(), false);
    // In TLS 1.3 tickets come behind the handshake, ahead of this answer.
    await client.exchange(hello);
    const [data] = await session;
    // A polite end: OpenSSL forgets the session of a connection that broke off.
    client.socket.end();
    await client.closed;
    return data;
  }
});
