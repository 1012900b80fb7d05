import { afterWaitingIo } from '../turns.js';

type Work<A extends unknown[]> = (...args: A) => void;

/** Node's timers are objects. Wherever a browser takes the number of one, this is that number. */
class Timeout {
  #id: number;
  readonly #start: () => number;

  constructor(start: () => number) {
    this.#start = start;
    this.#id = start();
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }

  refresh(): this {
    this.close();
    this.#id = this.#start();
    return this;
  }

  close(): this {
    globalThis.clearTimeout(this.#id);
    return this;
  }

  ref(): this {
    return this;
  }

  /** A page does not end for want of timers. */
  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

// Of a browser's own functions: whoever calls them as those of another object is refused.
type Start = (work: () => void, delay?: number) => number;

function starting(name: 'setTimeout' | 'setInterval') {
  return <A extends unknown[]>(work: Work<A>, delay?: number, ...args: A): Timeout =>
    new Timeout(() => (globalThis[name] as unknown as Start)(() => work(...args), delay));
}

export const setTimeout = starting('setTimeout');
export const setInterval = starting('setInterval');

// One list of numbers has them both.
export function clearTimeout(timer?: Timeout | number): void {
  if (timer instanceof Timeout) timer.close();
  else if (timer) globalThis.clearTimeout(timer);
}

export { clearTimeout as clearInterval };

class Immediate {
  #work: (() => void) | null;

  constructor(work: () => void) {
    this.#work = work;
    afterWaitingIo(() => this.#work?.());
  }

  clear(): void {
    this.#work = null;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

export function setImmediate<A extends unknown[]>(work: Work<A>, ...args: A): Immediate {
  return new Immediate(() => work(...args));
}

export function clearImmediate(immediate?: Immediate): void {
  if (immediate instanceof Immediate) immediate.clear();
}
