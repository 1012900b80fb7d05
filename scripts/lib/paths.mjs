// Where things are, and which versions of foreign things are pinned.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Everything that is built here and can be thrown away. */
export const build = path.join(repository, 'build');

/** Built once for all checkouts of a user: the toolchain root, OpenSSL, downloads. */
export const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'wasm-tls');

/** The path of a file of the checkout. */
export function inRepository(...parts) {
  return path.join(repository, ...parts);
}

/** pins.json: the versions and hashes that this project is tested with. */
export const pins = JSON.parse(fs.readFileSync(inRepository('scripts/pins.json'), 'utf8'));
