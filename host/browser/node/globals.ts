/** Node's globals, for modules that use them without importing them. */
import process from './process.js';

export { Buffer } from 'node:buffer';
export { clearImmediate, setImmediate } from './timers.js';
export { process };

const global = globalThis;
export { global };
