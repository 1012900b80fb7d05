/** One WebSocket that is one connection: binary messages are its bytes, text messages (`wasm-tls-tcp`) control it. */
import { errorCodeOf } from '../transport/wisp/close-reasons.js';
import { formatControl, parseControl, type Control } from '../transport/wisp/control.js';
import { CloseReason, MAX_CREDITS } from '../transport/wisp/frames.js';
import { parseTarget } from './access.js';
import type { Session } from './context.js';
import { isAddress } from './hosts.js';
import { WebSocketCode, type Link, type LinkOwner, type Producer } from './link.js';
import { ROOM_BYTES } from './read-buffers.js';
import { LookupQueue } from './resolver.js';
import { Target, type TargetOwner } from './target.js';

/** Bytes from the client beyond which it is not read until the target has taken half of them. */
const holdBytes = 1024 * 1024;

export class OneSocketSession implements LinkOwner, Session, TargetOwner, Producer {
  readonly #link: Link;
  readonly #target: Target;
  readonly #label: string;
  readonly #toAddress: boolean;
  /** The client offered the subprotocol. */
  readonly #controlled: boolean;
  #clientEnded = false;
  #over = false;

  constructor(link: Link, label: string, controlled: boolean) {
    this.#link = link;
    link.owner = this;
    this.#label = label;
    this.#controlled = controlled;
    this.#target = new Target(this.#link.context, this);
    if (controlled) this.#target.limitReads(0);
    const { metrics } = this.#link.context;
    metrics.add('streams_total', 1, 'connect');
    metrics.add('streams');
    const target = parseTarget(label);
    this.#toAddress = target !== null && isAddress(target.host);
    if (target === null) this.onOver(CloseReason.invalid, 'invalid-target');
    else void this.#target.open(target.host, target.port, new LookupQueue());
  }

  // --- From the client.

  onMessage(message: Buffer): void {
    if (this.#over) return;
    if (this.#clientEnded) return this.#violate('data-after-end');
    this.#link.count('to-target', 0, message);
    this.#target.write(message);
    // There is no window here: the WebSocket itself is held up until the target has taken what it was sent.
    if (this.#target.queuedBytes > holdBytes) this.#link.holdClient();
  }

  onText(message: string): void {
    if (this.#over) return;
    const control = this.#controlled ? parseControl(message) : null;
    if (control?.type === 'end' && !this.#clientEnded) {
      this.#clientEnded = true;
      this.#target.end();
    } else if (control?.type === 'credit' && this.#target.credits + control.bytes <= MAX_CREDITS) {
      this.#target.grant(control.bytes);
    } else {
      this.#violate(control?.type === 'credit' ? 'credit-overflow' : 'bad-control');
    }
  }

  #violate(kind: string): void {
    this.#link.violation(kind);
    this.#finish(CloseReason.invalid);
  }

  // --- From the target.

  onOpen(): void {
    this.#control({ type: 'open' });
  }

  onData(message: Buffer, sent?: () => void): void {
    const bytes = message.subarray(ROOM_BYTES);
    this.#link.count('to-client', 0, bytes);
    this.#link.send(bytes, sent);
    if (!this.#link.busy) return;
    this.#link.wait(this);
    this.#target.waitForLink();
  }

  linkReady(): void {
    this.#target.linkReady();
  }

  onTaken(): void {
    if (this.#target.queuedBytes <= holdBytes / 2) this.#link.releaseClient();
  }

  onEnd(): void {
    if (this.#controlled) this.#control({ type: 'end' });
    else this.#finish(CloseReason.voluntary);
  }

  onOver(reason: number | null, refusal?: string): void {
    if (refusal !== undefined) this.#link.context.metrics.add('targets_refused_total', 1, refusal);
    this.#finish(reason ?? CloseReason.voluntary, refusal);
  }

  #control(control: Control): void {
    if (this.#controlled) this.#link.sendText(formatControl(control));
  }

  // --- The end.

  #finish(reason: number, refusal?: string): void {
    if (!this.#leave()) return;
    this.#link.streamClosed(0, this.#label, reason, { refusal });
    const code = errorCodeOf(reason, { opened: this.#target.opened, toAddress: this.#toAddress });
    if (code === null) {
      this.#target.close();
      this.#link.close();
    } else {
      this.#target.abort();
      this.#control({ type: 'error', code });
      this.#link.close(code === 'EACCES' ? WebSocketCode.policy : WebSocketCode.failed, code);
    }
  }

  #leave(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#link.forget(this);
    this.#link.context.metrics.add('streams', -1);
    return true;
  }

  drain(): void {
    // It is one stream: it ends by itself, or is cut.
  }

  cut(): void {
    if (!this.#leave()) return;
    this.#target.abort();
    this.#control({ type: 'error', code: 'ECONNRESET' });
    this.#link.close(WebSocketCode.goingAway, 'shutdown');
  }

  onClose(clean: boolean): void {
    this.#leave();
    if (clean) this.#target.close();
    else this.#target.abort();
  }
}
