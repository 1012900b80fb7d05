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

  /** The next item of whichever has one first, as [mailbox, item]. Takes nothing from the others. */
  static any(...mailboxes) {
    const ready = mailboxes.find((mailbox) => mailbox.length > 0);
    if (ready !== undefined) return Promise.resolve([ready, ready.#arrived.shift()]);
    return new Promise((resolve) => {
      const waiters = mailboxes.map((mailbox) => (item) => {
        mailboxes.forEach((each, index) => each.#forget(waiters[index]));
        resolve([mailbox, item]);
      });
      mailboxes.forEach((mailbox, index) => mailbox.#waiting.push(waiters[index]));
    });
  }

  #forget(waiter) {
    this.#waiting = this.#waiting.filter((each) => each !== waiter);
  }
}
