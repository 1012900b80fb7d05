/**
 * What bundlers get for `wasm-tls`. The same as index.ts, whose JavaScript comes in a file of its own beside the wasm file:
 * in a bundle it is on the page already.
 */
import { loadEngine } from './whole.js';

await loadEngine(undefined);

export { default } from './deferred.js';
export * from './deferred.js';
