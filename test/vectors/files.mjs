// OpenSSL's vectors for what the provider offers, and the program that runs them, in wasm and natively.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

import { ensureOpensslTests } from '../../scripts/lib/openssl-tests.mjs';
import { ensureBuilt } from '../../scripts/lib/steps.mjs';
import { ensureToolchain } from '../../scripts/lib/toolchain.mjs';
import { runInstance } from './instance.mjs';
import { Offered, select } from './stanzas.mjs';

const execute = promisify(execFile);

/** Files about keys of algorithms that the provider does not have: a PEM text does not tell which it is. */
const elsewhere = /^evppkey_(dsa|slh_dsa|sm2|ecx_kem|rsa_kem)/;

/** The folder with evp_vectors.js and evp_vectors.wasm. */
export async function wasmProgram() {
  await ensureOpensslTests();
  return ensureBuilt('wasm-release', ['evp_vectors']);
}

/** @returns {Promise<(args: string[], text?: string) => Promise<{ code: number, output: string }>>} */
export async function wasmRunner() {
  const create = createRequire(import.meta.url)(path.join(await wasmProgram(), 'evp_vectors.js'));
  return (args, text) => runInstance(create, args, text);
}

/** The same natively, where the sanitizers watch. */
export async function nativeRunner() {
  await ensureOpensslTests();
  const program = path.join(await ensureBuilt('native-asan', ['evp_vectors']), 'evp_vectors');
  const toolchain = await ensureToolchain('native');
  const folder = fs.mkdtempSync(path.join(path.dirname(program), 'vectors-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return async (args, text) => {
    const file = path.join(folder, 'vectors.txt');
    if (text !== undefined) fs.writeFileSync(file, text);
    const [command, ...rest] = toolchain.wrap([program, ...args.map((arg) => (arg === '/vectors.txt' ? file : arg))]);
    // Of the library that reads the vectors not everything is freed.
    const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
    try {
      const { stdout, stderr } = await execute(command, rest, { env, maxBuffer: 1 << 28 });
      return { code: 0, output: stdout + stderr };
    } catch ({ code, stdout, stderr }) {
      return { code, output: `${stdout}${stderr}` };
    }
  };
}

/** `{ name, text, left }` of each file in which something is left, and what is offered. */
export async function vectorFiles(run) {
  const offered = new Offered((await run(['--offered'])).output);
  const folder = path.join(await ensureOpensslTests(), 'test/recipes/30-test_evp_data');
  const files = fs
    .readdirSync(folder)
    .filter((name) => !elsewhere.test(name))
    .map((name) => ({ name, ...select(fs.readFileSync(path.join(folder, name), 'utf8'), offered) }))
    .filter(({ text }) => text.trim());
  return { files, offered };
}
