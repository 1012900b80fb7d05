// Memory of idle connections, both ends in this process. Wants a fresh process, started with --expose-gc.

import { setTimeout as sleep } from 'node:timers/promises';

import { openServer } from './connect.mjs';

// Part of what Node counts as external, and grows in steps of a fifth of its size.
const wasmMemories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    wasmMemories.push(...Object.values(this.exports).filter((value) => value instanceof WebAssembly.Memory));
  }
};

async function usage() {
  // What closed handles hold is given back in later turns of the event loop.
  for (let i = 0; i < 3; ++i) {
    await sleep(50);
    globalThis.gc();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const wasm = wasmMemories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  return { rss, heapUsed, external, wasm };
}

export async function runMemory(tls, params) {
  const server = await openServer(tls, params);
  const idle = [await server.connect()]; // loads and compiles whatever one connection needs
  const before = await usage();
  for (let i = 0; i < params.connections; ++i) idle.push(await server.connect());
  const after = await usage();
  const detail = {};
  for (const key of Object.keys(after)) detail[key] = (after[key] - before[key]) / params.connections;

  for (const { client, peer } of idle) {
    client.destroy();
    peer.destroy();
  }
  await server.close();
  return { value: detail.rss, ...detail };
}
