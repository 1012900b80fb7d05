// tls.Server as a net.Server, and what it does beside handshakes.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { promisify } from 'node:util';

import { useCleanup } from '../support/cleanup.mjs';
import { Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative, tls } from '../support/subject.mjs';

describe('tls.Server', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert };

  it('shows its options', () => {
    const server = tls.createServer({ ...identity, requestCert: true, ALPNProtocols: ['h2'], sessionTimeout: 5 });
    assert.equal(server.key, identity.key);
    assert.equal(server.cert, identity.cert);
    assert.equal(server.ca, undefined);
    assert.equal(server.requestCert, true);
    assert.equal(server.rejectUnauthorized, true);
    assert.equal(server.honorCipherOrder, true);
    assert.equal(server.sessionTimeout, 5);
    assert.deepEqual(server.ALPNProtocols, Buffer.from('\x02h2'));
    assert.match(server.sessionIdContext, /^[0-9a-f]{32}$/);
    assert.equal(tls.createServer({ rejectUnauthorized: false }).rejectUnauthorized, false);
  });

  it('takes a listener alone', async () => {
    const server = tls.createServer((socket) => socket.end());
    assert.equal(server.listenerCount('secureConnection'), 1);
    assert.equal(server.listenerCount('connection'), 1);
  });

  it('counts connections, and drops what is over maxConnections', async () => {
    const server = await use(Server.start(identity));
    server.server.maxConnections = 1;
    await use(nativeClient({ port: server.port, ...trust }));
    await server.nextConnection();
    assert.equal(await promisify(server.server.getConnections).call(server.server), 1);
    const dropped = once(server.server, 'drop');
    nativeClient({ port: server.port, ...trust }).catch(() => {});
    assert.equal((await dropped)[0].remoteAddress, '127.0.0.1');
  });

  it('close() waits for its connections', async () => {
    const server = tls.createServer(identity).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = nativeClient({ port: server.address().port, ...trust });
    const [socket] = await once(server, 'secureConnection');
    let closed = false;
    const done = new Promise((resolve) => server.close(resolve)).then(() => (closed = true));
    socket.write('still open');
    assert.equal(String((await once(await client, 'data'))[0]), 'still open');
    assert.equal(closed, false);
    socket.end();
    (await client).resume();
    await done;
  });

  it('passes the options of net.Server on', async () => {
    const server = await use(Server.start({ ...identity, allowHalfOpen: true, pauseOnConnect: false, noDelay: true }));
    assert.equal(server.server.allowHalfOpen, true);
    assert.equal(server.server.noDelay, true);
    await use(nativeClient({ port: server.port, ...trust }));
    assert.equal((await server.nextConnection()).allowHalfOpen, true);
  });

  it('carries ticket keys to other workers', () => {
    const one = tls.createServer(identity);
    const two = tls.createServer(identity);
    assert.equal(one.getTicketKeys().length, 48);
    assert.notDeepEqual(one.getTicketKeys(), two.getTicketKeys());
    two._setServerData(one._getServerData());
    assert.deepEqual(one.getTicketKeys(), two.getTicketKeys());
  });

  it('an error that nobody listens for does not end the process', async () => {
    const server = await use(Server.start(identity));
    server.server.removeAllListeners('tlsClientError');
    const raw = net.connect(server.port, '127.0.0.1');
    raw.on('error', () => {});
    raw.end('GET / HTTP/1.1\r\n\r\n');
    raw.resume();
    await once(raw, 'close');
    await use(nativeClient({ port: server.port, ...trust }));
    await server.connections.next();
  });

  it('nor one of an established connection', async () => {
    const server = tls.createServer(identity).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const secured = once(server, 'secureConnection');
    await use(nativeClient({ port: server.address().port, ...trust }));
    const [socket] = await secured;
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.destroy(new Error('nobody listens'));
    assert.equal(await closed, true);
    await new Promise((resolve) => server.close(resolve));
  });

  it('a listener of secureConnection that rejects loses its connection only', async () => {
    const script = `
      require('node:events').captureRejections = true;
      const tls = require(${JSON.stringify(isNative ? 'node:tls' : 'wasm-tls')});
      const fs = require('node:fs');
      const [key, cert] = process.argv.slice(1).map((file) => fs.readFileSync(file));
      const server = tls.createServer({ key, cert }, async (socket) => {
        socket.on('error', (error) => console.log(error.message));
        socket.on('close', () => server.close());
        throw new Error('rejected');
      });
      server.listen(0, () => {
        const { port } = server.address();
        require('node:tls').connect(port, { rejectUnauthorized: false }).on('error', () => {}).resume();
      });
    `;
    const args = ['-e', script, pki.serverEcdsa.keyPath, pki.serverEcdsa.certPath];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: new URL('.', import.meta.url) });
    assert.equal(stdout, 'rejected\n');
  });
});
