// A port of the relay that belongs to a server here: LISTEN and ACCEPT, with clients that know nothing of it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeNet from 'node:net';

import { useCleanup } from '../support/cleanup.mjs';
import { encodeClose, frames, greetingRelay, SERVER_STREAM_BIT } from './support/fake-web-socket.mjs';
import { ourNet as net, until } from './support/nets.mjs';
import { ourRelay, relayDefaults, wispJsRelay } from './support/transports.mjs';

describe('servers on a port of the relay', () => {
  const use = useCleanup();

  async function serve(options, relayOptions) {
    const { url } = await use(ourRelay(relayOptions));
    const transport = net.relayTransport({ url, ...relayDefaults });
    const server = net.createServer({ transport, ...options }, (socket) => socket.on('error', () => {}));
    server.listen(0);
    await once(server, 'listening');
    await use({ stop: () => server.listening && server.close() });
    return { server, transport, ...server.address() };
  }

  it('20 clients at a time get their answers, and the server knows who they are', async () => {
    const { server, port, address } = await serve({ allowHalfOpen: true });
    assert.equal(address, '127.0.0.1');
    const remotes = new Set();
    server.on('connection', (socket) => {
      remotes.add(socket.remotePort);
      assert.equal(socket.remoteAddress, '127.0.0.1');
      assert.equal(socket.remoteFamily, 'IPv4');
      assert.equal(socket.localPort, port);
      socket.pipe(socket);
    });
    const data = Buffer.alloc(300_000, 'abc');
    const locals = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const client = nativeNet.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
        await once(client, 'connect');
        const { localPort } = client;
        client.end(data);
        const chunks = [];
        for await (const chunk of client) chunks.push(chunk);
        assert.ok(Buffer.concat(chunks).equals(data));
        return localPort;
      }),
    );
    assert.deepEqual([...remotes].sort(), locals.sort());
    await until(() => server._connections === 0);
    const closed = once(server, 'close');
    server.close();
    await closed;
    const late = nativeNet.connect(port, '127.0.0.1');
    await assert.rejects(once(late, 'connect'));
  });

  it('a closed server keeps the connections that it has', async () => {
    const { server, port } = await serve({});
    const accepted = once(server, 'connection');
    const client = nativeNet.connect(port, '127.0.0.1');
    await use({ stop: () => client.destroy() });
    const [socket] = await accepted;
    let isClosed = false;
    server.close(() => (isClosed = true));
    socket.write('still here');
    const [text] = await once(client, 'data');
    assert.equal(String(text), 'still here');
    assert.equal(isClosed, false);
    const closed = once(server, 'close');
    client.end();
    socket.resume();
    await closed;
  });

  it('maxConnections refuses what is too much', async () => {
    const { server, port } = await serve({});
    server.maxConnections = 1;
    const first = nativeNet.connect(port, '127.0.0.1');
    await use({ stop: () => first.destroy() });
    await once(server, 'connection');
    const dropped = once(server, 'drop');
    const second = nativeNet.connect(port, '127.0.0.1').on('error', () => {});
    const [{ remoteAddress }] = await dropped;
    assert.equal(remoteAddress, '127.0.0.1');
    second.resume();
    if (!second.destroyed) await new Promise((resolve) => second.on('close', resolve));
  });

  it('a port that is taken, one that is forbidden, and a relay that lets nobody listen', async () => {
    const { port, transport } = await serve({}, { allowListen: '0,1024-65535' });
    const attempt = async (over, wanted) => {
      const server = net.createServer({ transport: over });
      server.listen(wanted);
      const [error] = await once(server, 'error');
      assert.equal(server.listening, false);
      return error;
    };
    const taken = await attempt(transport, port);
    assert.equal(taken.code, 'EADDRINUSE');
    assert.equal(taken.message, `listen EADDRINUSE: address already in use :${port}`);
    assert.equal((await attempt(transport, 80)).code, 'EACCES');
    const { url } = await use(wispJsRelay({ version: 2 }));
    const foreign = net.relayTransport({ url, ...relayDefaults });
    const error = await attempt(foreign, 0);
    assert.equal(error.code, 'EOPNOTSUPP');
    assert.match(error.message, /the relay lets nobody listen/);
    const single = net.relayTransport({ url, ...relayDefaults, protocol: 'websocket' });
    assert.equal((await attempt(single, 0)).code, 'EOPNOTSUPP');
  });

  it('a relay that ends the listener', async () => {
    const WebSocket = greetingRelay();
    const server = net.createServer({ transport: { url: 'ws://relay.test/', WebSocket } }).listen(5);
    await until(() => WebSocket.all[0]?.packets('listen').length);
    const [relay] = WebSocket.all;
    relay.say(frames.encodeListening(1, 5, '::1'));
    assert.deepEqual(server.address(), { address: '::1', family: 'IPv6', port: 5 });
    const failed = once(server, 'error');
    relay.say(encodeClose(1, 0x49));
    const [error] = await failed;
    assert.equal(error.syscall, 'listen');
    assert.equal(server.address(), null);
    // What was accepted meanwhile is sent back, and nobody minds.
    relay.say(frames.encodeAccept(SERVER_STREAM_BIT + 5, 1, 9, '::1'));
    assert.equal(relay.packets('close').at(-1).streamId, SERVER_STREAM_BIT + 5);
    assert.equal(relay.closed, null);
  });
});
