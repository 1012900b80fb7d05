// The servers that *Inspect* offers to go to: each shows one thing that a handshake may meet. All but one are Node's own
// TLS, so that another implementation stands opposite the page.

import https from 'node:https';
import net from 'node:net';
import { createRequire } from 'node:module';

import { close, freePort, listen } from './listening.mjs';

const require = createRequire(import.meta.url);

function answer(request, response) {
  const { socket } = request;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Connection', 'close');
  response.end(`${request.method} ${request.url} over ${socket.getProtocol()}, ${socket.getCipher().standardName}\n`);
}

const web =
  (options) =>
  ({ identity = 'good' }, certificates) =>
    https.createServer({ ...pick(certificates[identity]), ...options(certificates) }, answer);

const pick = ({ key, cert }) => ({ key, cert });

/** This library on Node: Node 20's own OpenSSL has no post-quantum key exchange. */
function postQuantum(_target, { good }) {
  const ours = require('wasm-tls/https');
  return ours.createServer({ ...pick(good), ecdhCurve: 'X25519MLKEM768' }, answer);
}

const plainText = () =>
  net.createServer((socket) => {
    socket.on('error', () => socket.destroy()).resume();
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nThis port speaks plain HTTP.\n');
  });

const hangsUp = () =>
  net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.destroy());
  });

/** `settings`: what the page changes of its own for this target; see web-demo/src/inspect/settings.ts. */
const targets = [
  {
    id: 'good',
    title: 'A good server',
    text: 'TLS 1.3, a chain that leads to the demo’s root.',
    make: web(() => ({})),
  },
  {
    id: 'post-quantum',
    title: 'Post-quantum',
    text: 'Takes X25519MLKEM768 only; wasm-tls at the other end, too.',
    make: postQuantum,
  },
  {
    id: 'retry',
    title: 'Another group, please',
    text: 'Takes P-384 only: TLS 1.3 has to start again.',
    make: web(() => ({ ecdhCurve: 'P-384' })),
  },
  {
    id: 'tls12',
    title: 'TLS 1.2 only',
    text: 'One round trip more, and its certificate in the clear.',
    identity: 'rsa',
    make: web(() => ({ maxVersion: 'TLSv1.2' })),
  },
  {
    id: 'client-certificate',
    title: 'Wants your certificate',
    text: 'Refuses everybody who does not show one of the demo’s.',
    make: web(({ root }) => ({ requestCert: true, rejectUnauthorized: true, ca: root.cert })),
  },
  {
    id: 'alpn',
    title: 'Another protocol',
    text: 'Speaks h2 only, and the page offers http/1.1.',
    settings: { alpn: 'http/1.1' },
    make: web(() => ({ ALPNProtocols: ['h2'] })),
  },
  { id: 'expired', title: 'Expired', text: 'Its certificate ran out five weeks ago.', identity: 'expired', make: web(() => ({})) },
  { id: 'future', title: 'Not yet valid', text: 'Its certificate begins next month.', identity: 'future', make: web(() => ({})) },
  { id: 'wrong-host', title: 'Wrong host', text: 'Its certificate is for elsewhere.example.', identity: 'wrongHost', make: web(() => ({})) },
  { id: 'self-signed', title: 'Self-signed', text: 'Vouches for itself, and nobody else does.', identity: 'selfSigned', make: web(() => ({})) },
  { id: 'untrusted', title: 'Unknown root', text: 'A proper chain, to a root that nobody trusts.', identity: 'untrusted', make: web(() => ({})) },
  { id: 'plain', title: 'No TLS at all', text: 'Answers in plain HTTP.', make: plainText },
  { id: 'hang-up', title: 'Hangs up', text: 'Closes when it sees a ClientHello.', make: hangsUp },
  { id: 'closed', title: 'Nobody there', text: 'No server listens on this port.', make: null },
]; // prettier-ignore

/** Starts all of them: { list, ports, stop }. `list` is what the page is told. */
export async function startTargets(certificates) {
  const servers = [];
  const list = [];
  for (const target of targets) {
    const { id, title, text, settings = {}, make } = target;
    let port;
    if (make === null) {
      port = await freePort();
    } else {
      const server = make(target, certificates);
      // Many of the handshakes here are meant to fail.
      server.on('tlsClientError', () => {}).on('clientError', (_error, socket) => socket.destroy());
      servers.push(server);
      port = await listen(server);
    }
    list.push({ id, title, text, host: 'localhost', port, settings });
  }
  const stop = () => Promise.all(servers.map(close));
  return { list, ports: list.map(({ port }) => port), stop };
}
