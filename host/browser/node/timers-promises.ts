import { afterWaitingIo } from '../turns.js';

interface Options {
  signal?: AbortSignal;
}

function aborted(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

export function setTimeout<T>(delay?: number, value?: T, { signal }: Options = {}): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal));
    const timer = globalThis.setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    }, delay);
    const abort = (): void => {
      globalThis.clearTimeout(timer);
      reject(aborted(signal as AbortSignal));
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}

export function setImmediate<T>(value?: T): Promise<T | undefined> {
  return new Promise((resolve) => afterWaitingIo(() => resolve(value)));
}

export async function* setInterval<T>(delay?: number, value?: T, options?: Options): AsyncGenerator<T | undefined> {
  for (;;) yield await setTimeout(delay, value, options);
}

export const scheduler = { wait: (delay: number) => setTimeout(delay), yield: () => setImmediate() };
