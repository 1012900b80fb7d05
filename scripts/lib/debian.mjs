// Files of Debian, vouched for by Debian's signed index.
//
// The mirror is the one that this machine's apt is configured with (or DEBIAN_MIRROR). apt runs with
// its own source list and its own state in the cache folder: neither root rights nor a change to the
// machine are needed, and apt's proxy settings hold.

import fs from 'node:fs';
import path from 'node:path';

import { cache, pins } from './paths.mjs';
import { Failure, warn } from './report.mjs';
import { outputOf, run } from './run.mjs';

/** What was asked for is not there: the next candidate may have it. Any other failure is final. */
export class Absent extends Failure {}

// Mirrors differ in how they refuse a path that they do not have.
const notThere = / (400|403|404|410) |File not found/;

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

function configuredArchives() {
  const format = '$(RELEASE) $(REPO_URI)';
  const listed = outputOf('apt-get', 'indextargets', '--format', format, 'Identifier: Packages');
  return (listed ?? '')
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter((fields) => fields.length === 2)
    .map(([release, uri]) => ({ release, uri: uri.replace(/\/+$/, '') }));
}

function osRelease(key) {
  const text = fs.existsSync('/etc/os-release') ? fs.readFileSync('/etc/os-release', 'utf8') : '';
  return new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? '';
}

/** The addresses of Debian's main archive and of its security archive, without a final slash. */
export function mirrors() {
  const given = process.env.DEBIAN_MIRROR?.replace(/\/+$/, '');
  const codename = osRelease('VERSION_CODENAME');
  const archives = osRelease('ID') === 'debian' ? configuredArchives() : [];
  const main = given ?? archives.find(({ release }) => release === codename)?.uri;
  if (!main) {
    throw new Failure(
      'The address of a Debian mirror is taken from the configuration of apt, and there is none here.\n' +
        'Name one: DEBIAN_MIRROR=http://<host>/debian',
    );
  }
  const security = given
    ? `${given}-security`
    : (archives.find(({ release }) => release === `${codename}-security`)?.uri ?? `${main}-security`);
  return { main, security };
}

/**
 * Where the first of `suites` may be found, in the order of preference: on the mirror, in the mirror's
 * archive of old suites, or, with newer programs in it, a later one of them.
 */
export function suiteCandidates(suites = [pins.suite, ...pins.laterSuites]) {
  const { main, security } = mirrors();
  const archive = main.replace(/\/debian$/, '/debian-archive/debian');
  const [suite, ...later] = suites;
  return [
    { suite, main, security },
    { suite, main: archive, security: `${archive}-security` },
    ...later.map((other) => ({ suite: other, main, security })),
  ];
}

