/** The transport of a Wisp relay: one WebSocket for all of its sockets and servers, from the first use to idleness. */
import type {
  Channel,
  ChannelHandler,
  Listener,
  ListenerHandler,
  ListenTarget,
  Target,
  Transport,
} from '../channel.js';
import { missingArguments } from '../errors.js';
import { WispLink } from './link.js';
import type { RelaySettings } from '../relay-options.js';
import { WispStream } from './stream.js';

export class WispTransport implements Transport {
  readonly #settings: RelaySettings;
  #link: WispLink | null = null;

  constructor(settings: RelaySettings) {
    this.#settings = settings;
  }

  connect(target: Target, handler: ChannelHandler): Channel {
    if (target.port === undefined) throw missingArguments();
    const link = this.#open();
    const stream = new WispStream(link, target, handler);
    link.add(stream);
    return stream;
  }

  listen(target: ListenTarget, handler: ListenerHandler): Listener {
    return this.#open().listen(target, handler);
  }

  #open(): WispLink {
    if (this.#link !== null) return this.#link;
    const link = new WispLink(this.#settings, () => {
      if (this.#link === link) this.#link = null;
    });
    this.#link = link;
    return link;
  }
}
