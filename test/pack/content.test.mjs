// What is in the package, and what must not be.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import zlib from 'node:zlib';

import { Project, repository } from '../support/package.mjs';

const wasmLimit = { gzip: 525_000, brotli: 440_000 };
/** Of what a page loads before its first connection, without and with the trust roots. */
const pageLimit = 630_000;
const rootsLimit = 130_000;

describe('the package', function suite() {
  this.timeout(120_000);
  let project;

  before('pack and install', async () => {
    project = await Project.create();
    console.log(`      ${project.tarballSize} bytes, installed in ${project.installSeconds.toFixed(2)} s`);
  });

  after(() => project?.stop());

  const contents = (name) => fs.readFileSync(project.installed(name));
  // The program: the zlib inside Node is another one, which makes less of the same level.
  const compressed = (name) => execFileSync('gzip', ['-9', '-c', project.installed(name)], { maxBuffer: 1e8 }).length;

  it('holds dist/, its papers and nothing else', () => {
    const foreign = project.files.filter((name) => !/^(dist\/|(LICENSE|NOTICE|README\.md|package\.json)$)/.test(name));
    assert.deepEqual(foreign, []);
    const entries = ['index', 'net', 'https', 'relay'].flatMap((name) =>
      ['js', 'mjs', 'd.ts', 'd.mts'].map((ending) => `dist/${name}.${ending}`),
    );
    for (const name of ['LICENSE', 'NOTICE', 'README.md', 'dist/cli.js', ...entries]) {
      assert.ok(project.files.includes(name), `${name} is missing`);
    }
  });

  it('keeps the notices of both licences', () => {
    assert.match(contents('LICENSE').toString(), /MIT License/);
    assert.match(contents('NOTICE').toString(), /OpenSSL[^]*Apache/);
    const inside = contents('dist/browser/LICENSES.txt').toString();
    for (const name of ['buffer', 'events', 'readable-stream']) {
      assert.match(inside, new RegExp(`^${name} [\\d.]+ \\(MIT\\)$`, 'm'));
    }
  });

  it('has no native part and runs nothing when it is installed', () => {
    assert.deepEqual(
      project.files.filter((name) => /\.(node|so|dylib|dll|gyp|a|o)$/.test(name)),
      [],
    );
    const { scripts = {}, gypfile, dependencies } = JSON.parse(contents('package.json'));
    assert.deepEqual(
      Object.keys(scripts).filter((name) => /install$/.test(name)),
      [],
    );
    assert.equal(gypfile, undefined);
    // The relay's WebSocket server; a page loads nothing of it.
    assert.deepEqual(Object.keys(dependencies), ['ws']);
  });

  it('has no tests and no source maps', () => {
    assert.deepEqual(
      project.files.filter((name) => /\.map$|\btests?\b|fixtures/.test(name)),
      [],
    );
    for (const name of project.files) assert.ok(!contents(name).includes('sourceMappingURL'), name);
  });

  it('names no path of the machine that built it', () => {
    const paths = [repository, os.homedir(), os.tmpdir(), process.env.XDG_CACHE_HOME].filter(Boolean);
    for (const name of project.files) {
      for (const one of paths) assert.ok(!contents(name).includes(`${one}/`), `${name} contains ${one}`);
    }
  });

  it(`has at most ${wasmLimit.gzip / 1000} KB of wasm, compressed; by brotli ${wasmLimit.brotli / 1000} KB`, () => {
    const modules = project.files.filter((name) => name.endsWith('.wasm'));
    assert.equal(modules.length, 1);
    const size = { gzip: compressed(modules[0]), brotli: zlib.brotliCompressSync(contents(modules[0])).length };
    console.log(`      ${size.gzip} bytes, gzip -9; ${size.brotli} bytes, brotli`);
    assert.ok(size.gzip <= wasmLimit.gzip, `${size.gzip} bytes`);
    assert.ok(size.brotli <= wasmLimit.brotli, `${size.brotli} bytes`);
  });

  it(`asks a page to load at most ${pageLimit / 1000} KB, and ${rootsLimit / 1000} KB of roots when they are needed`, () => {
    const scripts = new Set();
    const load = (name) => {
      if (scripts.has(name)) return;
      scripts.add(name);
      const text = contents(name).toString();
      for (const [, path] of text.matchAll(/(?:from|import)\s*\(?"(\.\/[^"]+\.js)"/g))
        load(`dist/browser/${path.slice(2)}`);
    };
    load('dist/browser/index.js');
    assert.ok(scripts.size > 1, 'the imports were not found');
    const script = [...scripts].reduce((sum, name) => sum + compressed(name), 0);
    const size = script + compressed('dist/engine/wasm-tls.wasm');
    const roots = compressed('dist/root-certificates.der');
    console.log(`      ${script} bytes of JavaScript in ${scripts.size} files, ${size} in all; ${roots} of roots`);
    assert.ok(size <= pageLimit, `${size} bytes`);
    assert.ok(roots <= rootsLimit, `${roots} bytes`);
  });
});
