// Content hashes, and stamps that say which content something was made from.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { build, repository } from './paths.mjs';

/** The SHA-256 of a file, in hex. */
export function sha256File(file) {
  const hash = createHash('sha256');
  const handle = fs.openSync(file, 'r');
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (let length; (length = fs.readSync(handle, buffer)) > 0; ) {
    hash.update(buffer.subarray(0, length));
  }
  fs.closeSync(handle);
  return hash.digest('hex');
}

/** The files under a folder of the checkout, or the file itself, sorted; none if it is missing. */
export function filesUnder(relative, accept = () => true) {
  const absolute = path.join(repository, relative);
  if (!fs.existsSync(absolute)) return [];
  if (fs.statSync(absolute).isFile()) return [relative];
  return fs
    .readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(repository, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter(accept)
    .sort();
}

/** One hash over texts and files of the checkout; a renamed file changes it. */
export function hashOf({ texts = [], files = [] }) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`text ${text.length}\n${text}`);
  for (const file of files) {
    hash.update(`file ${file} ${sha256File(path.join(repository, file))}\n`);
  }
  return hash.digest('hex');
}

function stampFile(name) {
  return path.join(build, 'stamps', name);
}

/** Whether `name` was last made from `hash`, and all of `outputs` are still there. */
export function isCurrent(name, hash, outputs = []) {
  try {
    return fs.readFileSync(stampFile(name), 'utf8') === hash && outputs.every((file) => fs.existsSync(file));
  } catch {
    return false;
  }
}

/** Remembers that `name` is made from `hash`. */
export function setStamp(name, hash) {
  fs.mkdirSync(path.dirname(stampFile(name)), { recursive: true });
  fs.writeFileSync(stampFile(name), hash);
}

/** Forgets what `name` was made from, before it is made again. */
export function clearStamp(name) {
  fs.rmSync(stampFile(name), { force: true });
}
