// Streams of Wisp: opening, data both ways, ends of one direction, credits, and how each end is told.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';

import { CloseReason, encodeClose, encodeCredit, encodeData, encodeEnd } from '../../dist/transport/wisp/frames.js';
import { useCleanup } from '../support/cleanup.mjs';
import { closedPort, extensions, startEcho, startRelay, startTarget, until, WispClient } from '../support/relay.mjs';

const plain = extensions();
const long = Buffer.alloc(3_000_000, 'abcdefg');

/** All that a socket sends, which stays open for writing. */
async function readAll(socket) {
  const chunks = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

describe('the relay, versions of Wisp', () => {
  const use = useCleanup();

  it('1: a CONTINUE, and nothing else before the first stream', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(WispClient.start(relay.url));
    assert.equal(client.window, 64);
    const id = client.connect(echo.port);
    assert.equal(await client.asks(id, 'hello'), 'hello');
    assert.equal(client.waiting(0), 0);
    assert.equal(relay.metric('connections_total{form="wisp1"}'), 1);
  });

  it('2: INFO with its extensions, then CONTINUE', async () => {
    const relay = await use(startRelay({ messageOfTheDay: 'Be nice.', allowListen: '0', downloadsByHttp: false }));
    const client = await use(WispClient.start(relay.url, plain));
    assert.equal(client.ws.protocol, 'wisp-v2');
    const { major, minor, extensions: offered } = client.info;
    assert.deepEqual([major, minor], [2, 0]);
    assert.deepEqual(
      offered.map(({ id, payload }) => [id, payload.toString()]),
      [
        [0x05, ''],
        [0xf1, ''],
        [0xf2, ''],
        [0x04, 'Be nice.'],
        [0xf3, ''],
      ],
    );
  });

  it('2: a token for downloads by HTTP, another one for each WebSocket', async () => {
    const relay = await use(startRelay());
    const tokens = [];
    for (let count = 0; count < 2; count++) {
      const { info } = await use(WispClient.start(relay.url, plain));
      tokens.push(Buffer.from(info.extensions.find(({ id }) => id === 0xf4).payload).toString('hex'));
    }
    assert.match(tokens.join(), /^[0-9a-f]{32},[0-9a-f]{32}$/);
    assert.notEqual(tokens[0], tokens[1]);
  });

  it('2: listen is not offered unless it is allowed, UDP never', async () => {
    const relay = await use(startRelay());
    const client = await use(WispClient.start(relay.url, plain));
    assert.deepEqual(
      client.info.extensions.map(({ id }) => id),
      [0x05, 0xf1, 0xf2, 0xf4],
    );
  });

  it('2, but the client never answers INFO: its streams are those of version 1', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(WispClient.open(relay.url, ['wisp-v2']));
    client.send(Buffer.from(`0101000000 01 ${echo.port.toString(16).padStart(4, '0').replace(/(..)(..)/, '$2$1')}
      ${Buffer.from('127.0.0.1').toString('hex')}`.replace(/\s/g, ''), 'hex')); // prettier-ignore
    client.send(encodeData(1, Buffer.from('x')));
    for (let i = 0; i < 2; i++) await client.messages.next();
    assert.equal((await client.messages.next()).toString('hex'), '020100000078');
  });
});

