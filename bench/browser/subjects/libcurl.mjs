// libcurl.js verifies the certificate by the trust roots in its wasm file, of which the bench has replaced one by its own.
// Its TLSSocket asks for data by a timer; fetch(), which does not, is the faster way for all that is more than a handshake.

import { libcurl } from '/libcurl/libcurl.mjs';

export async function load({ relay }) {
  await libcurl.load_wasm('/libcurl/libcurl.wasm');
  libcurl.set_websocket(relay);
}

export function handshake(port) {
  return new Promise((resolve, reject) => {
    const socket = new libcurl.TLSSocket('localhost', port);
    socket.onopen = () => {
      socket.close();
      resolve();
    };
    socket.onerror = (code) => reject(new Error(`libcurl.js: ${libcurl.get_error_string(code)}`));
  });
}

/** It offers no key share but that. */
export { handshake as handshakeX25519 };

export async function download(port, size) {
  const { body } = await libcurl.fetch(`https://localhost:${port}/${size}`);
  let received = 0;
  for (const reader = body.getReader(); received < size; ) {
    const { value, done } = await reader.read();
    if (done) throw new Error('The connection ended before the response did');
    received += value.length;
  }
}

/** A Blob, because it makes a text of all options, the bytes of an array among them, and of 64 MiB it cannot. */
export async function upload(port, size) {
  const body = new Blob([new Uint8Array(size).fill(120)]);
  const response = await libcurl.fetch(`https://localhost:${port}/`, { method: 'POST', body });
  if ((await response.text()) !== 'done') throw new Error('Not what was asked for');
}
