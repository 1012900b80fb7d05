// Our server: `curl` and `openssl s_client` come to it, each with a certificate of its own.

import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';

import { close, describeConnection, listen, stopwatch, take } from './connection.mjs';
import { sha256, size } from './payload.mjs';
import { Program, temporary } from './programs.mjs';

const options = ({ server, root }) => ({
  key: server.key,
  cert: server.cert,
  ca: root,
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: 'TLSv1.3',
});

/** Secure connections of a server, in their order; its errors instead, should one come first. */
function arrivals(server) {
  const events = [];
  const waiting = [];
  const put = (event) => (waiting.shift() ?? ((each) => events.push(each)))(event);
  server.on('secureConnection', (socket) => put({ socket }));
  server.on('tlsClientError', (error) => put({ error }));
  return async function next() {
    const { socket, error } = events.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
    if (error) throw error;
    return socket;
  };
}

/** A request of curl's: its part of the command is `args`. The same for both, so that they resume each other. */
const transfer = (port, identity, rootPath, args) => [
  '--silent', '--show-error', '--verbose', '--noproxy', '*', '--header', 'Connection: close', '--header', 'Expect:',
  '--resolve', `localhost:${port}:127.0.0.1`, '--tlsv1.3', '--curves', 'X25519', '--cacert', rootPath,
  '--cert', identity.bundlePath, '--key', identity.keyPath, ...args, `https://localhost:${port}/`,
]; // prettier-ignore

export async function curlToOurServer({ tls, certificates, payload }) {
  const server = tls.createServer(options(certificates));
  const port = await listen(server);
  const next = arrivals(server);
  const { client, rootPath } = certificates;
  const file = temporary('curl.download');
  const sizeHeader = ['--header', `Content-Length: ${size}`, '--header', 'Transfer-Encoding:'];
  const curl = new Program([
    'curl', '--disable',
    ...transfer(port, client, rootPath, [...sizeHeader, '--upload-file', payload.path]),
    '--next',
    ...transfer(port, client, rootPath, ['--output', file]),
  ]); // prettier-ignore
  try {
    const first = await Promise.race([next(), curl.fails()]);
    const connection = describeConnection(first);
    const upload = await requestOn(first, async (request, response) => {
      const received = await take(request, size);
      response.end();
      return received;
    });
    const second = await next();
    const reused = second.isSessionReused();
    const seconds = await requestOn(second, async (request, response) => {
      const elapsed = stopwatch();
      response.end(payload.bytes);
      await curl.succeeds();
      return elapsed();
    });
    return {
      ...connection,
      // The only one that it was allowed.
      group: 'X25519',
      received: { good: sha256(upload.bytes) === payload.hash, seconds: upload.seconds },
      sent: { good: sha256(fs.readFileSync(file)) === payload.hash, seconds },
      reused,
    };
  } finally {
    await curl.stop();
    await close(server);
  }
}

/** Answers the one HTTP request of a secure connection. A TLSSocket is a net.Socket, all that `http` asks for. */
function requestOn(socket, answer) {
  return new Promise((resolve, reject) => {
    const web = http.createServer((request, response) => answer(request, response).then(resolve, reject));
    web.on('clientError', reject);
    web.emit('connection', socket);
  });
}

export async function opensslToOurServer({ tls, certificates, payload }) {
  const server = tls.createServer(options(certificates));
  const port = await listen(server);
  const next = arrivals(server);
  const [session, file] = [temporary('openssl.session'), temporary('openssl.download')];
  const programs = [];
  const start = (flag, files) => {
    programs.push(new Program(openssl(port, certificates, [flag, session]), files));
    return programs.at(-1);
  };
  try {
    const client = start('-sess_out', { stdin: payload.path, stdout: file });
    const first = await Promise.race([next(), client.fails()]);
    const connection = describeConnection(first);
    const upload = await take(first, size);
    const elapsed = stopwatch();
    first.end(payload.bytes);
    await client.succeeds();
    const seconds = elapsed();

    const again = start('-sess_in');
    const second = await Promise.race([next(), again.fails()]);
    const reused = second.isSessionReused();
    second.end();
    await once(second.resume(), 'close');
    await again.succeeds();
    return {
      ...connection,
      group: groupIn(client.output),
      received: { good: sha256(upload.bytes) === payload.hash, seconds: upload.seconds },
      sent: { good: sha256(fs.readFileSync(file)) === payload.hash, seconds },
      reused,
    };
  } finally {
    for (const program of programs) await program.stop();
    await close(server);
  }
}

/** The group, as openssl names it before and since 3.2. */
function groupIn(report) {
  const match = /Server Temp Key: (?:ECDH, )?([^,\n]*)|Negotiated TLS1\.3 group: (.*)/.exec(report);
  return match?.[1] ?? match?.[2];
}

/** It goes on reading when its input has ended, and leaves when we do. */
const openssl = (port, { client, rootPath }, args) => [
  'openssl', 's_client', '-brief', '-ign_eof', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost',
  '-verify_hostname', 'localhost', '-verify_return_error', '-CAfile', rootPath,
  '-cert', client.certPath, '-cert_chain', client.chainPath, '-key', client.keyPath, ...args,
]; // prettier-ignore
