// Our client: it goes to `openssl s_server` and to a Node HTTPS server.

import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

import { Failure } from '../lib/report.mjs';
import { describeConnection, stopwatch, take } from './connection.mjs';
import { inLines, sha256, size } from './payload.mjs';
import { Program } from './programs.mjs';

/** A secure connection and the promise of what it takes to resume it, which TLS 1.3 sends a little later. */
async function connect(tls, { root }, port, previous) {
  const socket = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ca: root, session: previous });
  const session = new Promise((resolve) => socket.once('session', resolve));
  await once(socket, 'secureConnect');
  return { socket, session };
}

export async function ourClientToOpenssl({ tls, certificates, payload }) {
  const { server } = certificates;
  const lines = inLines(payload);
  const program = new Program([
    'openssl', 's_server', '-rev', '-tls1_3', '-accept', '127.0.0.1:0',
    '-cert', server.certPath, '-cert_chain', server.chainPath, '-key', server.keyPath,
  ]); // prettier-ignore
  try {
    const port = Number((await program.says(/ACCEPT \S*:(\d+)\n/))[1]);
    const { socket, session } = await connect(tls, certificates, port);
    const connection = describeConnection(socket);
    const elapsed = stopwatch();
    const echo = take(socket, size);
    socket.write(lines.bytes);
    const { bytes } = await echo;
    const seconds = elapsed();
    const good = sha256(bytes) === lines.replyHash;
    await closePolitely(socket);

    const second = await connect(tls, certificates, port, await session);
    const reused = second.socket.isSessionReused();
    await closePolitely(second.socket);
    return { ...connection, received: { good, seconds }, sent: { good, seconds }, atOnce: true, reused };
  } finally {
    await program.stop();
  }
}

export async function ourClientToNode({ tls, certificates, payload }) {
  const { server } = certificates;
  const script = fileURLToPath(new URL('https-server.mjs', import.meta.url));
  const program = new Program([process.execPath, script, server.keyPath, server.bundlePath, payload.path]);
  try {
    const port = Number((await program.says(/listening on (\d+)\n/))[1]);
    const { socket, session } = await connect(tls, certificates, port);
    const connection = describeConnection(socket);
    const elapsed = stopwatch();
    const answer = await request(socket, 'PUT', payload.bytes);
    const told = (await take(answer, 64)).bytes.toString();
    const sent = { good: told === payload.hash, seconds: elapsed() };

    const second = await connect(tls, certificates, port, await session);
    const { bytes, seconds } = await take(await request(second.socket, 'GET'), size);
    const received = { good: sha256(bytes) === payload.hash, seconds };
    return { ...connection, sent, received, reused: second.socket.isSessionReused() };
  } finally {
    await program.stop();
  }
}

/** One HTTP request over a connection that is there already; its response. */
function request(socket, method, body) {
  return new Promise((resolve, reject) => {
    const headers = { Host: 'localhost', Connection: 'close', ...(body && { 'Content-Length': body.length }) };
    http
      .request({ createConnection: () => socket, method, headers }, (response) => {
        if (response.statusCode === 200) resolve(response);
        else reject(new Failure(`the server answered ${response.statusCode}`));
      })
      .on('error', reject)
      .end(body);
  });
}

async function closePolitely(socket) {
  socket.end();
  await once(socket.resume(), 'close');
}
