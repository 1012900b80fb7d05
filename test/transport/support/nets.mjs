// The modules under comparison: ours over a transport, and Node's own over TCP.

import { createRequire } from 'node:module';
import nativeNet from 'node:net';

const require = createRequire(import.meta.url);

/** The sockets that a browser gets; on Node they are in the package, but under no name of their own. */
export const ourNet = require('../../../dist/transport/net.js');

/** `net`, with the options that make a server and a client meet. */
export function memoryNet() {
  const transport = ourNet.createMemoryTransport();
  return { net: ourNet, name: 'ours', options: { transport } };
}

export function tcpNet() {
  return { net: nativeNet, name: "Node's", options: { host: '127.0.0.1' } };
}

/** Waits for `done()`: what is waited for tells nobody when it is there. */
export async function until(done) {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Long enough for what has been sent to arrive, where nobody can tell when it has. */
export async function settled() {
  await new Promise((resolve) => setTimeout(resolve, 30));
  for (let round = 0; round < 30; ++round) await new Promise((resolve) => setImmediate(resolve));
}
