// What is moved: random bytes, fresh in each run, and a hash to know them by.

import { createHash, randomFillSync } from 'node:crypto';
import fs from 'node:fs';

import { temporary } from './programs.mjs';

export const size = 32 * 1024 * 1024;
const lineLength = 8192;

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
export const shorten = (hash) => `${hash.slice(0, 8)}...${hash.slice(-8)}`;

/** Random bytes: { bytes, hash, path }. */
export function makePayload() {
  const bytes = randomFillSync(Buffer.allocUnsafe(size));
  const path = temporary('payload');
  fs.writeFileSync(path, bytes);
  return { bytes, hash: sha256(bytes), path };
}

/**
 * The same bytes in lines, and what comes back from a server that reverses each line: { bytes, hash, replyHash }.
 * Within a line, the two characters that would end it are replaced.
 */
export function inLines({ bytes }) {
  const lines = Buffer.from(bytes);
  for (let at = 0; at < size; at += 1) {
    if (lines[at] === 10 || lines[at] === 13) lines[at] = 0;
  }
  for (let end = lineLength - 1; end < size; end += lineLength) lines[end] = 10;
  const reply = Buffer.from(lines);
  for (let start = 0; start < size; start += lineLength) reply.subarray(start, start + lineLength - 1).reverse();
  return { bytes: lines, hash: sha256(lines), replyHash: sha256(reply) };
}
