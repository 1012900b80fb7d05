// Bytes without TLS: the client of wisp-js.

import { client } from '/wisp-js/wisp-client.mjs';
import { getRequest, postRequest, ResponseCounter } from './http.mjs';

const piece = new Uint8Array(64 * 1024).fill(120);
let connection;

export async function load({ relay }) {
  connection = new client.ClientConnection(relay);
  await new Promise((resolve, reject) => {
    connection.onopen = resolve;
    connection.onerror = reject;
  });
}

function exchange(port, send) {
  const stream = connection.create_stream('localhost', port);
  const counter = new ResponseCounter();
  return new Promise((resolve, reject) => {
    stream.onmessage = (chunk) => {
      if (counter.receive(chunk)) resolve();
    };
    stream.onclose = (reason) => reject(new Error(`The connection ended: ${reason}`));
    send(stream);
  }).finally(() => stream.close());
}

export async function download(port, size) {
  await exchange(port, (stream) => stream.send(getRequest(size)));
}

/** It has one way only, and no buffer of its user's. */
export { download as downloadByFetch, download as downloadIntoByFetch };

/** It never says that it has enough: what the server does not want yet waits in it. */
export async function upload(port, size) {
  await exchange(port, (stream) => {
    stream.send(postRequest(size));
    for (let sent = 0; sent < size; sent += piece.length) stream.send(piece);
  });
}

export const handshake = (port) => download(port, 0);
