// Ports of the relay that belong to a client: LISTEN, LISTENING, ACCEPT, and when they are refused.

import assert from 'node:assert/strict';
import net from 'node:net';

import {
  CloseReason,
  encodeClose,
  encodeCredit,
  encodeData,
  encodeEnd,
  encodeListen,
} from '../../dist/transport/wisp/frames.js';
import { useCleanup } from '../support/cleanup.mjs';
import { extensions, gone, startRelay, startTarget, until, WispClient } from '../support/relay.mjs';

describe('the relay, listening', () => {
  const use = useCleanup();

  async function listening({ hello = extensions(), allowListen = '0', ...options } = {}) {
    const relay = await use(startRelay({ allowListen, ...options }));
    const client = await use(WispClient.start(relay.url, hello));
    client.send(encodeListen(1, 0, ''));
    const { type, port, address } = await client.next(1);
    assert.equal(type, 'listening');
    return { relay, client, port, address };
  }

  async function visitor(port) {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    await use({ stop: () => socket.destroy() });
    return socket;
  }

  it('a port of loopback, and a stream for each connection', async () => {
    const { relay, client, port, address } = await listening();
    assert.equal(address, '127.0.0.1');
    const socket = await visitor(port);
    socket.write('hello');
    const accept = await client.next(1);
    assert.equal(accept.type, 'accept');
    assert.equal(accept.listenerId, 1);
    assert.ok(accept.streamId >= 0x80000000);
    assert.deepEqual([accept.remotePort, accept.remoteAddress], [socket.localPort, '127.0.0.1']);
    assert.equal((await client.read(accept.streamId, 5)).toString(), 'hello');
    client.send(encodeData(accept.streamId, Buffer.from('and bye')));
    client.send(encodeEnd(accept.streamId));
    assert.equal((await socket.toArray()).join(''), 'and bye');
    assert.equal(relay.metric('listeners'), 1);
  });

  it('their credits and ends are those of any stream', async () => {
    const { client, port } = await listening({ hello: extensions({ credits: 3 }) });
    const socket = await visitor(port);
    socket.end('abcdef');
    const { streamId } = await client.next(1);
    assert.equal((await client.read(streamId, 3)).toString(), 'abc');
    client.send(encodeCredit(streamId, 100));
    assert.equal((await client.read(streamId, 3)).toString(), 'def');
    assert.equal((await client.next(streamId)).type, 'end');
  });

  it('twenty at once, each its own', async () => {
    const { client, port } = await listening();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => visitor(port)));
    sockets.forEach((socket, index) => socket.end(`number ${index}`.padEnd(20_000, '.')));
    const texts = sockets.map(async () => {
      const { streamId } = await client.next(1);
      const text = await client.read(streamId, 20_000);
      client.send(encodeData(streamId, text));
      client.send(encodeEnd(streamId));
    });
    await Promise.all(texts);
    for (const [index, socket] of sockets.entries()) {
      assert.equal((await socket.toArray()).join(''), `number ${index}`.padEnd(20_000, '.'));
    }
  });

  it('the client’s CLOSE ends the listener and not its streams', async () => {
    const { relay, client, port } = await listening();
    const socket = await visitor(port);
    const { streamId } = await client.next(1);
    client.send(encodeClose(1, CloseReason.voluntary));
    await until(() => relay.metric('listeners') === 0);
    socket.write('still');
    assert.equal((await client.read(streamId, 5)).toString(), 'still');
    const late = await visitor(port);
    await gone(late);
  });

  it('the end of the WebSocket ends both', async () => {
    const { relay, client, port } = await listening();
    const socket = await visitor(port);
    await client.next(1);
    client.ws.terminate();
    await gone(socket);
    await until(() => relay.metric('listeners') === 0);
  });

  it('a port that is allowed, again once it is free', async () => {
    const probe = await startTarget();
    await probe.stop();
    const relay = await use(startRelay({ allowListen: String(probe.port) }));
    const client = await use(WispClient.start(relay.url, extensions()));
    client.send(encodeListen(1, probe.port, '127.0.0.1'));
    assert.equal((await client.next(1)).port, probe.port);
    client.send(encodeListen(2, probe.port, ''));
    assert.equal(await client.closeReason(2), CloseReason.addressInUse);
    client.send(encodeClose(1, CloseReason.voluntary));
    client.send(encodeListen(3, probe.port, ''));
    assert.equal((await client.next(3)).type, 'listening');
  });

  const refused = [
    ['a port that is not allowed', { allowListen: '0' }, 8080, '', CloseReason.blocked],
    ['any port where only some are allowed', { allowListen: '8000-8999' }, 0, '', CloseReason.blocked],
    ['an address that is not allowed', {}, 0, '0.0.0.0', CloseReason.blocked],
    ['a name instead of an address', {}, 0, 'localhost', CloseReason.invalid],
    ['one too many', { limits: { streams: 1 } }, 0, '', CloseReason.throttled],
  ];
  for (const [name, options, port, host, reason] of refused) {
    it(`${name}: CLOSE 0x${reason.toString(16)}`, async () => {
      const relay = await use(startRelay({ allowListen: '0', ...options }));
      const client = await use(WispClient.start(relay.url, extensions()));
      if (reason === CloseReason.throttled) client.send(encodeListen(9, 0, ''));
      client.send(encodeListen(1, port, host));
      assert.equal(await client.closeReason(1), reason);
    });
  }

  it('an address that the operator names is one', async () => {
    const relay = await use(startRelay({ allowListen: '0', listenHosts: ['127.0.0.1', '127.0.0.5'] }));
    const client = await use(WispClient.start(relay.url, extensions()));
    client.send(encodeListen(1, 0, '127.0.0.5'));
    assert.equal((await client.next(1)).address, '127.0.0.5');
  });

  it('connections beyond the limit of streams are reset', async () => {
    const { relay, client, port } = await listening({ limits: { streams: 3 } });
    await Promise.all([visitor(port), visitor(port)]);
    await client.next(1);
    await client.next(1);
    const third = await visitor(port);
    await gone(third);
    assert.equal(relay.metric('streams'), 2);
    assert.equal(client.waiting(1), 0);
  });

  it('ids with the top bit are the relay’s', async () => {
    const { client, port } = await listening();
    client.connect(port, '127.0.0.1', 0x80000010);
    assert.equal(await client.closeReason(0x80000010), CloseReason.invalid);
  });

  it('nobody listens who did not name the extension', async () => {
    const relay = await use(startRelay({ allowListen: '0' }));
    const client = await use(WispClient.start(relay.url, extensions({ without: [0xf3] })));
    client.send(encodeListen(1, 0, ''));
    assert.equal(await client.closeReason(1), CloseReason.blocked);
    assert.equal(relay.metric('violations_total{kind="not-negotiated"}'), 1);
  });
});
