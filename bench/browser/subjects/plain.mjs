// Bytes without TLS: wasm-tls/net over the relay of this package.

import net from '/wasm-tls/browser/net.js';
import { getRequest, ResponseCounter } from './http.mjs';
import * as sockets from './sockets.mjs';

let byFetch;

export function load({ relay }) {
  net.setDefaultRelay(relay);
  byFetch = { transport: { url: relay, downloads: 'fetch' } };
}

function connect(port, options) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: 'localhost', port, ...options }, () => resolve(socket));
    socket.once('error', reject);
  });
}

export async function handshake(port) {
  const socket = await connect(port);
  socket.destroy();
}

export async function download(port, size, options) {
  await sockets.download(await connect(port, options), size);
}

export const downloadByFetch = (port, size) => download(port, size, byFetch);

/** Into one buffer, as who has no use for a new one each time would do it. */
export async function downloadInto(port, size, options) {
  const counter = new ResponseCounter();
  let socket;
  await new Promise((resolve, reject) => {
    const callback = (count, buffer) => void (counter.receive(buffer.subarray(0, count)) && resolve());
    const onread = { buffer: new Uint8Array(256 * 1024), callback };
    connect(port, { ...options, onread }).then((connected) => (socket = connected).write(getRequest(size)), reject);
  });
  socket.destroy();
}

export const downloadIntoByFetch = (port, size) => downloadInto(port, size, byFetch);

export async function upload(port, size) {
  await sockets.upload(await connect(port), size);
}

/** So many downloads side by side; of `paused` of them nobody reads. Answers with the milliseconds that the others took. */
export async function parallel(port, size, { count, paused }) {
  const all = await Promise.all(Array.from({ length: count + paused }, () => connect(port)));
  const stopped = all.slice(0, paused);
  const others = all.slice(paused);
  for (const socket of stopped) void sockets.download(socket.pause(), size).catch(() => {});
  const start = performance.now();
  await Promise.all(others.map((socket) => sockets.download(socket, size)));
  const milliseconds = performance.now() - start;
  for (const socket of stopped) socket.destroy();
  return milliseconds;
}
