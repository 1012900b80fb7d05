// 200 sockets of a page over one WebSocket, of which one stands still: the others are through, and nobody's memory fills.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { useCleanup } from '../support/cleanup.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { inBrowsers } from './support/browsers.mjs';

const mebibyte = 1 << 20;
const relayProgram = fileURLToPath(new URL('../support/relay-process.mjs', import.meta.url));

/** A relay in a process of its own. `look()` has its memory and how many streams it has. */
async function startRelay(options) {
  const child = fork(relayProgram, [JSON.stringify(options)], { execArgv: ['--expose-gc'] });
  const [{ port }] = await once(child, 'message');
  return {
    url: `ws://127.0.0.1:${port}/`,
    async look() {
      child.send('look');
      return (await once(child, 'message'))[0];
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** Sends as many bytes as it is asked for in a line, and ends. `accepted` is what the kernel took of each connection. */
function startSource({ key, cert }) {
  const block = Buffer.alloc(64 * 1024, 'x');
  return nativeServer({ key, cert }, (socket) => {
    socket.once('data', (line) => {
      let left = Number(line);
      const go = () => {
        while (left > 0) {
          const size = Math.min(left, block.length);
          left -= size;
          if (!socket.write(block.subarray(0, size))) return void socket.once('drain', go);
        }
        socket.end();
      };
      go();
    });
  });
}

inBrowsers('200 sockets over one WebSocket', ({ name, test }) => {
  const use = useCleanup();
  const pki = fixtures();

  test('one that stands still holds up nobody, and fills no memory', async ({ open }) => {
    const source = await use(startSource(pki.serverEcdsa));
    const limits = { connections: 1 };
    const relay = await use(startRelay({ port: 0, allow: ['127.0.0.1:*'], allowPrivate: true, limits }));
    const page = await open('parallel');
    const session = name === 'chromium' && (await page.driver.context().newCDPSession(page.driver));
    const heap = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage');
      return usedSize + backingStorageSize;
    };

    const pausedSize = 64 * mebibyte;
    const before = session && (await heap());
    const relayBefore = (await relay.look()).rss;
    const options = { port: source.port, ca: pki.ca.cert.toString() };
    await page.call('run', { ...options, relay: relay.url, count: 199, size: 256 * 1024, pausedSize });

    const held = await page.call('look');
    assert.ok(held.pausedGot < mebibyte, `${held.pausedGot} bytes of it are decrypted`);
    assert.ok(held.engineBytes < 64 * mebibyte, `${held.engineBytes} bytes of WebAssembly`);
    if (session) {
      const grown = (await heap()) - before;
      assert.ok(grown < 16 * mebibyte, `the page has ${grown} bytes more`);
    }
    const { rss, streams } = await relay.look();
    assert.ok(streams >= 1);
    assert.ok(rss - relayBefore < 64 * mebibyte, `the relay has ${rss - relayBefore} bytes more`);
    const first = await source.connections.next();
    assert.ok(first.bytesWritten < pausedSize / 2, `the server has sent ${first.bytesWritten} bytes`);

    assert.equal(await page.call('readOn'), pausedSize);
  });
});
