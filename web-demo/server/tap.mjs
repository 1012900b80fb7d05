// What the relay sees of each connection, both ways, kept for the page whose connection it is. It is found by the random
// bytes of its ClientHello, which only the two ends and whoever is between them know.

const keptConnections = 40;
const keptBytes = 64 * 1024;

/** RFC 8446 §5.1, §4.1.2: behind the headers of the record and of the message, and the version. */
const randomAt = 5 + 4 + 2;
const randomSize = 32;
const handshakeRecord = 22;

/** The client's random in hexadecimal; null when these are not the first bytes of a TLS connection. */
function clientRandom(bytes) {
  if (bytes.length < randomAt + randomSize || bytes[0] !== handshakeRecord) return null;
  return bytes.subarray(randomAt, randomAt + randomSize).toString('hex');
}

/** The beginning of what went one way. */
class Recording {
  #chunks = [];
  #size = 0;
  total = 0;

  add(chunk) {
    this.total += chunk.length;
    const room = keptBytes - this.#size;
    if (room <= 0) return;
    // A copy: the relay uses its buffers again.
    this.#chunks.push(Buffer.from(chunk.subarray(0, room)));
    this.#size += Math.min(room, chunk.length);
  }

  get bytes() {
    return Buffer.concat(this.#chunks);
  }

  tell() {
    return { total: this.total, base64: this.bytes.toString('base64') };
  }
}

export class Taps {
  /** The oldest first. */
  #connections = new Map();

  /** The relay's option `tap`. */
  record({ connection, stream, direction, bytes }) {
    const key = `${connection}/${stream}`;
    let found = this.#connections.get(key);
    if (found === undefined) {
      found = { 'to-target': new Recording(), 'to-client': new Recording() };
      this.#connections.set(key, found);
      if (this.#connections.size > keptConnections) this.#connections.delete(this.#connections.keys().next().value);
    }
    found[direction].add(bytes);
  }

  /** { fromPage, fromServer }, each { total, base64 }, of the connection with that ClientHello; null when unknown. */
  find(random) {
    for (const { 'to-target': fromPage, 'to-client': fromServer } of this.#connections.values()) {
      if (clientRandom(fromPage.bytes) === random) return { fromPage: fromPage.tell(), fromServer: fromServer.tell() };
    }
    return null;
  }
}
