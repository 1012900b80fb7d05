// What a page downloads over a relay that has downloads by HTTP: bytes that count, checked one by one.

import tls from 'wasm-tls';
import net from 'wasm-tls/net';

/** The bytes are 0, 1, … 250, 0, … */
const period = 251;

/** Counts what comes and says what is wrong with it. */
class Checker {
  got = 0;
  wrong = 0;

  take(bytes) {
    let expected = this.got % period;
    for (const byte of bytes) {
      if (byte !== expected) this.wrong += 1;
      expected = expected === period - 1 ? 0 : expected + 1;
    }
    this.got += bytes.length;
  }
}

function finished(socket, checker) {
  return new Promise((resolve, reject) => {
    socket.on('end', () => resolve({ got: checker.got, wrong: checker.wrong }));
    socket.on('error', reject);
  });
}

/** One as another: in chunks that are kept for a while, into one buffer, and by TLS. */
function downloads(options, size) {
  const target = { host: '127.0.0.1', port: options.plain };
  const kept = [];
  const inChunks = new Checker();
  const one = net.connect(target);
  one.on('data', (chunk) => {
    kept.push(chunk);
    if (kept.length > 8) inChunks.take(kept.shift());
  });
  one.once('end', () => kept.forEach((chunk) => inChunks.take(chunk)));
  const inBuffer = new Checker();
  const callback = (count, buffer) => void inBuffer.take(buffer.subarray(0, count));
  const two = net.connect({ ...target, onread: { buffer: new Uint8Array(50_000), callback } });
  const byTls = new Checker();
  const three = tls.connect({ ...target, port: options.secure, servername: 'localhost', ca: options.ca });
  three.on('data', (chunk) => byTls.take(chunk));
  for (const socket of [one, two, three]) socket.write(`${size}\n`);
  return [finished(one, inChunks), finished(two, inBuffer), finished(three, byTls)];
}

/** @returns for each socket what it got, and how many bytes of it were wrong */
export async function run({ relay, size, ...options }) {
  net.setDefaultRelay(relay);
  return Promise.all(downloads(options, size));
}

let stopped;

/** A socket that has got something and stands still. @returns what it has got */
export async function begin({ relay, plain, size }) {
  net.setDefaultRelay(relay);
  stopped = net.connect({ host: '127.0.0.1', port: plain });
  stopped.write(`${size}\n`);
  let got = 0;
  await new Promise((resolve, reject) => {
    stopped.on('data', (chunk) => (got += chunk.length) > 8_000_000 && resolve()).on('error', reject);
  });
  stopped.pause();
  return got;
}

/** @returns what it has got in the end */
export async function readOn() {
  const end = new Promise((resolve, reject) => stopped.once('end', resolve).once('error', reject));
  stopped.resume();
  await end;
  return stopped.bytesRead;
}
