/** All that the engine takes from the place where it runs, which is Node here. A browser has a file of its own for it. */
import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Emscripten's code lies beside this file, and the wasm file beside that. The tests run on a checked build as well. */
const moduleCode = process.env.WASM_TLS_ENGINE ?? join(__dirname, 'wasm-tls.js');

export function readModuleFile(): Uint8Array<ArrayBuffer> {
  return readFileSync(moduleCode.replace(/js$/, 'wasm')) as Uint8Array<ArrayBuffer>;
}

/** The factory that Emscripten's code exports. */
export function requireModuleCode(): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(moduleCode);
}

/** Cryptographically strong random bytes. */
export function fillRandom(target: Uint8Array): void {
  randomFillSync(target);
}

/** Runs `work` at the end of the current turn of the event loop. */
export function atEndOfTurn(work: () => void): void {
  process.nextTick(work);
}

/** Runs `work` behind the I/O that is already waiting. */
export function afterWaitingIo(work: () => void): void {
  setImmediate(work);
}
