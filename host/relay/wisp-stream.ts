/** One stream of a Wisp connection: packets on this side, a target on the other. */
import type { Socket } from 'node:net';
import {
  CloseReason,
  encodeClose,
  encodeContinue,
  encodeEnd,
  MAX_CREDITS,
  writeDataHeader,
} from '../transport/wisp/frames.js';
import { LENGTH_BYTES } from '../transport/wisp/packet-stream.js';
import type { Fields } from './log.js';
import type { Link, Producer } from './link.js';
import { ROOM_BYTES } from './read-buffers.js';
import type { LookupQueue } from './resolver.js';
import { Target, type TargetOwner } from './target.js';

/** DATA packets of a client that one stream takes before it says CONTINUE. */
export const PACKET_WINDOW = 64;

/**
 * Packets that may wait on one stream. Far more than the window: there are clients, epoxy-tls 2.1 is one, that do not look at
 * it, and what they send is bounded by its bytes. This bounds how many small ones that may be.
 */
const MOST_PACKETS = 4096;

/** Which extensions are in force, as the client's INFO left them. */
export interface Features {
  openConfirmation: boolean;
  halfClose: boolean;
  listen: boolean;
  /** The initial window, or null without credits. */
  credits: number | null;
}

export interface StreamFacts {
  id: number;
  /** For the log: what was asked for, or who connected. */
  label: string;
}

export class WispStream implements TargetOwner, Producer {
  readonly id: number;
  readonly target: Target;
  readonly #label: string;
  readonly #link: Link;
  readonly #features: Features;
  readonly #onGone: (stream: WispStream) => void;
  /** Received, and not yet taken by the target. */
  #queuedPackets = 0;
  /** Taken since the last CONTINUE. */
  #takenPackets = 0;
  #clientEnded = false;
  #closed = false;

  constructor(link: Link, { id, label }: StreamFacts, features: Features, onGone: (stream: WispStream) => void) {
    this.id = id;
    this.#label = label;
    this.#link = link;
    this.#features = features;
    this.#onGone = onGone;
    this.target = new Target(link.context, this);
    if (features.credits !== null) this.target.limitReads(features.credits);
  }

  connect(host: string, port: number, queue: LookupQueue): void {
    void this.target.open(host, port, queue);
  }

  adopt(socket: Socket): void {
    this.target.adopt(socket);
  }

  // --- From the client.

  data(payload: Uint8Array): void {
    if (this.#clientEnded) return this.violate('data-after-end', CloseReason.invalid);
    if (++this.#queuedPackets > MOST_PACKETS) return this.violate('window-exceeded', CloseReason.throttled);
    this.#link.count('to-target', this.id, payload);
    this.target.write(payload);
    if (this.target.queuedBytes > this.#link.context.settings.limits.streamBufferBytes) {
      this.close(CloseReason.throttled, { why: 'stream-buffer' });
    }
  }

  end(): void {
    if (!this.#features.halfClose) return this.#link.violation('not-negotiated', this.id);
    if (this.#clientEnded) return this.violate('end-twice', CloseReason.invalid);
    this.#clientEnded = true;
    this.target.end();
  }

  credit(bytes: number): void {
    if (this.#features.credits === null) return this.#link.violation('not-negotiated', this.id);
    if (bytes === 0 || this.target.credits + bytes > MAX_CREDITS) {
      return this.violate('credit-overflow', CloseReason.invalid);
    }
    this.target.grant(bytes);
  }

  /** The client's CLOSE: what it has sent before is still delivered when it closes in order. */
  closedByClient(reason: number): void {
    if (reason === CloseReason.voluntary || reason === CloseReason.unspecified) this.target.close();
    else this.target.abort();
    this.#gone();
  }

  /** The client is gone altogether. */
  abort(): void {
    this.target.abort();
    this.#gone();
  }

  // --- From the target.

  onOpen(): void {
    if (this.#features.openConfirmation) this.#continue(Math.max(PACKET_WINDOW - this.#queuedPackets, 0));
  }

  onData(message: Buffer, sent?: () => void): void {
    this.#link.count('to-client', this.id, message.subarray(ROOM_BYTES));
    writeDataHeader(message, this.id, LENGTH_BYTES);
    this.#link.sendRoomy(message, sent);
    if (!this.#link.busy) return;
    this.#link.wait(this);
    this.target.waitForLink();
  }

  linkReady(): void {
    this.target.linkReady();
  }

  onEnd(): void {
    if (this.#features.halfClose) this.#link.send(encodeEnd(this.id));
    else this.close(CloseReason.voluntary);
  }

  onTaken(packets: number): void {
    this.#queuedPackets -= packets;
    this.#takenPackets += packets;
    // CONTINUE sets the client's window anew, whatever of the last one is still on its way: to grant all that there is room
    // for would grant it twice.
    if (this.#takenPackets >= PACKET_WINDOW / 2 && !this.#clientEnded) this.#continue(this.#takenPackets);
  }

  onOver(reason: number | null, refusal?: string): void {
    if (refusal !== undefined) this.#link.context.metrics.add('targets_refused_total', 1, refusal);
    if (reason === null) this.#gone();
    else this.close(reason, { refusal });
  }

  #continue(packets: number): void {
    this.#takenPackets = 0;
    this.#link.send(encodeContinue(this.id, packets));
  }

  // --- The end.

  /** Ends the stream from this side. */
  close(reason: number, fields?: Fields): void {
    if (this.#closed) return;
    this.#link.send(encodeClose(this.id, reason));
    this.#link.streamClosed(this.id, this.#label, reason, fields);
    if (reason === CloseReason.voluntary) this.target.close();
    else this.target.abort();
    this.#gone();
  }

  /** Ends it because the client broke the protocol on it. */
  violate(kind: string, reason: number): void {
    this.close(reason, { why: kind });
    this.#link.violation(kind, this.id);
  }

  #gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#link.forget(this);
    this.#onGone(this);
  }
}
