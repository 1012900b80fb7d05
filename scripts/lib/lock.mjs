// One setup at a time. The lock is held by a flock(1) that waits for its standard input to close, so
// the kernel releases it however this process ends, and a stale lock cannot exist.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { Failure, say } from './report.mjs';

/** Runs `work` while holding the lock `file`; says so when it has to wait for another process. */
export async function withLock(file, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Ctrl-C goes to the whole group: the lock must outlive the work that it protects.
    detached: true,
  });
  const waiting = setTimeout(() => say('Waiting for another run that is setting up …'), 1000);
  try {
    await new Promise((resolve, reject) => {
      holder.stdout.once('data', resolve);
      holder.once('error', (error) => reject(new Failure(`flock: ${error.message}`)));
      holder.once('exit', () => reject(new Failure(`The lock ${file} could not be taken.`)));
    });
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
  }
}
