// The browser build as the implementation under test.

export { default as tls } from 'wasm-tls';
export const isNative = false;
/** It stands on Node's http. */
export const https = undefined;
