// The engine below the public API: connections in memory, and streams in memory for the pump.

import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';

import { fixtures } from './pki.mjs';

const require = createRequire(import.meta.url);

export const { createEngine } = require('../../dist/engine/engine.js');
export const { createPump } = require('../../dist/engine/pump.js');
export const { EngineFailure } = require('../../dist/engine/types.js');

const { Instance } = require('../../dist/engine/instance.js');

/** Runs `make` and returns, with what it made, the instance that it used: that of its property `engine`. */
export function withInstance(make) {
  let instance;
  const { bytes } = Object.getOwnPropertyDescriptors(Instance.prototype);
  Object.defineProperty(Instance.prototype, 'bytes', {
    ...bytes,
    get() {
      instance = this;
      return bytes.get.call(this);
    },
  });
  try {
    const made = make();
    made.engine.memoryBytes();
    return { made, instance };
  } finally {
    Object.defineProperty(Instance.prototype, 'bytes', bytes);
  }
}

export const tls12 = { minVersion: 0x0303, maxVersion: 0x0303 };
export const tls13 = { minVersion: 0x0304, maxVersion: 0x0304 };

/** Suites that every test may count on. */
const suites = { ciphers: 'ECDHE+AESGCM', cipherSuites: 'TLS_AES_128_GCM_SHA256', groups: 'X25519:P-256' };

/** A server's context with a certificate, unless `options` say otherwise. */
export function serverContext(engine, options = {}) {
  const { cert, key } = fixtures().serverEcdsa;
  return engine.createContext({ ...suites, ca: [], cert: [cert], key: [{ pem: key }], ...options });
}

/** A client's context that trusts the fixtures' authority. */
export function clientContext(engine, options = {}) {
  return engine.createContext({ ...suites, ca: [fixtures().ca.cert], ...options });
}

/** One instance with two connections facing each other. */
export class Pair {
  constructor({ engine = createEngine({}, () => []), server = {}, client = {}, context = {} } = {}) {
    this.engine = engine;
    this.serverContext = serverContext(engine, { ...context, ...server.context });
    this.clientContext = clientContext(engine, { ...context, ...client.context });
    this.server = engine.createConnection(this.serverContext, { isServer: true, ...server.connection });
    this.client = engine.createConnection(this.clientContext, {
      isServer: false,
      servername: 'localhost',
      ...client.connection,
    });
    this.events = { server: [], client: [] };
  }

  /** Moves what `from` has encrypted to `to`, in pieces of at most `size` bytes. Returns how many there were. */
  carry(from, to, size = Infinity) {
    const bytes = from.takeEncrypted();
    if (bytes === null) return 0;
    for (let at = 0; at < bytes.length; at += size) {
      to.feed(bytes.subarray(at, Math.min(at + size, bytes.length)));
      if (size !== Infinity) to.advance();
    }
    return bytes.length;
  }

  /** Advances both until neither has anything to say. */
  run(size = Infinity) {
    for (;;) {
      const progress = { client: this.client.advance(), server: this.server.advance() };
      this.collect();
      const moved = this.carry(this.client, this.server, size) + this.carry(this.server, this.client, size);
      if (moved === 0) return progress;
    }
  }

  collect() {
    for (const side of ['client', 'server']) {
      for (let event = this[side].takeEvent(); event !== null; event = this[side].takeEvent()) {
        this.events[side].push(event);
      }
    }
  }

  /** Of one side, those of one type. */
  eventsOf(side, type) {
    return this.events[side].filter((event) => event.type === type);
  }

  dispose() {
    for (const object of [this.client, this.server, this.clientContext, this.serverContext]) object.dispose();
  }
}

/** All cleartext that `connection` has. */
export function readAll(connection) {
  const chunks = [];
  for (let records = connection.takeCleartext(); records.length > 0; records = connection.takeCleartext()) {
    chunks.push(...records);
    connection.advance();
  }
  return Buffer.concat(chunks);
}

/** One end of a pair of streams. It keeps what it was given until its peer reads. */
class MemoryDuplex extends Duplex {
  peer = null;
  written = [];
  #waiting = null;

  _write(chunk, _encoding, callback) {
    this.written.push(chunk);
    if (this.peer.push(chunk)) callback();
    else this.peer.#waiting = callback;
  }

  _final(callback) {
    this.peer.push(null);
    callback();
  }

  _read() {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }
}

/** Two streams: what is written to one is read from the other. */
export function duplexPair(options = {}) {
  const [a, b] = [new MemoryDuplex(options), new MemoryDuplex(options)];
  a.peer = b;
  b.peer = a;
  return [a, b];
}

/** A pump's owner that writes down what it is told. `handlers` may take part: `{ onData(chunk) { … } }`. */
export class Recorder {
  log = [];
  chunks = [];
  error = null;
  #waiting = [];

  constructor(handlers = {}) {
    this.handlers = handlers;
  }

  /** Resolves when `name` (and, of an event, its type) has been told. */
  async until(name) {
    while (!this.log.includes(name)) await new Promise((resolve) => this.#waiting.push(resolve));
  }

  get data() {
    return Buffer.concat(this.chunks);
  }

  #tell(name) {
    this.log.push(name);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  onEvent(event) {
    this.#tell(event.type);
    this.handlers.onEvent?.(event);
  }

  onData(chunk) {
    this.chunks.push(chunk);
    this.#tell('data');
    return this.handlers.onData?.(chunk) ?? true;
  }

  onEnd() {
    this.#tell('end');
    this.handlers.onEnd?.();
  }

  onFailure(error) {
    this.error = error;
    this.#tell('failure');
    this.handlers.onFailure?.(error);
  }

  onTransportClose(error) {
    this.error = error;
    this.#tell('close');
    this.handlers.onTransportClose?.(error);
  }

  onActivity() {
    this.handlers.onActivity?.();
  }
}

/** Two pumps over two streams. `started` leaves the handshake to them. */
export class PumpPair {
  constructor({ pair = {}, streams = {}, client = {}, server = {}, transports = duplexPair(streams) } = {}) {
    this.pair = new Pair(pair);
    [this.clientTransport, this.serverTransport] = transports;
    this.clientOwner = new Recorder(client);
    this.serverOwner = new Recorder(server);
    this.client = createPump(this.pair.client, this.clientTransport, this.clientOwner);
    this.server = createPump(this.pair.server, this.serverTransport, this.serverOwner);
  }

  async start() {
    this.server.start();
    this.client.start();
    await Promise.all([this.clientOwner.until('handshakeDone'), this.serverOwner.until('handshakeDone')]);
    return this;
  }

  stop() {
    this.client.destroy();
    this.server.destroy();
    this.clientTransport.destroy();
    this.serverTransport.destroy();
    this.pair.dispose();
  }
}

/** `pump.write()` as a promise. */
export function write(pump, chunk) {
  return new Promise((resolve, reject) => pump.write([chunk], (error) => (error ? reject(error) : resolve())));
}

/** `pump.end()` as a promise. */
export function end(pump) {
  return new Promise((resolve, reject) => pump.end((error) => (error ? reject(error) : resolve())));
}