describe('the relay, streams', () => {
  const use = useCleanup();

  async function connected(hello, onConnection, options) {
    const relay = await use(startRelay(options));
    const target = await use(startTarget(onConnection));
    const client = await use(WispClient.start(relay.url, hello));
    const id = client.connect(target.port);
    const socket = await target.connections.next();
    return { relay, target, client, id, socket };
  }

  it('CONTINUE says that the target is connected', async () => {
    const { client, id } = await connected(plain);
    assert.deepEqual(await client.next(id), { type: 'continue', streamId: id, packets: 64 });
  });

  it('without open confirmation there is none', async () => {
    const { client, id, socket } = await connected(extensions({ without: [0x05] }));
    socket.write('first');
    assert.equal((await client.next(id)).type, 'data');
  });

  it('what is sent before the target is connected arrives in order', async () => {
    let answer;
    const lookup = () => new Promise((resolve) => (answer = () => resolve([{ address: '127.0.0.1', family: 4 }])));
    const relay = await use(startRelay({ lookup, allow: ['slow.example:*'] }));
    const target = await use(startTarget((socket) => socket.end()));
    const client = await use(WispClient.start(relay.url, plain));
    const id = client.connect(target.port, 'slow.example');
    for (const part of 'abc'.repeat(20)) client.send(encodeData(id, Buffer.from(part)));
    client.send(encodeEnd(id));
    await until(() => relay.metric('bytes_total{direction="to-target"}') === 60);
    await client.pinged();
    assert.equal(client.waiting(id), 0);
    answer();
    const socket = await target.connections.next();
    socket.setEncoding('utf8');
    assert.equal((await socket.toArray()).join(''), 'abc'.repeat(20));
  });

  it('carries bytes unchanged, both ways at once', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(WispClient.start(relay.url, plain));
    const id = client.connect(echo.port);
    const received = client.read(id, long.length);
    for (let at = 0; at < long.length; at += 50_000) client.send(encodeData(id, long.subarray(at, at + 50_000)));
    assert.ok((await received).equals(long));
  });

  it('connects to the address that was checked, and asks for the name once', async () => {
    const target = await use(startTarget());
    const answers = [[{ address: '127.0.0.1', family: 4 }], [{ address: '127.0.0.2', family: 4 }]];
    const asked = [];
    const lookup = (name) => Promise.resolve(answers[asked.push(name) - 1]);
    const relay = await use(startRelay({ lookup, allow: ['rebinds.example:*'] }));
    const client = await use(WispClient.start(relay.url, plain));
    client.connect(target.port, 'rebinds.example');
    const socket = await target.connections.next();
    assert.equal(socket.localAddress, '127.0.0.1');
    assert.deepEqual(asked, ['rebinds.example']);
  });

  it('tries the next address of a name where one refuses', async () => {
    const target = await use(startTarget());
    const lookup = () => Promise.resolve(['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 })));
    const relay = await use(startRelay({ lookup, allow: ['two.example:*'] }));
    const client = await use(WispClient.start(relay.url, plain));
    client.connect(target.port, 'two.example');
    assert.equal((await target.connections.next()).localAddress, '127.0.0.1');
  });

  const refusals = [
    ['a port that nobody listens on', () => closedPort(), '127.0.0.1', CloseReason.refused],
    ['a name that does not exist', () => 80, 'nowhere.example', CloseReason.unreachable],
    ['a target that is not allowed', () => 80, 'elsewhere.example', CloseReason.blocked],
    ['port 0', () => 0, '127.0.0.1', CloseReason.invalid],
    ['what is no host', () => 80, 'no host', CloseReason.invalid],
    ['an empty host', () => 80, '', CloseReason.invalid],
  ];
  for (const [name, port, host, reason] of refusals) {
    it(`${name}: CLOSE 0x${reason.toString(16)}`, async () => {
      const lookup = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
      const relay = await use(startRelay({ lookup, allow: ['127.0.0.1:*', 'nowhere.example:*'] }));
      const client = await use(WispClient.start(relay.url, plain));
      assert.equal(await client.closeReason(client.connect(await port(), host)), reason);
      const [record] = relay.events('stream-close');
      assert.equal(record.reason, reason);
    });
  }

  it('a private address is refused, logged and counted', async () => {
    const lookup = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    const relay = await use(startRelay({ allow: ['*:*'], allowPrivate: false, lookup }));
    const client = await use(WispClient.start(relay.url, plain));
    for (const host of ['127.0.0.1', '[::1]', 'localhost.', '0x7f.1', 'rebound.example']) {
      assert.equal(await client.closeReason(client.connect(80, host)), CloseReason.blocked, host);
    }
    assert.equal(relay.metric('targets_refused_total{reason="private-address"}'), 5);
    assert.equal(relay.events('stream-close').filter(({ refusal }) => refusal === 'private-address').length, 5);
  });

  it('a lookup that takes too long: CLOSE 0x43', async () => {
    const lookup = () => new Promise(() => {});
    const relay = await use(startRelay({ lookup, allow: ['slow.example:*'], timeouts: { connect: 20 } }));
    const client = await use(WispClient.start(relay.url, plain));
    assert.equal(await client.closeReason(client.connect(80, 'slow.example')), CloseReason.connectTimeout);
  });

  it('a stream without a byte for too long: CLOSE 0x47', async () => {
    const { client, id } = await connected(plain, () => {}, { timeouts: { streamIdle: 20 } });
    assert.equal(await client.closeReason(id), CloseReason.transferTimeout);
  });

  it('UDP is refused', async () => {
    const relay = await use(startRelay());
    const client = await use(WispClient.start(relay.url, plain));
    client.send(Buffer.from('0101000000 02 3500 312e312e312e31'.replaceAll(' ', ''), 'hex'));
    assert.equal(await client.closeReason(1), CloseReason.blocked);
  });

  it('a target that resets: CLOSE 0x03', async () => {
    const { client, id, socket } = await connected(plain);
    socket.resetAndDestroy();
    assert.equal(await client.closeReason(id), CloseReason.networkError);
  });

  it('without half-close a target’s end is CLOSE 0x02, behind its data', async () => {
    const { client, id, socket } = await connected(undefined);
    socket.end(long);
    assert.ok((await client.read(id, long.length)).equals(long));
    assert.equal(await client.closeReason(id), CloseReason.voluntary);
    await once(socket.resume(), 'close');
  });

  it('a client’s CLOSE 0x02 is behind everything that it sent', async () => {
    const { relay, client, id, socket } = await connected(plain);
    for (let at = 0; at < long.length; at += 100_000) client.send(encodeData(id, long.subarray(at, at + 100_000)));
    client.send(encodeClose(id, CloseReason.voluntary));
    assert.ok(Buffer.concat(await socket.toArray()).equals(long));
    await until(() => relay.metric('streams') === 0);
  });

  it('any other CLOSE resets the target', async () => {
    const { client, id, socket } = await connected(plain);
    const failed = once(socket.resume(), 'error').then(([error]) => error.code);
    client.send(encodeClose(id, CloseReason.clientError));
    assert.equal(await failed, 'ECONNRESET');
  });

  it('so does a WebSocket that is lost', async () => {
    const { relay, client, socket } = await connected(plain);
    const failed = once(socket.resume(), 'error').then(([error]) => error.code);
    client.ws.terminate();
    assert.equal(await failed, 'ECONNRESET');
    await until(() => relay.metric('connections') === 0 && relay.metric('streams') === 0);
  });

  it('a stream that was closed while it was being opened never connects', async () => {
    let answer;
    const lookup = () => new Promise((resolve) => (answer = () => resolve([{ address: '127.0.0.1', family: 4 }])));
    const relay = await use(startRelay({ lookup, allow: ['slow.example:*', '127.0.0.1:*'] }));
    const target = await use(startTarget());
    const client = await use(WispClient.start(relay.url, plain));
    client.send(encodeClose(client.connect(target.port, 'slow.example'), CloseReason.voluntary));
    await until(() => relay.metric('streams_total{kind="connect"}') === 1 && relay.metric('streams') === 0);
    answer();
    const id = client.connect(target.port);
    await target.connections.next();
    assert.equal((await client.next(id)).type, 'continue');
    assert.equal(target.connections.length, 0);
  });

  it('an id can be used again when its stream is over', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(WispClient.start(relay.url, plain));
    for (let turn = 0; turn < 3; turn++) {
      client.connect(echo.port, '127.0.0.1', 7);
      assert.equal(await client.asks(7, `turn ${turn}`), `turn ${turn}`);
      client.send(encodeClose(7, CloseReason.voluntary));
    }
    assert.equal(relay.events('violation').length, 0);
  });

  it('CONTINUE follows what the target takes: it stops with it and goes on with it', async () => {
    const { relay, client, id, socket } = await connected(plain, (accepted) => accepted.pause());
    const size = 64 * 1024;
    const packet = encodeData(id, Buffer.alloc(size));
    let allowed = (await client.next(id)).packets;
    assert.equal(allowed, 64);
    let sent = 0;
    const sendAllowed = () => {
      for (; allowed > 0; allowed--, sent++) client.send(packet);
      return until(() => relay.metric('bytes_total{direction="to-target"}') === sent * size);
    };
    // The kernel takes some megabytes for a target that reads nothing; then the client is told nothing any more.
    for (let silent = 0; silent < 20; silent++) {
      await sendAllowed();
      for (; client.waiting(id) > 0; silent = 0) allowed = (await client.next(id)).packets;
    }
    assert.equal(allowed, 0);
    let received = 0;
    socket.on('data', (chunk) => (received += chunk.length)).resume();
    allowed = (await client.next(id)).packets;
    await sendAllowed();
    await until(() => received === sent * size);
    assert.equal(relay.events('violation').length, 0);
  });
});

