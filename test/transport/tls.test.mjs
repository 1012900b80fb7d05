// TLS over these sockets, with both of its ends, or one and a program that we did not write.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import nativeTls from 'node:tls';

import { useCleanup } from '../support/cleanup.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { fixtures } from '../support/pki.mjs';
import { tls as wasmTls } from '../support/subject.mjs';
import { encodeClose, greetingRelay } from './support/fake-web-socket.mjs';
import { ourNet as net } from './support/nets.mjs';
import { ourRelay, relayDefaults, transports } from './support/transports.mjs';

const tls = wasmTls.createTls({ net });
const pki = fixtures();
const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
const own = ['memory', 'MessagePort'];

async function exchange(socket) {
  const data = Buffer.alloc(700_000, 'abc');
  const chunks = [];
  socket.end(data);
  for await (const chunk of socket) chunks.push(chunk);
  assert.ok(Buffer.concat(chunks).equals(data));
}

/** Until a client has sent it to a relay that has not connected yet. */
async function firstFlight(WebSocket) {
  while (!WebSocket.all[0]?.packets('data').length) await new Promise((resolve) => setImmediate(resolve));
}

describe('TLS over transports', () => {
  const use = useCleanup();
  useLeakCheck();

  for (const [name, { start, downloadOnly }] of Object.entries(transports)) {
    if (downloadOnly) continue;
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      it(`${version} over ${name}`, async () => {
        const transport = await use(start());
        const listener = (socket) => socket.pipe(socket);
        const options = { ...identity, allowHalfOpen: true };
        let port;
        if (own.includes(name)) {
          const far = await transport.server({}, () => {});
          await far.stop();
          // The same listening end, now with a server that speaks TLS.
          const server = tls.createServer({ ...options, transport: far.transport }, listener).listen(0);
          await use({ stop: () => server.close() });
          await once(server, 'listening');
          ({ port } = server.address());
        } else {
          const server = nativeTls.createServer(options, listener).listen(0, '127.0.0.1');
          await use({ stop: () => server.close() });
          await once(server, 'listening');
          ({ port } = server.address());
        }
        const socket = tls.connect({
          port,
          ...transport.connectOptions,
          ca: pki.ca.cert,
          servername: 'localhost',
          minVersion: version,
          maxVersion: version,
          allowHalfOpen: true,
        });
        await once(socket, 'secureConnect');
        assert.equal(socket.authorized, true);
        assert.equal(socket.getProtocol(), version);
        assert.equal(socket.remotePort, port);
        await exchange(socket);
        if (!socket.destroyed) await once(socket, 'close');
      });
    }
  }

  it('a TLS server on a port of the relay, and a client of Node’s', async () => {
    const { url } = await use(ourRelay());
    const transport = net.relayTransport({ url, ...relayDefaults });
    const server = tls.createServer({ ...identity, transport, allowHalfOpen: true }, (socket) => socket.pipe(socket));
    server.listen(0);
    await once(server, 'listening');
    const { port } = server.address();
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        const options = { port, host: '127.0.0.1', servername: 'localhost', ca: pki.ca.cert, allowHalfOpen: true };
        const client = nativeTls.connect(options);
        await once(client, 'secureConnect');
        await exchange(client);
      }),
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it('a relay that is lost in the middle of a handshake is ECONNRESET', async () => {
    const { url, stop } = await ourRelay();
    const silent = createServer((peer) => peer.on('error', () => {})).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    await use({ stop: () => silent.close() });
    const transport = net.relayTransport({ url, ...relayDefaults });
    const socket = tls.connect({ host: '127.0.0.1', port: silent.address().port, transport, ca: pki.ca.cert });
    await once(silent, 'connection');
    const failed = once(socket, 'error');
    void stop();
    const [error] = await failed;
    assert.equal(error.code, 'ECONNRESET');
  });

  it('without a relay the error of the socket below is that of the TLSSocket', async () => {
    const socket = tls.connect({ host: 'example.com', port: 443 });
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ERR_WASM_TLS_NO_RELAY');
  });

  it('the first flight goes out before the relay has connected, with what was set until then', async () => {
    const WebSocket = greetingRelay({ confirm: false });
    const transport = { url: 'ws://relay.test/', WebSocket };
    const socket = tls.connect({ host: '192.0.2.1', port: 443, transport, rejectUnauthorized: false });
    await use({ stop: () => socket.destroy() });
    socket.setServername('set-in-time.example');
    await firstFlight(WebSocket);
    const [data] = WebSocket.all[0].packets('data');
    const hello = Buffer.from(data.payload);
    assert.equal(hello[0], 22);
    assert.ok(hello.includes('set-in-time.example'));
    assert.equal(socket.connecting, true);
  });

  it('a relay that refuses after the first flight: its error, once', async () => {
    const WebSocket = greetingRelay({ confirm: false });
    const socket = tls.connect({ host: '192.0.2.1', port: 443, transport: { url: 'ws://relay.test/', WebSocket } });
    const errors = [];
    socket.on('error', (error) => errors.push(error.code));
    await firstFlight(WebSocket);
    const [relay] = WebSocket.all;
    relay.say(encodeClose(relay.packets('connect')[0].streamId, 0x44));
    await new Promise((resolve) => socket.once('close', resolve));
    assert.deepEqual(errors, ['ECONNREFUSED']);
  });
});
