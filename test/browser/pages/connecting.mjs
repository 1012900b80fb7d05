// Connections through a relay.

import tls from 'wasm-tls';
import net from 'wasm-tls/net';

import { connectWith } from '../in-page/connect.mjs';

export const setRelay = (options) => net.setDefaultRelay(options);
export const connect = (options) => connectWith(tls, options);

export function removeWebSocket() {
  globalThis.WebSocket = undefined;
}
