/** `wasm-tls/relay`: a relay for sockets of pages, over WebSockets. Node only; docs/relay.md has all about it. */
import { createRelay } from './relay/relay.js';
import type * as types from './relay/types.js';

const relay = { createRelay };

// eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to give types to a CommonJS export
declare namespace relay {
  export type Endpoint = types.Endpoint;
  export type LogLevel = types.LogLevel;
  export type LogRecord = types.LogRecord;
  export type Relay = types.Relay;
  export type RelayedChunk = types.RelayedChunk;
  export type RelayLimits = types.RelayLimits;
  export type RelayOptions = types.RelayOptions;
  export type RelayTimeouts = types.RelayTimeouts;
  export type ResolvedAddress = types.ResolvedAddress;
}

export = relay;
