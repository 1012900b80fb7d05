// The net.Socket side of a TLSSocket: addresses, counters, states, knobs; the same as Node's on the same connection.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import nativeTls from 'node:tls';
import { promisify } from 'node:util';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, readBytes, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative, tls } from '../support/subject.mjs';

describe('properties of a socket', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert };

  async function connected() {
    const server = await use(nativeServer(identity));
    const client = await use(Client.start({ port: server.port, ...trust }));
    await client.secure;
    return { server, client, socket: client.socket, peer: await server.connections.next() };
  }

  it('instanceof, encrypted', async () => {
    const { socket } = await connected();
    assert.ok(socket instanceof net.Socket);
    assert.ok(socket instanceof tls.TLSSocket);
    assert.equal(socket.encrypted, true);
    assert.ok(Object.keys(socket).includes('encrypted'));
  });

  it('addresses are those of the transport, of both ends', async () => {
    const { socket, peer, client } = await connected();
    assert.equal(socket.remoteAddress, '127.0.0.1');
    assert.equal(socket.remotePort, peer.localPort);
    assert.equal(socket.remoteFamily, 'IPv4');
    assert.equal(socket.localAddress, '127.0.0.1');
    assert.equal(socket.localPort, peer.remotePort);
    assert.equal(socket.localFamily, 'IPv4');
    assert.deepEqual(socket.address(), { address: '127.0.0.1', family: 'IPv4', port: peer.remotePort });
    socket.destroy();
    await client.closed;
    assert.equal(socket.remoteAddress, '127.0.0.1');
    assert.equal(socket.localPort, undefined);
  });

  it('addresses of a server’s socket, also in tlsClientError', async () => {
    const server = await use(Server.start(identity));
    const client = await use(nativeClient({ port: server.port, ...trust }));
    const socket = await server.nextConnection();
    assert.equal(socket.remotePort, client.localPort);
    assert.equal(socket.localPort, server.port);
    const raw = net.connect(server.port, '127.0.0.1');
    raw.on('error', () => {});
    await once(raw, 'connect');
    const { localPort } = raw;
    const [failure] = await Promise.all([
      new Promise((resolve) => {
        server.server.once('tlsClientError', (_error, failed) => resolve([failed.remoteAddress, failed.remotePort]));
      }),
      raw.end('GET / HTTP/1.1\r\n\r\n'),
    ]);
    assert.deepEqual(failure, ['127.0.0.1', localPort]);
  });

  it('states from before the connection to after the end', async () => {
    const server = await use(nativeServer(identity));
    const socket = tls.connect({ port: server.port, host: '127.0.0.1', servername: 'localhost', ...trust });
    const states = [];
    const note = (event) =>
      states.push([event, socket.connecting, socket.pending, socket.readyState, socket.secureConnecting]);
    note('start');
    assert.equal(socket.bufferSize, 0);
    for (const event of ['connect', 'ready', 'secureConnect', 'close']) socket.on(event, () => note(event));
    await once(socket, 'secureConnect');
    socket.end();
    await once(socket.resume(), 'close');
    assert.deepEqual(states, [
      ['start', true, true, 'opening', true],
      ['connect', false, false, 'open', true],
      ['ready', false, false, 'open', true],
      ['secureConnect', false, false, 'open', false],
      ['close', false, true, 'closed', false],
    ]);
    assert.equal(socket.bufferSize, undefined);
  });

  it('bytesRead and bytesWritten count cleartext', async () => {
    const { socket, client } = await connected();
    assert.deepEqual([socket.bytesRead, socket.bytesWritten], [0, 0]);
    socket.write('hello');
    socket.write('é', 'utf8');
    socket.write(Buffer.alloc(10_000));
    assert.equal(socket.bytesWritten, 10_007);
    await readBytes(socket, 10_007);
    assert.deepEqual([socket.bytesRead, socket.bytesWritten], [10_007, 10_007]);
    socket.destroy();
    await client.closed;
    assert.deepEqual([socket.bytesRead, socket.bytesWritten], [10_007, 10_007]);
  });

  it('bytesWritten counts what waits for the connection, too', () => {
    const socket = new tls.TLSSocket();
    socket.on('error', () => {});
    socket.write('12345');
    socket.write('ab');
    assert.equal(socket.bytesWritten, 7);
    socket.destroy();
  });

  it('encodings, cork() and writev', async () => {
    const { socket } = await connected();
    const echoed = readBytes(socket, 12);
    socket.cork();
    socket.write('abc', 'latin1');
    socket.write('ff00', 'hex');
    socket.write(Buffer.from('def'));
    socket.write('', 'utf8');
    socket.write('aGk=', 'base64');
    socket.write('é');
    socket.uncork();
    assert.equal((await echoed).toString('hex'), Buffer.from('abc\xff\x00def', 'latin1').toString('hex') + '6869c3a9');
  });

  it('empty writes call back', async () => {
    const { socket } = await connected();
    await new Promise((resolve, reject) => socket.write('', (error) => (error ? reject(error) : resolve())));
    await new Promise((resolve, reject) =>
      socket.write(Buffer.alloc(0), (error) => (error ? reject(error) : resolve())),
    );
  });

  it('setNoDelay(), setKeepAlive(), ref(), unref() return the socket, at any time', async () => {
    const { socket, client } = await connected();
    const call = (target) => {
      for (const method of ['setNoDelay', 'setKeepAlive', 'ref', 'unref']) assert.equal(target[method](true), target);
    };
    call(socket);
    const unconnected = new tls.TLSSocket();
    call(unconnected);
    unconnected.destroy();
    socket.destroy();
    await client.closed;
    call(socket);
  });

  it('the knobs reach the transport', async function () {
    if (isNative) this.skip();
    const calls = [];
    class Spy extends net.Socket {
      setNoDelay(...args) {
        calls.push(['setNoDelay', ...args]);
        return super.setNoDelay(...args);
      }
      setKeepAlive(...args) {
        calls.push(['setKeepAlive', ...args]);
        return super.setKeepAlive(...args);
      }
    }
    const instance = tls.createTls({ net: { ...net, Socket: Spy } });
    const server = await use(nativeServer(identity));
    const socket = instance.connect({ port: server.port, host: '127.0.0.1', servername: 'localhost', ...trust });
    await once(socket, 'secureConnect');
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 1000);
    socket.destroy();
    assert.deepEqual(calls, [['setNoDelay', true], ['setKeepAlive', true, 1000]]); // prettier-ignore
    await once(socket, 'close');
  });

  it('an unref()ed socket does not keep the process', async () => {
    const server = await use(nativeServer(identity));
    const script = `
      const tls = require(${JSON.stringify(isNative ? 'node:tls' : 'wasm-tls')});
      const socket = tls.connect(${server.port}, '127.0.0.1', { rejectUnauthorized: false }, () => {
        socket.setTimeout(3_600_000);
        socket.unref();
        console.log('secure');
      });
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      cwd: new URL('.', import.meta.url),
    });
    assert.equal(stdout, 'secure\n');
  });

  it('every property of Node’s TLSSocket that is no underscore of its own', async () => {
    const { socket } = await connected();
    const theirs = new nativeTls.TLSSocket();
    const names = (object) => {
      const found = new Set();
      for (let at = object; at !== net.Socket.prototype; at = Object.getPrototypeOf(at)) {
        for (const name of Object.getOwnPropertyNames(at)) if (!name.startsWith('_')) found.add(name);
      }
      return found;
    };
    const missing = [...names(theirs)].filter((name) => !(name in socket));
    // `ssl` is the native handle.
    assert.deepEqual(missing.filter((name) => name !== 'ssl'), []); // prettier-ignore
    theirs.destroy();
  });

  it('pauseOnConnect', async () => {
    const server = await use(Server.start({ ...identity, pauseOnConnect: true }));
    const client = await use(nativeClient({ port: server.port, ...trust }));
    const socket = await server.nextConnection();
    assert.equal(socket.isPaused(), true);
    client.write('hello');
    socket.on('data', () => assert.fail('data while paused'));
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    socket.removeAllListeners('data');
    const data = once(socket, 'data');
    socket.resume();
    assert.equal(String((await data)[0]), 'hello');
  });
});
