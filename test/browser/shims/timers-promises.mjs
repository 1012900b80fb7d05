import * as timers from 'node:timers';

export const setImmediate = (value) => new Promise((resolve) => timers.setImmediate(resolve, value));
export const setTimeout = (ms, value) => new Promise((resolve) => timers.setTimeout(resolve, ms, value));
