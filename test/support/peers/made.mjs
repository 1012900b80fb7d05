// What a peer needs that takes a moment to make: compiled programs, NSS' databases. Kept in build/peers.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../build/peers', import.meta.url));

/** The folder with what `make(folder)` has made; made again when the content of one of `sources` is another. */
export function made(name, sources, make) {
  const hash = createHash('sha256');
  for (const file of sources) hash.update(fs.readFileSync(file));
  const folder = path.join(root, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (fs.existsSync(folder)) return folder;
  fs.mkdirSync(root, { recursive: true });
  // Several test processes may come here at once: each makes its own, the first to finish wins.
  const staging = fs.mkdtempSync(path.join(root, 'staging-'));
  try {
    make(staging);
    fs.renameSync(staging, folder);
  } catch (error) {
    fs.rmSync(staging, { recursive: true, force: true });
    if (!fs.existsSync(folder)) throw error;
  }
  return folder;
}
