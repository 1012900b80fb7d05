/** The option `lookup`: a resolver of the user's own. Without it the other end of the transport resolves names. */
import type { EventEmitter } from 'node:events';
import type { LookupAddress } from 'node:dns';
import { codedError } from '../common/errors.js';
import type { ConnectPlan } from './arguments.js';
import { invalidAddress } from './errors.js';
import { isIP } from './ip.js';

type Resolved = (error: Error | null, host: string) => void;

const invalidFamily = (family: unknown, host: string, port: number | undefined): Error =>
  Object.assign(
    codedError(RangeError, 'ERR_INVALID_ADDRESS_FAMILY', `Invalid address family: ${String(family)} ${host}:${port}`),
    { host, port },
  );

/** Calls back with where to connect to; at once when there is nothing to ask. */
export function resolveAddress(
  socket: EventEmitter,
  { target, lookup, family, hints }: ConnectPlan,
  isCurrent: () => boolean,
  done: Resolved,
): void {
  const { host, port } = target;
  if (lookup === null) return done(null, host);
  // One address is asked for; who always gives all of them gives the best first.
  lookup(host, { family, hints, all: false }, (error, found, foundFamily) => {
    const [first] = Array.isArray(found) ? found : [{ address: found, family: foundFamily } as LookupAddress];
    socket.emit('lookup', error, first?.address, first?.family, host);
    if (!isCurrent()) return;
    if (error) return done(error, host);
    if (first === undefined || isIP(first.address) === 0) return done(invalidAddress(first?.address), host);
    if (first.family !== 4 && first.family !== 6) return done(invalidFamily(first.family, host, port), host);
    done(null, first.address);
  });
}