describe('the relay, half-close', () => {
  const use = useCleanup();

  async function connected(hello = plain) {
    const relay = await use(startRelay());
    const target = await use(startTarget());
    const client = await use(WispClient.start(relay.url, hello));
    const id = client.connect(target.port);
    const socket = await target.connections.next();
    await client.next(id);
    return { relay, client, id, socket };
  }

  it('a client’s END is an end for the target, whose data still come', async () => {
    const { relay, client, id, socket } = await connected();
    client.send(encodeData(id, Buffer.from('question')));
    client.send(encodeEnd(id));
    assert.equal((await readAll(socket)).toString(), 'question');
    socket.end(long);
    assert.ok((await client.read(id, long.length)).equals(long));
    assert.deepEqual(await client.next(id), { type: 'end', streamId: id });
    await until(() => relay.metric('streams') === 0);
    assert.equal(client.waiting(id), 0);
  });

  it('a target’s end is END, and the client’s data still go', async () => {
    const { relay, client, id, socket } = await connected();
    socket.end('first');
    assert.equal((await client.read(id, 5)).toString(), 'first');
    assert.equal((await client.next(id)).type, 'end');
    client.send(encodeData(id, Buffer.from('answer')));
    client.send(encodeEnd(id));
    assert.equal(Buffer.concat(await socket.toArray()).toString(), 'answer');
    await until(() => relay.metric('streams') === 0);
    assert.equal(relay.metric('stream_closes_total{reason="0x02"}'), 0);
  });

  it('END where it is not in force, twice, or followed by data breaks the protocol', async () => {
    const { relay, client, id } = await connected(extensions({ without: [0xf1] }));
    client.send(encodeEnd(id));
    await until(() => relay.metric('violations_total{kind="not-negotiated"}') === 1);
    const other = await connected();
    other.client.send(encodeEnd(other.id));
    other.client.send(encodeEnd(other.id));
    assert.equal(await other.client.closeReason(other.id), CloseReason.invalid);
    const third = await connected();
    third.client.send(encodeEnd(third.id));
    third.client.send(encodeData(third.id, Buffer.from('late')));
    assert.equal(await third.client.closeReason(third.id), CloseReason.invalid);
  });
});

