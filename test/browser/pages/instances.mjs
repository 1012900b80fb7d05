// Instances beside each other, and what is left of them and of connections.

import tls from 'wasm-tls';

import { collectUntil } from '../in-page/garbage.mjs';
import { handshake } from '../in-page/handshake.mjs';

/** So many at once, each with a connection of its own. Returns what these came to, and how many bytes each has. */
export async function together(count, options) {
  const instances = Array.from({ length: count }, () => tls.createTls());
  const results = await Promise.all(instances.map((instance) => handshake(instance, options)));
  return { results, bytes: instances.map((instance) => instance.engine.memoryBytes()) };
}

async function useAndForget(options) {
  const instance = tls.createTls();
  await handshake(instance, options);
  return new WeakRef(instance);
}

/** So many, one after the other. Returns how many of them the page still holds in the end. */
export async function oneAfterAnother(count, options) {
  const left = [];
  for (let made = 0; made < count; made++) left.push(await useAndForget(options));
  const alive = () => left.filter((reference) => reference.deref() !== undefined).length;
  await collectUntil(() => alive() === 0);
  return alive();
}

/** Rounds of connections in one instance: what it has afterwards of objects, and of memory half-way and in the end. */
export async function connections(rounds, count, options) {
  const bytes = [];
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: count }, () => handshake(tls, options)));
    await collectUntil(() => tls.engine.liveObjects() === 0);
    bytes.push(tls.engine.memoryBytes());
  }
  // In the first round a page's code is slow, and fewer connections are at work at once; and memory grows by a fifth as soon
  // as a block finds no room, which may be in the fourth.
  return { objects: tls.engine.liveObjects(), halfway: bytes[rounds / 2], last: bytes.at(-1) };
}
