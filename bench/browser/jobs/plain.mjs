// Bytes without TLS: what the relay and its client move by themselves, and what a paused socket costs the others.

import { comparison } from '../../lib/report.mjs';
import { measureAll } from '../../lib/rounds.mjs';
import { ratio } from '../../lib/statistics.mjs';
import { transfer } from './bulk.mjs';

const mebibyte = 1048576;
const sockets = 199;

/** Runs in the page; MB/s of all sockets that are not paused. */
async function parallel({ port, bytes, count, paused }) {
  const each = Math.ceil(bytes / count);
  await window.subject.parallel(port, Math.ceil(each / 8), { count, paused });
  const milliseconds = await window.subject.parallel(port, each, { count, paused });
  return { value: (count * each) / 1000 / milliseconds };
}

export async function run({ contestants, ports, rounds, volume, progress }) {
  const { plain, 'wisp-js': wispJs } = contestants;
  const port = ports.plain;
  const rows = [];
  const measure = async (key, title, rivals, params) => {
    progress(title);
    rows.push({ key, title, cells: await measureAll(rivals, { port, ...volume, ...params }, rounds) });
  };
  for (const direction of ['download', 'upload']) {
    await measure(direction, direction, [plain, wispJs], { job: transfer, direction });
  }
  for (const paused of [0, 1]) {
    const title = `${sockets} downloads at once${paused ? ', one more is paused' : ''}`;
    await measure({ paused }, title, [plain], { job: parallel, count: sockets, paused, bytes: 4 * volume.bytes });
  }
  return {
    title: 'MB/s without TLS',
    note: `${volume.bytes / mebibyte} MiB on one socket, four times as much on many, over one WebSocket.`,
    ...comparison([plain, wispJs], rows, {
      'ours ÷ wisp-js': ({ cells }) => ratio(cells.plain, cells['wisp-js']),
    }),
  };
}
