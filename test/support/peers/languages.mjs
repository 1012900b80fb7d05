// TLS as other languages have it: three implementations of their own, and Python's binding of the system's OpenSSL.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { PeerProcess, requireProgram } from './process.mjs';
import { servicePeers } from './service.mjs';

const source = (name) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const root = fileURLToPath(new URL('../../../build/peers', import.meta.url));

/** A folder with what `compile(folder)` makes of a source; made when the source has changed since it was. */
function compiled(name, compile) {
  const version = createHash('sha256')
    .update(fs.readFileSync(source(name)))
    .digest('hex')
    .slice(0, 16);
  const folder = path.join(root, `${name}-${version}`);
  if (fs.existsSync(folder)) return folder;
  fs.mkdirSync(root, { recursive: true });
  // Several test processes may come here at once: each makes its own, the first to finish wins.
  const staging = fs.mkdtempSync(path.join(root, 'staging-'));
  try {
    compile(staging);
    fs.renameSync(staging, folder);
  } catch (error) {
    fs.rmSync(staging, { recursive: true, force: true });
    if (!fs.existsSync(folder)) throw error;
  }
  return folder;
}

function compileWith(program, args, env) {
  requireProgram(program);
  execFileSync(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

export const [GoServer, GoClient] = servicePeers('Go', () => {
  const folder = compiled('peer.go', (target) => {
    const alone = { GO111MODULE: 'off', GOFLAGS: '', GOCACHE: path.join(root, 'go-cache'), CGO_ENABLED: '0' };
    compileWith('go', ['build', '-o', path.join(target, 'peer'), source('peer.go')], alone);
  });
  return new PeerProcess(path.join(folder, 'peer'), []);
});

export const [JavaServer, JavaClient] = servicePeers('Java', () => {
  const folder = compiled('Peer.java', (target) => compileWith('javac', ['-d', target, source('Peer.java')]));
  // It compiles itself while it works, with more threads than there are processors for: less of that is faster here.
  return new PeerProcess('java', ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', folder, 'Peer']);
});

// The system's own: another one on PATH may lack the module or bring an OpenSSL of its own.
export const [PythonServer, PythonClient] = servicePeers('Python', () => {
  return new PeerProcess('/usr/bin/python3', [source('peer.py')]);
});
