// npm run conformance: Node's own test files for tls, with this library in its place.
//
//   npm run conformance -- --https            those for https
//   npm run conformance -- --http2            those for http2
//   npm run conformance -- --node 24          those of the 24.x source package, in a Node 24 or later
//   npm run conformance -- --native           with Node's own modules: what this machine itself makes of them
//   npm run conformance -- --verbose renego   only the files with that in their name, and all their output
//
// The last line says how many of the applicable files pass, and how many are about Node's internals.

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { judge, listTests, reasons, runTests } from '../test/node/suite.mjs';
import { ensureNodeSuite, nodeBesideOpenssl } from './lib/node-suite.mjs';
import { build, inRepository } from './lib/paths.mjs';
import { Failure, exitWithFailure, say } from './lib/report.mjs';
import { setup } from './setup.mjs';

const work = path.join(build, 'conformance');

function selectionOf(values) {
  if (values.https && values.http2) throw new Failure('Either --https or --http2.');
  return values.https ? 'https' : values.http2 ? 'http2' : 'tls';
}

function logOf(name, kind) {
  return path.join(work, 'logs', kind, `${name}.log`);
}

/** Runs the tests; resolves to what became of each, by name. */
async function perform(tests, { node, preload, kind, tell }) {
  const results = new Map();
  const options = { node, preload, temporary: path.join(work, 'tmp') };
  fs.rmSync(path.join(work, 'logs', kind), { recursive: true, force: true });
  fs.mkdirSync(path.join(work, 'logs', kind), { recursive: true });
  await runTests(tests, options, ({ name }, result) => {
    results.set(name, result);
    fs.writeFileSync(logOf(name, kind), result.output);
    tell?.(name, result);
  });
  return results;
}

function unknownEntries(tests, expectations) {
  const names = new Set(tests.map(({ name }) => name));
  return Object.keys(expectations).filter((name) => !names.has(name));
}

function expectationsFor(major, selection) {
  const all = JSON.parse(fs.readFileSync(inRepository('test/node/expectations.json'), 'utf8'));
  return all[major]?.[selection] ?? {};
}

/**
 * Runs one selection of one suite. `say` gets what is not as expected, `detail` each file as it ends.
 *
 * @returns {Promise<{passed: number, failed: number, note: string}>}
 */
export async function conformance({ major = '20', selection = 'tls', filter = '', native = false, say, detail }) {
  const suite = await ensureNodeSuite(major);
  const tests = listTests(suite, selection, filter);
  if (tests.length === 0) throw new Failure(`There is no test of ${selection} with '${filter}' in its name.`);
  const node = await nodeBesideOpenssl(major);
  const expectations = native ? {} : expectationsFor(major, selection);
  const kind = `${selection}-${major}`;
  // What is excused because native Node fails it must really fail there.
  const excused = tests.filter(({ name }) => expectations[name]?.reason === 'native');
  const natively = await perform(excused, { node, preload: null, kind: `${kind}-native` });

  let failed = 0;
  const problem = (name, text) => {
    failed += 1;
    say(`${name}: ${text}`);
  };
  const tell = (name, result) => {
    detail(name, result);
    const text = judge(result, expectations[name], natively.get(name));
    if (text !== null) problem(name, text);
  };
  const preload = native ? null : inRepository('test/node/preload.cjs');
  const results = await perform(tests, { node, preload, kind: native ? `${kind}-native` : kind, tell });
  if (filter === '') {
    for (const name of unknownEntries(tests, expectations)) problem(name, 'expectations.json: there is no such file');
  }
  const isPrivate = ({ name }) => expectations[name]?.reason === 'private';
  const applicable = tests.filter((test) => !isPrivate(test));
  const passed = applicable.filter(({ name }) => results.get(name).outcome === 'passed').length;
  const note = `${passed} of ${applicable.length} applicable, ${tests.length - applicable.length} private`;
  return { passed, failed, note };
}

function listExcuses(major, selection) {
  for (const [name, { reason, detail }] of Object.entries(expectationsFor(major, selection))) {
    say(`  ${name}: ${reasons[reason]}: ${detail}`);
  }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      https: { type: 'boolean' },
      http2: { type: 'boolean' },
      native: { type: 'boolean' },
      node: { type: 'string', default: '20' },
      verbose: { type: 'boolean' },
    },
  });
  const selection = selectionOf(values);
  await setup({ purposes: ['interop'] });
  const { native, verbose, node: major } = values;
  const detail = (name, { outcome, output }) => verbose && say(`----- ${name}: ${outcome}\n${output}`);
  const result = await conformance({ major, selection, filter: positionals[0] ?? '', native, say, detail });
  if (!native) listExcuses(major, selection);
  if (result.failed > 0) say(`${result.failed} not as expected; their output is in build/conformance/logs`);
  console.log(result.note);
  process.exitCode = result.failed === 0 ? 0 : 1;
}

if (process.argv[1] === inRepository('scripts/conformance.mjs')) {
  try {
    await main();
  } catch (error) {
    exitWithFailure(error);
  }
}
