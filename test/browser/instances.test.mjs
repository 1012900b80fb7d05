// Many instances in a page, and the memory that they and their connections give back.

import assert from 'node:assert/strict';

import { fixtures } from '../support/pki.mjs';
import { inBrowsers } from './support/browsers.mjs';

inBrowsers('instances', ({ test }) => {
  const { ca, serverEcdsa } = fixtures();
  const server = { cert: serverEcdsa.cert.toString(), key: serverEcdsa.key.toString() };
  const options = { client: { ca: ca.cert.toString() }, server };
  const works = { echo: 'hello', protocol: 'TLSv1.3', authorized: true };

  test('20 at once', async ({ open, site }) => {
    const page = await open('instances');
    const { results, bytes } = await page.call('together', 20, options);
    assert.deepEqual(results, Array(20).fill(works));
    assert.ok(Math.max(...bytes) < 32 << 20, `${Math.max(...bytes)} bytes`);
    assert.equal(site.requests.filter((name) => name.endsWith('.wasm')).length, 1, 'the module is compiled once');
  });

  test('100 one after the other, of which at most the last is still held', async ({ open }) => {
    const page = await open('instances');
    const left = await page.call('oneAfterAnother', 100, options);
    assert.ok(left <= 1, `${left} are left`);
  });

  test('connections leave no object, and memory does not grow with their number', async ({ open }) => {
    const page = await open('instances');
    const { objects, halfway, last } = await page.call('connections', 8, 50, options);
    assert.equal(objects, 0);
    assert.equal(last, halfway);
  });
});
