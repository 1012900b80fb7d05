/** `duplexPair()`: two sockets that are connected to each other, without a transport between them. */
import type { RawOptions } from './arguments.js';
import { channelPair } from './memory.js';
import { acceptSocket, type Socket } from './socket.js';

/** @param options for both sockets, as for their constructor */
export function duplexPair(options: RawOptions = {}): [Socket, Socket] {
  const [first, second] = channelPair().map((channel) =>
    acceptSocket({ addresses: {}, accept: (handler) => channel.bind(handler), refuse: () => {} }, options, false),
  ) as [Socket, Socket];
  return [first, second];
}
