/** There is no context that follows asynchronous work in a browser; `AsyncLocalStorage` refuses. */
type Work = (this: unknown, ...args: unknown[]) => unknown;

export class AsyncResource {
  asyncId(): number {
    return 0;
  }

  triggerAsyncId(): number {
    return 0;
  }

  emitDestroy(): this {
    return this;
  }

  runInAsyncScope(work: Work, receiver?: unknown, ...args: unknown[]): unknown {
    return work.apply(receiver, args);
  }

  bind(work: Work): Work {
    return work;
  }

  static bind(work: Work): Work {
    return work;
  }
}

export const executionAsyncId = (): number => 0;
export const triggerAsyncId = (): number => 0;
export const executionAsyncResource = (): object => ({});