describe('the relay, credits', () => {
  const use = useCleanup();

  async function connected(credits, onConnection) {
    const relay = await use(startRelay());
    const target = await use(startTarget(onConnection));
    const client = await use(WispClient.start(relay.url, extensions({ credits })));
    const id = client.connect(target.port);
    await client.next(id);
    return { relay, target, client, id };
  }

  it('no byte more than granted is sent, to the last one', async () => {
    const { client, id, target } = await connected(100_000, (socket) => socket.end(long));
    let received = await client.read(id, 100_000);
    assert.equal(received.length, 100_000);
    for (let grant = 1; received.length < long.length; grant = grant * 3 + 1) {
      const bytes = Math.min(grant, long.length - received.length);
      client.send(encodeCredit(id, bytes));
      const more = await client.read(id, bytes);
      assert.equal(more.length, bytes);
      assert.equal(client.waiting(id), 0);
      received = Buffer.concat([received, more]);
    }
    assert.ok(received.equals(long));
    client.send(encodeCredit(id, 1));
    assert.equal((await client.next(id)).type, 'end');
    await target.connections.next();
  });

  it('a window of 0 waits for the first CREDIT', async () => {
    const { client, id, relay } = await connected(0, (socket) => socket.write('hello'));
    assert.equal(relay.metric('bytes_total{direction="to-client"}'), 0);
    client.send(encodeCredit(id, 2));
    assert.equal((await client.read(id, 2)).toString(), 'he');
    client.send(encodeCredit(id, 100));
    assert.equal((await client.read(id, 3)).toString(), 'llo');
  });

  it('the sender stands still while the client grants nothing', async () => {
    let buffered;
    const { client, id, target } = await connected(65536, (socket) => {
      const chunk = Buffer.alloc(1_000_000);
      const fill = () => {
        while (socket.write(chunk) || socket.writableLength < 40_000_000);
        buffered = () => socket.writableLength;
      };
      fill();
    });
    await client.read(id, 65536);
    await target.connections.next();
    assert.ok(buffered() > 0, 'the target has sent everything');
  });

  for (const [name, bytes] of [
    ['of 0', 0],
    ['that makes too many', 0x7fffffff],
    ['of more than there can be', 0xffffffff],
  ]) {
    it(`a CREDIT ${name}: CLOSE 0x41, counted`, async () => {
      const { relay, client, id } = await connected(1);
      client.send(encodeCredit(id, bytes));
      assert.equal(await client.closeReason(id), CloseReason.invalid);
      assert.equal(relay.metric('violations_total{kind="credit-overflow"}'), 1);
    });
  }

  it('an initial window that is no window is refused as incompatible', async () => {
    const relay = await use(startRelay());
    for (const payload of [Buffer.alloc(3), Buffer.from('00000080', 'hex')]) {
      const client = await use(WispClient.start(relay.url, [{ id: 0xf2, payload }]));
      assert.equal((await client.next(0)).reason, CloseReason.incompatibleExtensions);
      assert.equal((await client.closed).code, 1008);
    }
  });

  it('of 200 streams on one WebSocket one is paused: the others finish', async () => {
    const size = 300_000;
    const relay = await use(startRelay());
    const target = await use(startTarget((socket) => socket.end(Buffer.alloc(size, 'z'))));
    const client = await use(WispClient.start(relay.url, extensions({ credits: 65536 })));
    const ids = Array.from({ length: 200 }, () => client.connect(target.port));
    const paused = ids.shift();
    const finished = ids.map(async (id) => {
      let received = 0;
      for (;;) {
        const packet = await client.next(id);
        if (packet.type === 'end') return received;
        if (packet.type !== 'data') continue;
        received += packet.payload.length;
        client.send(encodeCredit(id, packet.payload.length));
      }
    });
    assert.deepEqual(new Set(await Promise.all(finished)), new Set([size]));
    // The paused one has its window and no more.
    client.send(encodeCredit(paused, size));
    assert.equal((await client.read(paused, size)).length, size);
  });

  it('of two streams one’s target takes nothing: the other goes on', async () => {
    const relay = await use(startRelay());
    const stuck = await use(startTarget((socket) => socket.pause()));
    const echo = await use(startEcho());
    const client = await use(WispClient.start(relay.url, extensions({ credits: 1_000_000 })));
    const one = client.connect(stuck.port);
    const other = client.connect(echo.port);
    for (let i = 0; i < 60; i++) client.send(encodeData(one, Buffer.alloc(100_000)));
    assert.equal(await client.asks(other, 'still here'), 'still here');
  });
});

