// What a page loads of each library until its first handshake is done.

import { execFileSync } from 'node:child_process';

import { comparison } from '../../lib/report.mjs';
import { ratios } from './ratios.mjs';

const gzipped = (bytes) => execFileSync('gzip', ['-9'], { input: bytes, maxBuffer: bytes.length + 1024 }).length;

export async function run({ rivals, pages, progress }) {
  progress('sizes');
  const files = {};
  for (const contestant of rivals) {
    pages.takeLoaded();
    await contestant.measure({ value: 'handshake' });
    files[contestant.id] = [...pages.takeLoaded()].map(([name, bytes]) => ({
      name,
      raw: bytes.length,
      gzip: gzipped(bytes),
    }));
  }
  const row = (key, title, pattern) => {
    const sum = (all) =>
      all.filter(({ name }) => pattern.test(name)).reduce((total, file) => total + file[key], 0) / 1000;
    const cells = Object.entries(files).map(([id, all]) => [id, { median: sum(all), results: [{ value: sum(all) }] }]);
    return { key, title, cells: Object.fromEntries(cells) };
  };
  const rows = [
    row('gzip', 'gzip -9, in all', /./),
    row('gzip', 'of it .wasm', /\.wasm$/),
    row('gzip', 'of it JavaScript', /\.m?js$/),
    row('raw', 'uncompressed, in all', /./),
  ];
  return {
    files,
    title: 'KB that a page loads',
    note: 'KB of 1000 bytes, without `wasm-tls`’ trust roots, which are a file of their own; those of the others are in their .wasm.',
    ...comparison(rivals, rows, ratios),
  };
}
