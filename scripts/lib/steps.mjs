// The steps of setup. Each finds out from content hashes whether it has anything to do, and leaves its
// stamp when it is done, so that an interrupted run is simply continued by the next one.

import fs from 'node:fs';
import path from 'node:path';

import { clearStamp, filesUnder, hashOf, isCurrent, setStamp } from './hash.mjs';
import { withLock } from './lock.mjs';
import { ensureOpenssl } from './openssl.mjs';
import { build, inRepository, repository } from './paths.mjs';
import { Failure, step } from './report.mjs';
import { isInstalled, npmCommand, run } from './run.mjs';
import { ensureToolchain, findToolchain } from './toolchain.mjs';

/** Programs of the machine itself, and the Debian package that each is in. */
const programs = {
  flock: 'util-linux',
  bwrap: 'bubblewrap',
  mmdebstrap: 'mmdebstrap',
  newuidmap: 'uidmap',
  curl: 'curl',
  openssl: 'openssl',
  'gnutls-cli': 'gnutls-bin',
  go: 'golang-go',
  java: 'default-jdk-headless',
  javac: 'default-jdk-headless',
  sslscan: 'sslscan',
  testssl: 'testssl.sh',
  tstclnt: 'libnss3-tools',
  '/usr/bin/python3': 'python3',
  '/usr/bin/aiosmtpd': 'python3-aiosmtpd',
  mosquitto: 'mosquitto',
  nginx: 'nginx-light',
  '/usr/lib/postgresql/*/bin/postgres': 'postgresql',
  'redis-server': 'redis-server',
  chromium: 'chromium',
  'firefox-esr': 'firefox-esr',
  valgrind: 'valgrind',
};

/** What stands opposite in test/interop; test/support/peers starts most of it. */
const peers = [
  'curl',
  'openssl',
  'gnutls-cli',
  'bwrap',
  'go',
  'java',
  'javac',
  'sslscan',
  'testssl',
  'tstclnt',
  '/usr/bin/python3',
];

/** What applications talk to there; test/support/services starts it. */
const services = [
  '/usr/bin/aiosmtpd', 'mosquitto', 'nginx', '/usr/lib/postgresql/*/bin/postgres', 'redis-server',
]; // prettier-ignore

/** What the pages of test/browser run in. */
const browsers = ['chromium', 'firefox-esr'];

function neededPrograms(purposes) {
  const needed = ['flock'];
  // One of the peers of test/interop is in the root of the native toolchain.
  const builds = purposes.some((purpose) => purpose !== 'demo') ? ['wasm', 'native'] : ['wasm'];
  const toolchains = builds.map(findToolchain);
  if (!toolchains.every(Boolean)) {
    needed.push('bwrap', 'mmdebstrap');
    if (process.getuid() !== 0) needed.push('newuidmap');
  } else if (toolchains.some(({ root }) => root)) {
    needed.push('bwrap');
  }
  if (purposes.includes('demo')) needed.push('curl', 'openssl');
  if (purposes.includes('interop')) needed.push(...peers, ...services);
  if (purposes.includes('browser')) needed.push(...browsers);
  if (purposes.includes('constant-time')) needed.push('valgrind');
  return [...new Set(needed)];
}

/** Servers that are installed meanwhile are not started: only those that the tests start themselves may run. */
async function withoutStartingServers(work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (fs.existsSync(policy)) return work();
  const lift = () => fs.rmSync(policy, { force: true });
  process.once('exit', lift);
  fs.writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    lift();
  }
}

/** Java's package puts links there, and cannot be installed on a system that was made without manual pages. */
const manualPages = '/usr/share/man/man1';

/**
 * Installs the programs that this machine lacks, if that is possible without asking anyone.
 *
 * @param {string[]} purposes 'native', 'demo', 'interop', 'browser', 'constant-time'
 */
export async function ensurePrograms(purposes) {
  const missing = neededPrograms(purposes).filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => programs[program]))];
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  const needsFolder = packages.includes('default-jdk-headless') && !fs.existsSync(manualPages);
  if (process.getuid() !== 0 || !isInstalled('apt-get')) {
    throw new Failure(
      `These programs are missing: ${missing.join(', ')}\n` +
        'Install them and run the same command again:\n\n' +
        (needsFolder ? `  sudo mkdir -p ${manualPages}\n` : '') +
        `  sudo ${install.join(' ')}\n`,
    );
  }
  await step(`System packages: ${packages.join(' ')}`, async (detail) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const log = path.join(build, 'logs', 'apt.log');
    if (needsFolder) fs.mkdirSync(manualPages, { recursive: true });
    await run(['apt-get', '-q', 'update'], { env, detail, log, allowFailure: true });
    await withoutStartingServers(() => run(install, { env, detail, log }));
  });
}

