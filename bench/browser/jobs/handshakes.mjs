// Handshakes one after the other, each on a connection of its own.

import { comparison } from '../../lib/report.mjs';
import { measureAll } from '../../lib/rounds.mjs';
import { ratios } from './ratios.mjs';

/** The functions of the subjects. By default ours offers a key share of X25519MLKEM768 besides that of X25519. */
const kinds = { handshake: 'full', handshakeX25519: 'full, X25519 the only group', resume: 'resumed' };

/** Runs in the page. */
async function handshakes({ kind, port, warmup, seconds }) {
  const { [kind]: connect } = window.subject;
  if (connect === undefined) return null;
  const repeat = async (duration) => {
    const start = performance.now();
    let count = 0;
    let elapsed = 0;
    for (; elapsed < duration * 1000; elapsed = performance.now() - start, ++count) await connect(port);
    return (count * 1000) / elapsed;
  };
  await repeat(warmup);
  return { value: await repeat(seconds) };
}

export async function run({ rivals, ports, rounds, times, progress }) {
  const rows = [];
  for (const [kind, title] of Object.entries(kinds)) {
    progress(title);
    const params = { job: handshakes, kind, port: ports.any, ...times };
    rows.push({ key: kind, title, cells: await measureAll(rivals, params, rounds) });
  }
  return {
    title: 'TLS 1.3 handshakes/s',
    note: 'One after the other, with an ECDSA P-256 certificate, all over one WebSocket where the client has it so.',
    ...comparison(rivals, rows, ratios),
  };
}
