// pg, ioredis and nodemailer as they are published, bundled for a page by one line of each bundler's configuration, in
// Chromium under a strict policy, against real servers behind a relay.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import { serveFolder, startChromium } from '../support/chromium.mjs';
import { useCleanup } from '../support/cleanup.mjs';
import { fixtures } from '../support/pki.mjs';
import { startRelay } from '../support/relay.mjs';
import { createApplication } from './support/application.mjs';
import { bundle, bundlers } from './support/bundlers.mjs';
import { jobs, relayOptions } from './support/jobs.mjs';

const ca = fixtures().ca.cert.toString();

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

  /** Tests of all jobs at the address that `start()` resolves to. */
  function itRuns(start) {
    for (const [title, job] of Object.entries(jobs)) {
      it(title, async () => {
        const relay = await use(startRelay(relayOptions));
        const address = await start();
        await job(use, (options) => runAt(address, { relay: relay.url, ca, ...options }));
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
