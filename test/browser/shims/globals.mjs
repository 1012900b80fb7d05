// What Node has as globals; the build puts it where a file names it.

export { Buffer } from 'node:buffer';
export { default as process } from 'node:process';
export { setImmediate, clearImmediate } from 'node:timers';
