/** What a connection to a relay needs to know. */
import type { WebSocketClass } from '../wire.js';
import type { Credentials } from './frames.js';

export interface WispSettings {
  readonly url: URL;
  readonly WebSocket: WebSocketClass | undefined;
  readonly credentials: Credentials | null;
  /** ms; for the WebSocket, and again for the relay's first packets. */
  readonly connectTimeout: number;
  /** ms without streams and listeners after which the WebSocket is closed. */
  readonly idleTimeout: number;
  /** Bytes that the relay may send on a stream ahead of its reader. */
  readonly window: number;
  /** Bytes held for a reader that stands still, where the relay knows no credits. */
  readonly receiveLimit: number;
  /** ms of silence after `end()` before a stream is closed, where the relay knows no half-close. */
  readonly lingerTimeout: number;
  readonly onMessageOfTheDay: ((message: string) => void) | undefined;
}
