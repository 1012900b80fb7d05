// What every page talks to in the end: node's own https and http in a process of their own, with one port for each cipher.
// It gets { key, cert }, answers with its ports, and ends with its parent.
//
//   GET /BYTES    that many bytes
//   POST /        reads all of it, and says 'done'

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { pipeline, Readable } from 'node:stream';

const block = Buffer.alloc(256 * 1024, 'wasm-tls ');

/** So many bytes, as fast as they are read. */
function bytes(size) {
  let rest = size;
  return new Readable({
    highWaterMark: block.length,
    read() {
      const part = rest < block.length ? block.subarray(0, rest) : block;
      rest -= part.length;
      this.push(part.length > 0 ? part : null);
    },
  });
}

function send(response, size) {
  response.writeHead(200, { 'Content-Length': size });
  pipeline(bytes(size), response, () => {}); // clients may end in the middle
}

function receive(request, response) {
  request.resume();
  request.on('end', () => response.end('done'));
}

function answer(request, response) {
  request.on('error', () => {});
  response.on('error', () => {});
  if (request.method === 'POST') receive(request, response);
  else send(response, Number(request.url.slice(1)));
}

async function listen(server) {
  server.on('tlsClientError', () => {}); // clients end without ceremony
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

process.once('message', async ({ key, cert }) => {
  const secure = (ciphers) => https.createServer({ key, cert, ciphers, minVersion: 'TLSv1.3' }, answer);
  process.send({
    ports: {
      aes: await listen(secure('TLS_AES_128_GCM_SHA256')),
      chacha: await listen(secure('TLS_CHACHA20_POLY1305_SHA256')),
      any: await listen(secure()),
      plain: await listen(http.createServer(answer)),
    },
  });
});
process.on('disconnect', () => process.exit());
