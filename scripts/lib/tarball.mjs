// The upstream tarball of a Debian source package: the pinned one, or, when no mirror has it any more,
// the newest of the same series, and that is said. Downloaded once, into the cache folder.

import fs from 'node:fs';
import path from 'node:path';

import { Absent, DebianIndex, withSuite } from './debian.mjs';
import { hashOf, sha256File } from './hash.mjs';
import { withLock } from './lock.mjs';
import { cache } from './paths.mjs';
import { Failure, step, warn } from './report.mjs';
import { run } from './run.mjs';

const downloads = path.join(cache, 'downloads');

function newestFirst(a, b) {
  return b.version.localeCompare(a.version, 'en', { numeric: true });
}

// The tarballs worth trying, in that order.
function choices(offered, pin) {
  const ofSeries = offered.filter(({ version }) => version.startsWith(`${pin.series}.`));
  const isPinned = ({ version }) => version === pin.version;
  const pinned = ofSeries.filter(isPinned);
  const altered = pinned.find(({ sha256 }) => sha256 !== pin.sha256);
  if (altered) {
    warn(
      `Debian's index lists ${altered.file} with another hash than the pinned one:\n` +
        `  pinned ${pin.sha256}\n  listed ${altered.sha256}\nIt is not used.`,
    );
  }
  const others = ofSeries.filter((offer) => !isPinned(offer)).sort(newestFirst);
  return [...pinned.filter(({ sha256 }) => sha256 === pin.sha256), ...others];
}

async function downloadFrom(candidate, { source, name, pin }) {
  const index = await DebianIndex.open(candidate);
  const failures = [];
  for (const offer of choices(index.tarballs(source), pin)) {
    const file = path.join(downloads, offer.file);
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
    if (sha256 !== pin.sha256) {
      warn(
        [
          `${name} ${pin.version} was not to be had from the mirror of this machine.`,
          `${name} ${offer.version} is taken instead; its hash is vouched for by Debian's signature.`,
          ...failures,
        ].join('\n'),
      );
    }
    return { file, sha256 };
  }
  const none = `The index of ${candidate.suite} has no source of ${name} ${pin.series}.`;
  throw new Absent(failures.join('\n') || none);
}

function recordFile({ source, pin }) {
  return path.join(downloads, `${source}-${pin.series}.json`);
}

// What was downloaded for the present pin. Its hash is checked again when it is unpacked.
function downloaded(wanted) {
  try {
    const record = JSON.parse(fs.readFileSync(recordFile(wanted), 'utf8'));
    return record.pin === wanted.pin.sha256 && fs.existsSync(record.file) ? record : null;
  } catch {
    return null;
  }
}

/**
 * @param {{source: string, name: string, pin: {series: string, version: string, sha256: string, suites?: string[]}}}
 *   wanted the source package, what people call it, and which one of it; `suites` are those to look in
 * @returns {Promise<{file: string, sha256: string}>}
 */
export async function ensureTarball(wanted) {
  const present = downloaded(wanted);
  if (present) return present;
  fs.mkdirSync(downloads, { recursive: true });
  const { name, pin } = wanted;
  const title = `${name} ${pin.version}: source`;
  return withLock(path.join(cache, 'downloads.lock'), async () => {
    const another = downloaded(wanted);
    if (another) return another;
    const work = (candidate) => downloadFrom(candidate, wanted);
    const tarball = await step(title, () => withSuite(title, work, pin.suites));
    fs.writeFileSync(recordFile(wanted), JSON.stringify({ pin: pin.sha256, ...tarball }));
    return tarball;
  });
}

/** Forgets a tarball that turned out to be damaged and throws: the next run downloads it anew. */
export function refuseDamaged(wanted, { file, sha256 }) {
  fs.rmSync(recordFile(wanted), { force: true });
  throw new Failure(
    `${file} is damaged: its hash is not ${sha256}.\n` + 'Run the same command again: it will be downloaded anew.',
  );
}

/**
 * Some of a tarball's files and folders, in a folder of the cache that is named by what is in it.
 *
 * @param {object} wanted what ensureTarball() was asked for
 * @param {{ file: string, sha256: string }} tarball its answer
 * @param {{ prefix: string, parts: string[], title: string }} which `parts` below the tarball's own folder
 * @returns {Promise<string>} the folder
 */
export async function unpackParts(wanted, tarball, { prefix, parts, title }) {
  const name = hashOf({ texts: [tarball.sha256, ...parts] }).slice(0, 16);
  const folder = path.join(cache, `${prefix}-${name}`);
  await withLock(`${folder}.lock`, async () => {
    if (fs.existsSync(folder)) return;
    if (sha256File(tarball.file) !== tarball.sha256) refuseDamaged(wanted, tarball);
    const partial = `${folder}.partial`;
    fs.rmSync(partial, { recursive: true, force: true });
    fs.mkdirSync(partial, { recursive: true });
    const patterns = parts.map((part) => `*/${part}`);
    await step(title, (detail) =>
      run(['tar', '-xf', tarball.file, '-C', partial, '--strip-components=1', '--wildcards', ...patterns], { detail }),
    );
    fs.renameSync(partial, folder);
  });
  return folder;
}
