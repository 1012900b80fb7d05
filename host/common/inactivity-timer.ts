/** Tells of silence: starts over with every sign of life and never keeps the process running. */
export class InactivityTimer {
  readonly #onTimeout: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #milliseconds = 0;
  /** The last sign of life, where timers cannot start over by themselves. */
  #heard = 0;
  #rang = false;

  constructor(onTimeout: () => void) {
    this.#onTimeout = onTimeout;
  }

  start(milliseconds: number): void {
    this.stop();
    this.#milliseconds = milliseconds;
    this.#heard = Date.now();
    this.#wait(milliseconds);
  }

  refresh(): void {
    if (this.#timer === null) return;
    // Timers of browsers are plain numbers.
    if (typeof this.#timer === 'object') {
      this.#timer.refresh();
      return;
    }
    this.#heard = Date.now();
    if (this.#rang) this.#wait(this.#milliseconds);
  }

  stop(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(milliseconds: number): void {
    this.#rang = false;
    this.#timer = setTimeout(() => this.#ring(), milliseconds);
    if (typeof this.#timer === 'object') this.#timer.unref();
  }

  #ring(): void {
    if (typeof this.#timer === 'number') {
      const left = this.#milliseconds - (Date.now() - this.#heard);
      // A clock that was set back must not lengthen the wait without end.
      if (left > 0 && left < this.#milliseconds) return this.#wait(left);
    }
    this.#rang = true;
    this.#onTimeout();
  }
}
