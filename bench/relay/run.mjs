// npm run bench:relay: plain bytes through our relay and our client beside wisp-js's server and client, in the same run.
//
//   --megabytes N   per measurement, default 256
//   --rounds N      default 5; the middle one counts

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';

import { comparison } from '../lib/report.mjs';
import { median } from '../lib/statistics.mjs';

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '256' }, rounds: { type: 'string', default: '5' } },
});
const megabytes = Number(values.megabytes);
const promised = 3;

const program = (name, ...args) => fork(new URL(name, import.meta.url), args.map(String));

async function start(name, ...args) {
  const child = program(name, ...args);
  const [{ port }] = await once(child, 'message');
  return { child, port };
}

const target = await start('target.mjs');
const relays = { ours: await start('server.mjs', 'ours'), 'wisp-js': await start('server.mjs', 'wisp-js') };

/** Megabytes a second. */
async function measure(whose, direction) {
  const amount = megabytes * 1024 * 1024;
  const child = program('client.mjs', whose, direction, relays[whose].port, target.port, amount);
  const [{ seconds }] = await once(child, 'message');
  await once(child, 'exit');
  return amount / 1e6 / seconds;
}

const rows = ['download', 'upload'].map((direction) => ({ title: `${direction}, MB/s`, direction, cells: {} }));
for (const { direction, cells } of rows) {
  const results = { ours: [], 'wisp-js': [] };
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const whose of Object.keys(results)) results[whose].push(await measure(whose, direction));
  }
  for (const [whose, all] of Object.entries(results)) cells[whose] = { median: median(all) };
}
for (const { child } of [target, ...Object.values(relays)]) child.disconnect();

const contestants = [
  { id: 'ours', title: 'relay and client of wasm-tls' },
  { id: 'wisp-js', title: 'server and client of wisp-js' },
];
const ratio = ({ cells }) => cells.ours.median / cells['wisp-js'].median;
console.log(comparison(contestants, rows, { ratio }).markdown);
for (const row of rows) {
  const enough = ratio(row) >= promised;
  console.log(
    `${row.direction}: ${ratio(row).toFixed(2)} times as fast, ${enough ? 'at least' : 'less than'} ${promised}`,
  );
}
