// What becomes of the memory of a WebSocket's messages.

import tls from 'wasm-tls';
import net from 'wasm-tls/net';

const Native = globalThis.WebSocket;
let messages = [];

globalThis.WebSocket = class extends Native {
  constructor(...args) {
    super(...args);
    this.addEventListener('message', ({ data }) => messages.push(data));
  }
};

/** What the three readers keep of what comes: chunks, or a copy of what the user's own buffer had. */
const readers = {
  tls: ({ ca, ...options }, take) => tls.connect({ ...options, ca, servername: 'localhost' }).on('data', take),
  data: (options, take) => net.connect(options).on('data', take),
  onread: (options, take) => {
    const callback = (size, buffer) => void take(buffer.slice(0, size));
    return net.connect({ ...options, onread: { buffer: new Uint8Array(10_000), callback } });
  },
};

/** Reads to the end. Resolves to what came, a number that stands for it, and to how many messages' memory was given back. */
export async function read(kind, relay, options) {
  net.setDefaultRelay({ url: relay });
  messages = [];
  const chunks = [];
  const socket = readers[kind](options, (chunk) => chunks.push(chunk));
  await new Promise((resolve, reject) => socket.on('end', resolve).on('error', reject));
  let wrong = 0;
  let size = 0;
  for (const chunk of chunks) for (const byte of chunk) if (byte !== size++ % 251) wrong += 1;
  const all = messages.filter((message) => message instanceof ArrayBuffer);
  return { size, wrong, released: all.filter(({ detached }) => detached).length, kept: all.filter((it) => it.byteLength > 1000).length }; // prettier-ignore
}
