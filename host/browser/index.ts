/**
 * `import tls from 'wasm-tls'` in a page or a worker: the module is there when the import is. Service Workers, where a
 * module may not wait, use `createTls()` of `wasm-tls/create`.
 */
import { loadEngine } from './assets.js';

await loadEngine(undefined);

export { default } from './deferred.js';
export * from './deferred.js';
