import { afterWaitingIo } from '../turns.js';

export const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;

/** Node's are objects. */
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

export function setImmediate<A extends unknown[]>(work: (...args: A) => void, ...args: A): Immediate {
  return new Immediate(() => work(...args));
}

export function clearImmediate(immediate?: Immediate): void {
  if (immediate instanceof Immediate) immediate.clear();
}
