// npm run bench:relay: plain bytes through our relay and our client beside wisp-js's server and client, and a pipe of
// node:net that is no relay at all, in the same run.
// Target, relay and client are a process each, so that two processors are too few to see the relay alone: what it costs the
// processor says more on a machine that is busy.
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
const relays = {};
for (const whose of ['ours', 'wisp-js', 'pipe']) relays[whose] = await start('server.mjs', whose, target.port);

async function workOf({ child }) {
  child.send('work');
  const [seconds] = await once(child, 'message');
  return seconds;
}

/** Megabytes a second, and seconds of the processor for a gigabyte in relay and client together. */
async function measure(whose, direction) {
  const amount = megabytes * 1024 * 1024;
  const relay = relays[whose];
  const before = await workOf(relay);
  const child = program('client.mjs', whose, direction, relay.port, target.port, amount);
  const ended = once(child, 'exit');
  const [{ seconds, work }] = await once(child, 'message');
  await ended;
  const result = { speed: amount / 1e6 / seconds, work: (work + (await workOf(relay)) - before) / (amount / 1e9) };
  process.stderr.write(`${whose}, ${direction}: ${Math.round(result.speed)} MB/s\n`);
  return result;
}

const rows = [];
for (const direction of ['download', 'upload']) {
  const results = Object.fromEntries(Object.keys(relays).map((whose) => [whose, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const whose of Object.keys(results)) results[whose].push(await measure(whose, direction));
  }
  const row = (title, figure) => {
    const cells = Object.entries(results).map(([whose, all]) => [whose, { median: median(all.map(figure)) }]);
    rows.push({ title, direction, cells: Object.fromEntries(cells) });
  };
  row(`${direction}, MB/s`, ({ speed }) => speed);
  row(`${direction}, processor seconds per GB`, ({ work }) => work);
}
for (const { child } of [target, ...Object.values(relays)]) child.disconnect();

const contestants = [
  { id: 'ours', title: 'relay and client of wasm-tls' },
  { id: 'wisp-js', title: 'server and client of wisp-js' },
  { id: 'pipe', title: 'a pipe of node:net' },
];
const ratio = ({ cells }) => cells.ours.median / cells['wisp-js'].median;
console.log(comparison(contestants, rows, { ratio }).markdown);
for (const row of rows.filter(({ title }) => title.endsWith('MB/s'))) {
  const enough = ratio(row) >= promised;
  console.log(
    `${row.direction}: ${ratio(row).toFixed(2)} times as fast, ${enough ? 'at least' : 'less than'} ${promised}`,
  );
}
