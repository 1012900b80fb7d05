// npm run bench: sets up what is missing, builds the engine's benchmark natively and for wasm, and runs
// the whole benchmark. It is told where the programs are:
//
//   WASM_TLS_BENCH_NATIVE   the command line of the native program, as a JSON array
//   WASM_TLS_BENCH_WASM     the Node program
//   WASM_TLS_BENCH_PLAIN    the same without our kernels

import { spawn } from 'node:child_process';
import path from 'node:path';

import { inRepository } from './lib/paths.mjs';
import { exitWithFailure } from './lib/report.mjs';
import { ensureBuilt } from './lib/steps.mjs';
import { ensureToolchain } from './lib/toolchain.mjs';
import { setup } from './setup.mjs';

try {
  await setup({ purposes: ['native'] });
  const native = await ensureBuilt('native-release', ['engine_bench']);
  const wasm = await ensureBuilt('wasm-release', ['engine_bench']);
  const plain = await ensureBuilt('wasm-plain', ['engine_bench']);
  const toolchain = await ensureToolchain('native');
  const env = {
    ...process.env,
    WASM_TLS_BENCH_NATIVE: JSON.stringify(toolchain.wrap([path.join(native, 'engine_bench')])),
    WASM_TLS_BENCH_WASM: path.join(wasm, 'engine_bench.js'),
    WASM_TLS_BENCH_PLAIN: path.join(plain, 'engine_bench.js'),
  };
  const program = [inRepository('bench/run.mjs'), ...process.argv.slice(2)];
  const child = spawn(process.execPath, program, { stdio: 'inherit', env });
  child.on('exit', (code, signal) => process.exit(signal ? 128 : code));
} catch (error) {
  exitWithFailure(error);
}
