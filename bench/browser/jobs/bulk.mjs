// 64 MiB each way through TLS through the relay.

import { comparison } from '../../lib/report.mjs';
import { measureAll } from '../../lib/rounds.mjs';
import { ratios } from './ratios.mjs';

/** Runs in the page; MB/s. */
export async function transfer({ direction, port, warmupBytes, bytes }) {
  const move = window.subject[direction];
  await move(port, warmupBytes);
  const start = performance.now();
  await move(port, bytes);
  return { value: bytes / 1000 / (performance.now() - start) };
}

export async function run({ rivals, ports, rounds, volume, progress }) {
  const rows = [];
  for (const [cipher, name] of Object.entries({ aes: 'AES-128-GCM', chacha: 'ChaCha20-Poly1305' })) {
    for (const direction of ['download', 'upload']) {
      const title = `${name}, ${direction}`;
      progress(title);
      const params = { job: transfer, direction, port: ports[cipher], ...volume };
      rows.push({ key: { cipher, direction }, title, cells: await measureAll(rivals, params, rounds) });
    }
  }
  return {
    title: 'MB/s through TLS',
    note: `${volume.bytes / 1048576} MiB on a connection of its own, the server's choice of the cipher.`,
    ...comparison(rivals, rows, ratios),
  };
}
