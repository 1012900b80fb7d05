// Backpressure, counted in bytes: what is granted, what is held, what is handed to the WebSocket, and whose turn it is.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { encodeContinue, encodeData, frames, greetingRelay } from './support/fake-web-socket.mjs';
import { ourNet as net, settled } from './support/nets.mjs';
import { ourRelay, relayDefaults } from './support/transports.mjs';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

describe('the flow of bytes over a relay', () => {
  const use = useCleanup();

  async function connect(options) {
    const socket = net.connect({ host: '192.0.2.1', port: 7, ...options });
    await use({ stop: () => socket.destroy() });
    await once(socket, 'connect');
    return socket;
  }

  it('grants what the reader has taken, and never more than the window', async () => {
    const window = 128 * kibibyte;
    const WebSocket = greetingRelay();
    const socket = await connect({ transport: { url: 'ws://relay.test/', WebSocket, window } });
    const [relay] = WebSocket.all;
    const [info] = relay.packets('info');
    const offer = info.extensions.find(({ id }) => id === frames.ExtensionId.credits);
    assert.equal(frames.parseUint32(offer.payload), window);
    const total = 4 * mebibyte;
    let granted = window;
    let sent = 0;
    let seen = 0;
    const fill = () => {
      do {
        const credits = relay.packets('credit');
        for (const { bytes } of credits.slice(seen)) granted += bytes;
        seen = credits.length;
        assert.ok(granted - sent <= window);
        if (granted === sent || sent >= total) return;
        const size = Math.min(granted - sent, 32 * kibibyte);
        relay.say(encodeData(1, new Uint8Array(size)));
        sent += size;
      } while (granted > sent || relay.packets('credit').length > seen);
    };
    socket.pause();
    fill();
    // The socket's own buffer has one packet; the window is full behind it.
    assert.ok(sent <= window + socket.readableLength, `${sent} bytes were sent to a paused socket`);
    const atRest = sent;
    await settled();
    fill();
    assert.equal(sent, atRest);
    let read = 0;
    socket.on('data', (chunk) => (read += chunk.length)).resume();
    while (read < total) {
      await settled();
      fill();
    }
  });

  it('without credits a socket that does not read fails with ENOBUFS, and the others go on', async () => {
    const WebSocket = greetingRelay({ extensions: [] });
    const transport = net.relayTransport({ url: 'ws://relay.test/', WebSocket, receiveLimit: 256 * kibibyte });
    const [slow, other] = [await connect({ transport }), await connect({ transport })];
    const [relay] = WebSocket.all;
    slow.pause();
    other.resume();
    const failed = once(slow, 'error');
    let sent = 0;
    while (!slow.destroyed && sent < mebibyte) {
      relay.say(encodeData(1, new Uint8Array(32 * kibibyte)), encodeData(2, new Uint8Array(32 * kibibyte)));
      sent += 32 * kibibyte;
      await settled();
    }
    const [error] = await failed;
    assert.equal(error.code, 'ENOBUFS');
    assert.equal(error.syscall, 'read');
    assert.ok(sent > 256 * kibibyte && sent <= 512 * kibibyte);
    assert.deepEqual(relay.packets('close'), [{ type: 'close', streamId: 1, reason: frames.CloseReason.clientError }]);
    relay.say(encodeData(1, new Uint8Array(5)), encodeData(2, new Uint8Array(5)));
    assert.equal(other.bytesRead, sent + 5);
    assert.equal(relay.closed, null);
  });

  it('hands no more to the WebSocket than about 1 MiB ahead of a slow network, and says drain accordingly', async () => {
    const WebSocket = greetingRelay({ packets: 10_000 });
    const transport = net.relayTransport({ url: 'ws://relay.test/', WebSocket });
    const sockets = [];
    for (let index = 0; index < 4; ++index) sockets.push(await connect({ transport }));
    const [relay] = WebSocket.all;
    relay.holding = true;
    let written = 0;
    for (const socket of sockets) socket.write(Buffer.alloc(4 * mebibyte), () => (written += 1));
    await settled();
    const bound = mebibyte + 128 * kibibyte;
    assert.ok(
      relay.bufferedAmount >= mebibyte - 128 * kibibyte && relay.bufferedAmount <= bound,
      `${relay.bufferedAmount}`,
    );
    assert.equal(written, 0);
    // Each has had its turns.
    const turns = sockets.map(
      (_, index) => relay.packets('data').filter(({ streamId }) => streamId === index + 1).length,
    );
    assert.ok(Math.max(...turns) - Math.min(...turns) <= 1, String(turns));
    for (let step = 0; step < 20; ++step) {
      const sent = relay.packets('data').length;
      relay.bufferedAmount -= 128 * kibibyte;
      // The network is as slow as that: nothing more goes out before this has been made up for.
      while (relay.packets('data').length === sent) await new Promise((resolve) => setTimeout(resolve, 2));
      assert.ok(relay.bufferedAmount <= bound, `${relay.bufferedAmount}`);
    }
    let most = 0;
    while (written < 4) {
      relay.bufferedAmount = 0;
      await new Promise((resolve) => setTimeout(resolve, 2));
      most = Math.max(most, relay.bufferedAmount);
    }
    assert.ok(most > bound && most <= 8 * mebibyte + 128 * kibibyte, `${most} bytes, on a fast network`);
    const total = relay.packets('data').reduce((sum, { payload }) => sum + payload.length, 0);
    assert.equal(total, 16 * mebibyte);
  });

  it('builds message after message in the same memory, where the WebSocket is the standard one and copies', async () => {
    const buffers = new Set();
    const own = greetingRelay();
    class Standard extends own {
      send(data) {
        super.send(data.slice());
        if (data[0] === frames.PacketType.data) buffers.add(data.buffer);
      }
    }
    const { WebSocket } = globalThis;
    globalThis.WebSocket = Standard;
    await use({ stop: () => Object.assign(globalThis, { WebSocket }) });
    const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, index) => index % 251));
    const written = async (transport) => {
      const socket = await connect({ transport });
      await new Promise((resolve) => socket.write(bytes, resolve));
      return Buffer.concat(own.all.at(-1).packets('data').map(({ payload }) => payload)); // prettier-ignore
    };
    assert.deepEqual(await written(net.relayTransport({ url: 'ws://relay.test/' })), bytes);
    assert.equal(buffers.size, 1);
    // Another class may keep what it is given.
    buffers.clear();
    assert.deepEqual(await written({ url: 'ws://relay.test/', WebSocket: Standard }), bytes);
    assert.equal(buffers.size, own.all.at(-1).packets('data').length);
  });

  it('sends no more packets than the relay takes', async () => {
    const WebSocket = greetingRelay({ packets: 3 });
    const socket = await connect({ transport: { url: 'ws://relay.test/', WebSocket } });
    const [relay] = WebSocket.all;
    const done = new Promise((resolve) => socket.write(Buffer.alloc(10 * 64 * kibibyte), resolve));
    await settled();
    assert.equal(relay.packets('data').length, 3);
    relay.say(encodeContinue(1, 5));
    await settled();
    assert.equal(relay.packets('data').length, 8);
    relay.say(encodeContinue(1, 0xffffffff));
    await done;
    assert.equal(relay.packets('data').length, 10);
  });

  it('puts small writes of one turn together', async () => {
    const WebSocket = greetingRelay();
    const socket = await connect({ transport: { url: 'ws://relay.test/', WebSocket } });
    for (let index = 0; index < 100; ++index) socket.write(`${index},`);
    await settled();
    const packets = WebSocket.all[0].packets('data');
    assert.ok(packets.length <= 3, `${packets.length} packets`);
    const text = Buffer.concat(packets.map(({ payload }) => payload)).toString();
    assert.equal(text, Array.from({ length: 100 }, (_, index) => `${index},`).join(''));
  });

  it('sends what is written before the relay has connected, and tells of it afterwards', async () => {
    const WebSocket = greetingRelay({ confirm: false });
    const socket = net.connect({ host: '192.0.2.1', port: 7, transport: { url: 'ws://relay.test/', WebSocket } });
    await use({ stop: () => socket.destroy() });
    const log = [];
    socket.on('connect', () => log.push('connect'));
    socket.write('early', () => log.push('written'));
    while (!WebSocket.all[0]?.packets('data').length) await new Promise((resolve) => setImmediate(resolve));
    const [relay] = WebSocket.all;
    assert.equal(relay.packets('connect').length, 1);
    assert.deepEqual(relay.packets('data').map(({ payload }) => String(Buffer.from(payload))), ['early']); // prettier-ignore
    assert.deepEqual([log, socket.connecting, socket.bytesWritten], [[], true, 5]);
    socket.write('late');
    relay.say(encodeContinue(relay.packets('connect')[0].streamId, 64));
    while (relay.packets('data').length < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(log, ['connect', 'written']);
    const all = relay.packets('data').map(({ payload }) => String(Buffer.from(payload)));
    assert.deepEqual(all, ['early', 'late']);
  });

  it('200 sockets over one WebSocket, one of them paused: the other 199 get everything', async () => {
    const { url } = await use(ourRelay({ limits: { streams: 512, connectionsPerAddress: 10 } }));
    const { createServer } = await import('node:net');
    const block = Buffer.alloc(mebibyte);
    const server = createServer((peer) => peer.on('error', () => {}).end(block)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await use({ stop: () => server.close() });
    const transport = net.relayTransport({ url, ...relayDefaults, window: 128 * kibibyte });
    const sockets = Array.from({ length: 200 }, () =>
      net.connect({ host: '127.0.0.1', port: server.address().port, transport }),
    );
    await use({ stop: () => sockets.forEach((socket) => socket.destroy()) });
    const [paused, ...others] = sockets;
    await once(paused, 'connect');
    paused.pause();
    const counts = await Promise.all(
      others.map(async (socket) => {
        let bytes = 0;
        for await (const chunk of socket) bytes += chunk.length;
        return bytes;
      }),
    );
    assert.ok(counts.every((bytes) => bytes === block.length));
    assert.ok(paused.readableLength <= 128 * kibibyte);
    assert.ok(paused.bytesRead < block.length);
    let rest = 0;
    for await (const chunk of paused) rest += chunk.length;
    assert.equal(rest, block.length);
  }).timeout(120_000);
});
