// OpenSSL: the tarball of Debian's source package, and the libraries that wasm-openssl/build.sh makes
// of it, kept in the cache folder under the hash of everything that went into them.

import fs from 'node:fs';
import path from 'node:path';

import { hashOf, sha256File } from './hash.mjs';
import { withLock } from './lock.mjs';
import { build, cache, inRepository, pins, repository } from './paths.mjs';
import { Failure, step } from './report.mjs';
import { run } from './run.mjs';
import { ensureTarball, refuseDamaged } from './tarball.mjs';
import { ensureToolchain } from './toolchain.mjs';

export const wanted = { source: 'openssl', name: 'OpenSSL', pin: pins.openssl };

function suppliedByHand() {
  const file = process.env.OPENSSL_TARBALL;
  if (!file) return null;
  if (!fs.existsSync(file)) throw new Failure(`OPENSSL_TARBALL: there is no file ${file}`);
  const sha256 = sha256File(file);
  const expected = process.env.OPENSSL_TARBALL_SHA256 ?? pins.openssl.sha256;
  if (sha256 !== expected) {
    throw new Failure(
      `OPENSSL_TARBALL: ${file} is not OpenSSL ${pins.openssl.version} as Debian ships it.\n` +
        `SHA-256 expected ${expected}\n           found ${sha256}\n` +
        'To vouch for this file yourself, give its hash in OPENSSL_TARBALL_SHA256 as well.',
    );
  }
  return { file: path.resolve(file), sha256 };
}

async function buildLibraries(target, toolchain, tarball, folder) {
  // The sandbox shows the checkout and the cache folder only: a tarball from elsewhere is copied.
  const copy = path.join(cache, `building-openssl-${target}.tar.gz`);
  fs.copyFileSync(tarball.file, copy);
  try {
    if (sha256File(copy) !== tarball.sha256) refuseDamaged(wanted, tarball);
    const script = inRepository('wasm-openssl/build.sh');
    const command = toolchain.wrap(['bash', script, target, copy, folder]);
    const log = path.join(build, 'logs', `openssl-${target}.log`);
    await step(`OpenSSL for ${target}, once, about 2 min`, (detail) =>
      // Of make's long lines only the name of the object says something.
      run(command, { log, cwd: repository, detail: (line) => detail(/-o (\S+\.o)/.exec(line)?.[1] ?? '') }),
    );
  } finally {
    fs.rmSync(copy, { force: true });
  }
}

// Only what bears on this target: a new level of the wasm build must not build the native libraries anew.
function recipeHash(target, toolchain, sha256) {
  const options = fs
    .readFileSync(inRepository('wasm-openssl/options.txt'), 'utf8')
    .split('\n')
    .map((line) => line.split(/\s+/).slice(0, 2))
    .filter(([scope]) => scope === 'both' || scope === target);
  const ofWasm = ['levels.txt', 'cc-by-path', 'include/openssl/err.h'];
  const files = ['build.sh', 'targets.conf', 'objects.txt', ...(target === 'wasm' ? ofWasm : [])];
  return hashOf({
    texts: [target, toolchain.id, sha256, ...options.flat()],
    files: files.map((name) => `wasm-openssl/${name}`),
  });
}

/** build/openssl-wasm and its like, which CMake's files name: a link to the folder in the cache. Returns its name. */
export function link(folder, target) {
  const name = path.join(build, `openssl-${target}`);
  fs.mkdirSync(build, { recursive: true });
  if (fs.existsSync(name) && fs.realpathSync(name) === fs.realpathSync(folder)) return name;
  fs.rmSync(name, { recursive: true, force: true });
  fs.symlinkSync(folder, name);
  return name;
}

/** { file, sha256 } of the tarball that the libraries are made of. */
export async function opensslTarball() {
  return suppliedByHand() ?? (await ensureTarball(wanted));
}

const ensured = new Map();

/** Builds OpenSSL for 'wasm' or 'native' unless that is done; returns the hash of what it is made of. */
export function ensureOpenssl(target) {
  if (!ensured.has(target)) ensured.set(target, ensureLibraries(target));
  return ensured.get(target);
}

async function ensureLibraries(target) {
  const toolchain = await ensureToolchain(target);
  const lock = path.join(cache, `openssl-${target}.lock`);
  return withLock(lock, async () => {
    const tarball = await opensslTarball();
    const hash = recipeHash(target, toolchain, tarball.sha256);
    const folder = path.join(cache, `openssl-${target}-${hash.slice(0, 16)}`);
    if (!fs.existsSync(folder)) await buildLibraries(target, toolchain, tarball, folder);
    link(folder, target);
    return hash;
  });
}
