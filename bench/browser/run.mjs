// npm run bench:browser: this library in a page of Debian's Chromium, beside two others that speak TLS from a page over a
// Wisp relay, libcurl.js and epoxy-tls, all in one run over the same relay to the same server.
//
//   npm run bench:browser -- [--quick] [--only JOB[,JOB…]] [--rounds COUNT]
//
// A Markdown table for each job goes to the standard output, progress to the standard error, and everything, each round
// included, to bench/results/browser.json. --quick takes about a minute and its figures mean little.

import fs from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';

import puppeteer from 'puppeteer-core';

import { inRepository } from '../../scripts/lib/paths.mjs';
import { exitWithFailure, say } from '../../scripts/lib/report.mjs';
import { fixtures } from '../../test/support/pki.mjs';
import { chosenJobs } from '../lib/chosen-jobs.mjs';
import { machine, warnings } from '../lib/machine.mjs';
import { allContestants } from './lib/contestants.mjs';
import { servePages } from './lib/pages.mjs';
import { startProcess, stopProcess } from './lib/processes.mjs';

/** How many rounds each job is worth. */
const jobs = { size: 1, startup: 15, handshakes: 5, bulk: 5, plain: 5 };
const results = inRepository('bench/results/browser.json');

const settings = {
  quick: { times: { warmup: 0.2, seconds: 0.5 }, volume: { warmupBytes: 1 << 20, bytes: 8 << 20 } },
  whole: { times: { warmup: 1, seconds: 2 }, volume: { warmupBytes: 16 << 20, bytes: 64 << 20 } },
};

async function environment(browser) {
  return { ...machine(), chromium: (await browser.version()).replace(/^.*\//, '') };
}

function introduction(found, quick) {
  const { cpu, cores, node, chromium: version } = found;
  const place = `${cpu}, ${cores} cores; Chromium ${version}, headless; servers on Node ${node}.`;
  return [`# Benchmark in a browser\n\n${place} Medians of interleaved rounds.`, ...warnings(found, quick)].join(' ');
}

/** Runs `work` with everything up, and takes it down again. */
async function withBench(work) {
  const { ca, serverEcdsa } = fixtures();
  const closers = [];
  const opened = async (resource, close) => {
    const value = await resource;
    closers.unshift(() => close(value));
    return value;
  };
  try {
    const identity = { key: String(serverEcdsa.key), cert: String(serverEcdsa.cert) };
    const target = await opened(startProcess('target', identity), stopProcess);
    const relay = await opened(startProcess('relay'), stopProcess);
    const wispJs = await opened(startProcess('wisp-js'), stopProcess);
    const webSocket = await opened(startProcess('websocket'), stopProcess);
    const url = ({ answer }) => `ws://localhost:${answer.port}/`;
    const { ports } = target.answer;
    const pages = await opened(
      servePages({
        packages: process.env.WASM_TLS_BENCH_RIVALS,
        settings: { ports, relay: url(relay), ca: String(ca.cert), first: 'any' },
        subjects: {
          'wasm-tls': {},
          epoxy: {},
          libcurl: {},
          plain: { first: 'plain' },
          'wisp-js': { relay: url(wispJs), first: 'plain' },
          websocket: { relay: url(webSocket), first: 'plain' },
        },
      }),
      (server) => server.close(),
    );
    const launched = puppeteer.launch({
      executablePath: process.env.WASM_TLS_BENCH_CHROMIUM,
      args: ['--no-sandbox'],
      // Or every message of a WebSocket would come here as well, as base64 in JSON: more work than what is measured.
      networkEnabled: false,
      protocolTimeout: 300_000,
    });
    const browser = await opened(launched, (it) => it.close());
    const contestants = allContestants({ browser, pages });
    const rivals = ['wasm-tls', 'epoxy', 'libcurl'].map((id) => contestants[id]);
    return await work({ browser, pages, ports, contestants, rivals });
  } finally {
    for (const close of closers) await close();
  }
}

async function main() {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, rounds: { type: 'string' } },
  });
  const names = chosenJobs(jobs, values.only);
  const chosen = settings[values.quick ? 'quick' : 'whole'];
  await withBench(async (bench) => {
    const found = await environment(bench.browser);
    process.stdout.write(`${introduction(found, values.quick)}\n`);
    const sections = {};
    fs.mkdirSync(inRepository('bench/results'), { recursive: true });
    for (const name of names) {
      const start = Date.now();
      const rounds = Number(values.rounds ?? (values.quick ? 1 : jobs[name]));
      const { run } = await import(`./jobs/${name}.mjs`);
      const progress = (text) => say(`${name}: ${text}`);
      const { markdown, ...section } = await run({ ...bench, ...chosen, rounds, progress });
      say(`${name}: done in ${((Date.now() - start) / 1000).toFixed(0)} s`);
      process.stdout.write(`\n## ${section.title}\n\n${section.note} Rounds: ${rounds}.\n\n${markdown}\n`);
      sections[name] = { rounds, load: os.loadavg()[0], ...section };
      fs.writeFileSync(results, `${JSON.stringify({ ...found, settings: chosen, sections }, null, 1)}\n`);
    }
    say(`All of it: ${results}`);
  });
}

main().catch(exitWithFailure);
