// createTls(): instances beside each other, each with its own memory, host functions and default values.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';

import { useCleanup } from '../support/cleanup.mjs';
import { collectGarbage, liveObjects, useLeakCheck } from '../support/leaks.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { duplexPair } from '../support/raw.mjs';
import { isNative, tls } from '../support/subject.mjs';

describe('instances', function () {
  if (isNative) return;
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert, servername: 'localhost' };

  it('have their own classes, values and objects', async () => {
    const other = tls.createTls();
    assert.notEqual(other.TLSSocket, tls.TLSSocket);
    assert.notEqual(other.Server, tls.Server);
    other.DEFAULT_MAX_VERSION = 'TLSv1.2';
    assert.equal(tls.DEFAULT_MAX_VERSION, 'TLSv1.3');
    const context = other.createSecureContext();
    assert.equal(other.engine.liveObjects(), 1);
    assert.equal(tls.engine.liveObjects(), 0);
    assert.throws(() => tls.connect({ port: 1, secureContext: context }), { code: 'ERR_TLS_INVALID_CONTEXT' });
    assert.throws(() => tls.createServer().addContext('a', context), { code: 'ERR_TLS_INVALID_CONTEXT' });
    context.context.close();
    assert.equal(await liveObjects(other), 0);
  });

  const makeAndForget = (instance) => void instance.createSecureContext();

  it('that are dropped do not keep others from being tidied up', async () => {
    function drop() {
      let other = tls.createTls();
      makeAndForget(other);
      // Now V8 is about to tell of the forgotten context, and then its instance is gone.
      collectGarbage();
      other = null;
    }
    for (let count = 0; count < 10; count++) {
      drop();
      collectGarbage();
      await new Promise(setImmediate);
    }
    makeAndForget(tls);
    assert.equal(await liveObjects(), 0);
  });

  it('that are dropped are collected, whatever they have not closed', async () => {
    function drop() {
      const other = tls.createTls();
      const pskCallback = () => null;
      new other.TLSSocket(duplexPair()[0], { isServer: true, pskCallback }).on('error', () => {});
      makeAndForget(other);
      return new WeakRef(other);
    }
    const dropped = drop();
    for (let round = 0; round < 20 && dropped.deref() !== undefined; round++) {
      await new Promise(setImmediate);
      collectGarbage();
    }
    assert.equal(dropped.deref(), undefined);
  });

  it('take sockets and servers from the net that they are given', async () => {
    class OtherSocket extends net.Socket {}
    class OtherServer extends net.Server {}
    const other = tls.createTls({ net: { ...net, Socket: OtherSocket, Server: OtherServer } });
    assert.ok(other.TLSSocket.prototype instanceof OtherSocket);
    assert.ok(other.Server.prototype instanceof OtherServer);
    const { port } = await use(nativeServer(identity));
    const socket = other.connect({ port, host: '127.0.0.1', ...trust });
    await once(socket, 'secureConnect');
    socket.destroy();
    await once(socket, 'close');
  });

  it('are deterministic with the same randomness and clock', async () => {
    async function conversation() {
      let state = 1;
      const random = (target) => {
        for (let index = 0; index < target.length; index++) {
          state = (state * 1103515245 + 12345) % 2 ** 31;
          target[index] = state >> 16;
        }
      };
      const instance = tls.createTls({ random, now: () => Date.UTC(2030, 0, 1) });
      const wire = [];
      const [near, far] = duplexPair();
      for (const side of [near, far]) {
        const write = side._write;
        side._write = function (chunk, ...rest) {
          wire.push(chunk.toString('hex'));
          return write.call(this, chunk, ...rest);
        };
      }
      const server = new instance.TLSSocket(near, { isServer: true, secureContext: instance.createSecureContext(rsa) });
      const client = instance.connect({ socket: far, ...trust });
      await once(client, 'secureConnect');
      client.write('hello');
      await once(server, 'data');
      const closed = Promise.all([once(client, 'close'), once(server, 'close')]);
      client.destroy();
      server.destroy();
      await closed;
      return wire;
    }
    const rsa = { key: pki.serverRsa.key, cert: pki.serverRsa.cert };
    const first = await conversation();
    assert.ok(first.length > 3);
    assert.deepEqual(await conversation(), first);
  });

  it('judge certificates by their own clock', async () => {
    const { port } = await use(nativeServer(identity));
    const early = tls.createTls({ now: () => Date.UTC(2001, 0, 1) });
    const socket = early.connect({ port, host: '127.0.0.1', ...trust });
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'CERT_NOT_YET_VALID');
  });

  it('without randomness no connection begins', async () => {
    const { port } = await use(nativeServer(identity));
    const blind = tls.createTls({
      random() {
        throw new Error('no entropy');
      },
    });
    const attempt = async () => {
      const socket = blind.connect({ port, host: '127.0.0.1', ...trust });
      await once(socket, 'secureConnect');
      socket.destroy();
    };
    await assert.rejects(attempt(), Error);
  });
});
