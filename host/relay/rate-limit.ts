/** A bucket that fills at a steady rate and holds what comes in one second. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #now: () => number;
  #level: number;
  #filledAt: number;

  /**
   * @param perSecond 0 for no limit
   * @param now milliseconds of a clock that never goes back
   */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#level = perSecond;
    this.#filledAt = now();
  }

  /** Takes what has happened already; the level may fall below zero. */
  take(amount: number): void {
    if (this.#perSecond === 0) return;
    this.#fill();
    this.#level -= amount;
  }

  /** Milliseconds until there is something to take; 0 when there is. */
  wait(): number {
    if (this.#perSecond === 0) return 0;
    this.#fill();
    return this.#level > 0 ? 0 : Math.ceil(((1 - this.#level) * 1000) / this.#perSecond);
  }

  #fill(): void {
    const now = this.#now();
    this.#level = Math.min(this.#perSecond, this.#level + ((now - this.#filledAt) * this.#perSecond) / 1000);
    this.#filledAt = now;
  }
}
