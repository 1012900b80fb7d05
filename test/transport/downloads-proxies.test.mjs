// Downloads by HTTP over a real relay with somebody in between: who passes things on, who holds them back, who hangs up.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeNet from 'node:net';

import WebSocket from 'ws';

import { useCleanup } from '../support/cleanup.mjs';
import { startRelay, startTarget } from '../support/relay.mjs';
import { ourNet as net } from './support/nets.mjs';

const mebibyte = 1024 * 1024;
const size = 24 * mebibyte;
const sent = Buffer.from(Uint32Array.from({ length: size / 4 }, (_, index) => index).buffer);

/** Passes WebSockets on; answers to POST by `pass(bytes, towards)`, which says what of it goes out and when. */
async function startProxy(port, pass) {
  const sockets = new Set();
  const server = nativeNet.createServer((client) => {
    const relay = nativeNet.connect({ host: '127.0.0.1', port });
    for (const [socket, other] of [[client, relay], [relay, client]]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => other.destroy());
    } // prettier-ignore
    client.once('data', (head) => {
      relay.write(head);
      client.pipe(relay);
      if (String(head).startsWith('POST')) relay.on('data', (data) => pass(data, client));
      else relay.pipe(client);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${server.address().port}/`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Nothing goes on before there are so many bytes of it. */
function collecting(bytes) {
  let held = [];
  return (data, towards) => {
    held.push(data);
    if (held.reduce((sum, { length }) => sum + length, 0) < bytes) return;
    for (const each of held) towards.write(each);
    held = [];
  };
}

describe('downloads by HTTP, with somebody in between', () => {
  const use = useCleanup();

  async function download(pass) {
    const relay = await use(startRelay());
    const source = await use(startTarget((socket) => socket.end(sent)));
    const proxy = await use(startProxy(relay.port, pass));
    const transport = net.relayTransport({ url: proxy.url, WebSocket, downloads: 'fetch', connectTimeout: 1000 });
    const socket = net.connect({ host: '127.0.0.1', port: source.port, transport });
    await use({ stop: () => socket.destroy() });
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    const error = await new Promise((resolve) => socket.on('end', () => resolve(null)).on('error', resolve));
    const steps = ['asked', 'switched'].map((step) => relay.metric(`downloads_total{step="${step}"}`));
    return { error, received: Buffer.concat(chunks), steps };
  }

  const passers = {
    'passes on what comes': [(data, towards) => towards.write(data), 1],
    'passes on every byte for itself': [
      (data, towards) => {
        for (let at = 0; at < Math.min(data.length, 2000); at++) towards.write(data.subarray(at, at + 1));
        towards.write(data.subarray(2000));
      },
      1,
    ],
    'waits for 64 KiB': [collecting(64 * 1024), 0],
    'waits for more than the first probe': [collecting(1000), 0],
    'waits for the end': [() => {}, 0],
  };
  for (const [name, [pass, switched]] of Object.entries(passers)) {
    it(`one that ${name} costs no byte`, async () => {
      const { error, received, steps } = await download(pass);
      assert.equal(error, null);
      assert.ok(received.equals(sent));
      assert.deepEqual(steps, [1, switched]);
    });
  }

  it('one that hangs up in the middle is a relay that is lost', async () => {
    let passed = 0;
    const { error, received, steps } = await download((data, towards) => {
      passed += data.length;
      if (passed > 8 * mebibyte) towards.destroy();
      else towards.write(data);
    });
    assert.equal(error.code, 'ECONNRESET');
    assert.ok(received.length < size && sent.subarray(0, received.length).equals(received));
    assert.deepEqual(steps, [1, 1]);
  });
});
