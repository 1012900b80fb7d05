// The browser build as the implementation under test.

import net from 'wasm-tls/net';

export { default as tls } from 'wasm-tls';
export const isNative = false;
/** It stands on Node's http. */
export const https = undefined;

// Servers listen and clients connect inside of the page.
net.setDefaultRelay(net.createMemoryTransport());
