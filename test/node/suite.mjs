// Runs files of Node's own test suite, each in a process of its own, and compares what became of them with
// expectations.json.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Long enough for a slow machine: a test that waits for something that never comes ends here. */
const timeLimit = 120_000;

/** Which files belong to a module of Node. */
export const selections = {
  tls: /^test-tls-.*\.m?js$/,
  https: /^test-https-.*\.m?js$/,
  http2: /^test-http2-.*\.m?js$/,
};

/** Why a file may fail: the reasons of expectations.json. */
export const reasons = {
  private: "reaches into Node's private internals",
  native: 'fails with native Node here too',
  openssl: 'fails with a native Node on OpenSSL 3.5 too',
  older: 'wants what Node 20, whose suite wants something else, does not do',
  absent: 'is about what this library does not have and refuses',
  builtin: "is about a part of Node that keeps Node's own tls",
  beyond: 'wants a refusal where this library keeps a promise of its own',
};

/** Files that a busy machine can fail, each with what it wants to be quick; they get this many chances. */
const timed = {
  'test-tls-session-timeout.js': 'a process that is started must come back while a session of one second is good',
};
const chances = 3;

/** The files of a suite that a selection means: { name, selection, file, alone }. Those of `sequential` want no company. */
export function listTests(suite, selection, filter) {
  const pattern = selections[selection];
  return ['parallel', 'sequential'].flatMap((folder) =>
    fs
      .readdirSync(path.join(suite, 'test', folder))
      .filter((name) => pattern.test(name) && name.includes(filter))
      .sort()
      .map((name) => ({
        name,
        selection,
        file: path.join(suite, 'test', folder, name),
        alone: folder === 'sequential',
      })),
  );
}

// "// Flags: --expose-internals" in the head of a file.
function flagsOf(file) {
  const text = fs.readFileSync(file, 'utf8');
  return [...text.matchAll(/^\/\/ Flags:(.*)$/gm)].flatMap(([, flags]) => flags.trim().split(/\s+/));
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left of it.
  }
}

// What this machine's user trusts: some tests count roots.
const trustVariables = new Set(['NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_DIR', 'SSL_CERT_FILE']);

function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !trustVariables.has(name)));
}

/**
 * Runs one file. `preload` is what NODE_OPTIONS requires, so that it reaches child processes and cluster workers too;
 * null for Node as it is. Resolves to { outcome, output }; the outcome is 'passed', 'skipped' or 'failed'.
 */
export function runTest({ file, selection }, { node, preload, lane, temporary }) {
  const env = {
    ...environment(),
    NODE_TEST_DIR: temporary,
    TEST_SERIAL_ID: String(lane),
    TEST_THREAD_ID: String(lane),
    WASM_TLS_SUITE: selection,
    NODE_OPTIONS: preload === null ? '' : `--require="${preload}"`,
  };
  const child = spawn(node, [...flagsOf(file), file], { env, cwd: temporary, detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => (output += text));
  }
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child.pid);
    }, timeLimit);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      // What a test leaves behind would hold our end of its output open, and its port.
      killGroup(child.pid);
      child.once('close', () => {
        if (late) output += `\nStill running after ${timeLimit / 1000} s.\n`;
        else if (code !== 0) output += `\nEnded with ${signal ?? code}.\n`;
        const skipped = /^1\.\.0 # Skipped: (.*)$/m.test(output);
        resolve({ outcome: code !== 0 ? 'failed' : skipped ? 'skipped' : 'passed', output });
      });
    });
  });
}

/** Runs many, as many at a time as there are processors; `tell(test, result)` hears of each. */
export async function runTests(tests, options, tell) {
  fs.mkdirSync(options.temporary, { recursive: true });
  const drain = async (waiting, lane) => {
    for (let test; (test = waiting.shift()); ) {
      let result;
      for (let left = Object.hasOwn(timed, test.name) ? chances : 1; left > 0 && result?.outcome !== 'passed'; left--) {
        result = await runTest(test, { ...options, lane });
      }
      tell(test, result);
    }
  };
  const together = tests.filter(({ alone }) => !alone);
  const lanes = Math.max(2, os.availableParallelism());
  await Promise.all(Array.from({ length: lanes }, (_, lane) => drain(together, lane)));
  await drain(
    tests.filter(({ alone }) => alone),
    0,
  );
}

/**
 * What is wrong with the result of a test, in the light of its expectation and of what native Node makes of it; either may
 * be undefined. Null when nothing is.
 */
export function judge({ outcome }, expectation, native) {
  if (expectation === undefined) return outcome === 'passed' ? null : outcome;
  const { reason } = expectation;
  if (!(reason in reasons)) return `expectations.json: there is no reason '${reason}'`;
  // Some skip themselves on some machines only.
  if (reason === 'native' && outcome === 'passed' && native.outcome === 'passed') return null;
  if (reason === 'native' && native.outcome === 'passed') return `${outcome}, and native Node passes it`;
  return outcome === 'passed' ? `passes, though it '${reasons[reason]}': remove its entry` : null;
}
