/** `wasm-tls/net` in a browser. */
export { default } from '../transport/net.js';
export * from '../transport/net.js';
