// Downloads by HTTP in a page: everything arrives by the body of a response, or by the WebSocket where that cannot be.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { startRelay, startTarget } from '../support/relay.mjs';
import { inBrowsers } from './support/browsers.mjs';
import { strictPolicy } from './support/site.mjs';

const mebibyte = 1 << 20;
const policy = strictPolicy.replace('ws://127.0.0.1:*', 'ws://127.0.0.1:* http://127.0.0.1:*');
const block = Buffer.from(Uint8Array.from({ length: 251 * 256 }, (_, index) => index % 251));

/** Sends as many bytes as it is asked for in a line, and ends; `sent` are those of all connections. */
function answerer() {
  const all = { sent: 0 };
  all.answer = (socket) =>
    socket.once('data', (line) => {
      let left = Number(line);
      const go = () => {
        while (left > 0) {
          const part = block.subarray(0, Math.min(left, block.length));
          left -= part.length;
          all.sent += part.length;
          if (!socket.write(part)) return void socket.once('drain', go);
        }
        socket.end();
      };
      go();
    });
  return all;
}

inBrowsers('downloads by HTTP', ({ test }) => {
  const use = useCleanup();
  const { ca, serverEcdsa } = fixtures();
  const size = 24 * mebibyte;

  async function prepared(options) {
    const source = answerer();
    const plain = await use(startTarget(source.answer));
    const secure = await use(nativeServer({ key: serverEcdsa.key, cert: serverEcdsa.cert }, answerer().answer));
    const relay = await use(startRelay(options));
    const ports = { plain: plain.port, secure: secure.port, ca: ca.cert.toString() };
    return { relay, source, options: { ...ports, relay: { url: relay.url, downloads: 'fetch' }, size } };
  }

  const whole = Array.from({ length: 3 }, () => ({ got: size, wrong: 0 }));
  const steps = (relay) => ['asked', 'switched'].map((step) => relay.metric(`downloads_total{step="${step}"}`));

  test('every byte is what was sent, whoever reads it', async ({ open }) => {
    const { relay, options } = await prepared();
    const page = await open('downloads', { policy });
    assert.deepEqual(await page.call('run', options), whole);
    assert.deepEqual(steps(relay), [1, 1]);
  });

  test('a socket that is paused stops who sends to it', async ({ open }) => {
    const { relay, source, options } = await prepared();
    const page = await open('downloads', { policy });
    const wanted = 128 * mebibyte;
    await page.call('begin', { ...options, size: wanted });
    let before;
    do {
      before = source.sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } while (source.sent > before);
    assert.ok(source.sent < wanted / 2, `${source.sent} bytes were sent`);
    assert.equal(await page.call('readOn'), wanted);
    assert.deepEqual(steps(relay), [1, 1]);
  });

  test('where the policy names the WebSocket alone, it brings everything', async ({ open }) => {
    const { relay, options } = await prepared();
    const page = await open('downloads', { policy: strictPolicy });
    page.expectProblems(/Content.Security.Policy|connect-src/);
    assert.deepEqual(await page.call('run', options), whole);
    assert.deepEqual(steps(relay), [0, 0]);
    assert.equal(relay.metric('connections_total{form="wisp2"}'), 1);
  });

  test('where the relay has none, the WebSocket brings everything', async ({ open }) => {
    const { relay, options } = await prepared({ downloadsByHttp: false });
    const page = await open('downloads', { policy });
    assert.deepEqual(await page.call('run', options), whole);
    assert.deepEqual(steps(relay), [0, 0]);
  });
});
