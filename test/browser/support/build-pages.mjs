// What the pages of the tests load besides dist/: the modules of test/browser/pages and the host's tests, built by esbuild
// for a browser. The package itself is not bundled: all of them import it from /dist/browser.

import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';

import * as esbuild from 'esbuild';

import { filesUnder } from '../../../scripts/lib/hash.mjs';
import { inRepository } from '../../../scripts/lib/paths.mjs';
import { builtPages } from './site.mjs';

const shim = (name) => inRepository('test/browser/shims', `${name}.mjs`);
const library = (name) => `@jspm/core/nodelibs/${name}`;

/** Modules of Node's that the tests use: files of ours, or a package's. What is neither throws when it is used. */
const modules = {
  assert: library('assert'),
  'assert/strict': library('assert/strict'),
  crypto: shim('crypto'),
  module: shim('module'),
  path: library('path'),
  process: shim('process'),
  timers: shim('timers'),
  'timers/promises': shim('timers-promises'),
  // Node's own is the peer that we did not write; here it is a second instance with a memory of its own.
  tls: shim('tls'),
  url: shim('url'),
  util: library('util'),
  v8: shim('v8'),
  vm: shim('vm'),
};

/** What is the package's, and loaded once for all modules of a page. */
const loaded = ['buffer', 'events', 'net', 'stream'];

/** Files that another one stands in for. */
const replaced = new Map([
  [inRepository('test/support/pki.mjs'), shim('pki')],
  [inRepository('test/support/subject.mjs'), shim('subject')],
  [inRepository('host/engine/platform.ts'), inRepository('host/browser/engine-platform.ts')],
]);

/** Of a property of it, as of a module's, that nobody has before it is called. */
const absentModule = (name) => `
  const absent = (property) => () => {
    throw new Error('node:${name} is not in a browser: ' + String(property) + '()');
  };
  module.exports = Object.create(new Proxy({}, {
    get: (_, property) => (typeof property === 'symbol' || property === '__esModule' ? undefined : absent(property)),
  }));
`;

const resolution = {
  name: 'pages',
  setup(build) {
    build.onResolve({ filter: /^wasm-tls(\/|$)/ }, ({ path: name }) => {
      const file = name.slice('wasm-tls/'.length) || 'index';
      return { path: `/dist/browser/${file}.js`, external: true };
    });
    build.onResolve({ filter: /^[^./]/ }, ({ path: given, importer, resolveDir, kind }) => {
      const name = given.replace(/^node:/, '').replace(/\/$/, '');
      if (!builtinModules.includes(name)) return undefined;
      // What stands in for a module may be made of others of the same name.
      if (importer.includes('@jspm')) return undefined;
      if (loaded.includes(name)) return { path: `/dist/browser/${name}.js`, external: true };
      const found = modules[name];
      if (found === undefined) return { path: name, namespace: 'absent' };
      return path.isAbsolute(found) ? { path: found } : build.resolve(found, { importer, resolveDir, kind });
    });
    build.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path: name }) => ({ contents: absentModule(name) }));
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path: name, resolveDir }) => {
      const file = path.join(resolveDir, name);
      const replacement = replaced.get(file) ?? replaced.get(file.replace(/\.js$/, '.ts'));
      return replacement && { path: replacement };
    });
  },
};

let built;

/** Builds /built/NAME.js of each test/browser/pages/NAME.mjs, and /built/host/….test.js. Once in a run. */
export function buildPages() {
  built ??= build();
  return built;
}

async function build() {
  fs.rmSync(builtPages, { recursive: true, force: true });
  const pages = filesUnder('test/browser/pages', (file) => file.endsWith('.mjs'));
  const tests = filesUnder('test/host', (file) => file.endsWith('.test.mjs'));
  const entry = (file) => file.replace(/^test\/(browser\/pages\/)?|\.mjs$/g, '');
  await esbuild.build({
    absWorkingDir: inRepository(),
    entryPoints: Object.fromEntries([...pages, ...tests].map((file) => [entry(file), file])),
    outdir: builtPages,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome95', 'firefox100'],
    conditions: ['browser'],
    sourcemap: true,
    define: { global: 'globalThis' },
    inject: [shim('globals')],
    plugins: [resolution],
    logLevel: 'error',
  });
}
