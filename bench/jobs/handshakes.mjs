// Handshakes per second: full and resumed, by key, group and version.

import { comparison } from '../lib/report.mjs';
import { measureAll } from '../lib/rounds.mjs';
import { ratio } from '../lib/statistics.mjs';

// TLS 1.2 takes the curve of an ECDSA certificate from the same list.
const groupsOfTls12 = 'X25519:P-256';

const kinds = {
  full: { title: 'TLS 1.3, ECDSA P-256, X25519' },
  fullMlkem: { title: 'TLS 1.3, ECDSA P-256, X25519MLKEM768', groups: 'X25519MLKEM768' },
  fullRsa: { title: 'TLS 1.3, RSA-2048, X25519', identity: 'serverRsa' },
  resumed: { title: 'TLS 1.3 resumed, X25519', resumed: 1 },
  resumedMlkem: { title: 'TLS 1.3 resumed, X25519MLKEM768', groups: 'X25519MLKEM768', resumed: 1 },
  fullTls12: { title: 'TLS 1.2, ECDSA P-256, X25519', groups: groupsOfTls12, version: '1.2' },
  resumedTls12: { title: 'TLS 1.2 resumed', groups: groupsOfTls12, version: '1.2', resumed: 1 },
};

const ratios = {
  'wasm-tls ÷ node:tls': ({ cells }) => ratio(cells.library, cells.node),
  'wasm-tls ÷ engine': ({ cells }) => ratio(cells.library, cells.engineWasm),
  'engine: wasm ÷ native': ({ cells }) => ratio(cells.engineWasm, cells.engineNative),
  'engine ÷ plain C': ({ cells }) => ratio(cells.engineWasm, cells.enginePlain),
};

export async function run({ contestants, identities, rounds, times, progress }) {
  const { node, library, engineWasm, enginePlain, engineNative } = contestants;
  const columns = [node, library, engineWasm, enginePlain, engineNative];
  const rows = [];
  for (const [key, { title, identity = 'serverEcdsa', groups = 'X25519', ...kind }] of Object.entries(kinds)) {
    progress(title);
    // A handshake runs through much more code than bulk data, and all of it has to become hot.
    const warmup = 5 * times.warmup;
    const params = { job: 'handshake', identity: identities[identity], groups, ...kind, ...times, warmup };
    rows.push({ key, title, cells: await measureAll(columns, params, rounds) });
  }
  return {
    title: 'Handshakes per second',
    note:
      'Both ends in one process, one connection after the other. The first two columns go through TCP sockets and the ' +
      "library's whole API; the engine's columns join two connections in memory.",
    ...comparison(columns, rows, ratios),
  };
}
