// Loads the package when it is told to, so that the page can say what came of it.

import { handshake } from '../in-page/handshake.mjs';

/** What of the browser's the module was compiled by. */
function watchCompilers() {
  const used = [];
  for (const name of ['compile', 'compileStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = (...args) => (used.push(name), original(...args));
  }
  return used;
}

export async function load(options) {
  const used = watchCompilers();
  const { default: tls } = await import('wasm-tls');
  return { used, ...(await handshake(tls, options)) };
}

/** Takes something away from the page. */
export function remove(name) {
  globalThis[name] = undefined;
}

/** A module that could not be loaded stays so in its page; `createTls()` may be called again. */
export async function create(options = {}) {
  const { createTls } = await import('wasm-tls/create');
  const tls = await createTls(options);
  return tls.engine.opensslVersion();
}

/** The same from bytes that the page has already. */
export async function createFromBytes(url) {
  const wasm = await (await fetch(url)).arrayBuffer();
  return create({ wasm });
}
