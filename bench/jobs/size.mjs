// What has to be shipped and downloaded.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

import { inRepository } from '../../scripts/lib/paths.mjs';
import { format, markdownTable } from '../lib/report.mjs';

function measure(files) {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    const bytes = fs.readFileSync(file);
    total.raw += bytes.length;
    // Node's own zlib trades size for speed even at level 9.
    total.gzip += execFileSync('gzip', ['-9'], { input: bytes, maxBuffer: bytes.length + 1024 }).length;
    const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    total.brotli += zlib.brotliCompressSync(bytes, { params }).length;
  }
  return total;
}

export async function run({ progress }) {
  progress('sizes');
  const dist = inRepository('dist');
  const files = fs.readdirSync(dist, { recursive: true }).map((name) => path.join(dist, name));
  const groups = { 'the module, .wasm': /\.wasm$/, JavaScript: /\.m?js$/ };
  const rows = Object.entries(groups).map(([title, pattern]) => {
    const members = files.filter((file) => pattern.test(file));
    return { key: title, title: `${title} (${members.length})`, bytes: measure(members) };
  });
  const lines = rows.map(({ title, bytes }) => [title, ...Object.values(bytes).map((size) => format(size / 1000))]);
  return {
    title: 'KB to ship',
    note: 'KB of 1000 bytes; each file compressed for itself. In brackets: how many files.',
    rows,
    markdown: markdownTable(['', 'raw', 'gzip -9', 'brotli'], lines),
  };
}
