// The module in workers: a module worker, and a Service Worker, which may not wait for it at the top of a module.

import assert from 'node:assert/strict';

import { fixtures } from '../support/pki.mjs';
import { inBrowsers } from './support/browsers.mjs';
import { strictPolicy } from './support/site.mjs';

inBrowsers('workers', ({ test }) => {
  const { ca, serverEcdsa, otherCa } = fixtures();
  const server = { cert: serverEcdsa.cert.toString(), key: serverEcdsa.key.toString() };
  const options = { client: { ca: ca.cert.toString() }, server };
  const works = { echo: 'hello', protocol: 'TLSv1.3', authorized: true };

  test('a module worker', async ({ open }) => {
    const page = await open('workers');
    const distrusts = { client: { ca: otherCa.cert.toString() }, server };
    const [ready, first, second] = await page.call('askWorker', options, distrusts);
    assert.equal(ready, 'ready');
    assert.deepEqual(first, { ...works, hasWindow: false });
    assert.equal(second.code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('several workers, each with a module of its own', async ({ open }) => {
    const page = await open('workers');
    const answers = await Promise.all([1, 2, 3].map(() => page.call('askWorker', options)));
    for (const [, answer] of answers) assert.deepEqual(answer, { ...works, hasWindow: false });
  });

  test('a Service Worker, by createTls()', async ({ open }) => {
    const page = await open('workers');
    assert.deepEqual(await page.call('askServiceWorker', options), works);
  });

  test('a Service Worker without the wasm file is told so', async ({ open, site }) => {
    site.answer('/dist/engine/wasm-tls.wasm', (response) => response.writeHead(404).end());
    const page = await open('workers', { policy: strictPolicy });
    page.expectProblems(/Failed to load resource/);
    assert.equal((await page.call('askServiceWorker', options)).code, 'ERR_WASM_TLS_LOAD');
  });
});
