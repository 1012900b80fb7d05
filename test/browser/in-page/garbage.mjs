// The garbage collector, which a page of the tests may call: Chromium's by a flag, Firefox' by a preference.

const task = () => new Promise((resolve) => setTimeout(resolve));

export async function collectGarbage() {
  // What a WeakRef was asked for stays until the end of the task that asked.
  await task();
  if (globalThis.gc) globalThis.gc();
  else await globalThis.TestUtils.gc();
  // Finalizers run in tasks of their own.
  await task();
}

/** Whether it comes to `isDone()` within some rounds. */
export async function collectUntil(isDone) {
  for (let round = 0; round < 50 && !isDone(); round++) await collectGarbage();
  return isDone();
}
