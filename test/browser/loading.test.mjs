// How a page gets the module: without a bundler, under a strict policy, and what it is told when that fails.

import assert from 'node:assert/strict';
import fs from 'node:fs';

import { inRepository } from '../../scripts/lib/paths.mjs';
import { fixtures } from '../support/pki.mjs';
import { inBrowsers } from './support/browsers.mjs';
import { strictPolicy } from './support/site.mjs';

const wasmPath = '/dist/engine/wasm-tls.wasm';
const wasm = fs.readFileSync(inRepository('dist/engine/wasm-tls.wasm'));

const text = ({ cert, key }) => ({ cert: cert.toString(), key: key.toString() });

inBrowsers('loading', ({ test }) => {
  const { ca, serverEcdsa } = fixtures();
  const options = { client: { ca: ca.cert.toString() }, server: text(serverEcdsa) };
  const works = { echo: 'hello', protocol: 'TLSv1.3', authorized: true };

  test('by a module script and nothing else, under a strict policy', async ({ open, site }) => {
    site.answer('/own.js', (response) => {
      response.setHeader('content-type', 'text/javascript');
      response.end(`
        import tls, { connect } from '/dist/browser/index.js';
        import { createTls } from '/dist/browser/create.js';
        export async function look() {
          const other = await createTls();
          return [connect === tls.connect, tls.engine.opensslVersion() === other.engine.opensslVersion(), 'Buffer' in globalThis];
        }
      `);
    });
    const page = await open(null, { modules: ['/own.js'] });
    assert.deepEqual(await page.callModule('/own.js', 'look'), [true, true, false]);
    assert.equal(site.requests.filter((name) => name === wasmPath).length, 1);
    assert.ok(!site.requests.includes('/dist/root-certificates.der'), 'roots are not needed for that');
  });

  test('asks for four files beside the first', async ({ open, site }) => {
    const page = await open(null, { modules: ['/dist/browser/index.js'] });
    await page.callModule('/dist/browser/index.js', 'getCiphers');
    const files = site.requests.filter((name) => name.startsWith('/dist/')).map((name) => name.replace(/-\w+/, ''));
    assert.deepEqual(files.sort(), [
      '/dist/browser/chunk.js',
      '/dist/browser/chunk.js',
      '/dist/browser/index.js',
      '/dist/browser/whole.js',
      '/dist/engine/wasm.wasm',
    ]);
  });

  test('compiles while the file arrives', async ({ open }) => {
    const page = await open('loading');
    assert.deepEqual(await page.call('load', options), { used: ['compileStreaming'], ...works });
  });

  for (const type of ['application/octet-stream', 'text/plain', undefined]) {
    test(`with the type ${type} compiles it at the end`, async ({ open, site }) => {
      site.answer(wasmPath, (response) => {
        if (type !== undefined) response.setHeader('content-type', type);
        response.end(wasm);
      });
      const page = await open('loading');
      assert.deepEqual(await page.call('load', options), { used: ['compile'], ...works });
    });
  }

  test('from another place, and from bytes', async ({ open, site }) => {
    site.answer('/elsewhere.wasm', (response) => {
      response.setHeader('content-type', 'application/wasm');
      response.end(wasm);
    });
    const first = await open('loading');
    assert.match(await first.call('create', { wasm: '/elsewhere.wasm' }), /^OpenSSL 3\.5/);
    const second = await open('loading');
    assert.match(await second.call('createFromBytes', '/elsewhere.wasm'), /^OpenSSL 3\.5/);
    assert.ok(!site.requests.includes(wasmPath));
  });

  const failures = [
    {
      title: 'a file that is missing',
      respond: (response) => response.writeHead(404).end(),
      message: /answered 404.*must be served beside the JavaScript/s,
    },
    {
      title: 'a page in its place',
      respond: (response) => response.setHeader('content-type', 'text/html').end('<!doctype html><p>Not found'),
      message: /could not be compiled.*no page in its place/s,
    },
    {
      title: 'half of the file',
      respond: (response) =>
        response.setHeader('content-type', 'application/wasm').end(wasm.subarray(0, wasm.length >> 1)),
      message: /could not be compiled.*whole file is served/s,
    },
    {
      title: 'a server that hangs up',
      respond: (response) => response.destroy(),
      message: /could not be fetched from .*wasm-tls\.wasm.*connect-src/s,
    },
  ];

  for (const { title, respond, message } of failures) {
    test(`${title} is told, and tried again`, async ({ open, site }) => {
      site.answer(wasmPath, respond);
      const page = await open('loading');
      page.expectProblems(/Failed to load resource/);
      await assert.rejects(page.call('load', options), { code: 'ERR_WASM_TLS_LOAD', message });
      await assert.rejects(page.call('create'), { code: 'ERR_WASM_TLS_LOAD', message });
      site.forget();
      assert.match(await page.call('create'), /^OpenSSL 3\.5/);
    });
  }

  test('a policy without wasm-unsafe-eval is told what to add', async ({ open }) => {
    const policy = strictPolicy.replace(" 'wasm-unsafe-eval'", '');
    const page = await open('loading', { policy });
    page.expectProblems(/Content.Security.Policy/);
    const message = /Add 'wasm-unsafe-eval' to the script-src/;
    await assert.rejects(page.call('load', options), { code: 'ERR_WASM_TLS_LOAD', message });
  });

  test('a policy that forbids to fetch the file is told', async ({ open }) => {
    const page = await open('loading', { policy: strictPolicy.replace(/connect-src [^;]*/, "connect-src 'none'") });
    page.expectProblems(/Content.Security.Policy|Failed to load resource/);
    const message = /could not be fetched.*connect-src of the Content-Security-Policy allows it/s;
    await assert.rejects(page.call('load', options), { code: 'ERR_WASM_TLS_LOAD', message });
  });

  test('a browser without WebAssembly is told', async ({ open }) => {
    const page = await open('loading');
    await page.call('remove', 'WebAssembly');
    await assert.rejects(page.call('create'), { code: 'ERR_WASM_TLS_LOAD', message: /no WebAssembly/ });
  });
});
