// OpenSSL: the tarball of Debian's source package, and the libraries that wasm-openssl/build.sh makes
// of it, kept in the cache folder under the hash of everything that went into them.

import fs from 'node:fs';
import path from 'node:path';

import { Absent, DebianIndex, withSuite } from './debian.mjs';
import { hashOf, sha256File } from './hash.mjs';
import { withLock } from './lock.mjs';
import { build, cache, inRepository, pins, repository } from './paths.mjs';
import { Failure, step, warn } from './report.mjs';
import { run } from './run.mjs';
import { ensureToolchain } from './toolchain.mjs';

const series = /^\d+\.\d+/.exec(pins.openssl.version)[0];

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

function newestFirst(a, b) {
  return b.version.localeCompare(a.version, 'en', { numeric: true });
}

// The tarballs worth trying: the pinned one, then the newest of the same series.
function choices(offered) {
  const ofSeries = offered.filter(({ version }) => version.startsWith(`${series}.`));
  const isPinned = ({ version }) => version === pins.openssl.version;
  const pinned = ofSeries.filter(isPinned);
  const altered = pinned.find(({ sha256 }) => sha256 !== pins.openssl.sha256);
  if (altered) {
    warn(
      `Debian's index lists ${altered.file} with another hash than the pinned one:\n` +
        `  pinned ${pins.openssl.sha256}\n  listed ${altered.sha256}\nIt is not used.`,
    );
  }
  const others = ofSeries.filter((offer) => !isPinned(offer)).sort(newestFirst);
  return [...pinned.filter(({ sha256 }) => sha256 === pins.openssl.sha256), ...others];
}

async function downloadFrom(candidate, folder) {
  const index = await DebianIndex.open(candidate);
  const failures = [];
  for (const offer of choices(index.tarballs('openssl'))) {
    const file = path.join(folder, offer.file);
    const partial = `${file}.partial`;
    try {
      await index.download(offer, partial);
    } catch (error) {
      if (!(error instanceof Absent)) throw error;
      failures.push(error.message);
      continue;
    }
    // apt has checked it as well; what follows relies on this hash, so it is computed here.
    const sha256 = sha256File(partial);
    if (sha256 !== offer.sha256) throw new Failure(`${offer.file} was damaged on its way to the disk.`);
    fs.renameSync(partial, file);
    if (sha256 !== pins.openssl.sha256) {
      warn(
        [
          `OpenSSL ${pins.openssl.version} was not to be had from the mirror of this machine.`,
          `OpenSSL ${offer.version} is built instead; its hash is vouched for by Debian's signature.`,
          ...failures,
        ].join('\n'),
      );
    }
    return { file, sha256 };
  }
  throw new Failure(failures.join('\n') || `The index of ${candidate.suite} has no OpenSSL ${series} source.`);
}

const downloads = path.join(cache, 'downloads');
const recordFile = path.join(downloads, 'openssl.json');

// What was downloaded for the present pin. Its hash is checked again when it is unpacked.
function downloaded() {
  try {
    const record = JSON.parse(fs.readFileSync(recordFile, 'utf8'));
    return record.pin === pins.openssl.sha256 && fs.existsSync(record.file) ? record : null;
  } catch {
    return null;
  }
}

/** The tarball: {file, sha256}. Downloaded once. */
async function ensureTarball() {
  const present = suppliedByHand() ?? downloaded();
  if (present) return present;
  fs.mkdirSync(downloads, { recursive: true });
  const title = `OpenSSL ${pins.openssl.version}: source`;
  return withLock(path.join(cache, 'downloads.lock'), async () => {
    const another = downloaded();
    if (another) return another;
    const tarball = await step(title, () => withSuite(title, (candidate) => downloadFrom(candidate, downloads)));
    fs.writeFileSync(recordFile, JSON.stringify({ pin: pins.openssl.sha256, ...tarball }));
    return tarball;
  });
}

async function buildLibraries(target, toolchain, tarball, folder) {
  // The sandbox shows the checkout and the cache folder only: a tarball from elsewhere is copied.
  const copy = path.join(cache, `building-openssl-${target}.tar.gz`);
  fs.copyFileSync(tarball.file, copy);
  try {
    if (sha256File(copy) !== tarball.sha256) {
      fs.rmSync(recordFile, { force: true });
      throw new Failure(
        `${tarball.file} is damaged: its hash is not ${tarball.sha256}.\n` +
          'Run the same command again: it will be downloaded anew.',
      );
    }
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
  const files = ['build.sh', 'targets.conf', ...(target === 'wasm' ? ['levels.txt', 'cc-by-path'] : [])];
  return hashOf({
    texts: [target, toolchain.id, sha256, ...options.flat()],
    files: files.map((name) => `wasm-openssl/${name}`),
  });
}

// build/openssl-wasm and build/openssl-native, which CMake's presets name.
function link(folder, target) {
  const name = path.join(build, `openssl-${target}`);
  fs.mkdirSync(build, { recursive: true });
  if (fs.existsSync(name) && fs.realpathSync(name) === fs.realpathSync(folder)) return;
  fs.rmSync(name, { recursive: true, force: true });
  fs.symlinkSync(folder, name);
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
    const tarball = await ensureTarball();
    const hash = recipeHash(target, toolchain, tarball.sha256);
    const folder = path.join(cache, `openssl-${target}-${hash.slice(0, 16)}`);
    if (!fs.existsSync(folder)) await buildLibraries(target, toolchain, tarball, folder);
    link(folder, target);
    return hash;
  });
}
