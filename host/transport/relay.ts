/** Which transport a connection goes over: its option `transport`, or the default relay. */
import { invalidArgType } from '../common/errors.js';
import { validateObject } from '../common/validate.js';
import { isTransport, type Transport } from './channel.js';
import { noRelay } from './errors.js';

import { createRelayTransport, type RelayOptions } from './relay-options.js';
import { isStreamPair, streamTransport, type StreamPair } from './streams.js';

/** What the option `transport` may be. */
export type TransportOption = Transport | string | URL | RelayOptions | StreamPair;

let defaultRelay: TransportOption | null = null;

/**
 * The relay of all sockets and servers that are given no other; null for none. A text or URL is that of a Wisp relay.
 */
export function setDefaultRelay(relay: TransportOption | null): void {
  if (relay !== null) toTransport(relay, 'relay');
  defaultRelay = relay;
}

export function getDefaultRelay(): TransportOption | null {
  return defaultRelay;
}

export function transportFor(chosen: unknown): Transport {
  const choice = chosen ?? defaultRelay;
  if (choice === null) throw noRelay();
  return toTransport(choice, 'options.transport');
}

/** It leads to one place, whatever the port. */
export function isPortless(chosen: unknown): boolean {
  return isStreamPair(chosen) || (isTransport(chosen) && chosen.portless === true);
}

interface Shared {
  readonly key: string;
  readonly options: RelayOptions;
  readonly transport: Transport;
}

/** The transports of relays that were named by URL or options, the latest last. */
let shared: Shared[] = [];
const mostShared = 32;

/** The relay that was last named by its URL alone, as most are for each connection; null when it may be shared no longer. */
let latest: { readonly url: string; readonly transport: Transport } | null = null;

/** Everybody who names a relay in the same way shares its WebSocket. */
function sharedTransport(options: RelayOptions): Transport {
  validateObject(options, 'relay');
  const key = JSON.stringify(Object.entries({ ...options, url: String(options.url) }).sort());
  const { WebSocket, onMessageOfTheDay } = options;
  const isSame = (one: Shared): boolean =>
    one.key === key && one.options.WebSocket === WebSocket && one.options.onMessageOfTheDay === onMessageOfTheDay;
  let found = shared.find(isSame);
  if (found === undefined) {
    found = { key, options: { ...options }, transport: createRelayTransport(options) };
    latest = null;
  }
  shared = [...shared.filter((one) => one !== found), found].slice(-mostShared);
  return found.transport;
}

function namedTransport(url: string): Transport {
  if (latest?.url !== url) latest = { url, transport: sharedTransport({ url }) };
  return latest.transport;
}

function toTransport(choice: unknown, name: string): Transport {
  if (isTransport(choice)) return choice;
  if (typeof choice === 'string') return namedTransport(choice);
  if (choice instanceof URL) return sharedTransport({ url: choice });
  if (isStreamPair(choice)) return streamTransport(choice);
  if (typeof choice === 'object' && choice !== null && 'url' in choice) return sharedTransport(choice as RelayOptions);
  throw invalidArgType(name, ['string', 'URL', 'Transport', 'RelayOptions', 'StreamPair'], choice);
}
