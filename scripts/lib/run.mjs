// Child processes: output to a log, its last lines into the message of a failure.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { Failure } from './report.mjs';

const tailLines = 40;
const children = new Set();

// Each child leads a group of its own, so that those it has started end with it.
function killGroup(child, signal) {
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

// An interrupted setup must not leave a build running that the next one would run into.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of children) killGroup(child, 'SIGTERM');
    process.exit(128 + (signal === 'SIGINT' ? 2 : signal === 'SIGTERM' ? 15 : 1));
  });
}

function explain(tail) {
  if (/No space left on device|ENOSPC/.test(tail)) {
    return '\nThe disk is full. Free some space and run the same command again.';
  }
  return '';
}

/**
 * Runs a program to its end.
 *
 * @param {string[]} command the program and its arguments
 * @param {{cwd?: string, env?: object, log?: string, detail?: (line: string) => void,
 *   output?: import('node:stream').Writable, allowFailure?: boolean, minutes?: number}}
 *   options `log` is a file that
 *   gets the whole output, `detail` is told each line, `output` gets the standard output instead; after
 *   `minutes` it is killed.
 * @returns {Promise<{status: number, stdout: string, stderr: string}>}
 * @throws Failure with the last lines of the output, unless `allowFailure`
 */
export async function run(command, options = {}) {
  const [program, ...args] = command;
  if (options.log) fs.mkdirSync(path.dirname(options.log), { recursive: true });
  const log = options.log ? fs.createWriteStream(options.log) : null;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  children.add(child);

  const tail = [];
  const stdout = [];
  const stderr = [];
  const collect = (stream, keep) => {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      log?.write(text);
      keep.push(text);
      const lines = (rest + text).split(/[\r\n]+/);
      rest = lines.pop();
      for (const line of lines.filter(Boolean)) {
        tail.push(line);
        if (tail.length > tailLines) tail.shift();
        options.detail?.(line);
      }
    });
    stream.on('end', () => rest && tail.push(rest));
  };
  if (options.output) child.stdout.pipe(options.output);
  else collect(child.stdout, stdout);
  collect(child.stderr, stderr);

  let late = false;
  const limit = options.minutes && setTimeout(() => (late = killGroup(child, 'SIGKILL')), options.minutes * 60_000);
  const status = await new Promise((resolve, reject) => {
    child.on('error', (error) => {
      reject(new Failure(`${program} cannot be started: ${error.message}`));
    });
    child.on('close', (code, signal) => resolve(signal ? 128 : code));
  }).finally(() => {
    children.delete(child);
    clearTimeout(limit);
    if (late) tail.push(`Killed: it was not done after ${options.minutes} minutes.`);
    log?.end();
  });

  if (status !== 0 && !options.allowFailure) {
    // A compiler's command line may be pages long; the log has it whole.
    const text = tail.map((line) => (line.length > 500 ? `${line.slice(0, 500)} …` : line)).join('\n');
    const where = options.log ? `\nThe whole output is in ${options.log}` : '';
    throw new Failure(`${program} ${args.slice(0, 6).join(' ')} failed (${status}):\n${text}${explain(text)}${where}`);
  }
  return { status, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** The npm that runs this, or else the one on PATH. */
export function npmCommand() {
  return process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
}

/** The output of a short command, or null when it fails or does not exist. */
export function outputOf(program, ...args) {
  const result = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return result.status === 0 ? result.stdout : null;
}

/**
 * Whether a program is on PATH (or in the folders that only root has on it); an absolute path stands for itself, and a
 * folder of it may be `*`.
 */
export function isInstalled(program) {
  const [before, after] = program.split('/*/');
  if (after !== undefined) {
    return fs.existsSync(before) && fs.readdirSync(before).some((name) => isInstalled(path.join(before, name, after)));
  }
  const folders = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`.split(':').filter(Boolean);
  return folders.some((folder) => {
    try {
      fs.accessSync(path.resolve(folder, program), fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
