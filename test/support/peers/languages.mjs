// TLS as other languages have it: Go's and Java's are implementations of their own, Python's binds the system's OpenSSL.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { made, root } from './made.mjs';
import { PeerProcess, runToEnd } from './process.mjs';
import { servicePeers } from './service.mjs';

const self = fileURLToPath(import.meta.url);
const source = (name) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

export const [GoServer, GoClient] = servicePeers('Go', () => {
  const folder = made('go', [self, source('peer.go')], (target) => {
    const alone = { GO111MODULE: 'off', GOFLAGS: '', GOCACHE: path.join(root, 'go-cache'), CGO_ENABLED: '0' };
    runToEnd('go', ['build', '-o', path.join(target, 'peer'), source('peer.go')], alone);
  });
  return new PeerProcess(path.join(folder, 'peer'), []);
});

export const [JavaServer, JavaClient] = servicePeers('Java', () => {
  const folder = made('java', [self, source('Peer.java')], (target) => {
    runToEnd('javac', ['-d', target, source('Peer.java')]);
  });
  // It compiles itself while it works, with more threads than there are processors for: less of that is faster here.
  return new PeerProcess('java', ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', folder, 'Peer']);
});

// The system's own: another one on PATH may lack the module or bring an OpenSSL of its own.
export const [PythonServer, PythonClient] = servicePeers('Python', () => {
  return new PeerProcess('/usr/bin/python3', [source('peer.py')]);
});
