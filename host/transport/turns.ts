/** `soon()`: what Node calls an immediate, wherever this runs. */

type Work = () => void;

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
  ref?(): void;
  unref?(): void;
}

const { MessageChannel: ChannelClass } = globalThis as unknown as {
  MessageChannel?: new () => { port1: Port; port2: Port };
};

let waiting: Work[] = [];
let wake: (() => void) | null = null;

function run(): void {
  const work = waiting;
  waiting = [];
  let done = 0;
  try {
    for (const one of work) {
      done += 1;
      one();
    }
  } finally {
    // After one that threw, too.
    if (done < work.length) waiting = [...work.slice(done), ...waiting];
    if (waiting.length > 0) wake?.();
  }
}

/** A message is a task like any other: unlike a timer it is not held back in a page that nobody looks at. */
function waker(): () => void {
  if (ChannelClass === undefined) return () => void setTimeout(run, 0);
  const { port1, port2 } = new ChannelClass();
  port1.onmessage = () => {
    port1.unref?.();
    run();
  };
  // Of a Node it keeps the process alive while there is something to do.
  port1.unref?.();
  return () => {
    port1.ref?.();
    port2.postMessage(null);
  };
}

/** Runs `work` as a task of its own, behind all ticks and microtasks. In the order of the calls. */
export function soon(work: Work): void {
  wake ??= waker();
  waiting.push(work);
  if (waiting.length === 1) wake();
}
