/** What `host/engine/platform.ts` is on Node, for browsers: the build puts this file into its place. */
import createModule from '../../build/wasm/wasm-tls.js';

export { afterWaitingIo, nextTick as atEndOfTurn } from './turns.js';

export function readModuleFile(): never {
  const error = new Error(
    "The WebAssembly module of wasm-tls is not loaded yet: import 'wasm-tls' in the page's first module, which waits for it",
  );
  throw Object.assign(error, { code: 'ERR_WASM_TLS_LOAD' });
}

export function requireModuleCode(): unknown {
  return createModule;
}

/** More than this `crypto.getRandomValues()` refuses. */
const largestRequest = 65_536;

/** Wasm memory may be shared or resizable one day, which `getRandomValues()` does not take: it fills an array of ours. */
export function fillRandom(target: Uint8Array): void {
  for (let offset = 0; offset < target.length; offset += largestRequest) {
    const bytes = new Uint8Array(Math.min(largestRequest, target.length - offset));
    crypto.getRandomValues(bytes);
    target.set(bytes, offset);
    bytes.fill(0);
  }
}