function aptOptions(state) {
  return [
    `Dir::Etc::sourcelist=${state}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${state}/lists`,
    `Dir::Cache=${state}/cache`,
    // As root, apt would drop to a user who may not write into root's cache folder.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
}

/** apt's view of one suite: what it offers and with which hashes. */
export class DebianIndex {
  #options;
  #sites;

  constructor(options, sites) {
    this.#options = options;
    this.#sites = sites;
  }

  /** Reads the signed index of a candidate of suiteCandidates(); throws Failure if it is not there. */
  static async open({ suite, main, security }) {
    const state = path.join(cache, 'apt', suite);
    for (const folder of ['lists/partial', 'cache/archives/partial']) {
      fs.mkdirSync(path.join(state, folder), { recursive: true });
    }
    // The main suite must be there; an archive may lack the others.
    const archives = [
      [main, suite],
      [main, `${suite}-updates`],
      [security, `${suite}-security`],
    ];
    const options = aptOptions(state);
    let usable = 0;
    for (const count of [archives.length, 1]) {
      const lines = archives
        .slice(0, count)
        .map(([uri, name]) => `deb-src [signed-by=${keyring}] ${uri} ${name} main\n`);
      fs.writeFileSync(path.join(state, 'sources.list'), lines.join(''));
      const strict = ['-o', 'APT::Update::Error-Mode=any'];
      const { status } = await run(['apt-get', ...options, ...strict, '-q', 'update'], {
        log: path.join(state, 'update.log'),
        allowFailure: count > 1,
      });
      usable = count;
      if (status === 0) break;
    }
    return new DebianIndex(options, [...new Set(archives.slice(0, usable).map(([uri]) => uri))]);
  }

  /** The upstream tarballs of a source package: version, SHA-256 and possible addresses. */
  tarballs(source) {
    const text = outputOf('apt-cache', ...this.#options, 'showsrc', '--only-source', source) ?? '';
    return text.split(/\n\n+/).flatMap((record) => {
      const directory = /^Directory: (.*)$/m.exec(record)?.[1];
      const hashes = /^Checksums-Sha256:\n((?: .*\n?)*)/m.exec(record)?.[1] ?? '';
      const found = new RegExp(`([0-9a-f]{64}) \\d+ (${source}_([^_\n]*)\\.orig\\.tar\\.\\w+)$`, 'm');
      const match = found.exec(hashes);
      if (!directory || !match) return [];
      const [, sha256, file, version] = match;
      return [{ version, sha256, file, uris: this.#sites.map((site) => `${site}/${directory}/${file}`) }];
    });
  }

  /** Downloads the first of `uris` that is there; apt checks the hash. Throws Absent if none is. */
  async download({ uris, sha256 }, target) {
    await fetchFirst(this.#options, uris, target, `SHA256:${sha256}`);
  }
}

// A file of the first of `uris` that has it. A mirror that does not answer, or answers with something
// else than it should, is a failure and no reason to look for another version elsewhere.
async function fetchFirst(options, uris, target, ...hashes) {
  const failures = [];
  for (const uri of uris) {
    const command = ['/usr/lib/apt/apt-helper', ...options, '-q', 'download-file', uri, target, ...hashes];
    const { status, stdout, stderr } = await run(command, { allowFailure: true });
    if (status === 0 && fs.existsSync(target)) return;
    fs.rmSync(target, { force: true });
    const reasons = `${stdout}\n${stderr}`.split('\n').filter((line) => /^(E|W|Err):/.test(line));
    const reason = reasons.map((line) => line.trim()).join('\n') || `${uri}: ${status}`;
    if (!notThere.test(reason))
      throw new Failure(`The download failed:\n${reason}\nIs the mirror reachable? The same command tries again.`);
    failures.push(reason);
  }
  throw new Absent(failures.join('\n'));
}

async function checkPresence({ suite, main }) {
  const state = path.join(cache, 'apt');
  fs.mkdirSync(path.join(state, 'archives', 'partial'), { recursive: true });
  const target = path.join(state, `InRelease-${process.pid}`);
  try {
    await fetchFirst(aptOptions(state), [`${main}/dists/${suite}/InRelease`], target);
  } finally {
    fs.rmSync(target, { force: true });
  }
}

/**
 * Tries `work(candidate)` with each candidate in turn, until one has what is asked for; says loudly when
 * that is not the first one on the mirror.
 */
export async function withSuite(purpose, work, suites) {
  const failures = [];
  const candidates = suiteCandidates(suites);
  for (const candidate of candidates) {
    try {
      await checkPresence(candidate);
      const result = await work(candidate);
      if (failures.length > 0) {
        warn(
          `${purpose}: Debian ${candidates[0].suite} was not to be had from the mirror of this machine.\n` +
            `Taken instead: ${candidate.suite} from ${candidate.main}.\n` +
            'It is signed by Debian, but it is not what this project was tested with.',
        );
      }
      return result;
    } catch (error) {
      if (!(error instanceof Absent)) throw error;
      failures.push(`--- ${candidate.suite} from ${candidate.main}\n${error.message}`);
    }
  }
  throw new Failure(`${purpose} failed.\n${failures.join('\n')}`);
}
