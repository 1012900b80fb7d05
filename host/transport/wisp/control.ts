/**
 * The text messages of a WebSocket that carries one connection (`/prefix/HOST:PORT`) and was opened with the subprotocol
 * `wasm-tls-tcp`; its bytes are the binary messages. Without the subprotocol there are no text messages.
 *
 * - `open` server to client: the target is connected.
 * - `credit N` client to server: the server may send N more bytes. It may send none before the first.
 * - `end` either way: the sender sends no more bytes; the other direction goes on.
 * - `error CODE` server to client, in front of a close: what failed, as the `code` of an error of Node's.
 */
import { MAX_CREDITS } from './frames.js';

export const ONE_SOCKET_SUBPROTOCOL = 'wasm-tls-tcp';

export type Control =
  | { type: 'open' }
  | { type: 'end' }
  | { type: 'credit'; bytes: number }
  | { type: 'error'; code: string };

export function formatControl(control: Control): string {
  switch (control.type) {
    case 'credit':
      return `credit ${control.bytes}`;
    case 'error':
      return `error ${control.code}`;
    default:
      return control.type;
  }
}

/** What a text message says; null when it is none of these. */
export function parseControl(message: string): Control | null {
  if (message === 'open' || message === 'end') return { type: message };
  const credit = /^credit ([1-9]\d{0,9})$/.exec(message);
  if (credit !== null && Number(credit[1]) <= MAX_CREDITS) return { type: 'credit', bytes: Number(credit[1]) };
  const error = /^error ([A-Z][A-Z0-9_]{0,31})$/.exec(message);
  return error === null ? null : { type: 'error', code: error[1]! };
}
