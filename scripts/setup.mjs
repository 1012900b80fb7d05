#!/usr/bin/env node
// Makes a fresh clone ready: whatever is missing, and only that. Runs on a bare Node, before there is a
// node_modules. A second run finds everything in place and ends at once.
//
//   node scripts/setup.mjs                        the package, in dist/
//   node scripts/setup.mjs --accept-engine-types  and bindings/engine.d.ts is what the build generated
//
// Environment: XDG_CACHE_HOME (where the toolchain and OpenSSL are kept), OPENSSL_TARBALL=FILE (instead
// of the download), DEBIAN_MIRROR=URL (instead of the mirror of this machine's apt).

import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { buildHost } from './build-host.mjs';
import { generateRoots, rootsFile } from './generate-roots.mjs';
import { clearStamp, filesUnder, hashOf, isCurrent, setStamp } from './lib/hash.mjs';
import { withLock } from './lib/lock.mjs';
import { build, inRepository } from './lib/paths.mjs';
import { Failure, exitWithFailure, say, step } from './lib/report.mjs';
import { ensureBuilt, ensureNpmPackages, ensurePrograms } from './lib/steps.mjs';
import { ensureToolchain } from './lib/toolchain.mjs';

const leastNode = 20;

async function ensureRoots() {
  const { root } = await ensureToolchain('wasm');
  const files = ['scripts/generate-roots.mjs', 'scripts/pins.json'];
  const hash = hashOf({ texts: [root ?? ''], files });
  if (isCurrent('roots', hash, [rootsFile])) return;
  const { count, version } = generateRoots(root);
  setStamp('roots', hash);
  say(`Root certificates: ${count}, of ca-certificates ${version}`);
}

async function ensureDist() {
  const wasm = ['wasm-tls.js', 'wasm-tls.wasm'].map((name) => `build/wasm/${name}`);
  const scripts = ['scripts/build-host.mjs', 'scripts/build-browser.mjs', 'scripts/build-node-modules.mjs'];
  const files = [...filesUnder('host'), ...wasm, ...scripts, 'package-lock.json'];
  const hash = hashOf({ files });
  const outputs = ['dist/index.js', 'dist/index.mjs', 'dist/engine/wasm-tls.wasm', 'dist/browser/index.js'];
  if (
    isCurrent(
      'dist',
      hash,
      outputs.map((name) => inRepository(name)),
    )
  )
    return;
  clearStamp('dist');
  const log = path.join(build, 'logs', 'host.log');
  await step('Host: TypeScript', (detail) => buildHost({ detail, log }));
  setStamp('dist', hash);
}

/** The declarations that Embind generated and those that the repository keeps; null without bindings. */
export function engineTypes() {
  const generated = path.join(build, 'wasm', 'wasm-tls.d.ts');
  const kept = inRepository('bindings/engine.d.ts');
  if (!fs.existsSync(generated)) return null;
  const same = fs.existsSync(kept) && fs.readFileSync(kept, 'utf8') === fs.readFileSync(generated, 'utf8');
  return { generated, kept, same };
}

function checkEngineTypes(accept) {
  const types = engineTypes();
  if (!types || types.same) return;
  if (accept) fs.copyFileSync(types.generated, types.kept);
  else {
    say(
      'bindings/engine.d.ts is not what the bindings declare now. If the change is meant:\n' +
        '  npm run build -- --accept-engine-types',
    );
  }
}

/**
 * Sets up everything up to dist/.
 *
 * @param {string[]} purposes what it is for beyond that: 'native', 'demo', 'interop', 'browser', 'constant-time'
 */
export async function setup({ purposes = [], acceptEngineTypes = false } = {}) {
  if (Number(process.versions.node.split('.')[0]) < leastNode) {
    throw new Failure(`Node ${leastNode} or later is needed to build; this is ${process.version}.`);
  }
  await ensurePrograms(purposes);
  await withLock(path.join(build, 'setup.lock'), async () => {
    await ensureNpmPackages();
    await ensureBuilt('wasm-release', ['tls_wasm']);
    checkEngineTypes(acceptEngineTypes);
    await ensureRoots();
    await ensureDist();
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await setup({ acceptEngineTypes: process.argv.includes('--accept-engine-types') });
    say('Ready: the package is in dist/');
  } catch (error) {
    exitWithFailure(error);
  }
}
