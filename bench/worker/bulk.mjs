// MB/s of one direction of one connection, written in chunks of one size, as fast as backpressure lets it.

import { setTimeout as sleep } from 'node:timers/promises';

import { disconnect, openServer } from './connect.mjs';

/** Writes `payload` again and again; returns a function that ends it. */
export function writeEndlessly(stream, payload) {
  let going = true;
  const fill = () => {
    while (going && stream.write(payload));
    if (going) stream.once('drain', fill);
  };
  fill();
  return () => (going = false);
}

/** Counts bytes, and tells how fast they come. */
export class Meter {
  #bytes = 0;
  #target = Infinity;
  #reached;

  add(size) {
    this.#bytes += size;
    if (this.#bytes >= this.#target) this.#reached();
  }

  /** MB/s after a warm-up: over `seconds`, or over `volume` bytes when that is given. */
  async rate({ warmup, seconds, volume }) {
    await sleep(1000 * warmup);
    const before = this.#bytes;
    const start = performance.now();
    if (volume === undefined) await sleep(1000 * seconds);
    else await this.#reach(before + volume);
    const bytes = this.#bytes - before;
    if (bytes === 0) throw new Error('Nothing came through.');
    return bytes / (performance.now() - start) / 1e3;
  }

  #reach(target) {
    this.#target = target;
    return new Promise((resolve) => (this.#reached = resolve));
  }
}

export async function runBulk(tls, params) {
  const server = await openServer(tls, params);
  const both = await server.connect();
  const { client, peer } = both;
  const [from, to] = params.direction === 'up' ? [client, peer] : [peer, client];
  const meter = new Meter();
  to.on('data', (data) => meter.add(data.length));

  const stop = writeEndlessly(from, Buffer.alloc(params.chunk, 'x'));
  const value = await meter.rate(params);
  stop();
  const cipher = client.getCipher().name;
  await disconnect(both);
  await server.close();
  return { value, cipher };
}