describe('the relay, many connections', () => {
  const use = useCleanup();

  it('a client that reads nothing holds up its own targets, and nobody else', async () => {
    const relay = await use(startRelay());
    const source = await use(
      startTarget((socket) => {
        const chunk = Buffer.alloc(1_000_000);
        const more = () => void (socket.destroyed || socket.write(chunk, more));
        more();
      }),
    );
    const echo = await use(startEcho());
    const deaf = await use(WispClient.start(relay.url, extensions({ without: [0xf2] })));
    const id = deaf.connect(source.port);
    await deaf.read(id, 1);
    deaf.ws.pause();
    const other = await use(WispClient.start(relay.url, plain));
    const mine = other.connect(echo.port);
    for (let turn = 0; turn < 200; turn++) assert.equal(await other.asks(mine, 'ping'), 'ping');
    // Kernel buffers and its own mark are what passes beyond what was read.
    assert.ok(relay.metric('bytes_total{direction="to-client"}') < 64_000_000);
  });

  it('answers what is not HTTP with an error', async () => {
    const relay = await use(startRelay());
    const socket = net.connect(relay.port, '127.0.0.1');
    socket.write('GARBAGE\r\n\r\n');
    const [answer] = await once(socket, 'data');
    assert.match(answer.toString(), /^HTTP\/1\.1 400/);
    socket.destroy();
  });
});