/** node_modules, exactly as locked. */
export async function ensureNpmPackages() {
  const { devDependencies } = JSON.parse(fs.readFileSync(inRepository('package.json'), 'utf8'));
  const hash = hashOf({ texts: [JSON.stringify(devDependencies)], files: ['package-lock.json'] });
  if (isCurrent('npm', hash, [inRepository('node_modules/.package-lock.json')])) return;
  clearStamp('npm');
  await step('npm packages', (detail) =>
    run([...npmCommand(), 'ci', '--ignore-scripts'], {
      cwd: repository,
      detail,
      log: path.join(build, 'logs', 'npm.log'),
    }),
  );
  setStamp('npm', hash);
}

/** Where each preset of CMakePresets.json builds, for what, and from which folders. */
const presets = {
  'wasm-release': { kind: 'wasm', folder: 'wasm', sources: ['src', 'bindings', 'bench/engine', 'test/vectors'] },
  'wasm-plain': { kind: 'wasm', folder: 'wasm-plain', sources: ['src', 'bindings', 'bench/engine'] },
  'wasm-debug': { kind: 'wasm', folder: 'wasm-debug', sources: ['src', 'bindings', 'bench/engine'] },
  'native-release': { kind: 'native', folder: 'native-release', sources: ['src', 'bench/engine'] },
  'native-asan': {
    kind: 'native',
    folder: 'native-asan',
    sources: ['src', 'test/engine', 'test/kernels', 'test/vectors', 'bench/engine'],
  },
  'native-constant-time': {
    kind: 'native',
    folder: 'native-constant-time',
    sources: ['src', 'test/constant_time', 'test/kernels'],
  },
  'native-fuzz': { kind: 'native', folder: 'native-fuzz', sources: ['src', 'test/fuzz', 'test/kernels'] },
};

const builds = new Map();

/**
 * Builds targets of one preset: all of them, or those named. Returns the build folder. The builds of a
 * preset follow each other, in this process and between processes, as Ninja demands.
 */
export function ensureBuilt(preset, targets = []) {
  const earlier = builds.get(preset) ?? Promise.resolve();
  const lock = path.join(build, `${preset}.lock`);
  const work = () => withLock(lock, () => buildPreset(preset, targets));
  const result = earlier.catch(() => {}).then(work);
  builds.set(preset, result);
  return result;
}

async function buildPreset(preset, targets) {
  const { kind, folder, sources } = presets[preset];
  const openssl = await ensureOpenssl(kind);
  const toolchain = await ensureToolchain(kind);
  const output = path.join(build, folder);
  const description = filesUnder('scripts/cmake').concat('CMakeLists.txt', 'CMakePresets.json');
  // CMake remembers compilers and libraries by their path: when they are others, it starts afresh.
  const configuration = hashOf({ texts: [toolchain.id, toolchain.root ?? '', openssl, output] });
  const hash = hashOf({
    texts: [configuration],
    files: [...description, ...sources.flatMap((name) => filesUnder(name))],
  });
  const name = [preset, ...targets].join('-');
  if (isCurrent(name, hash, [output])) return output;

  clearStamp(name);
  const log = path.join(build, 'logs', `${name}.log`);
  await step(`Build: ${preset}${targets.length ? ` (${targets.join(', ')})` : ''}`, async (detail) => {
    const fresh = isCurrent(`configure-${preset}`, configuration) ? [] : ['--fresh'];
    clearStamp(`configure-${preset}`);
    const options = { cwd: repository, detail, log };
    await run(toolchain.wrap(['cmake', '--preset', preset, ...fresh]), options);
    setStamp(`configure-${preset}`, configuration);
    const selection = targets.flatMap((target) => ['--target', target]);
    await run(toolchain.wrap(['cmake', '--build', '--preset', preset, ...selection]), options);
  });
  setStamp(name, hash);
  return output;
}
