// MB/s each way, by cipher and by the size of the writes.

import { comparison } from '../lib/report.mjs';
import { measureAll } from '../lib/rounds.mjs';
import { ratio } from '../lib/statistics.mjs';

const ciphers = {
  'AES-128-GCM': 'TLS_AES_128_GCM_SHA256',
  'AES-256-GCM': 'TLS_AES_256_GCM_SHA384',
  'ChaCha20-Poly1305': 'TLS_CHACHA20_POLY1305_SHA256',
};
const chunks = { '64 B': 64, '1 KiB': 1024, '16 KiB': 16384, '1 MiB': 1048576 };
const arrows = { up: '→', down: '←' };

const ratios = {
  'wasm-tls ÷ node:tls': ({ cells }) => ratio(cells.library, cells.node),
  'wasm-tls ÷ engine': ({ cells }) => ratio(cells.library, cells.engineWasm),
  'engine: wasm ÷ native': ({ cells }) => ratio(cells.engineWasm, cells.engineNative),
  'engine ÷ plain C': ({ cells }) => ratio(cells.engineWasm, cells.enginePlain),
};

function combinations() {
  return Object.keys(ciphers).flatMap((cipher) =>
    Object.entries(chunks).flatMap(([size, chunk]) =>
      Object.entries(arrows).map(([direction, arrow]) => ({
        key: { cipher, chunk, direction },
        title: `${cipher} ${arrow} ${size}`,
      })),
    ),
  );
}

export async function run({ contestants, identities, rounds, times, progress }) {
  const { node, library, pair, engineWasm, enginePlain, engineNative } = contestants;
  const columns = [node, library, pair, engineWasm, enginePlain, engineNative];
  const rows = [];
  for (const { key, title } of combinations()) {
    progress(title);
    const params = { job: 'bulk', identity: identities.serverEcdsa, ...key, cipher: ciphers[key.cipher], ...times };
    rows.push({ key, title, cells: await measureAll(columns, params, rounds) });
  }
  return {
    title: 'MB/s',
    note:
      'Both ends in one process, so that each byte is encrypted once and decrypted once; it counts once. → is client to ' +
      'server. The size is that of one write. A stream joins writes that wait for each other into longer records, the ' +
      'engine makes at least one record of each write.',
    ...comparison(columns, rows, ratios),
  };
}
