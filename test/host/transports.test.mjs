// What TLS can stand on: any Duplex, another TLS socket, a socket with bytes already read; injected connections.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { Duplex } from 'node:stream';

import { useCleanup } from '../support/cleanup.mjs';
import { readBytes, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { duplexPair, rawServer } from '../support/raw.mjs';
import { isNative, tls } from '../support/subject.mjs';

describe('transports', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert, servername: 'localhost' };
  const long = Buffer.alloc(400_000, 'abc');

  /** Both ends over `near` and `far`, secure. */
  async function pair(near, far) {
    const server = new tls.TLSSocket(near, { isServer: true, secureContext: tls.createSecureContext(identity) });
    const client = tls.connect({ socket: far, ...trust });
    const secure = Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
    await use({ stop: () => (server.destroy(), client.destroy()) });
    await secure;
    return { server, client };
  }

  async function exchange({ server, client }) {
    const [there, back] = [readBytes(server, long.length), readBytes(client, long.length)];
    client.write(long);
    server.write(long);
    assert.ok((await there).equals(long));
    assert.ok((await back).equals(long));
  }

  it('any Duplex', async () => {
    const ends = await pair(...duplexPair());
    await exchange(ends);
    assert.equal(ends.client.authorized, true);
    assert.equal(ends.client.remoteAddress, undefined);
    assert.deepEqual(ends.client.address(), {});
    const closed = Promise.all([once(ends.client, 'close'), once(ends.server, 'close')]);
    ends.client.end();
    // A Duplex is half-open by default, and so is the socket over it.
    ends.server.on('end', () => ends.server.end()).resume();
    ends.client.resume();
    await closed;
  });

  it('TLS over TLS', async () => {
    const outer = await pair(...duplexPair());
    const inner = await pair(outer.server, outer.client);
    await exchange(inner);
    assert.equal(inner.client.getProtocol(), 'TLSv1.3');
    const closed = once(outer.server, 'close');
    inner.client.destroy();
    await closed;
  });

  it('TLS of this library over TLS of Node', async () => {
    const inner = await use(Server.start(identity));
    const outer = await use(
      nativeServer(identity, (socket) => {
        const onward = net.connect(inner.port, '127.0.0.1');
        socket.pipe(onward).pipe(socket);
        socket.on('close', () => onward.destroy());
      }),
    );
    const carrier = await use(nativeClient({ port: outer.port, ...trust }));
    const client = tls.connect({ socket: carrier, ...trust });
    await use({ stop: () => client.destroy() });
    await exchange({ client, server: await inner.nextConnection() });
  });

  it('a socket with bytes that were read already', async () => {
    const server = await use(
      rawServer((socket) => {
        socket.once('data', (first) => {
          socket.pause();
          socket.unshift(first);
          const secure = new tls.TLSSocket(socket, {
            isServer: true,
            secureContext: tls.createSecureContext(identity),
          });
          secure.on('error', () => {});
          secure.pipe(secure);
        });
      }),
    );
    const client = await use(nativeClient({ port: server.port, ...trust }));
    client.write('hello');
    assert.equal(String((await once(client, 'data'))[0]), 'hello');
  });

  it('a socket that spoke in the clear first (STARTTLS)', async () => {
    const server = await use(
      rawServer((socket) => {
        socket.write('220 ready\n');
        socket.once('data', () => {
          socket.removeAllListeners('data');
          const secure = new tls.TLSSocket(socket, {
            isServer: true,
            secureContext: tls.createSecureContext(identity),
          });
          secure.on('error', () => {});
          secure.pipe(secure);
          socket.write('250 go ahead\n');
        });
      }),
    );
    const raw = net.connect(server.port, '127.0.0.1');
    await once(raw, 'data');
    raw.write('STARTTLS\n');
    await once(raw, 'data');
    const client = tls.connect({ socket: raw, ...trust });
    await use({ stop: () => client.destroy() });
    await once(client, 'secureConnect');
    client.write('hello');
    assert.equal(String((await once(client, 'data'))[0]), 'hello');
  });

  it('a stream of strings or objects is refused', async function () {
    if (isNative) this.skip(); // Node notices with the first chunk only.
    const decoded = new Duplex({ read() {}, write() {} }).setEncoding('utf8');
    const objects = new Duplex({ objectMode: true, read() {}, write() {} });
    for (const stream of [decoded, objects]) {
      const socket = tls.connect({ socket: stream, ...trust });
      const closed = new Promise((resolve) => socket.on('close', resolve));
      const [error] = await once(socket, 'error');
      assert.equal(error.code, 'ERR_STREAM_WRAP');
      await closed;
    }
  });

  it('an error of the stream below is the socket’s', async () => {
    const [near, far] = duplexPair();
    far.on('error', () => {});
    const socket = tls.connect({ socket: near, ...trust });
    const failed = once(socket, 'error');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const own = new Error('the wire burnt');
    near.destroy(own);
    assert.equal((await failed)[0], own);
    await closed;
  });

  describe('injected into a server', () => {
    it('by the connection event, any Duplex', async () => {
      const server = await use(Server.start(identity));
      const [near, far] = duplexPair();
      server.server.emit('connection', near);
      const client = tls.connect({ socket: far, ...trust });
      await use({ stop: () => client.destroy() });
      const socket = await server.nextConnection();
      assert.equal(socket.server, server.server);
      socket.end('hello');
      assert.equal(String((await once(client, 'data'))[0]), 'hello');
    });

    it('into one that never listens', async () => {
      const server = tls.createServer(identity);
      const secured = once(server, 'secureConnection');
      const [near, far] = duplexPair();
      server.emit('connection', near);
      const client = tls.connect({ socket: far, ...trust });
      await use({ stop: () => client.destroy() });
      const [socket] = await secured;
      socket.destroy();
      await once(client, 'close');
    });
  });

  it('a client made by hand starts with its first write', async () => {
    const server = await use(nativeServer(identity));
    const raw = net.connect(server.port, '127.0.0.1');
    const socket = new tls.TLSSocket(raw, { secureContext: tls.createSecureContext(trust) });
    await use({ stop: () => socket.destroy() });
    await once(raw, 'connect');
    socket.setServername('by.hand.test');
    const secure = once(socket, 'secure');
    socket.write('hello');
    await secure;
    assert.equal((await server.connections.next()).servername, 'by.hand.test');
    assert.equal(String((await once(socket, 'data'))[0]), 'hello');
    assert.equal(socket.authorized, false);
  });
});
