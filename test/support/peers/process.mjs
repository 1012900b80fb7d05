// A foreign program as a peer: started, waited for by what it prints, stopped by its own id.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

/** Who ships a program: a missing one is named together with this. */
const debianPackages = {
  '/usr/bin/aiosmtpd': 'python3-aiosmtpd',
  '/usr/bin/python3': 'python3',
  bwrap: 'bubblewrap',
  certutil: 'libnss3-tools',
  chromium: 'chromium',
  curl: 'curl',
  'firefox-esr': 'firefox-esr',
  'gnutls-cli': 'gnutls-bin',
  'gnutls-serv': 'gnutls-bin',
  go: 'golang-go',
  java: 'default-jdk-headless',
  javac: 'default-jdk-headless',
  mosquitto: 'mosquitto',
  nginx: 'nginx-light',
  openssl: 'openssl',
  pk12util: 'libnss3-tools',
  postgres: 'postgresql',
  'redis-server': 'redis-server',
  selfserv: 'libnss3-tools',
  sslscan: 'sslscan',
  testssl: 'testssl.sh',
  tstclnt: 'libnss3-tools',
};

const running = new Set();

// Not even a test run that dies may leave a server behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What a program has printed to one of its streams. */
class Output {
  #chunks = [];
  #watchers = new Set();
  size = 0;

  constructor(stream) {
    stream.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.size += chunk.length;
      for (const watcher of this.#watchers) watcher();
    });
  }

  buffer() {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  text() {
    return this.buffer().toString();
  }

  /** Calls `test` now and at each new output, until it returns something. */
  until(test) {
    return new Promise((resolve) => {
      const look = () => {
        const found = test();
        if (!found) return;
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }
}

/** No peer, no test: not even a test that is expected to fail may take it for a failure of its own. */
export class MissingProgram extends Error {
  constructor(program) {
    const name = debianPackages[program] ?? program;
    super(`The program '${program}' is missing. It is in the Debian package '${name}': apt-get install ${name}`);
  }
}

function isInstalled(program) {
  // Servers are in a folder that only root has on its PATH.
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];
  return folders.some((folder) => fs.existsSync(path.resolve(folder, program)));
}

/** Throws MissingProgram; for programs that another one starts. */
export function requireProgram(program) {
  if (!isInstalled(program)) throw new MissingProgram(program);
}

/** For what only prepares: throws with what it printed when it fails. `env` is added to the environment. */
export function runToEnd(program, args, env) {
  requireProgram(program);
  execFileSync(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

export class PeerProcess {
  #child;
  #command;
  #exit;

  /**
   * @param {string} program
   * @param {string[]} args
   * @param {import('node:child_process').SpawnOptions} [options]
   */
  constructor(program, args, options = {}) {
    // Before anything waits for it.
    requireProgram(program);
    this.#command = [program, ...args].join(' ');
    this.#child = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(this.#child);
    this.stdout = new Output(this.#child.stdout);
    this.stderr = new Output(this.#child.stderr);
    // It may end before it has read everything; its exit code and output tell what matters.
    this.#child.stdin.on('error', () => {});
    this.#exit = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => resolve({ code, signal }));
    }).finally(() => running.delete(this.#child));
    this.#exit.catch(() => {});
  }

  get stdin() {
    return this.#child.stdin;
  }

  /** Calls `listener` with every line of its standard output. */
  onLine(listener) {
    readline.createInterface({ input: this.#child.stdout }).on('line', listener);
  }

  /** Lets Node end while it still runs. */
  unref() {
    for (const handle of [this.#child, ...this.#child.stdio]) handle.unref();
  }

  /** `{ code, signal }`, once it has ended and all of its output is here. */
  get exited() {
    return this.#exit;
  }

  /** Waits until `pattern` appears in what `output` got, and returns the match. Rejects when the program ends first. */
  async waitFor(output, pattern) {
    const ended = this.#exit.then(({ code, signal }) => {
      if (pattern.test(output.text())) return;
      throw new Error(`It ended (${signal ?? code}) before it printed ${pattern}.\n${this.describe()}`);
    });
    await Promise.race([output.until(() => pattern.test(output.text())), ended]);
    return pattern.exec(output.text());
  }

  /** All that it has printed. */
  output() {
    return this.stdout.text() + this.stderr.text();
  }

  /** The command and the end of what it printed; of the data among that only the beginnings. */
  describe() {
    const shorten = (line) => (line.length > 300 ? `${line.slice(0, 100)}… (${line.length} characters)` : line);
    const tail = (output) => output.text().split('\n').map(shorten).join('\n').slice(-2000).trim();
    return `$ ${this.#command}\n${tail(this.stdout)}\n${tail(this.stderr)}`;
  }

  /** Ends it, if it has not ended by itself, and waits for that. */
  async stop(signal = 'SIGTERM') {
    if (this.#child.pid === undefined) return;
    this.#child.stdin.destroy();
    this.#child.kill(signal);
    await this.#exit;
  }
}
