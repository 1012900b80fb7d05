// setTimeout() and handshakeTimeout. Nothing here measures time: events are awaited.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeTls from 'node:tls';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { rawClient, rawServer } from '../support/raw.mjs';
import { isNative } from '../support/subject.mjs';

describe('timeouts', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };

  async function connected() {
    const server = await use(nativeServer(identity));
    const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
    await client.secure;
    return [client.socket, await server.connections.next()];
  }

  it('setTimeout() tells of silence, and the socket lives on', async () => {
    const [socket] = await connected();
    let called = 0;
    assert.equal(
      socket.setTimeout(10, () => called++),
      socket,
    );
    assert.equal(socket.timeout, 10);
    await once(socket, 'timeout');
    assert.equal(called, 1);
    assert.equal(socket.destroyed, false);
    socket.write('x');
    assert.equal(String((await once(socket, 'data'))[0]), 'x');
  });

  it('setTimeout(0) takes it back', async () => {
    const [socket] = await connected();
    const callback = () => assert.fail('a timeout');
    socket.setTimeout(5, callback);
    socket.setTimeout(0, callback);
    assert.equal(socket.listenerCount('timeout'), 0);
    assert.equal(socket.timeout, 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('bytes in either direction start it over', async () => {
    const [socket, peer] = await connected();
    let quiet = false;
    socket.on('timeout', () => assert.ok(quiet, 'a timeout while bytes came'));
    socket.resume();
    socket.setTimeout(1000);
    for (let round = 0; round < 12; round++) {
      await new Promise((resolve) => setTimeout(resolve, 125));
      (round % 2 ? socket : peer).write('x');
    }
    quiet = true;
    await once(socket, 'timeout');
  });

  it('the timeout option counts while connecting, too', async () => {
    const silent = await use(rawServer(() => {}));
    const client = await use(Client.start({ port: silent.port, ca: pki.ca.cert, timeout: 20 }));
    await once(client.socket, 'timeout');
    assert.equal(client.socket.timeout, 20);
    assert.equal(client.socket.destroyed, false);
  });

  it('a destroyed socket has none', async () => {
    const [socket] = await connected();
    socket.on('timeout', () => assert.fail('a timeout'));
    socket.setTimeout(5);
    socket.destroy();
    assert.equal(socket.setTimeout(5), socket);
    await once(socket, 'close');
    await new Promise((resolve) => setTimeout(resolve, 20));
  });

  const stalls = {
    'says nothing': () => {},
    'sends half a ClientHello': (socket) => socket.write(Buffer.from('16030100c8010000c4', 'hex')),
    'stops after its ClientHello': async (socket) => socket.write(await clientHello()),
  };
  for (const [name, stall] of Object.entries(stalls)) {
    it(`handshakeTimeout: a client that ${name}`, async () => {
      const server = await use(Server.start({ ...identity, handshakeTimeout: 50, maxVersion: 'TLSv1.2' }));
      const socket = await use(rawClient(server.port));
      await stall(socket);
      const error = await server.errors.next();
      assert.equal(error.code, 'ERR_TLS_HANDSHAKE_TIMEOUT');
      assert.equal(error.message, 'TLS handshake timeout');
      // Node leaves it to the listener.
      if (isNative) error.socket.destroy();
      // It ends with a reset when the server had not yet read all that it was sent.
      await new Promise((resolve) => socket.resume().once('end', resolve).once('error', resolve));
      assert.equal(error.socket.destroyed, true);
    });
  }

  /** A ClientHello of Node's own. */
  async function clientHello() {
    let resolveHello;
    const hello = new Promise((resolve) => (resolveHello = resolve));
    const raw = await use(rawServer((socket) => socket.once('data', resolveHello)));
    const client = nativeTls.connect(raw.port, '127.0.0.1', { rejectUnauthorized: false });
    client.on('error', () => {});
    await use({ stop: () => client.destroy() });
    return hello;
  }

  it('handshakeTimeout ends with the handshake', async () => {
    const server = await use(Server.start({ ...identity, handshakeTimeout: 3000 }));
    const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
    await client.secure;
    const socket = await server.nextConnection();
    await new Promise((resolve) => setTimeout(resolve, 3100));
    assert.equal(socket.destroyed, false);
    assert.equal(server.errors.length, 0);
  });
});
