// Runs stages side by side, as many as there are processors, each with its output in a log of its own.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { build } from './paths.mjs';
import { Failure, say, seconds, step } from './report.mjs';

const lanes = Math.max(2, os.availableParallelism());

/** Where the output of a stage goes. */
export function logOf(name) {
  return path.join(build, 'logs', `test-${name.replace(/\W+/g, '-')}.log`);
}

// The output of a failed stage and what the failure is. A failure repeats the end of the output, so of it
// only the first line is wanted where there is output.
function printFailure({ name, problem }) {
  const file = logOf(name);
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trimEnd() : '';
  if (problem) say(text ? problem.split('\n')[0] : problem);
  if (!text) return;
  const lines = text.split('\n');
  const most = 200;
  if (lines.length > most) say(`(the last ${most} of ${lines.length} lines of ${file})`);
  say(lines.slice(-most).join('\n'));
}

// One stage: its result, whatever happens in it.
async function perform(stage) {
  const start = Date.now();
  const result = { name: stage.name, passed: 0, failed: 0, note: '' };
  fs.rmSync(logOf(stage.name), { force: true });
  try {
    const work = (detail) => stage.run({ detail, log: logOf(stage.name) });
    Object.assign(result, await step(stage.name, work, { quiet: true }));
  } catch (error) {
    // A stage without tests of its own, or one that died before it counted them, is one failure.
    result.failed = Math.max(1, result.failed);
    result.problem = error instanceof Failure ? error.message : error.stack;
  }
  result.time = seconds(start);
  const failed = result.failed > 0;
  if (failed) {
    say(`\n===== ${stage.name} failed =====`);
    printFailure(result);
    say(`===== end of ${stage.name} =====\n`);
  }
  const counts = result.passed || failed ? `${result.passed} passed, ${result.failed} failed` : 'ok';
  say(`${failed ? 'FAIL' : 'ok  '} ${stage.name.padEnd(22)} ${result.time.padStart(12)}  ${counts} ${result.note}`);
  return result;
}

/**
 * Runs all stages and returns their results in the order of the list. A stage waits for those that it
 * names in `after`, where these are run at all.
 */
export async function runStages(stages) {
  const waiting = [...stages];
  const running = new Map();
  const results = new Map();
  const isReady = ({ after = [] }) =>
    after.every((name) => results.has(name) || !stages.some((stage) => stage.name === name));
  while (waiting.length > 0 || running.size > 0) {
    while (running.size < lanes) {
      const index = waiting.findIndex(isReady);
      if (index < 0) break;
      const [stage] = waiting.splice(index, 1);
      running.set(
        stage.name,
        perform(stage).then((result) => {
          running.delete(stage.name);
          results.set(stage.name, result);
        }),
      );
    }
    await Promise.race(running.values());
  }
  return stages.map(({ name }) => results.get(name));
}
