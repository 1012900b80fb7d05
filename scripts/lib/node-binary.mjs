// A Node of another major than the running one: the package of the npm registry that holds nothing but the program,
// checked against the hash in pins.json and kept in the cache folder.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { withLock } from './lock.mjs';
import { cache, pins } from './paths.mjs';
import { Failure, step } from './report.mjs';
import { npmCommand, run } from './run.mjs';

const runningMajor = Number(process.versions.node.split('.')[0]);

function pinFor(major) {
  const { version, packages = {} } = pins.nodejs[major].binary ?? {};
  const name = `node-${process.platform}-${process.arch}`;
  const integrity = packages[name];
  if (integrity !== undefined) return { name, version, integrity };
  const known = Object.keys(packages).join(', ') || 'none';
  throw new Failure(
    `This wants a Node ${major} or later, and the running one is ${process.versions.node}. Of the packages that have one,\n` +
      `pins.json names ${known}; this machine would need ${name}. Install Node ${major} and run the same command with it.`,
  );
}

function checkIntegrity(file, integrity) {
  const actual = `sha512-${createHash('sha512').update(fs.readFileSync(file)).digest('base64')}`;
  if (actual === integrity) return;
  throw new Failure(
    `${path.basename(file)} is not what pins.json names.\n  pinned     ${integrity}\n  downloaded ${actual}`,
  );
}

async function download({ name, version, integrity }, folder, detail) {
  const partial = `${folder}.partial`;
  fs.rmSync(partial, { recursive: true, force: true });
  fs.mkdirSync(partial, { recursive: true });
  await run([...npmCommand(), 'pack', `${name}@${version}`], { cwd: partial, detail });
  const tarball = path.join(partial, `${name}-${version}.tgz`);
  checkIntegrity(tarball, integrity);
  await run(['tar', '-xzf', tarball, '-C', partial, '--strip-components=1', 'package/bin/node'], { detail });
  fs.rmSync(tarball);
  fs.renameSync(partial, folder);
}

/**
 * A Node that runs the tests of a major: the running one unless it is older.
 *
 * @param {string} major a key of `nodejs` in pins.json
 * @returns {Promise<string>} the program
 */
export async function ensureNode(major) {
  if (runningMajor >= Number(major)) return fs.realpathSync(process.execPath);
  const pin = pinFor(major);
  const folder = path.join(cache, `${pin.name}-${pin.version}`);
  await withLock(`${folder}.lock`, async () => {
    if (fs.existsSync(folder)) return;
    await step(`Node.js ${pin.version}: program`, (detail) => download(pin, folder, detail));
  });
  return path.join(folder, 'bin', 'node');
}
