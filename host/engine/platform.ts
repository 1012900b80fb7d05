/** All that the engine takes from the place where it runs, which is Node here. A browser has a file of its own for it. */
import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The wasm file, which lies beside this one. */
export function readModuleFile(): Uint8Array {
  return readFileSync(join(__dirname, 'wasm-tls.wasm'));
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
