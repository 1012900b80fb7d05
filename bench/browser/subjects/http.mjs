// The little of HTTP/1.1 that a contestant without HTTP of its own needs.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function getRequest(size) {
  return encoder.encode(`GET /${size} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
}

export function postRequest(size) {
  return encoder.encode(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`);
}

/** Counts a response's body: `receive()` is true as soon as all of it has come. */
export class ResponseCounter {
  #head = '';
  #rest = -1;

  receive(chunk) {
    if (this.#rest >= 0) {
      this.#rest -= chunk.length;
      return this.#rest <= 0;
    }
    this.#head += decoder.decode(chunk);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const length = /^HTTP\/1\.1 200 [^]*\r\nContent-Length: (\d+)\r\n/i.exec(this.#head);
    if (length === null) throw new Error(`Not what was asked for: ${this.#head.slice(0, end)}`);
    this.#rest = Number(length[1]) - (this.#head.length - end - 4);
    return this.#rest <= 0;
  }
}
