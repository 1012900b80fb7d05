// What is compared. A contestant has an `id`, a `title` for the tables, `measure(params)` and `close()`.

import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Failure } from '../../scripts/lib/report.mjs';

const workerFile = fileURLToPath(new URL('../worker/worker.mjs', import.meta.url));
const execute = promisify(execFile);

/** A process that measures through JavaScript; it stays up between measurements, and so stays warm. */
class Worker {
  #child;
  #subject;

  constructor(id, title, subject) {
    this.id = id;
    this.title = title;
    this.#subject = subject;
  }

  async measure(params) {
    const child = (this.#child ??= fork(workerFile, [this.#subject], { execArgv: ['--expose-gc'] }));
    if (!child.connected) throw new Failure(`${this.title}: the process ended behind its last measurement.`);
    const settled = new AbortController();
    const options = { signal: settled.signal };
    const ended = once(child, 'exit', options).then(([code, signal]) => {
      throw new Failure(`${this.title}: the process ended by itself (${signal ?? code}).`);
    });
    child.send(params);
    try {
      const [message] = await Promise.race([once(child, 'message', options), ended]);
      if (message.error) throw new Failure(`${this.title}, ${JSON.stringify(message.job)}: ${message.error}`);
      return message.result;
    } finally {
      settled.abort();
      ended.catch(() => {});
    }
  }

  /** Ends the process; a later measurement starts with a fresh one. */
  async close() {
    const child = this.#child;
    this.#child = undefined;
    if (!child?.connected) return;
    const exit = once(child, 'exit');
    child.disconnect();
    await exit;
  }
}

/** engine_bench, natively or in wasm: one run of the program for each measurement. */
class EngineProgram {
  #command;

  constructor(id, title, command) {
    this.id = id;
    this.title = title;
    this.#command = command;
  }

  async measure({ job, identity, ...params }) {
    const { key, cert, ca } = identity;
    const args = Object.entries({ key, cert, ca, ...params }).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const [program, ...rest] = [...this.#command, job, ...args];
    const { stdout } = await execute(program, rest);
    return JSON.parse(stdout);
  }

  async close() {}
}

/** Every contestant there is, the engine's programs as scripts/bench.mjs names them. */
export function allContestants() {
  const { WASM_TLS_BENCH_NATIVE: native, WASM_TLS_BENCH_WASM: wasm, WASM_TLS_BENCH_PLAIN: plain } = process.env;
  if (!native || !wasm || !plain)
    throw new Failure("Start it by 'npm run bench', which builds the engine's programs first.");
  return {
    node: new Worker('node', '`node:tls`', 'node:tls'),
    library: new Worker('library', '`wasm-tls`', 'wasm-tls'),
    pair: new Worker('pair', '`wasm-tls` without sockets', 'host/engine'),
    engineWasm: new EngineProgram('engineWasm', 'engine in wasm', [process.execPath, wasm]),
    enginePlain: new EngineProgram('enginePlain', 'plain C in wasm', [process.execPath, plain]),
    engineNative: new EngineProgram('engineNative', 'engine natively', JSON.parse(native)),
  };
}
