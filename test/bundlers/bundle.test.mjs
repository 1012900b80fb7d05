// pg, ioredis and nodemailer as they are published, bundled for a page by one line of each bundler's configuration, in
// Chromium under a strict policy, against real servers behind a relay.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import { serveFolder, startChromium } from '../support/chromium.mjs';
import { useCleanup } from '../support/cleanup.mjs';
import { fixtures } from '../support/pki.mjs';
import { startRelay } from '../support/relay.mjs';
import { postgres, redis, smtp } from '../support/services/index.mjs';
import { createApplication } from './support/application.mjs';
import { bundle, bundlers } from './support/bundlers.mjs';

const ca = fixtures().ca.cert.toString();

const loopback = [{ address: '127.0.0.1', family: 4 }];
/** Of the relay: all names are this machine's. */
const lookup = () => Promise.resolve(loopback);

function filesIn(folder) {
  return fs.readdirSync(folder, { recursive: true }).filter((name) => /\.\w+$/.test(name));
}

describe('an application for Node, bundled for a page', function suite() {
  this.timeout(180_000);
  const use = useCleanup();
  let project;
  let chromium;

  before('pack the package, start Chromium', async () => {
    project = await createApplication();
    chromium = await startChromium();
  });

  after(async () => {
    await chromium?.stop();
    project?.stop();
  });

  /** What a job says, in a page of what `folder` has. */
  async function runAt(address, options) {
    const page = await chromium.newPage();
    await page.goto(`${address}?${encodeURIComponent(JSON.stringify(options))}`);
    const { value, error } = await page.waitForFunction(() => globalThis.result).then((handle) => handle.jsonValue());
    await page.close();
    const problems = page.problems.filter((text) => !/favicon|404/.test(text));
    if (error) throw new Error(`${error.code}: ${error.stack}\n${problems.join('\n')}`);
    assert.deepEqual(problems, []);
    return value;
  }

  /** The jobs, each against its server; `run(options)` is a page. */
  const jobs = {
    async 'pg: SCRAM bound to the verified certificate'(run) {
      const server = await use(postgres());
      const value = await run({ job: 'query', port: server.port });
      const mechanism = 'SCRAM-SHA-256-PLUS';
      assert.deepEqual(value, { ssl: true, version: 'TLSv1.3', mechanism, sent: 1e6, received: 1e6 });
      // The name goes to the relay as it is, and is what the certificate must have.
      const elsewhere = run({ job: 'query', port: server.port, host: 'elsewhere.example' });
      await assert.rejects(elsewhere, /ERR_TLS_CERT_ALTNAME_INVALID/);
      const untrusted = run({ job: 'query', port: server.port, ca: fixtures().otherCa.cert.toString() });
      await assert.rejects(untrusted, /SELF_SIGNED_CERT_IN_CHAIN/);
    },
    async 'ioredis: a pipeline and a script'(run) {
      const server = await use(redis({ clientCertificates: false }));
      const { ping, answers, twice } = await run({ job: 'cache', port: server.port });
      assert.equal(ping, 'PONG');
      assert.deepEqual(answers, [[null, 'OK'], [null, 1], [null, 'value']]); // prettier-ignore
      assert.deepEqual(twice, [42, 8]);
    },
    async 'nodemailer: STARTTLS'(run) {
      const server = await use(smtp({ implicit: false }));
      const { accepted, response } = await run({ job: 'mail', port: server.port });
      assert.deepEqual(accepted, ['b@xn--bcher-kva.example']);
      assert.match(response, /^250 /);
      const [file] = fs.readdirSync(path.join(server.mailbox, 'new'));
      const mail = fs.readFileSync(path.join(server.mailbox, 'new', file), 'latin1');
      assert.match(mail, /^Subject: =\?UTF-8\?Q\?gr=C3=BCn\?=$/m);
      assert.ok(mail.includes(Buffer.from([0, 1, 2, 253, 254, 255]).toString('base64')));
    },
    async 'refuses what a browser cannot do, when it is asked for'(run) {
      const [file, child, gzip, stat] = await run({ job: 'refusals' });
      const code = 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM';
      assert.deepEqual(file, { code, message: 'fs.readFileSync is not available in a browser' });
      assert.deepEqual(child, { code, message: 'child_process.spawn is not available in a browser' });
      assert.deepEqual(gzip, { code, message: 'zlib.createGzip is not available in a browser' });
      assert.equal(stat, 'fs.stat is not available in a browser');
    },
  };

  /** Tests of all jobs at the address that `start()` resolves to. */
  function itRuns(start) {
    for (const [title, job] of Object.entries(jobs)) {
      it(title, async () => {
        const relay = await use(startRelay({ allow: ['localhost:*', 'elsewhere.example:*'], lookup }));
        const address = await start();
        await job((options) => runAt(address, { relay: relay.url, ca, ...options }));
      });
    }
  }

  it('has its plugins for import and for require()', async () => {
    const found = await project.node(
      'plugins.mjs',
      `import { createRequire } from 'node:module';
       const require = createRequire(import.meta.url);
       const same = async (name) => (await import(name)).default === require(name) && typeof require(name);
       console.log(JSON.stringify(await Promise.all(${JSON.stringify(bundlers)}.map((name) => same('wasm-tls/' + name)))));`,
    );
    assert.deepEqual(found, bundlers.map(() => 'function')); // prettier-ignore
  });

  it('has plugins of the types that the bundlers want', async () => {
    project.write(
      'configurations.mts',
      `import type { BuildOptions } from 'esbuild';
       import type { RollupOptions } from 'rollup';
       import { defineConfig } from 'vite';
       import type { Configuration } from 'webpack';
       import esbuildPlugin from 'wasm-tls/esbuild';
       import rollupPlugin from 'wasm-tls/rollup';
       import vitePlugin from 'wasm-tls/vite';
       import webpackPlugin from 'wasm-tls/webpack';
       export const vite = defineConfig({ plugins: [vitePlugin({ wait: false })] });
       export const rollup: RollupOptions = { plugins: [rollupPlugin()] };
       export const webpack: Configuration = { plugins: [webpackPlugin()] };
       export const esbuild: BuildOptions = { plugins: [esbuildPlugin()] };
       // @ts-expect-error there is no such option
       vitePlugin({ wiat: false });`,
    );
    // The declarations of the bundlers are none of ours.
    await project.typecheck({ module: 'nodenext', skipLibCheck: true }, 'configurations.mts');
  });

  for (const name of bundlers) {
    describe(name, () => {
      let folder;

      before('build it', async () => {
        folder = project.file('out', name);
        assert.deepEqual(await bundle(project, name), []);
        const page = '<!doctype html><meta charset="utf-8"><script type="module" src="./main.js"></script>';
        if (!fs.existsSync(path.join(folder, 'index.html'))) fs.writeFileSync(path.join(folder, 'index.html'), page);
      });

      it('emits the wasm module and the trust roots', () => {
        const sizes = (pattern) =>
          filesIn(folder)
            .filter((file) => pattern.test(file))
            .map((file) => fs.statSync(path.join(folder, file)).size);
        assert.deepEqual(sizes(/\.wasm$/), [fs.statSync(project.installed('dist/engine/wasm-tls.wasm')).size]);
        assert.deepEqual(sizes(/\.der$/), [fs.statSync(project.installed('dist/root-certificates.der')).size]);
      });

      itRuns(async () => `${(await use(serveFolder(folder))).origin}/`);
    });
  }

  describe('the dev server of Vite', () => {
    let server;

    before('start it', async () => {
      const { createServer } = await import('vite');
      const plugin = (await import(project.installed('dist/bundlers/vite.mjs'))).default;
      server = await createServer({
        root: project.file('src'),
        cacheDir: project.file('.vite'),
        configFile: false,
        logLevel: 'silent',
        plugins: [plugin()],
        server: { host: '127.0.0.1', port: 0, hmr: false },
      });
      await server.listen();
    });

    after(() => server?.close());

    itRuns(() => server.resolvedUrls.local[0].replace('127.0.0.1', 'localhost'));
  });
});
