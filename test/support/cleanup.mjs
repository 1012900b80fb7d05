// What a test opens is closed after it, whether it passes, fails or hangs.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Call it in a `describe`. The function that it returns takes something with `stop()`, or a promise of it, and hands it
 * back; the hooks stop everything in reverse order after each test. When the test failed, whatever has a
 * `describe()` says what it saw: a foreign program usually knows best why a handshake broke.
 */
export function useCleanup() {
  let open = [];
  afterEach(async function stopAll() {
    const mine = open.reverse();
    open = [];
    const failed = this.currentTest?.state === 'failed';
    const problems = [];
    for (const resource of mine) {
      if (failed && resource.describe) console.log(resource.describe().replace(/^/gm, '        | '));
      await Promise.resolve(resource.stop()).catch((error) => problems.push(error));
    }
    if (problems.length > 0) throw problems[0];
  });
  return async function use(resource) {
    const started = await resource;
    open.push(started);
    return started;
  };
}

/** A directory of the test's own. `stop()` removes it. */
export function temporaryDirectory() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'wasm-tls-test-'));
  return {
    path: directory,
    file: (name) => path.join(directory, name),
    stop: () => fs.rmSync(directory, { recursive: true, force: true }),
  };
}
