// The processes that a page talks to. Each is told something, answers once, and ends with this one.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { Failure } from '../../../scripts/lib/report.mjs';

export async function startProcess(name, message) {
  const child = fork(fileURLToPath(new URL(`../processes/${name}.mjs`, import.meta.url)));
  if (message !== undefined) child.send(message);
  const settled = new AbortController();
  const options = { signal: settled.signal };
  const ended = once(child, 'exit', options).then(([code, signal]) => {
    throw new Failure(`bench/browser/processes/${name}.mjs ended by itself (${signal ?? code}).`);
  });
  try {
    const [answer] = await Promise.race([once(child, 'message', options), ended]);
    return { answer, child };
  } finally {
    settled.abort();
    ended.catch(() => {});
  }
}

export async function stopProcess({ child }) {
  if (!child.connected) return;
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}
