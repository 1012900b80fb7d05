// The foreign programs: which there are, and their processes, none of which outlives the demonstration.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Failure } from '../lib/report.mjs';

const running = new Set();
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'wasm-tls-demo-'));

/** A path in the directory that goes when the demonstration does. */
export const temporary = (name) => path.join(directory, name);

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  fs.rmSync(directory, { recursive: true, force: true });
});
for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 })) {
  process.on(signal, () => process.exit(128 + number));
}

/** The first line of what a program says of its version. Throws a Failure when there is none. */
export function versionOf(program, argument) {
  const { error, stdout } = spawnSync(program, [argument], { encoding: 'utf8' });
  if (error) {
    throw new Failure(
      `The program '${program}' is missing: this demonstration talks to it.\n` +
        `On Debian: apt-get install ${program}`,
    );
  }
  return stdout.split('\n')[0].trim();
}

/**
 * A foreign program at work. `stdin` and `stdout` may be names of files.
 *
 * `output` is the text that it printed (without what went into a file); `ended` resolves with its exit code.
 */
export class Program {
  output = '';
  #child;
  #name;
  #watchers = new Set();

  constructor(command, { stdin = null, stdout = null } = {}) {
    const [program, ...args] = command;
    this.#name = path.basename(program);
    const files = [stdin && fs.openSync(stdin, 'r'), stdout && fs.openSync(stdout, 'w')];
    this.#child = spawn(program, args, { stdio: [files[0] ?? 'pipe', files[1] ?? 'pipe', 'pipe'] });
    for (const file of files) if (file !== null) fs.closeSync(file);
    running.add(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => this.#heard(text));
    }
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', (error) => reject(new Failure(`${this.#name} cannot be started: ${error.message}`)));
      this.#child.on('close', (code, signal) => resolve(code ?? signal));
    }).finally(() => running.delete(this.#child));
    this.ended.catch(() => {});
  }

  #heard(text) {
    this.output += text;
    for (const watcher of this.#watchers) watcher();
  }

  /** The match of `pattern` in its output, once it is there. */
  async says(pattern) {
    const heard = new Promise((resolve) => {
      const look = () => pattern.test(this.output) && resolve();
      this.#watchers.add(look);
      look();
    });
    await Promise.race([heard, this.ended]);
    const match = pattern.exec(this.output);
    if (match === null) throw new Failure(`${this.#name} ended too early:\n${this.complaint()}`);
    return match;
  }

  /** Waits for its end and throws a Failure unless that was a success. */
  async succeeds() {
    const code = await this.ended;
    if (code !== 0) throw new Failure(`${this.#name} failed (${code}):\n${this.complaint()}`);
  }

  /** Never resolves; rejects as soon as it has failed. To race against what one waits for from it. */
  fails() {
    return new Promise((resolve, reject) => {
      this.succeeds().catch(reject);
    });
  }

  /** Its last words. */
  complaint() {
    return this.output.trim().split('\n').slice(-8).join('\n');
  }

  async stop() {
    this.#child.kill('SIGTERM');
    await this.ended;
  }
}
