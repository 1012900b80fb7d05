// A Service Worker may not wait at the top of a module: it asks for an instance.

import { createTls } from 'wasm-tls/create';

import { handshake } from '../in-page/handshake.mjs';

const instance = createTls();
// It is told where it is used.
instance.catch(() => {});

globalThis.addEventListener('install', () => globalThis.skipWaiting());
globalThis.addEventListener('message', (event) => {
  const { options, port } = event.data;
  const answer = instance
    .then((tls) => handshake(tls, options))
    .catch(({ code, message }) => ({ code, message }))
    .then((result) => port.postMessage(result));
  event.waitUntil(answer);
});
