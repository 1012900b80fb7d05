// Events as a queue to await, so that a test needs neither sleep nor race to see one that has already happened.

export class Mailbox {
  #arrived = [];
  #waiting = [];

  /** Puts an item in. */
  put(item) {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#arrived.push(item);
    else waiting(item);
  }

  /** The next item, in the order of arrival. */
  next() {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** How many items nobody has taken. */
  get length() {
    return this.#arrived.length;
  }
}
