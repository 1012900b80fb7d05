// As much of `process` as tests ask for.

import { EventEmitter } from 'node:events';

const process = new EventEmitter();

export default Object.assign(process, {
  argv: [],
  env: {},
  execArgv: [],
  nextTick: (work, ...args) => queueMicrotask(() => work(...args)),
  platform: 'browser',
  versions: {},
});
