// `--import wasm-tls/register`: unmodified programs, in processes of their own, find this library under Node's names.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';

const register = fileURLToPath(new URL('../../dist/register.js', import.meta.url));

describe('wasm-tls/register', () => {
  const use = useCleanup();

  /** What a program, one of `files`, prints. */
  async function run(files, main, { flags = ['--import', register], env = {} } = {}) {
    const { path: folder } = await use(temporaryDirectory());
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, path.join(folder, main)], {
      env: { ...process.env, ...env },
    });
    return stdout.trim();
  }

  const version = 'engine?.opensslVersion().slice(0, 11)';

  it('is found by require(), with and without the prefix', async () => {
    const program = `console.log(require('tls') === require('node:tls'), require('tls').${version})`;
    assert.equal(await run({ 'main.cjs': program }, 'main.cjs'), 'true OpenSSL 3.5');
  });

  it('is in https as well', async () => {
    const program = `
      import { createServer } from 'https';
      import https from 'node:https';
      import tls from 'node:tls';
      console.log(createServer({}) instanceof tls.Server, typeof https.createHttps);`;
    assert.equal(await run({ 'main.mjs': program }, 'main.mjs'), 'true function');
  });

  it('is found by import, as the default, by name, and later', async () => {
    const program = `
      import tls, { connect } from 'tls';
      import * as all from 'node:tls';
      const later = await import('node:tls');
      console.log(connect === tls.connect, all.connect === connect, later.default === tls, tls.${version});`;
    assert.equal(await run({ 'main.mjs': program }, 'main.mjs'), 'true true true OpenSSL 3.5');
  });

  it('is one module for require() and import', async () => {
    const program = `
      import { createRequire } from 'node:module';
      import tls from 'node:tls';
      console.log(createRequire(import.meta.url)('tls') === tls);`;
    assert.equal(await run({ 'main.mjs': program }, 'main.mjs'), 'true');
  });

  it('is found by process.getBuiltinModule()', async function find() {
    if (process.getBuiltinModule === undefined) return this.skip(); // came with 20.16 and 22.3
    const program = `console.log(process.getBuiltinModule('node:tls').${version}, process.getBuiltinModule('fs').read.name)`;
    assert.equal(await run({ 'main.cjs': program }, 'main.cjs'), 'OpenSSL 3.5 read');
  });

  it('leaves all other modules as they are', async () => {
    const program = `console.log(require('net').Socket.name, typeof require('node:crypto').randomBytes, require('./other.cjs'))`;
    assert.equal(
      await run({ 'main.cjs': program, 'other.cjs': 'module.exports = 7' }, 'main.cjs'),
      'Socket function 7',
    );
  });

  it('reaches workers and forked processes', async () => {
    const files = {
      'main.mjs': `
        import { fork } from 'node:child_process';
        import { Worker } from 'node:worker_threads';
        const child = new URL('child.cjs', import.meta.url);
        const say = (who) => (text) => console.log(who, text);
        new Worker(child).on('message', say('worker')).on('exit', () => fork(child).on('message', say('child')));`,
      'child.cjs': `
        const { parentPort } = require('node:worker_threads');
        const text = require('tls').${version};
        if (parentPort) parentPort.postMessage(text); else process.send(text);`,
    };
    assert.equal(await run(files, 'main.mjs'), 'worker OpenSSL 3.5\nchild OpenSSL 3.5');
  });

  it('works by --require and from NODE_OPTIONS too', async () => {
    const files = { 'main.mjs': `import tls from 'tls'; console.log(tls.${version})` };
    assert.equal(await run(files, 'main.mjs', { flags: ['--require', register] }), 'OpenSSL 3.5');
    const env = { NODE_OPTIONS: `--require="${register}"` };
    assert.equal(await run(files, 'main.mjs', { flags: [], env }), 'OpenSSL 3.5');
  });
});
