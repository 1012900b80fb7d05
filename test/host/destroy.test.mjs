// destroy() in every state, in every callback: 'close' exactly once, after the transport is closed, nothing left.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { duplexPair, rawServer } from '../support/raw.mjs';
import { isNative, tls } from '../support/subject.mjs';

describe('destroy()', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert };

  /** Counts what a socket tells of its end. Resolves some turns after 'close'. */
  function watch(socket) {
    const seen = { close: [], error: [], end: 0 };
    socket.on('error', (error) => seen.error.push(error));
    socket.on('end', () => seen.end++);
    socket.on('close', (hadError) => seen.close.push(hadError));
    seen.closed = new Promise((resolve) => socket.on('close', () => setImmediate(() => setImmediate(resolve))));
    return seen;
  }

  async function expectEnd(socket, seen, error) {
    await seen.closed;
    assert.deepEqual(seen.error, error ? [error] : []);
    assert.deepEqual(seen.close, [Boolean(error)]);
    assert.equal(socket.destroyed, true);
    assert.equal(socket.readyState, 'closed');
    assert.equal(socket.pending, true);
    assert.equal(socket.connecting, false);
    assert.equal(socket.getPeerCertificate(), null);
  }

  for (const withError of [false, true]) {
    describe(withError ? 'with an error' : 'without an error', () => {
      let error;
      // Made anew and let go each time, because listeners of servers attach their sockets to it.
      beforeEach(() => (error = withError ? new Error('my own') : undefined));
      afterEach(() => (error = undefined));

      it('of a socket that never connected', async () => {
        const socket = new tls.TLSSocket();
        const seen = watch(socket);
        socket.destroy(error);
        await expectEnd(socket, seen, error);
      });

      it('right after connect()', async () => {
        const { port } = await use(nativeServer(identity));
        const socket = tls.connect({ port, host: '127.0.0.1', ...trust });
        const seen = watch(socket);
        const written = new Promise((resolve) => socket.write('x', resolve));
        socket.destroy(error);
        socket.destroy(new Error('too late'));
        await expectEnd(socket, seen, error);
        assert.ok((await written) instanceof Error);
      });

      it('while the name is looked up', async () => {
        const socket = tls.connect({ port: 1, host: 'some.test', lookup() {}, ...trust });
        const seen = watch(socket);
        await new Promise(setImmediate);
        socket.destroy(error);
        await expectEnd(socket, seen, error);
      });

      for (const event of ['connect', 'secure', 'secureConnect', 'session', 'data', 'end', 'OCSPResponse', 'keylog']) {
        for (const version of ['TLSv1.2', 'TLSv1.3']) {
          it(`in '${event}', ${version}`, async () => {
            const server = await use(
              nativeServer({ ...identity, ...only(version) }, (peer) => peer.on('data', () => {}).end('hello')),
            );
            const options = { port: server.port, host: '127.0.0.1', servername: 'localhost', requestOCSP: true };
            const socket = tls.connect({ ...options, ...trust });
            const seen = watch(socket);
            socket.on(event, () => socket.destroy(error));
            if (event === 'end') socket.resume();
            await expectEnd(socket, seen, error);
          });
        }
      }

      it('with writes on their way', async () => {
        const server = await use(nativeServer(identity, (peer) => peer.pause()));
        const client = await use(Client.start({ port: server.port, ...trust }));
        const { socket } = client;
        await client.secure;
        const seen = watch(socket);
        const results = [];
        for (let round = 0; round < 4; round++) socket.write(Buffer.alloc(8 << 20), (failure) => results.push(failure));
        await new Promise(setImmediate);
        socket.destroy(error);
        await expectEnd(socket, seen, error);
        assert.equal(results.length, 4);
        if (!isNative) assert.ok(results.every((failure) => failure instanceof Error));
      });

      it('in the callback of a write', async () => {
        const server = await use(nativeServer(identity));
        const client = await use(Client.start({ port: server.port, ...trust }));
        await client.secure;
        const seen = watch(client.socket);
        client.socket.write('x', () => client.socket.destroy(error));
        await expectEnd(client.socket, seen, error);
      });

      it('after end(), before the peer has ended', async () => {
        const server = await use(nativeServer({ ...identity, allowHalfOpen: true }, () => {}));
        const client = await use(Client.start({ port: server.port, ...trust }));
        await client.secure;
        const seen = watch(client.socket);
        client.socket.end('x');
        await once(client.socket, 'finish');
        client.socket.destroy(error);
        await expectEnd(client.socket, seen, error);
      });

      it('by an AbortSignal', async () => {
        const { port } = await use(nativeServer(identity));
        for (const abortEarly of [true, false]) {
          const controller = new AbortController();
          if (abortEarly) controller.abort(error);
          const socket = tls.connect({ port, host: '127.0.0.1', ...trust, signal: controller.signal });
          const seen = watch(socket);
          if (!abortEarly) controller.abort(error);
          await seen.closed;
          assert.equal(seen.error.length, 1);
          assert.equal(seen.error[0].name, 'AbortError');
          assert.deepEqual(seen.close, [true]);
        }
      });

      const serverStates = {
        'in SNICallback': (server, kill) => server.on('sni', kill),
        'in OCSPRequest': (server, kill) => server.on('OCSPRequest', (_cert, _issuer, callback) => (kill(), callback())),
        'in newSession': (server, kill) => server.on('newSession', (_id, _data, callback) => (kill(), callback())),
        'in keylog': (server, kill) => server.on('keylog', kill),
        'in secureConnection': (server, kill) => server.on('secureConnection', kill),
      }; // prettier-ignore
      for (const [name, arrange] of Object.entries(serverStates)) {
        it(`of a server's socket ${name}`, async () => {
          let accepted;
          const server = await use(
            Server.start({
              ...identity,
              SNICallback(_name, callback) {
                accepted = this;
                server.server.emit('sni');
                callback(null, null);
              },
            }),
          );
          const closed = new Promise((resolve) => server.server.on('socketClosed', resolve));
          let seen;
          arrange(server.server, (...args) => {
            const socket = args.find((value) => value instanceof tls.TLSSocket) ?? accepted;
            if (seen || !socket) return;
            seen = watch(socket);
            socket.destroy(error);
            seen.closed.then(() => server.server.emit('socketClosed'));
          });
          nativeClient({ port: server.port, ...trust, requestOCSP: true }).catch(() => {});
          await closed;
          assert.deepEqual(seen.error, error ? [error] : []);
          assert.equal(seen.close.length, 1);
        });
      }

      it('of a socket over a Duplex', async () => {
        const [near, far] = duplexPair();
        far.on('error', () => {});
        const socket = new tls.TLSSocket(near, { secureContext: tls.createSecureContext() });
        const seen = watch(socket);
        socket.destroy(error);
        await expectEnd(socket, seen, error);
        assert.equal(near.destroyed, true);
      });
    });
  }

  it('frees the connection and its context by itself, without the garbage collector', async function () {
    if (isNative) this.skip();
    const { port } = await use(nativeServer(identity));
    const instance = tls.createTls();
    const socket = instance.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trust });
    await once(socket, 'secureConnect');
    assert.equal(instance.engine.liveObjects(), 2);
    socket.destroy();
    await once(socket, 'close');
    assert.equal(instance.engine.liveObjects(), 0);
  });

  it('emits close after the transport is closed', async () => {
    const { port } = await use(nativeServer(identity));
    const transport = net.connect(port, '127.0.0.1');
    const order = [];
    transport.on('close', () => order.push('transport'));
    const socket = tls.connect({ socket: transport, servername: 'localhost', ...trust });
    socket.on('close', () => order.push('socket'));
    await once(socket, 'secureConnect');
    socket.destroy();
    await once(socket, 'close');
    assert.deepEqual(order, ['transport', 'socket']);
  });

  it('of the transport ends the socket', async () => {
    const { port } = await use(nativeServer(identity));
    for (const secure of [true, false]) {
      const transport = net.connect(port, '127.0.0.1');
      const socket = tls.connect({ socket: transport, servername: 'localhost', ...trust });
      socket.on('error', () => {});
      const closed = new Promise((resolve) => socket.on('close', resolve));
      await once(secure ? socket : transport, secure ? 'secureConnect' : 'connect');
      transport.destroy();
      await closed;
      assert.equal(socket.destroyed, true);
    }
  });

  it('a refused connection is an error of the transport, unchanged', async () => {
    const unused = await rawServer(() => {});
    await unused.stop();
    const socket = tls.connect({ port: unused.port, host: '127.0.0.1', ...trust });
    const seen = watch(socket);
    await seen.closed;
    const [error] = seen.error;
    assert.equal(error.code, 'ECONNREFUSED');
    assert.equal(error.syscall, 'connect');
    assert.equal(error.port, unused.port);
    assert.deepEqual(seen.close, [true]);
  });

  it('resetAndDestroy() resets the connection', async function () {
    if (isNative) this.skip(); // Node says that it cannot for a TLS socket.
    const server = await use(nativeServer(identity));
    const client = await use(Client.start({ port: server.port, ...trust }));
    await client.secure;
    const peer = await server.connections.next();
    client.socket.write('x');
    await once(client.socket, 'data');
    const failed = once(peer, 'error');
    assert.equal(client.socket.resetAndDestroy(), client.socket);
    assert.equal((await failed)[0].code, 'ECONNRESET');
    await client.closed;
    const error = once(client.socket, 'error');
    assert.equal(client.socket.resetAndDestroy().destroyed, true);
    error.catch(() => {});
  });

  it('leaves the other connections of a server alone', async () => {
    const server = await use(Server.start(identity));
    const first = await use(nativeClient({ port: server.port, ...trust }));
    const second = await use(nativeClient({ port: server.port, ...trust }));
    (await server.nextConnection()).destroy();
    const socket = await server.nextConnection();
    await once(first, 'close');
    socket.write('still here');
    assert.equal(String((await once(second, 'data'))[0]), 'still here');
  });
});
