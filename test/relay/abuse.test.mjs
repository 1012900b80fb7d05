// Clients that break the protocol, flood, or stop in the middle: refused, logged, counted, and nobody else is harmed.

import assert from 'node:assert/strict';
import net from 'node:net';

import { CloseReason, encodeClose, encodeConnect, encodeData } from '../../dist/transport/wisp/frames.js';
import { useCleanup } from '../support/cleanup.mjs';
import { extensions, RawClient, startEcho, startRelay, startTarget, until, WispClient } from '../support/relay.mjs';

const plain = extensions();

describe('the relay, clients that break the protocol', () => {
  const use = useCleanup();

  /** A relay with a client that behaves, whose stream has to survive whatever the other one does. */
  async function withBystander(options) {
    const relay = await use(startRelay(options));
    const echo = await use(startEcho());
    const good = await use(WispClient.start(relay.url, plain));
    const stream = good.connect(echo.port);
    const bad = await use(WispClient.start(relay.url, plain));
    const unharmed = async () => assert.equal(await good.asks(stream, 'unharmed'), 'unharmed');
    await unharmed();
    return { relay, echo, bad, unharmed };
  }

  const garbage = [
    ['half a header', '0201', 'short-header'],
    ['no byte at all', '', 'short-header'],
    ['a packet type that does not exist', '7701000000', 'unknown-type'],
    ['data for stream 0', '020000000041', 'bad-stream'],
    ['a stream that never was', '022a00000041', 'unknown-stream'],
    ['CONNECT without a port', '010100000001', 'short-payload'],
    ['a host that is not UTF-8', '0101000000015000ff', 'bad-utf8'],
    ['CONTINUE, which only a server says', '030100000001000000', 'wrong-direction'],
    ['LISTENING, which only a server says', 'f4010000000100', 'wrong-direction'],
    ['a second INFO', '05000000000200', 'unexpected-info'],
    ['LISTEN where it was not offered', 'f3010000000000', 'not-negotiated'],
  ];
  for (const [name, packet, kind] of garbage) {
    it(`${name}: counted as ${kind}, and too much of it ends the WebSocket`, async () => {
      const { relay, bad, unharmed } = await withBystander({ limits: { violations: 4 } });
      for (let i = 0; i < 4; i++) bad.send(Buffer.from(packet, 'hex'));
      assert.deepEqual(await bad.closed, { code: 1008, reason: 'violations' });
      assert.equal(relay.metric(`violations_total{kind="${kind}"}`), 4);
      assert.equal(relay.metric('connections_cut_total{reason="violations"}'), 1);
      assert.equal(relay.events('violation').filter((record) => record.kind === kind).length, 4);
      await unharmed();
    });
  }

  it('a malformed packet on a stream ends that stream alone', async () => {
    const { echo, bad } = await withBystander();
    const [one, other] = [bad.connect(echo.port), bad.connect(echo.port)];
    bad.send(Buffer.from(`03${one.toString(16).padStart(2, '0')}00000001`, 'hex'));
    assert.equal(await bad.closeReason(one), CloseReason.invalid);
    assert.equal(await bad.asks(other, 'fine'), 'fine');
  });

  it('an id that is in use ends both, and no other', async () => {
    const { relay, echo, bad } = await withBystander();
    const [one, other] = [bad.connect(echo.port), bad.connect(echo.port)];
    await bad.asks(one, 'mine');
    bad.connect(echo.port, '127.0.0.1', one);
    assert.equal(await bad.closeReason(one), CloseReason.invalid);
    assert.equal(await bad.asks(other, 'fine'), 'fine');
    assert.equal(relay.metric('violations_total{kind="duplicate-stream"}'), 1);
  });

  it('packets that were under way to a stream that is over are no offence', async () => {
    const { relay, bad } = await withBystander();
    const target = await use(startTarget((socket) => socket.resetAndDestroy()));
    const id = bad.connect(target.port);
    await bad.closeReason(id);
    for (let i = 0; i < 50; i++) bad.send(encodeData(id, Buffer.from('late')));
    bad.send(encodeClose(id, CloseReason.voluntary));
    const other = bad.connect(1, 'elsewhere.example');
    assert.equal(await bad.closeReason(other), CloseReason.blocked);
    assert.equal(relay.events('violation').length, 0);
  });

  it('text is counted, too', async () => {
    const { relay, bad, unharmed } = await withBystander({ limits: { violations: 1 } });
    bad.send('hello');
    assert.equal((await bad.closed).code, 1008);
    assert.equal(relay.metric('violations_total{kind="text"}'), 1);
    await unharmed();
  });

  it('a flood of CONNECT is refused stream by stream, then ended', async () => {
    const { relay, echo, bad, unharmed } = await withBystander({ limits: { streams: 8, violations: 4 } });
    for (let id = 1; id <= 200; id++) bad.send(encodeConnect(id, '127.0.0.1', echo.port));
    assert.equal((await bad.closed).code, 1008);
    assert.ok(relay.metric('stream_closes_total{reason="0x49"}') >= 8);
    assert.equal(relay.metric('violations_total{kind="too-many-streams"}'), 4);
    await until(() => relay.metric('streams') === 1);
    await unharmed();
  });

  it('streams that are closed while their names are resolved keep their place', async () => {
    const lookup = () => new Promise(() => {});
    const options = { limits: { streams: 8 }, lookup, allow: ['slow.example:*', '127.0.0.1:*'] };
    const { bad } = await withBystander(options);
    for (let id = 1; id <= 8; id++) {
      bad.send(encodeConnect(id, 'slow.example', 80));
      bad.send(encodeClose(id, CloseReason.voluntary));
    }
    assert.equal(await bad.closeReason(bad.connect(80, 'slow.example', 9)), CloseReason.throttled);
  });

  it('DATA beyond the window: CLOSE 0x49', async () => {
    const { relay, bad, unharmed } = await withBystander();
    const stuck = await use(startTarget((socket) => socket.pause()));
    const id = bad.connect(stuck.port);
    // The kernel's buffers hold some megabytes.
    const packet = encodeData(id, Buffer.alloc(60_000));
    for (let i = 0; i < 400; i++) bad.send(packet);
    assert.equal(await bad.closeReason(id), CloseReason.throttled);
    await unharmed();
    assert.equal(relay.metric('streams'), 1);
  });

  it('more packets than one stream may hold, however small: CLOSE 0x49', async () => {
    const lookup = () => new Promise(() => {});
    const { relay, bad, unharmed } = await withBystander({ lookup, allow: ['slow.example:*', '127.0.0.1:*'] });
    const id = bad.connect(80, 'slow.example');
    for (let i = 0; i < 5000; i++) bad.send(encodeData(id, Buffer.alloc(1)));
    assert.equal(await bad.closeReason(id), CloseReason.throttled);
    assert.equal(relay.metric('violations_total{kind="window-exceeded"}'), 1);
    await unharmed();
  });

  it('more bytes than one stream may hold: CLOSE 0x49', async () => {
    const { relay, bad, unharmed } = await withBystander({ limits: { streamBufferBytes: 100_000 } });
    const stuck = await use(startTarget((socket) => socket.pause()));
    const id = bad.connect(stuck.port);
    for (let i = 0; i < 60; i++) bad.send(encodeData(id, Buffer.alloc(1_000_000)));
    assert.equal(await bad.closeReason(id), CloseReason.throttled);
    assert.equal(relay.events('stream-close')[0].why, 'stream-buffer');
    await unharmed();
  });

  it('more bytes than one WebSocket may hold: the stream that holds most is closed', async () => {
    const { relay, bad } = await withBystander({ limits: { connectionBufferBytes: 3_000_000 } });
    const stuck = await use(startTarget((socket) => socket.pause()));
    const [most, less] = [bad.connect(stuck.port), bad.connect(stuck.port)];
    for (let i = 0; i < 8; i++) bad.send(encodeData(less, Buffer.alloc(100_000)));
    for (let i = 0; i < 60; i++) bad.send(encodeData(most, Buffer.alloc(400_000)));
    assert.equal(await bad.closeReason(most), CloseReason.throttled);
    assert.equal(relay.events('stream-close')[0].why, 'connection-buffer');
    assert.equal(relay.metric('streams'), 2);
  });

  it('a message that is too long ends the WebSocket with 1009', async () => {
    const { relay, bad, unharmed } = await withBystander({ limits: { frameBytes: 2000 } });
    bad.send(Buffer.alloc(2001));
    assert.equal((await bad.closed).code, 1009);
    assert.equal(relay.metric('violations_total{kind="websocket"}'), 1);
    await unharmed();
  });

  it('a frame that no WebSocket has ends it with 1002', async () => {
    const { relay, bad, unharmed } = await withBystander();
    bad.ws._socket.write(Buffer.from('f3800000000000', 'hex'));
    assert.equal((await bad.closed).code, 1002);
    assert.equal(relay.metric('violations_total{kind="websocket"}'), 1);
    await unharmed();
  });

  it('half a frame and then silence: cut when it answers no ping', async () => {
    const relay = await use(startRelay({ timeouts: { ping: 30 } }));
    const bad = await use(WispClient.start(relay.url, plain));
    bad.ws._socket.write(Buffer.from('82ff0000000000001000', 'hex'));
    assert.equal((await bad.closed).code, 1006);
    assert.equal(relay.metric('connections_cut_total{reason="silent"}'), 1);
  });

  it('half a frame and then an end', async () => {
    const { relay, bad, unharmed } = await withBystander();
    bad.ws._socket.end(Buffer.from('82ff', 'hex'));
    await bad.closed;
    await until(() => relay.metric('connections') === 1);
    await unharmed();
  });

  it('a WebSocket that ends in the middle of everything leaves nothing behind', async () => {
    const { relay, unharmed } = await withBystander();
    const target = await use(
      startTarget((socket) => {
        socket.write(Buffer.alloc(100_000));
        socket.resume().on('end', () => socket.end());
      }),
    );
    for (let turn = 0; turn < 10; turn++) {
      const client = await WispClient.start(relay.url, extensions({ credits: 1000 * turn }));
      for (let id = 1; id <= 20; id++) {
        client.connect(target.port);
        client.send(encodeData(id, Buffer.alloc(10_000)));
      }
      if (turn % 2) await target.connections.next();
      client.ws.terminate();
    }
    await until(() => relay.metric('connections') === 2 && relay.metric('streams') === 1);
    await until(() => target.sockets.size === 0);
    await unharmed();
  });

  it('random bytes, thousands of messages of them', async () => {
    const { relay, unharmed } = await withBystander({ limits: { violations: 100_000 } });
    const bad = await use(RawClient.open(relay.url, ['wisp-v2']));
    let seed = 1;
    const random = (below) => (seed = (seed * 48271) % 0x7fffffff) % below;
    const types = [1, 2, 3, 4, 5, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5];
    for (let i = 0; i < 5000; i++) {
      const message = Buffer.from(Array.from({ length: random(40) }, () => random(256)));
      if (message.length > 4) message.set([types[random(10)], random(3), 0, 0, 0]);
      // A CLOSE of stream 0 would be an end in order.
      if (message[0] !== 4) bad.send(message);
    }
    await Promise.race([bad.pinged(), bad.closed]);
    await unharmed();
  });

  it('an upgrade that is none is answered and closed', async () => {
    const relay = await use(startRelay());
    for (const request of [
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Key: x\r\n\r\n',
    ]) {
      const socket = net.connect(relay.port, '127.0.0.1');
      socket.write(request);
      assert.match(Buffer.concat(await socket.toArray()).toString(), /^HTTP\/1\.1 400/);
    }
  });
});
