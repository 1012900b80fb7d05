// The compilers. An emcc that is new enough on PATH comes first; otherwise a root of the pinned Debian
// suite is made once in the cache folder, read-only from then on, named by the hash of what it is.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { withSuite } from './debian.mjs';
import { withLock } from './lock.mjs';
import { build, cache, inRepository, pins } from './paths.mjs';
import { Failure, say, step, warn } from './report.mjs';
import { isInstalled, outputOf, run } from './run.mjs';
import { checkSandbox, inRoot } from './sandbox.mjs';

const leastEmscripten = [3, 1, 69];
const leastClang = 19;
const neededBytes = 5e9;
const versionsFile = inRepository('scripts/toolchain-versions.txt');

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

function isAtLeast(version, least) {
  for (const [index, number] of least.entries()) {
    if (version[index] !== number) return version[index] > number;
  }
  return true;
}

// emcc and what a wasm build needs beside it, on PATH. Null when something is missing or too old.
function emscriptenOnPath() {
  const text = outputOf('emcc', '--version');
  const version = /(\d+)\.(\d+)\.(\d+)/
    .exec(text ?? '')
    ?.slice(1)
    .map(Number);
  if (!version || !isAtLeast(version, leastEmscripten)) return null;
  if (!['cmake', 'ninja', 'make', 'perl'].every(isInstalled)) return null;
  return `emcc ${version.join('.')}`;
}

// The same for the native builds: clang with libFuzzer, and GoogleTest.
function clangOnPath() {
  const names = ['clang++-19', 'clang++-20', 'clang++-21', 'clang++'];
  const text = names.map((name) => outputOf(name, '--version')).find(Boolean);
  const version = /version (\d+)/.exec(text ?? '')?.[1];
  if (!version || Number(version) < leastClang) return null;
  if (!fs.existsSync('/usr/include/gmock/gmock.h')) return null;
  if (!['cmake', 'ninja', 'make', 'perl', 'clang-tidy', 'clang-format'].every(isInstalled)) return null;
  return `clang ${version}`;
}

function rootFolder() {
  const key = { suite: pins.suite, arch: os.arch(), ...pins.toolchain };
  return path.join(cache, `toolchain-${sha256(JSON.stringify(key)).slice(0, 16)}`);
}

function versionsOf(root) {
  return fs.readFileSync(path.join(root, 'wasm-tls-versions.txt'), 'utf8');
}

// The root's packages against those that the project was tested with.
function compareVersions(root) {
  const parse = (text) =>
    new Map(
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ')),
    );
  const tested = parse(fs.existsSync(versionsFile) ? fs.readFileSync(versionsFile, 'utf8') : '');
  const present = parse(versionsOf(root));
  return [...tested]
    .filter(([name, version]) => present.get(name) !== version)
    .map(([name, version]) => `  ${name}: tested ${version}, here ${present.get(name) ?? 'none'}`);
}

function checkSpace() {
  const { bavail, bsize } = fs.statfsSync(cache);
  if (bavail * bsize >= neededBytes) return;
  throw new Failure(
    `The toolchain needs about ${neededBytes / 1e9} GB in ${cache}, where ` +
      `${((bavail * bsize) / 1e9).toFixed(1)} GB are free.\n` +
      'Free some space, or set XDG_CACHE_HOME to a folder on another disk.',
  );
}

// mmdebstrap keeps apt's own settings of this machine out of the root; these have to hold for it too.
function inheritedAptOptions() {
  const dump = outputOf('apt-config', 'dump') ?? '';
  const wanted = /^Acquire::(\w+::Proxy\S*|https?::(CaInfo|Verify-\w+)|Check-\S+|Retries) "[^"]+";$/i;
  return dump
    .split('\n')
    .filter((line) => wanted.test(line))
    .map((line) => `--aptopt=${line.replace(/;$/, '')}`);
}

const omitted = ['doc', 'man', 'info', 'locale', 'lintian'].map((name) => `/usr/share/${name}/*`);

function mmdebstrapCommand(candidate, target) {
  return [
    'mmdebstrap',
    '--variant=apt',
    ...inheritedAptOptions(),
    ...omitted.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    `--include=${pins.toolchain.packages.join(',')}`,
    candidate.suite,
    target,
    candidate.main,
  ];
}

