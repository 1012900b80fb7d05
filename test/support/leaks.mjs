// Nothing that a test opened may be left inside the engine.

import assert from 'node:assert/strict';
import { setImmediate, setTimeout } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';

import { isNative, tls } from './subject.mjs';

v8.setFlagsFromString('--expose-gc');
export const collectGarbage = vm.runInNewContext('gc');

/**
 * Objects alive in the engine once everything is freed that nobody refers to: contexts belong to the garbage
 * collector, and its finalizers run some time after it did.
 */
export async function liveObjects(instance = tls) {
  let live = instance.engine.liveObjects();
  for (let round = 0; round < 100 && live > 0; round++) {
    collectGarbage();
    // Some are let go of by a timer of Node's own.
    await (round < 20 ? setImmediate() : setTimeout(10));
    live = instance.engine.liveObjects();
  }
  return live;
}

/** Call it in a `describe`, after `useCleanup()`: each of its tests then ends with an empty engine. */
export function useLeakCheck() {
  if (isNative) return;
  afterEach('nothing is left in the engine', async function check() {
    // What a failed test holds on to is not the point, and a failing hook would hide the tests behind it.
    if (this.currentTest.state === 'failed') return;
    assert.equal(await liveObjects(), 0, 'objects alive in the engine');
  });
}
