/** One timer that starts over with every sign of life and never keeps the process running. */
export class InactivityTimer {
  readonly #onTimeout: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(onTimeout: () => void) {
    this.#onTimeout = onTimeout;
  }

  start(milliseconds: number): void {
    this.stop();
    this.#timer = setTimeout(this.#onTimeout, milliseconds);
    // Timers of browsers are plain numbers, which keep nothing alive.
    if (typeof this.#timer === 'object') this.#timer.unref();
  }

  refresh(): void {
    if (this.#timer !== null && typeof this.#timer === 'object') this.#timer.refresh();
  }

  stop(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}
