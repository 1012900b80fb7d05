/** `wasm-tls/net` in a browser. */
import './base.js';
export { default } from '../transport/net.js';
export * from '../transport/net.js';
