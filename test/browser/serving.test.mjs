// A TLS server in a tab: curl fetches from it through a port of the relay.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';

import { PeerProcess } from '../support/peers/process.mjs';
import { fixtures } from '../support/pki.mjs';
import { startRelay, until } from '../support/relay.mjs';
import { inBrowsers } from './support/browsers.mjs';

const pki = fixtures();

/** Fetches `paths`. Resolves to { code, text }; what `-w` prints is behind each body. */
async function curl(port, paths, ...args) {
  const running = startCurl(port, paths, ...args);
  const { code } = await running.exited;
  return { code, text: running.stdout.text() };
}

function startCurl(port, paths, ...args) {
  return new PeerProcess('curl', [
    // The first argument of all: without it a ~/.curlrc would take part.
    '--disable', '--silent', '--show-error', '--noproxy', '*', '--max-time', '60', '--http1.1',
    '--resolve', `localhost:${port}:127.0.0.1`, '--cacert', pki.ca.certPath, ...args,
    ...paths.map((path) => `https://localhost:${port}${path}`),
  ]); // prettier-ignore
}

/** Whether somebody listens there. */
async function isListening(port) {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (error.code === 'ECONNREFUSED') return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

inBrowsers('a server in a tab', ({ test }) => {
  let relay;
  before(async () => (relay = await startRelay({ allowListen: '0' })));
  after(() => relay.stop());

  const identity = { cert: pki.serverEcdsa.cert.toString(), key: pki.serverEcdsa.key.toString() };

  async function serve(open, options = {}) {
    const page = await open('serving');
    const port = await page.call('listen', { url: relay.url }, { ...identity, ...options });
    return { page, port };
  }

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    test(`answers curl, which keeps its connection: ${version}`, async ({ open }) => {
      const { page, port } = await serve(open, { minVersion: version, maxVersion: version });
      const { code, text } = await curl(port, ['/one', '/two', '/three'], '-w', '%{num_connects}\n');
      assert.equal(code, 0);
      const answers = ['/one', '/two', '/three'].map((path) => `${path} for nobody over ${version}\n`);
      assert.equal(text, `${answers[0]}1\n${answers[1]}0\n${answers[2]}0\n`);
      const { connections, requests, errors } = await page.call('look');
      assert.deepEqual(
        { connections, requests, errors },
        { connections: 1, requests: ['/one', '/two', '/three'], errors: [] },
      );
    });
  }

  test('answers 20 connections at a time', async ({ open }) => {
    const { page, port } = await serve(open);
    await page.call('waitTogether', 20);
    const fetches = await Promise.all(Array.from({ length: 20 }, () => curl(port, ['/together', '/then'])));
    for (const { code, text } of fetches) {
      assert.equal(code, 0);
      assert.equal(text, '/together for nobody over TLSv1.3\n/then for nobody over TLSv1.3\n');
    }
    const { connections, mostOpen, errors } = await page.call('look');
    assert.deepEqual({ connections, mostOpen, errors }, { connections: 20, mostOpen: 20, errors: [] });
  });

  test('asks for a certificate, and refuses who has none', async ({ open }) => {
    const ca = pki.ca.cert.toString();
    const { page, port } = await serve(open, { ca, requestCert: true, rejectUnauthorized: true });
    const known = await curl(port, ['/'], '--cert', pki.client.certPath, '--key', pki.client.keyPath);
    assert.deepEqual(known, { code: 0, text: '/ for client over TLSv1.3\n' });
    const stranger = await curl(port, ['/']);
    assert.notEqual(stranger.code, 0);
    assert.equal(stranger.text, '');
    const { requests, errors } = await page.call('look');
    assert.deepEqual(requests, ['/']);
    assert.deepEqual(errors, ['ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE']);
  });

  test('gives the port back with close()', async ({ open }) => {
    const { page, port } = await serve(open);
    assert.equal(await isListening(port), true);
    await page.call('close');
    await until(() => relay.metric('listeners') === 0);
    assert.equal(await isListening(port), false);
  });

  test('ends with its tab: curl is told, and the port is free', async ({ open }) => {
    const { page, port } = await serve(open);
    const waiting = startCurl(port, ['/never']);
    try {
      while (!(await page.call('look')).requests.includes('/never'));
      await page.close();
      const { code } = await waiting.exited;
      // Nothing came, or the connection was reset.
      assert.ok([52, 56].includes(code), `curl ended with ${code}: ${waiting.output()}`);
      await until(() => relay.metric('listeners') === 0);
      assert.equal(await isListening(port), false);
    } finally {
      await waiting.stop();
    }
  });

  test('is refused a port where the relay does not allow it', async ({ open }) => {
    const strict = await startRelay();
    try {
      const page = await open('serving');
      await assert.rejects(page.call('listen', { url: strict.url }, identity), ({ code }) =>
        ['EACCES', 'EOPNOTSUPP'].includes(code),
      );
    } finally {
      await strict.stop();
    }
  });
});
