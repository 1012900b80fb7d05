/** What Node's event loop calls next ticks and immediates. */

type Work = () => void;

/** At the end of what runs now. */
export function nextTick<A extends unknown[]>(work: (...args: A) => void, ...args: A): void {
  queueMicrotask(args.length === 0 ? (work as Work) : () => work(...args));
}

// A message is a task like any other: unlike a timer it does not wait, and is not held back in a page nobody looks at.
const { port1, port2 } = new MessageChannel();
let waiting: Work[] = [];

port1.onmessage = () => {
  const work = waiting;
  waiting = [];
  for (const [index, one] of work.entries()) {
    try {
      one();
    } catch (error) {
      // The others are not to suffer for it.
      const rest = work.slice(index + 1);
      if (rest.length > 0) {
        waiting = [...rest, ...waiting];
        port2.postMessage(null);
      }
      throw error;
    }
  }
};

/** Behind the tasks that are already waiting. */
export function afterWaitingIo(work: Work): void {
  waiting.push(work);
  if (waiting.length === 1) port2.postMessage(null);
}
