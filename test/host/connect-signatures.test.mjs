// tls.connect(): its three signatures, and which of two contradicting values wins.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import tlsModule from 'node:tls';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { tls } from '../support/subject.mjs';

describe('tls.connect()', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert };

  /** Resolves when the callback of `connect` and 'secureConnect' have come, in this order. */
  async function connected(...args) {
    let called = 0;
    const socket = tls.connect(...args, () => called++);
    assert.ok(socket instanceof net.Socket);
    await once(socket, 'secureConnect');
    assert.equal(called, 1);
    assert.equal(socket.authorized, true);
    socket.destroy();
    await once(socket, 'close');
    return socket;
  }

  it('takes (options, callback)', async () => {
    const { port } = await use(nativeServer(identity));
    await connected({ port, host: '127.0.0.1', ...trust });
  });

  it('takes (port, host, options, callback)', async () => {
    const { port } = await use(nativeServer(identity));
    await connected(port, '127.0.0.1', trust);
    await connected(String(port), '127.0.0.1', trust);
  });

  it('takes (port, options, callback) and connects to localhost', async () => {
    const { port } = await use(nativeServer(identity));
    await connected(port, { ...trust, family: 4 });
  });

  it('takes (path, options, callback)', async () => {
    const directory = await use(temporaryDirectory());
    const path = directory.file('socket');
    const server = tlsModule.createServer(identity).listen(path);
    await once(server, 'listening');
    await connected(path, trust);
    await connected({ path, ...trust });
    await new Promise((resolve) => server.close(resolve));
  });

  it('lets options win over positional arguments', async () => {
    const { port } = await use(nativeServer(identity));
    await connected(1, '192.0.2.1', { port, host: '127.0.0.1', ...trust });
    await connected('/nowhere', { path: undefined, port, host: '127.0.0.1', ...trust });
  });

  it('goes over a given socket, connected or not yet', async () => {
    const { port } = await use(nativeServer(identity));
    const ready = net.connect(port, '127.0.0.1');
    await once(ready, 'connect');
    await connected({ socket: ready, ...trust });
    await connected({ socket: net.connect(port, '127.0.0.1'), ...trust });
  });

  it('passes the options of net.connect on', async () => {
    const { port } = await use(nativeServer(identity));
    let asked;
    const lookup = (host, options, callback) => {
      asked = host;
      assert.equal(options.all ?? false, false);
      setImmediate(callback, null, '127.0.0.1', 4);
    };
    const options = {
      port,
      host: 'somewhere.test',
      servername: 'localhost',
      lookup,
      localAddress: '127.0.0.2',
      ...trust,
    };
    const socket = tls.connect(options);
    const looked = once(socket, 'lookup');
    await once(socket, 'secureConnect');
    assert.equal(asked, 'somewhere.test');
    assert.deepEqual(await looked, [null, '127.0.0.1', 4, 'somewhere.test']);
    assert.equal(socket.localAddress, '127.0.0.2');
    socket.destroy();
    await once(socket, 'close');
  });

  it('throws for wrong arguments and leaves nothing behind', () => {
    assert.throws(() => tls.connect(), { code: 'ERR_MISSING_ARGS' });
    assert.throws(() => tls.connect({ port: 70000 }), { code: 'ERR_SOCKET_BAD_PORT' });
    assert.throws(() => tls.connect({ port: 1, signal: 7 }), { code: 'ERR_INVALID_ARG_TYPE' });
  });
});
