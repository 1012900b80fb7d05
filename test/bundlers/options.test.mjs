// What the plugins refuse, and what they make of a module.

import assert from 'node:assert/strict';
import fs from 'node:fs';

import * as esbuild from 'esbuild';
import { rollup } from 'rollup';
import { parseAst } from 'rollup/parseAst';
import webpack from 'webpack';

import esbuildPlugin from '../../dist/bundlers/esbuild.mjs';
import { withGlobals } from '../../dist/bundlers/globals.js';
import { resolveModule } from '../../dist/bundlers/modules.js';
import rollupPlugin from '../../dist/bundlers/rollup.mjs';
import vitePlugin from '../../dist/bundlers/vite.mjs';
import webpackPlugin from '../../dist/bundlers/webpack.mjs';
import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';

describe('the plugins of bundlers', function suite() {
  this.timeout(60_000);
  const use = useCleanup();

  async function entry(text) {
    const directory = await use(temporaryDirectory());
    fs.writeFileSync(directory.file('main.js'), text);
    return { entry: directory.file('main.js'), output: directory.file('out') };
  }

  it('esbuild: nothing but ES modules, bundled, for a browser', async () => {
    const build = (options) =>
      esbuild.build({
        entryPoints: ['none'],
        bundle: true,
        logLevel: 'silent',
        plugins: [esbuildPlugin()],
        ...options,
      });
    await assert.rejects(build({ format: 'iife' }), /`format` is 'iife'\. It must be 'esm'/);
    await assert.rejects(build({ bundle: false }), /`bundle: true` only/);
    await assert.rejects(build({ platform: 'node' }), /has a build for Node/);
  });

  it('Rollup: nothing but ES modules', async () => {
    const { entry: input } = await entry("import 'node:tls';");
    const bundle = await rollup({ input, plugins: [rollupPlugin()] });
    await assert.rejects(bundle.generate({ format: 'iife', name: 'x' }), /output\.format is 'iife'\. It must be 'es'/);
  });

  it('webpack: warns of an entry that cannot wait', async () => {
    const { entry: main, output } = await entry("module.exports = require('tls').connect;");
    const stats = await new Promise((resolve, reject) => {
      const options = { mode: 'development', entry: main, output: { path: output }, plugins: [webpackPlugin()] };
      webpack(options, (error, result) => (error ? reject(error) : resolve(result)));
    });
    const { warnings, errors } = stats.toJson({ all: false, warnings: true, errors: true });
    assert.deepEqual(errors, []);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0].message, /no ES module and cannot wait for the engine/);
  });

  it('know one option, and wait only when they are to', async () => {
    for (const plugin of [esbuildPlugin, rollupPlugin, vitePlugin, webpackPlugin]) {
      assert.throws(() => plugin({ wiat: true }), /has no option 'wiat'/);
      assert.throws(() => plugin({ wait: 1 }), /'wait' of wasm-tls\/\w+ is a boolean/);
    }
    const { entry: main, output } = await entry("console.log('first');");
    const size = async (options) => {
      const plugins = [esbuildPlugin(options)];
      const { metafile } = await esbuild.build({
        entryPoints: [main],
        bundle: true,
        outdir: output,
        metafile: true,
        plugins,
      });
      return Object.keys(metafile.outputs).filter((name) => name.endsWith('.wasm')).length;
    };
    assert.equal(await size({}), 1);
    assert.equal(await size({ wait: false }), 0);
  });

  it('know the modules of Node, and leave packages alone', () => {
    const file = (name, isRequire = false) => resolveModule(name, { isRequire })?.replace(/^.*\/dist\//, '') ?? null;
    assert.equal(file('tls'), 'browser/node/tls.js');
    assert.equal(file('node:tls', true), 'browser/node/tls.cjs');
    assert.equal(file('fs/promises'), 'browser/node/fs-promises.js');
    assert.equal(file('wasm-tls'), 'browser/bundled.js');
    assert.equal(file('wasm-tls', true), 'browser/node/tls.cjs');
    assert.equal(file('pg-native', true), 'browser/node/missing.cjs');
    for (const name of ['pg', 'events/', 'buffer/index.js', 'wasm-tls/https', './tls', 'toString', 'constructor']) {
      assert.equal(file(name), null, name);
    }
    for (const name of ['tls', 'fs/promises', 'string_decoder']) {
      assert.ok(fs.existsSync(resolveModule(name, { isRequire: false })), name);
      assert.ok(fs.existsSync(resolveModule(name, { isRequire: true })), name);
    }
  });

  describe('Node’s globals', () => {
    const provide = (code) => withGlobals(code, 'globals', parseAst);

    it('are imported by modules', () => {
      assert.equal(provide('export default Buffer;'), 'import { Buffer } from "globals";export default Buffer;');
    });

    it('are required by CommonJS modules, behind their directives', () => {
      const code = "'use strict';\nmodule.exports = global.x;";
      assert.equal(provide(code), `'use strict';;var { global } = require("globals");\nmodule.exports = global.x;`);
    });

    it('are left alone where the module has its own', () => {
      for (const code of [
        "import { Buffer } from 'buffer'; Buffer;",
        "const { Buffer } = require('buffer');",
        'const { Buffer: [Buffer], ...process } = x; process;',
        'if (x) { var process = 1; }',
        'export function setImmediate() {}',
        'class Buffer {}',
        'nothing();',
      ]) {
        assert.equal(provide(code), null, code);
      }
    });

    it('are provided where only a function has its own', () => {
      assert.match(provide('function f() { var process = 1; } process;'), /^;var \{ process \} = require/);
    });
  });
});
