// Many downloads at a time through one relay, one of which nobody reads.

import tls from 'wasm-tls';
import net from 'wasm-tls/net';

import { collectGarbage } from '../in-page/garbage.mjs';

let paused;

function download(options, size) {
  const socket = tls.connect({ host: '127.0.0.1', servername: 'localhost', ...options });
  socket.write(`${size}\n`);
  return socket;
}

function finished(socket, size) {
  return new Promise((resolve, reject) => {
    let got = 0;
    socket.on('data', (data) => (got += data.length));
    socket.on('error', reject);
    socket.on('end', () => (got === size ? resolve() : reject(new Error(`${got} of ${size} bytes`))));
  });
}

/** One that stands still and then `count` others, all at once. Resolves when these are through. */
export async function run({ relay, count, size, pausedSize, ...options }) {
  net.setDefaultRelay({ url: relay });
  paused = download(options, pausedSize);
  await new Promise((resolve) => paused.once('data', resolve));
  paused.pause();
  const others = Array.from({ length: count }, () => download(options, size));
  await Promise.all(others.map((socket) => finished(socket, size)));
}

/** What there is of the one that stands still. */
export async function look() {
  await collectGarbage();
  return { pausedGot: paused.bytesRead, engineBytes: tls.engine.memoryBytes() };
}

/** Reads on. Resolves to how much came in all. */
export async function readOn() {
  const end = new Promise((resolve, reject) => paused.once('end', resolve).once('error', reject));
  paused.on('data', () => {});
  paused.resume();
  await end;
  return paused.bytesRead;
}
