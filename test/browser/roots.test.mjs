// The default trust roots of a page: fetched when a connection needs them, once, and not when it does not.

import assert from 'node:assert/strict';

import { fixtures } from '../support/pki.mjs';
import { inBrowsers } from './support/browsers.mjs';

const path = '/dist/root-certificates.der';
const der = ({ cert }) => Buffer.from(cert.toString().replace(/-----.*-----|\s/g, ''), 'base64');

inBrowsers('roots', ({ test }) => {
  const { ca, otherCa, serverEcdsa } = fixtures();
  const server = { cert: serverEcdsa.cert.toString(), key: serverEcdsa.key.toString() };
  const works = { echo: 'hello', protocol: 'TLSv1.3', authorized: true };
  const fetches = (site) => site.requests.filter((name) => name === path).length;

  test('are fetched once, whoever needs them', async ({ open, site }) => {
    site.answer(path, (response) => response.end(der(ca)));
    const page = await open('roots');
    assert.equal(fetches(site), 0);
    assert.deepEqual(await page.call('connect', { client: { ca: ca.cert.toString() }, server }), [works]);
    assert.equal(fetches(site), 0);
    assert.deepEqual(await page.call('connect', { server }, 5), Array(5).fill(works));
    assert.equal(fetches(site), 1);
    assert.deepEqual(await page.call('connect', { server }), [works]);
    assert.equal(fetches(site), 1);
  });

  test('are Mozilla’s', async ({ open, site }) => {
    const page = await open('roots');
    const [{ code }] = await page.call('connect', { server });
    assert.equal(code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    assert.equal(fetches(site), 1);
    const lists = await page.call('lists');
    assert.ok(lists.count > 100, `${lists.count} roots`);
    assert.equal(lists.default, lists.count);
  });

  test('are not there before somebody has waited for them', async ({ open }) => {
    const page = await open('roots');
    const { code, count, first } = await page.call('lists');
    assert.equal(code, 'ERR_WASM_TLS_ROOTS');
    assert.ok(count > 100, `${count} roots`);
    assert.match(first, /^-----BEGIN CERTIFICATE-----\n/);
  });

  test('come without an engine, too', async ({ open, site }) => {
    site.answer('/own.js', (response) => {
      response.setHeader('content-type', 'text/javascript');
      response.end(`
        import tls from '/dist/browser/deferred.js';
        export async function count() {
          await tls.loadRootCertificates();
          return tls.rootCertificates.length;
        }
      `);
    });
    const page = await open(null, { modules: ['/own.js'] });
    const count = await page.callModule('/own.js', 'count');
    assert.ok(count > 100, `${count} roots`);
    assert.ok(!site.requests.some((name) => name.endsWith('.wasm')), 'the engine is not needed for that');
  });

  test('are waited for by a connection', async ({ open, site }) => {
    let answer;
    const asked = new Promise((resolve) => {
      site.answer(path, (response) => {
        answer = () => response.end(der(ca));
        resolve();
      });
    });
    const page = await open('roots');
    await page.call('connectLater', { server });
    await asked;
    assert.equal(await page.call('isWaiting'), true);
    answer();
    assert.deepEqual(await page.call('waited'), works);
  });

  test('that cannot be fetched are the error of the connection, and tried again', async ({ open, site }) => {
    site.answer(path, (response) => response.writeHead(500).end());
    const page = await open('roots');
    page.expectProblems(/Failed to load resource/);
    const [first, second] = await page.call('connect', { server }, 2);
    for (const { code, message } of [first, second]) {
      assert.equal(code, 'ERR_WASM_TLS_LOAD');
      assert.match(message, /The trust roots of wasm-tls could not be fetched: .* answered 500/);
    }
    site.answer(path, (response) => response.end(der(ca)));
    assert.deepEqual(await page.call('connect', { server }), [works]);
  });

  test('that are none are told', async ({ open, site }) => {
    site.answer(path, (response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'));
    const page = await open('roots');
    const [{ code }] = await page.call('connect', { server });
    assert.equal(code, 'ERR_WASM_TLS_ROOTS');
  });

  test('are not fetched when setDefaultCACertificates() has replaced them', async ({ open, site }) => {
    const page = await open('roots');
    await page.call('replaceRoots', ca.cert.toString());
    assert.deepEqual(await page.call('connect', { server }), [works]);
    await page.call('replaceRoots', otherCa.cert.toString());
    assert.equal((await page.call('connect', { server }))[0].code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    assert.equal(fetches(site), 0);
  });
});
