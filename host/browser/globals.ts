/** What Node has as globals and this library and its streams use; the build puts it where it is named. */
export { Buffer } from 'buffer';
export * as process from './process.js';
