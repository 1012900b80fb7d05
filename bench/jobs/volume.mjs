// 64 MiB over ChaCha20-Poly1305 through sockets, as a part of what the engine alone does: what the host costs.

import { comparison } from '../lib/report.mjs';
import { measureAll } from '../lib/rounds.mjs';
import { ratio } from '../lib/statistics.mjs';

const ratios = {
  'wasm-tls ÷ engine': ({ cells }) => ratio(cells.library, cells.engineWasm),
  'without sockets ÷ engine': ({ cells }) => ratio(cells.pair, cells.engineWasm),
  'node:tls ÷ engine natively': ({ cells }) => ratio(cells.node, cells.engineNative),
};

export async function run({ contestants, identities, rounds, times, quick, progress }) {
  const { node, library, pair, engineWasm, engineNative } = contestants;
  const columns = [node, library, pair, engineWasm, engineNative];
  const mebibytes = quick ? 8 : 64;
  const title = `${mebibytes} MiB in writes of 64 KiB`;
  progress(title);
  const cipher = 'TLS_CHACHA20_POLY1305_SHA256';
  const params = { job: 'bulk', identity: identities.serverEcdsa, cipher, chunk: 65536, direction: 'up', ...times };
  const cells = await measureAll(columns, { ...params, volume: mebibytes * 2 ** 20 }, rounds);
  return {
    title: 'What the host costs: MB/s over ChaCha20-Poly1305',
    note: 'Wanted: 60 % of the engine’s figure through sockets, both ends in wasm in one process.',
    ...comparison(columns, [{ key: 'volume', title, cells }], ratios),
  };
}
