/** A port of the relay that belongs to a server of ours. */
import type { Addresses, Listener, ListenerHandler, ListenTarget } from '../channel.js';
import { connectionError } from '../errors.js';
import { soon } from '../turns.js';
import { errorCodeOf } from './close-reasons.js';
import { CloseReason, encodeClose, encodeListen } from './frames.js';
import type { Features, WispLink } from './link.js';
import { WispStream } from './stream.js';

export class WispListener implements Listener {
  id = 0;
  readonly #link: WispLink;
  readonly #target: ListenTarget;
  readonly #handler: ListenerHandler;
  #address: Addresses | null = null;
  #closed = false;

  constructor(link: WispLink, target: ListenTarget, handler: ListenerHandler) {
    this.#link = link;
    this.#target = target;
    this.#handler = handler;
  }

  get listening(): boolean {
    return this.#address !== null;
  }

  start(id: number, { listen }: Features): void {
    this.id = id;
    if (listen) this.#link.outbox.send(encodeListen(id, this.#target.port, this.#target.host));
    else soon(() => this.onLost('EOPNOTSUPP', 'the relay lets nobody listen'));
  }

  /** False when it did not wait for it. */
  onListening(address: string, port: number): boolean {
    if (this.#address !== null) return false;
    this.#address = { localAddress: address, localPort: port };
    this.#handler.onListening({ address, port });
    return true;
  }

  onAccept(id: number, remote: Addresses): void {
    const addresses = { ...this.#address, ...remote };
    const target = { host: remote.remoteAddress ?? '', port: remote.remotePort };
    this.#handler.onConnection({
      addresses,
      accept: (handler) => {
        const stream = new WispStream(this.#link, target, handler);
        this.#link.adopt(stream, id);
        return stream;
      },
      refuse: () => this.#link.refuse(id),
    });
  }

  onClose(reason: number): void {
    const opened = this.listening;
    this.onLost(errorCodeOf(reason, { opened, toAddress: true }) ?? 'ECONNRESET', undefined);
  }

  onLost(code: string, detail: string | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#link.remove(this);
    const { host, port } = this.#target;
    this.#handler.onError(connectionError(code, 'listen', { address: host || undefined, port }, detail));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.id !== 0) this.#link.outbox.send(encodeClose(this.id, CloseReason.voluntary));
    this.#link.remove(this);
  }
}
