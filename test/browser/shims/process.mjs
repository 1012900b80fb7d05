// As much of `process` as tests ask for.

import { EventEmitter } from 'node:events';

let capture = null;

const process = Object.assign(new EventEmitter(), {
  allowedNodeEnvironmentFlags: new Set(),
  argv: [],
  env: {},
  execArgv: [],
  // A page cannot tell what it has; of the memory of WebAssembly `tls.engine` tells.
  memoryUsage: () => ({ arrayBuffers: 0 }),
  nextTick: (work, ...args) => queueMicrotask(() => work(...args)),
  platform: 'browser',
  setUncaughtExceptionCaptureCallback: (callback) => (capture = callback),
  versions: {},
});

// In front of Mocha, which takes whatever nobody caught for a failure.
addEventListener('error', (event) => {
  if (capture === null && process.listenerCount('uncaughtException') === 0) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (capture !== null) capture(event.error);
  else process.emit('uncaughtException', event.error);
});

// Warnings of the library's stand in the console.
const { warn } = console;
console.warn = (text, ...more) => {
  const [, code, name, message] = /^(?:\[(\w+)\] )?(\w*Warning): (.*)$/s.exec(text) ?? [];
  if (name === undefined) warn.call(console, text, ...more);
  else process.emit('warning', { name, code, message });
};

export default process;