// Without root rights mmdebstrap would leave files of foreign owners behind, which the user could not
// even delete; so there its output goes through tar, which makes them the user's own.
async function fillRoot(candidate, staging, detail) {
  const log = path.join(build, 'logs', 'toolchain.log');
  if (process.getuid() === 0) {
    // It mounts /proc, /sys and parts of /dev inside. In namespaces of its own these are gone with it, and
    // so is every process that it started, however this one ends; otherwise removing what is left would
    // reach into the machine's own.
    const alone = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--kill-child', '--mount-proc'];
    const command = [...alone, ...mmdebstrapCommand(candidate, staging)];
    await run(command, { log, detail });
    return;
  }
  fs.mkdirSync(staging, { recursive: true });
  const unpack = ['tar', '-x', '-C', staging, '--no-same-owner', '--exclude=./dev/*'];
  const tar = spawn(unpack[0], unpack.slice(1), { stdio: ['pipe', 'inherit', 'inherit'] });
  const unpacked = new Promise((resolve) => tar.on('close', resolve));
  await run(mmdebstrapCommand(candidate, '-'), { log, detail, output: tar.stdin });
  if ((await unpacked) !== 0) throw new Failure('The toolchain root could not be unpacked.');
}

function removeRoot(folder) {
  const mounts = fs.readFileSync('/proc/self/mountinfo', 'utf8');
  if (mounts.includes(` ${folder}/`)) {
    throw new Failure(`Something is mounted below ${folder}. Unmount it, then run the same command again.`);
  }
  fs.rmSync(folder, { recursive: true, force: true });
}

async function makeRoot(root, detail) {
  fs.mkdirSync(cache, { recursive: true });
  // An interrupted run leaves its half-made root behind.
  const leftovers = fs.readdirSync(cache).filter((name) => name.startsWith('making-toolchain-'));
  for (const name of leftovers) removeRoot(path.join(cache, name));
  checkSpace();
  const staging = path.join(cache, `making-toolchain-${process.pid}`);
  await withSuite('The toolchain', async (candidate) => {
    removeRoot(staging);
    await fillRoot(candidate, staging, detail);
  }).catch((error) => {
    removeRoot(staging);
    throw error;
  });
  const query = ['dpkg-query', '-W', '-f', '${Package} ${Version}\n'];
  const { stdout } = await run(inRoot(staging, query, '/'));
  fs.writeFileSync(path.join(staging, 'wasm-tls-versions.txt'), stdout.split('\n').sort().join('\n').trim() + '\n');
  fs.renameSync(staging, root);
  const others = compareVersions(root);
  if (others.length > 0) {
    warn(
      `Debian serves ${others.length} packages in other versions than this project was tested with:\n` +
        others.slice(0, 20).join('\n'),
    );
  }
}

/** How to run the compilers of one kind: 'wasm' or 'native'. */
class Toolchain {
  /** Names the compilers: what is built with others must be built again. */
  id;
  #root;

  constructor(id, root) {
    this.id = id;
    this.#root = root;
  }

  /** The folder that holds the compilers, or null when they are on PATH. */
  get root() {
    return this.#root;
  }

  /** The command line that runs `command` with this toolchain. */
  wrap(command, cwd) {
    return this.#root ? inRoot(this.#root, command, cwd) : command;
  }
}

/** The toolchain for 'wasm' or 'native' as it is on this machine; null if it has yet to be made. */
export function findToolchain(kind) {
  const onPath = kind === 'wasm' ? emscriptenOnPath() : emscriptenOnPath() && clangOnPath();
  if (onPath) return new Toolchain(onPath, null);
  const root = rootFolder();
  return fs.existsSync(root) ? new Toolchain(sha256(versionsOf(root)), root) : null;
}

/** findToolchain, but makes the root if it is needed. */
export async function ensureToolchain(kind) {
  const found = findToolchain(kind);
  if (found) return found;
  checkSandbox();
  const title = `Toolchain: Emscripten, clang and CMake of Debian ${pins.suite}, once, about 3 GB`;
  await withLock(path.join(cache, 'toolchain.lock'), async () => {
    if (!fs.existsSync(rootFolder())) await step(title, (detail) => makeRoot(rootFolder(), detail));
  });
  say(`The toolchain is in ${rootFolder()}`);
  return findToolchain(kind);
}
