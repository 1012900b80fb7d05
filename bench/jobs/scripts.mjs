// Node's own benchmarks of tls, as they are, with the library in the place of `tls` and without.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { ensureNodeSuite } from '../../scripts/lib/node-suite.mjs';
import { inRepository } from '../../scripts/lib/paths.mjs';
import { Failure } from '../../scripts/lib/report.mjs';
import { comparison } from '../lib/report.mjs';
import { measureAll } from '../lib/rounds.mjs';
import { ratio } from '../lib/statistics.mjs';

const suites = {
  'AES-128-GCM': 'ECDHE-RSA-AES128-GCM-SHA256',
  'AES-256-GCM': 'ECDHE-RSA-AES256-GCM-SHA384',
  'ChaCha20-Poly1305': 'ECDHE-RSA-CHACHA20-POLY1305',
};
/** Their own default. They count from the first byte on, so that whoever is compiled meanwhile is slower in a shorter run. */
const seconds = 5;
const mebibyte = { type: 'buf', size: 1048576 };

function* measurements() {
  for (const [cipher, suite] of Object.entries(suites)) {
    yield { title: `throughput-c2s, ${cipher}, Mbit/s`, script: 'throughput-c2s', suite, settings: mebibyte };
    yield { title: `throughput-s2c, ${cipher}, Mbit/s`, script: 'throughput-s2c', suite, settings: mebibyte };
  }
  for (const concurrency of [1, 10]) {
    const suite = suites['AES-128-GCM'];
    const title = `tls-connect, ${concurrency} at once, /s`;
    yield { title, script: 'tls-connect', suite, settings: { concurrency } };
  }
}

/** A contestant whose every measurement is a process of its own, as Node's own runner has it. */
function contestant(id, title, preloads) {
  const execArgv = [...preloads, inRepository('bench/worker/cipher.cjs')].flatMap((file) => ['--require', file]);
  return {
    id,
    title,
    async measure({ file, suite, settings }) {
      const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
      const env = { ...process.env, NODE_RUN_BENCHMARK_FN: '', WASM_TLS_BENCH_SUITE: suite };
      const child = fork(file, args, { execArgv, env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      let said = '';
      child.stderr.on('data', (text) => (said += text));
      let rate;
      child.on('message', (message) => (rate = message.rate ?? rate));
      await once(child, 'exit');
      if (rate === undefined) throw new Failure(`${title}, ${path.basename(file)}: ${said}`);
      return { value: rate };
    },
  };
}

export async function run({ rounds, quick, times, progress }) {
  const folder = path.join(await ensureNodeSuite('20'), 'benchmark/tls');
  const columns = [
    contestant('node', '`node:tls`', []),
    contestant('library', '`wasm-tls`', [inRepository('dist/register.js')]),
  ];
  const rows = [];
  for (const { title, script, suite, settings } of measurements()) {
    progress(title);
    const params = {
      file: path.join(folder, `${script}.js`),
      suite,
      settings: { ...settings, dur: quick ? times.seconds : seconds },
    };
    rows.push({ title, cells: await measureAll(columns, params, rounds) });
  }
  return {
    title: "Node's own benchmarks",
    note: 'Its scripts of benchmark/tls through sockets, both ends in one process, TLS 1.2 with an RSA key of 2048 bits, 5 s each.',
    ...comparison(columns, rows, { 'wasm-tls ÷ node:tls': ({ cells }) => ratio(cells.library, cells.node) }),
  };
}
