/**
 * How one Wisp connection comes to its download, by the extension of docs/relay.md: a token in INFO, a request by HTTP, two
 * probes in its body that come back by the WebSocket, and then SWITCH. A body that is lost before that is no matter.
 */
import crypto from 'node:crypto';
import { DOWNLOAD_TOKEN_BYTES, encodeProbe, PROBE_BYTES } from '../transport/wisp/frames.js';
import { withLength } from '../transport/wisp/packet-stream.js';
import type { DownloadBody, Downloader } from './downloads.js';
import { WebSocketCode, type Link } from './link.js';

/** The second is sent alone: who passes only much on together has had enough for the first, but not for that. */
const probesNeeded = 2;

export class WispDownload implements Downloader {
  readonly token = crypto.randomBytes(DOWNLOAD_TOKEN_BYTES);
  readonly #link: Link;
  #body: DownloadBody | null = null;
  /** What the client is to repeat. */
  #nonce: Buffer | null = null;
  #probes = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  /** The client wants it, and may use the relay. */
  agree(): void {
    this.#link.context.downloads.expect(this.token, this);
  }

  onBody(body: DownloadBody): void {
    this.#body = body;
    this.#link.context.metrics.add('downloads_total', 1, 'asked');
    this.#probe(body);
  }

  #probe(body: DownloadBody): void {
    this.#probes += 1;
    this.#nonce = crypto.randomBytes(PROBE_BYTES);
    body.write(withLength(encodeProbe(this.#nonce)));
  }

  /** The client says that a probe has come. */
  onProbe(nonce: Uint8Array): void {
    if (this.#nonce === null || !crypto.timingSafeEqual(this.#nonce, nonce)) {
      return this.#link.violation('unexpected-probe');
    }
    this.#nonce = null;
    // It has been lost since.
    if (this.#body === null) return;
    if (this.#probes < probesNeeded) this.#probe(this.#body);
    else this.#link.switchTo(this.#body);
  }

  onBodyClosed(): void {
    const body = this.#body;
    this.#body = null;
    if (body !== null && this.#link.carriedBy(body)) this.#link.cut('download-lost', WebSocketCode.failed);
  }

  /** The WebSocket is gone. One that has been switched to is the link's. */
  close(): void {
    this.#link.context.downloads.forget(this.token);
    if (this.#body !== null && !this.#link.carriedBy(this.#body)) this.#body.destroy();
    this.#body = null;
  }
}
