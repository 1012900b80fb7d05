// A module worker: it answers each message by a handshake with those options.

import tls from 'wasm-tls';

import { handshake } from '../in-page/handshake.mjs';

globalThis.onmessage = async ({ data }) => {
  const result = await handshake(tls, data).catch(({ code, message }) => ({ code, message }));
  globalThis.postMessage({ ...result, hasWindow: typeof window !== 'undefined' });
};
globalThis.postMessage('ready');
