// Connections that trust the default roots.

import tls from 'wasm-tls';

import { handshake } from '../in-page/handshake.mjs';

const outcome = (promise) => promise.catch(({ code, message }) => ({ code, message }));

/** So many connections at once. */
export function connect(options, count = 1) {
  return Promise.all(Array.from({ length: count }, () => outcome(handshake(tls, options))));
}

let waiting;

/** One that is not waited for. */
export function connectLater(options) {
  waiting = { done: false };
  waiting.promise = outcome(handshake(tls, options)).finally(() => (waiting.done = true));
}

export const isWaiting = () => !waiting.done;
export const waited = () => waiting.promise;

export const replaceRoots = (...certificates) => tls.setDefaultCACertificates(certificates);

/** What asking for the list comes to before it is loaded, and after. */
export async function lists() {
  let code;
  try {
    void tls.rootCertificates;
  } catch (error) {
    ({ code } = error);
  }
  await tls.loadRootCertificates();
  const [first] = tls.rootCertificates;
  return { code, count: tls.rootCertificates.length, default: tls.getCACertificates().length, first };
}
