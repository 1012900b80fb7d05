// npm test: sets up what is missing, then runs every test there is.
//
//   npm test -- --only host,interop     some stages ('fuzz' stands for all fuzzers)
//   npm test -- --skip fuzz,debug       all but some
//   npm test -- --fuzz-seconds 600      each fuzzer for so long (60), those of kernels a third of it
//   npm test -- --list                  the names of the stages

import { parseArgs } from 'node:util';

import { Failure, exitWithFailure, say, seconds } from './lib/report.mjs';
import { runStages } from './lib/schedule.mjs';
import { allStages } from './lib/stages.mjs';
import { setup } from './setup.mjs';

function names(stages, list) {
  const wanted = list.split(',').filter(Boolean);
  const matches = (stage, name) => stage.name === name || stage.name.startsWith(`${name}:`);
  const unknown = wanted.filter((name) => !stages.some((stage) => matches(stage, name)));
  if (unknown.length > 0) {
    const known = stages.map(({ name }) => name).join(', ');
    throw new Failure(`There is no stage ${unknown.join(', ')}. The stages: ${known}`);
  }
  return stages.filter((stage) => wanted.some((name) => matches(stage, name)));
}

function select(values) {
  const all = allStages({ fuzzSeconds: Number(values['fuzz-seconds']) });
  const chosen = values.only ? names(all, values.only) : all;
  const skipped = values.skip ? names(all, values.skip) : [];
  return chosen.filter((stage) => !skipped.includes(stage));
}

// What native builds, and programs of the machine, the chosen stages use.
function purposesOf(stages) {
  const has = (pattern) => stages.some(({ name }) => pattern.test(name));
  return [
    ...(has(/^(engine|fuzz|clang|constant|vectors)/) ? ['native'] : []),
    ...(has(/^(host|interop|debug|pack|conformance|browser|bundlers)/) ? ['interop'] : []),
    ...(has(/^(browser|bundlers)/) ? ['browser'] : []),
    ...(has(/^constant/) ? ['constant-time'] : []),
  ];
}

function summary(results, start) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const line = (columns) =>
    columns.map((text, index) => String(text)[index ? 'padStart' : 'padEnd']([22, 8, 8, 14][index])).join('');
  say(`\n${line(['stage', 'passed', 'failed', 'time'])}`);
  for (const { name, passed, failed, time, note } of results) {
    say(`${line([name, passed || '', failed || '', time])}  ${failed ? 'FAILED' : ''} ${note}`.trimEnd());
  }
  say(`all stages in ${seconds(start)}`);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') === 0;
}

try {
  const start = Date.now();
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      skip: { type: 'string' },
      list: { type: 'boolean' },
      'fuzz-seconds': { type: 'string', default: '60' },
    },
  });
  const stages = select(values);
  if (values.list) {
    for (const { name } of stages) console.log(name);
  } else {
    await setup({ purposes: purposesOf(stages) });
    const results = await runStages(stages);
    process.exitCode = summary(results, start) ? 0 : 1;
  }
} catch (error) {
  exitWithFailure(error);
}
