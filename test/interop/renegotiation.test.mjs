// Renegotiation and NPN with the `openssl` program, which does either at a keystroke: 'R' on its standard input.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, readBytes } from '../support/endpoint.mjs';
import { PeerProcess } from '../support/peers/process.mjs';
import { fixtures } from '../support/pki.mjs';

const hello = Buffer.from('hello\n');

describe('renegotiation and NPN with openssl', () => {
  const use = useCleanup();
  const pki = fixtures();
  const own = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };

  const startClient = (port, ...args) =>
    use(
      new PeerProcess('openssl', [
        's_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-tls1_2', '-CAfile', pki.ca.certPath,
        '-verify_return_error', ...args,
      ]),
    ); // prettier-ignore

  async function startServer(...args) {
    const peer = await use(
      new PeerProcess('openssl', [
        's_server', '-accept', '127.0.0.1:0', '-tls1_2', '-cert', pki.serverEcdsa.certPath,
        '-key', pki.serverEcdsa.keyPath, ...args,
      ]),
    ); // prettier-ignore
    const [, port] = await peer.waitFor(peer.stdout, /ACCEPT \S*:(\d+)\n/);
    return Object.assign(peer, { port: Number(port) });
  }

  it('s_client asks for it, three times, and is refused the fourth', async () => {
    const server = await use(Server.start({ ...own, maxVersion: 'TLSv1.2' }));
    const peer = await startClient(server.port);
    const socket = await server.nextConnection();
    socket.resume();
    for (let i = 0; i < 3; i++) {
      const secure = once(socket, 'secure');
      peer.stdin.write('R\n');
      await secure;
    }
    // It still works.
    const sent = readBytes(socket, hello.length);
    peer.stdin.write(hello);
    assert.ok((await sent).equals(hello));
    socket.write('an answer\n');
    await peer.waitFor(peer.stdout, /an answer/);
    const failed = once(socket, 'error');
    peer.stdin.write('R\n');
    assert.equal((await failed)[0].code, 'ERR_TLS_SESSION_ATTACK');
    await peer.exited;
  });

  it('a server asks s_client for a certificate', async () => {
    const server = await use(
      Server.start({ ...own, ca: pki.ca.cert, maxVersion: 'TLSv1.2', rejectUnauthorized: false }),
    );
    await startClient(server.port, '-cert', pki.client.certPath, '-key', pki.client.keyPath);
    const socket = await server.nextConnection();
    socket.resume();
    assert.equal(socket.authorized, false);
    await new Promise((resolve, reject) => {
      assert.equal(
        socket.renegotiate({ requestCert: true }, (error) => (error ? reject(error) : resolve())),
        true,
      );
    });
    assert.equal(socket.authorized, true);
    assert.equal(socket.getPeerCertificate().subject.CN, 'client');
  });

  it('s_client may refuse', async () => {
    const server = await use(Server.start({ ...own, maxVersion: 'TLSv1.2' }));
    await startClient(server.port, '-no_renegotiation');
    const socket = await server.nextConnection();
    socket.resume();
    socket.renegotiate({}, assert.fail);
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ERR_SSL_NO_RENEGOTIATION');
  });

  it('s_server asks for it', async () => {
    const peer = await startServer();
    const { socket, secure } = await use(Client.start({ port: peer.port, ca: pki.ca.cert }));
    await secure;
    socket.resume();
    for (let i = 0; i < 5; i++) {
      const again = once(socket, 'secureConnect');
      peer.stdin.write('r\n');
      await again;
    }
    socket.write('still here\n');
    await peer.waitFor(peer.stdout, /still here/);
  });

  it('a client asks s_server for it', async () => {
    for (const allowed of [true, false]) {
      const peer = await startServer(...(allowed ? ['-client_renegotiation'] : []));
      const { socket, secure } = await use(Client.start({ port: peer.port, ca: pki.ca.cert }));
      await secure;
      socket.resume();
      const outcome = new Promise((resolve) => {
        socket.once('error', resolve);
        socket.renegotiate({}, resolve);
      });
      if (!allowed) {
        assert.equal((await outcome).code, 'ERR_SSL_NO_RENEGOTIATION');
        continue;
      }
      assert.equal(await outcome, null);
      socket.write('after it\n');
      await peer.waitFor(peer.stdout, /after it/);
    }
  });

  it('NPN as a server of s_client', async () => {
    const server = await use(Server.start({ ...own, maxVersion: 'TLSv1.2', NPNProtocols: ['three', 'two'] }));
    const peer = await startClient(server.port, '-nextprotoneg', 'one,two,three');
    const socket = await server.nextConnection();
    assert.equal(socket.npnProtocol, 'three');
    await peer.waitFor(peer.stdout, /Next protocol: \(1\) three/);
    const stranger = await startClient(server.port, '-nextprotoneg', 'spdy');
    assert.equal((await server.nextConnection()).npnProtocol, 'spdy');
    await stranger.waitFor(stranger.stdout, /Next protocol: \(2\) spdy/);
  });

  it('NPN as a client of s_server', async () => {
    const peer = await startServer('-nextprotoneg', 'three,two', '-naccept', '1');
    const { socket, secure } = await use(
      Client.start({ port: peer.port, ca: pki.ca.cert, NPNProtocols: ['one', 'two'] }),
    );
    await secure;
    assert.equal(socket.npnProtocol, 'two');
    await peer.waitFor(peer.stdout, /NEXTPROTO is two/);
  });
});
