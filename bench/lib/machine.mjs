// Where and when something was measured.

import os from 'node:os';

/** Before the run begins, as the load is to be that of others. */
export function machine() {
  const [{ model }] = os.cpus();
  return {
    date: new Date().toISOString(),
    cpu: model,
    cores: os.cpus().length,
    load: os.loadavg()[0],
    node: process.version,
  };
}

/** What a reader must know before the figures. */
export function warnings({ load, cores }, quick) {
  const sentences = [];
  if (quick) sentences.push('This is a quick run, whose figures mean little.');
  if (load > cores / 2) sentences.push(`The machine was busy before the run began: its load was ${load.toFixed(1)}.`);
  return sentences;
}
