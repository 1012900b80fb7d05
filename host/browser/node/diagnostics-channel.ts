type Name = string | symbol;
type Subscriber = (message: unknown, name: Name) => void;
type Work = (this: unknown, ...args: unknown[]) => unknown;

export class Channel {
  #subscribers: Subscriber[] = [];

  constructor(readonly name: Name) {}

  get hasSubscribers(): boolean {
    return this.#subscribers.length > 0;
  }

  subscribe(subscriber: Subscriber): void {
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber: Subscriber): boolean {
    const index = this.#subscribers.indexOf(subscriber);
    if (index >= 0) this.#subscribers = this.#subscribers.filter((_, at) => at !== index);
    return index >= 0;
  }

  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(message, this.name);
      } catch (error) {
        // It is the subscriber's, not the publisher's.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  runStores(message: unknown, work: Work, receiver?: unknown, ...args: unknown[]): unknown {
    this.publish(message);
    return work.apply(receiver, args);
  }
}

const channels = new Map<Name, Channel>();

export function channel(name: Name): Channel {
  const found = channels.get(name) ?? new Channel(name);
  channels.set(name, found);
  return found;
}

export const hasSubscribers = (name: Name): boolean => channel(name).hasSubscribers;
export const subscribe = (name: Name, subscriber: Subscriber): void => channel(name).subscribe(subscriber);
export const unsubscribe = (name: Name, subscriber: Subscriber): boolean => channel(name).unsubscribe(subscriber);

const events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
type Channels = Record<(typeof events)[number], Channel>;

export class TracingChannel {
  readonly start!: Channel;
  readonly end!: Channel;
  readonly asyncStart!: Channel;
  readonly asyncEnd!: Channel;
  readonly error!: Channel;

  constructor(source: string | Channels) {
    for (const event of events) {
      const value = typeof source === 'string' ? channel(`tracing:${source}:${event}`) : source[event];
      Object.defineProperty(this, event, { value, enumerable: true });
    }
  }

  get hasSubscribers(): boolean {
    return events.some((event) => this[event].hasSubscribers);
  }

  subscribe(subscribers: Partial<Record<keyof Channels, Subscriber>>): void {
    for (const event of events) if (subscribers[event]) this[event].subscribe(subscribers[event]);
  }

  unsubscribe(subscribers: Partial<Record<keyof Channels, Subscriber>>): boolean {
    return events
      .filter((event) => subscribers[event] !== undefined)
      .every((event) => this[event].unsubscribe(subscribers[event] as Subscriber));
  }

  traceSync(work: Work, context: Record<string, unknown> = {}, receiver?: unknown, ...args: unknown[]): unknown {
    this.start.publish(context);
    try {
      context.result = work.apply(receiver, args);
      return context.result;
    } catch (error) {
      context.error = error;
      this.error.publish(context);
      throw error;
    } finally {
      this.end.publish(context);
    }
  }

  tracePromise(work: Work, context: Record<string, unknown> = {}, receiver?: unknown, ...args: unknown[]): unknown {
    const settle = (key: 'error' | 'result', value: unknown): void => {
      context[key] = value;
      if (key === 'error') this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    return Promise.resolve(this.traceSync(work, context, receiver, ...args)).then(
      (result) => {
        settle('result', result);
        return result;
      },
      (error: unknown) => {
        settle('error', error);
        throw error;
      },
    );
  }

  traceCallback(
    work: Work,
    position = -1,
    context: Record<string, unknown> = {},
    receiver?: unknown,
    ...args: unknown[]
  ): unknown {
    const callback = args.at(position) as Work;
    const { asyncStart, asyncEnd, error } = this;
    const wrapped: Work = function (...results) {
      const [failure, result] = results;
      if (failure) Object.assign(context, { error: failure });
      else context.result = result;
      if (failure) error.publish(context);
      asyncStart.publish(context);
      try {
        return callback.apply(this, results);
      } finally {
        asyncEnd.publish(context);
      }
    };
    args.splice(position < 0 ? args.length + position : position, 1, wrapped);
    return this.traceSync(work, context, receiver, ...args);
  }
}

export const tracingChannel = (source: string | Channels): TracingChannel => new TracingChannel(source);
