// Bytes without TLS: what the relay and its client move by themselves, and what a paused socket costs the others.

import { comparison, percent } from '../../lib/report.mjs';
import { measureAll, project } from '../../lib/rounds.mjs';
import { ratio } from '../../lib/statistics.mjs';

const mebibyte = 1048576;
const sockets = 199;

const directions = {
  download: 'download',
  downloadInto: 'download with `onread`',
  downloadByFetch: 'download by `fetch()`',
  downloadIntoByFetch: 'download by `fetch()` with `onread`',
  upload: 'upload',
};

/** Runs in the page; MB/s. */
async function transfer({ direction, port, bytes }) {
  const { [direction]: move } = window.subject;
  if (move === undefined) return null;
  const start = performance.now();
  await move(port, bytes);
  return { value: bytes / 1000 / (performance.now() - start) };
}

/** Runs in the page; MB/s of all sockets that are not paused. */
async function parallel({ port, bytes, count, paused }) {
  const each = Math.ceil(bytes / count);
  await window.subject.parallel(port, Math.ceil(each / 8), { count, paused });
  const milliseconds = await window.subject.parallel(port, each, { count, paused });
  return { value: (count * each) / 1000 / milliseconds };
}

/** Both ways on one socket, and what each megabyte costs the processor in all processes together. */
async function single({ contestants, port, rounds, volume, progress }) {
  const { plain, 'wisp-js': wispJs, websocket } = contestants;
  const bytes = 2 * volume.bytes;
  const rows = [];
  for (const [direction, title] of Object.entries(directions)) {
    progress(title);
    const params = { job: transfer, direction, port, bytes, warmup: { bytes: volume.warmupBytes } };
    const cells = await measureAll([plain, wispJs, websocket], params, rounds);
    rows.push({ key: direction, title: `${title}, MB/s`, cells });
    rows.push({
      key: { work: direction },
      title: `${title}, ms of the processor per MB`,
      cells: project(cells, ({ work }) => (work * 1e9) / bytes),
    });
  }
  return comparison([plain, wispJs, websocket], rows, {
    'ours ÷ wisp-js': ({ cells }) => ratio(cells.plain, cells['wisp-js']),
  });
}

/** Many sockets over one WebSocket, without and with one more that stands still. */
async function many({ contestants: { plain }, port, rounds, volume, progress }) {
  const titles = { all: 'all of them read', paused: 'one more is paused' };
  const columns = Object.entries(titles).map(([id, title]) => ({
    id,
    title,
    measure: (params) => plain.measure({ ...params, paused: id === 'paused' ? 1 : 0 }),
  }));
  progress(`${sockets} downloads at once`);
  const params = { job: parallel, port, count: sockets, bytes: 4 * volume.bytes };
  const cells = await measureAll(columns, params, rounds);
  const rows = [{ key: 'parallel', title: `${sockets} downloads at once, MB/s`, cells }];
  return comparison(columns, rows, { 'paused ÷ all': () => ratio(cells.paused, cells.all) });
}

export async function run(bench) {
  const { volume, ports } = bench;
  const settings = { ...bench, port: ports.plain };
  const one = await single(settings);
  const parallels = await many(settings);
  const [{ ratios }] = parallels.rows;
  return {
    title: 'MB/s without TLS',
    note: `${(2 * volume.bytes) / mebibyte} MiB on one socket, twice as much on many, over one WebSocket.`,
    rows: [...one.rows, ...parallels.rows],
    markdown:
      `${one.markdown}\n\n${parallels.markdown}\n\n` +
      `With one of ${sockets + 1} sockets paused the others are ${percent(ratios['paused ÷ all'])} as fast as without it.`,
  };
}
