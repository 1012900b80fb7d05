// npm run bench: native node:tls, this library, and the engine alone, natively and in wasm, measured in one run.
//
//   npm run bench -- [--quick] [--only JOB[,JOB…]]
//
// A Markdown table for each job goes to the standard output, progress to the standard error, and everything, each round
// included, to bench/results/latest.json. --quick takes about a minute and its figures mean little.

import fs from 'node:fs';
import { parseArgs } from 'node:util';

import { inRepository } from '../scripts/lib/paths.mjs';
import { exitWithFailure, say } from '../scripts/lib/report.mjs';
import { fixtures } from '../test/support/pki.mjs';
import { chosenJobs } from './lib/chosen-jobs.mjs';
import { allContestants } from './lib/contestants.mjs';
import { machine, warnings } from './lib/machine.mjs';

/** How many rounds each job is worth. */
const jobs = {
  size: 1,
  primitives: 3,
  timing: 3,
  startup: 15,
  volume: 5,
  handshakes: 3,
  memory: 3,
  bulk: 3,
  scripts: 3,
};
const results = inRepository('bench/results/latest.json');

/** PEM texts, so that they can be sent to other processes. */
function identities() {
  const { ca, ...all } = fixtures();
  const identity = ({ key, cert }) => ({
    key: String(key),
    cert: String(cert),
    ca: String(ca.cert),
    caPath: ca.certPath,
  });
  return { serverEcdsa: identity(all.serverEcdsa), serverRsa: identity(all.serverRsa) };
}

function environment() {
  return { ...machine(), nodeOpenssl: process.versions.openssl };
}

function introduction(found, { quick }) {
  const { cpu, cores, node, nodeOpenssl } = found;
  const place = `${cpu}, ${cores} cores; Node ${node} with OpenSSL ${nodeOpenssl}.`;
  return [`# Benchmark\n\n${place} Medians of interleaved rounds.`, ...warnings(found, quick)].join(' ');
}

async function runJob(name, bench) {
  const start = Date.now();
  const { run } = await import(`./jobs/${name}.mjs`);
  try {
    const rounds = bench.quick ? 1 : jobs[name];
    return { rounds, ...(await run({ ...bench, rounds, progress: (text) => say(`${name}: ${text}`) })) };
  } finally {
    for (const contestant of Object.values(bench.contestants)) await contestant.close();
    say(`${name}: done in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  }
}

async function main() {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } });
  const { quick } = values;
  const settings = quick
    ? { quick, times: { warmup: 0.05, seconds: 0.1 } }
    : { quick, times: { warmup: 0.2, seconds: 0.4 } };
  const names = chosenJobs(jobs, values.only);
  const found = environment();
  const bench = { ...settings, contestants: allContestants(), identities: identities() };

  process.stdout.write(`${introduction(found, settings)}\n`);
  const sections = {};
  for (const name of names) {
    const { title, note, rounds, rows, markdown } = await runJob(name, bench);
    process.stdout.write(`\n## ${title}\n\n${note} Rounds: ${rounds}.\n\n${markdown}\n`);
    sections[name] = { title, note, rounds, rows };
  }
  fs.mkdirSync(inRepository('bench/results'), { recursive: true });
  fs.writeFileSync(results, `${JSON.stringify({ ...found, settings, sections }, null, 1)}\n`);
  say(`All of it: ${results}`);
}

main().catch(exitWithFailure);
