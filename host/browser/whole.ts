/** All of the module but its engine, in one: what `index.ts` waits for beside the wasm file. */
export { default } from './deferred.js';
export * from './deferred.js';
