// HTTP/2 by Node's own `http2`, over sockets of this library: many streams on one connection, and a foreign client.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import { buffer } from 'node:stream/consumers';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, randomLines } from '../support/endpoint.mjs';
import { CurlClient } from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';

const versions = ['TLSv1.2', 'TLSv1.3'];
const streams = 20;

/** Answers each request with its body, and says which protocol it came by. */
function echo(stream, headers) {
  stream.respond({ ':status': 200, path: headers[':path'] });
  stream.pipe(stream);
}

describe('HTTP/2', () => {
  const use = useCleanup();
  const pki = fixtures();
  const own = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ALPNProtocols: ['h2'] };

  /** A native server of HTTP/2 that gets its connections from ours. */
  async function serverOverOurs(version, accept) {
    const server = await use(Server.start({ ...own, maxVersion: version, minVersion: version }));
    server.server.on('secureConnection', accept);
    return server;
  }

  /** A native one, TLS included. */
  async function nativeServer(version) {
    const { key, cert } = own;
    const server = http2.createSecureServer({ key, cert, minVersion: version, maxVersion: version });
    const sessions = new Set();
    server.on('session', (session) => sessions.add(session)).on('stream', echo);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return {
      port: server.address().port,
      stop() {
        for (const session of sessions) session.destroy();
        return new Promise((resolve) => server.close(resolve));
      },
    };
  }

  /** A session of the native client over a socket of ours. */
  async function connectOverOurs(port) {
    const client = await use(Client.start({ port, ca: pki.ca.cert, ALPNProtocols: ['h2'] }));
    // Asked here and not of the session: to Node's http2 this is some stream, as which it calls itself 'h2c'.
    assert.equal((await client.secure).alpnProtocol, 'h2');
    return connectOver(client.socket);
  }

  async function connectOver(socket) {
    const session = http2.connect('https://localhost', { createConnection: () => socket });
    await use({ stop: () => session.destroy() });
    return session;
  }

  async function request(session, path, body) {
    const stream = session.request({ ':method': 'POST', ':path': path });
    const response = once(stream, 'response');
    stream.end(body);
    const [headers] = await response;
    assert.equal(headers.path, path);
    assert.ok((await buffer(stream)).equals(body), path);
  }

  /** Several at once, of different sizes: they take turns on the connection. */
  async function exchange(session) {
    const requests = Array.from({ length: streams }, (_, index) =>
      request(session, `/${index}`, randomLines((index + 1) * 10_000)),
    );
    await Promise.all(requests);
    await new Promise((resolve, reject) => session.ping((error) => (error ? reject(error) : resolve())));
    const closed = once(session, 'close');
    session.close();
    await closed;
  }

  for (const version of versions) {
    it(`as a client of node:http2, ${version}`, async () => {
      const server = await use(nativeServer(version));
      await exchange(await connectOverOurs(server.port));
    });

    it(`as a client of node:http2, ${version}: a session over a socket that is not connected yet`, async () => {
      const server = await use(nativeServer(version));
      const client = await use(Client.start({ port: server.port, ca: pki.ca.cert, ALPNProtocols: ['h2'] }));
      await exchange(await connectOver(client.socket));
    });

    it(`at both ends, ${version}: the server's 'connection'`, async () => {
      const application = http2.createServer().on('stream', echo);
      const server = await serverOverOurs(version, (socket) => application.emit('connection', socket));
      await exchange(await connectOverOurs(server.port));
    });

    it(`at both ends, ${version}: performServerHandshake()`, async function perform() {
      // Since Node 20.12.
      if (!http2.performServerHandshake) this.skip();
      const server = await serverOverOurs(version, (socket) => http2.performServerHandshake(socket).on('stream', echo));
      await exchange(await connectOverOurs(server.port));
    });

    it(`as a server of curl --http2, ${version}`, async () => {
      const application = http2.createServer().on('stream', echo);
      const server = await serverOverOurs(version, (socket) => application.emit('connection', socket));
      const upload = randomLines(300_000);
      const peer = await use(
        CurlClient.start({ port: server.port, caPath: pki.ca.certPath, version, upload, args: ['--http2'] }),
      );
      const { code, received } = await peer.finished();
      assert.equal(code, 0);
      assert.ok(received.equals(upload));
      assert.equal((await peer.negotiated()).alpn, 'h2');
    });
  }
});
