// The memory of a WebSocket's messages: it is given back where nobody can look at it any more, and nowhere else.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';

import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { startRelay } from '../support/relay.mjs';
import { inBrowsers } from './support/browsers.mjs';

const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));

inBrowsers('the memory of messages', ({ test }) => {
  const { ca, serverEcdsa: identity } = fixtures();
  let relay;
  let secure;
  let plain;

  before(async () => {
    relay = await startRelay();
    secure = await nativeServer({ key: identity.key, cert: identity.cert }, (socket) => socket.end(bytes));
    plain = net.createServer((socket) => socket.on('error', () => {}).end(bytes)).listen(0, '127.0.0.1');
    await once(plain, 'listening');
  });

  after(async () => {
    plain.close();
    await secure.stop();
    await relay.stop();
  });

  const read = async (open, kind, options) => {
    const page = await open('messages');
    const result = await page.call('read', kind, relay.url, { host: '127.0.0.1', ...options });
    assert.deepEqual([result.size, result.wrong], [bytes.length, 0]);
    return result;
  };

  test('of a TLS connection it is given back once it is decrypted', async ({ open }) => {
    const { released, kept } = await read(open, 'tls', { port: secure.port, ca: ca.cert.toString() });
    assert.ok(released > 0);
    assert.equal(kept, 0);
  });

  test('of a socket with a buffer of the user’s own, once it is copied', async ({ open }) => {
    const { released, kept } = await read(open, 'onread', { port: plain.address().port });
    assert.ok(released > 0);
    assert.equal(kept, 0);
  });

  test('a listener for data may keep what it gets', async ({ open }) => {
    const { released, kept } = await read(open, 'data', { port: plain.address().port });
    assert.equal(released, 0);
    assert.ok(kept > 0);
  });
});
