/** What Node's event loop calls next ticks and immediates. */

export { soon as afterWaitingIo } from '../transport/turns.js';

/** At the end of what runs now. */
export function nextTick<A extends unknown[]>(work: (...args: A) => void, ...args: A): void {
  queueMicrotask(args.length === 0 ? (work as () => void) : () => work(...args));
}
