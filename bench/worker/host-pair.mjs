// host/engine without the API and without sockets: two connections of one wasm instance, each with its pump, joined by a
// pair of streams in memory. What this loses against the engine alone is the price of the boundary and of the pump; what
// the library loses against this is the price of sockets, streams and the API.

import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';

import { Meter } from './bulk.mjs';

const require = createRequire(import.meta.url);

class MemoryStream extends Duplex {
  other;
  #readable = null;

  _read() {
    const callback = this.#readable;
    this.#readable = null;
    callback?.();
  }

  _write(chunk, _encoding, callback) {
    const { other } = this;
    if (other.push(chunk)) callback();
    else other.#readable = callback;
  }

  _final(callback) {
    this.other.push(null);
    callback();
  }
}

function streamPair() {
  const pair = [new MemoryStream(), new MemoryStream()];
  pair[0].other = pair[1];
  pair[1].other = pair[0];
  return pair;
}

/** A pump that reports the end of the handshake, and what it reads to `onData`. */
function startPump(createPump, connection, stream, onData) {
  return new Promise((resolve, reject) => {
    const pump = createPump(connection, stream, {
      onEvent: ({ type }) => type === 'handshakeDone' && resolve(pump),
      onData: (data) => {
        onData(data.length);
        return true;
      },
      onEnd() {},
      onFailure: ({ message }) => reject(new Error(message)),
      onTransportClose: (error) => reject(error ?? new Error('closed')),
      onActivity() {},
    });
    pump.start();
  });
}

function createConnections(engine, { identity, cipher }) {
  const bytes = (text) => Buffer.from(text);
  const shared = { minVersion: 0x0304, maxVersion: 0x0304, cipherSuites: cipher, groups: 'X25519' };
  const server = engine.createContext({
    ...shared,
    ca: [],
    cert: [bytes(identity.cert)],
    key: [{ pem: bytes(identity.key) }],
  });
  const client = engine.createContext({ ...shared, ca: [bytes(identity.ca)] });
  return [
    engine.createConnection(client, { isServer: false, servername: 'localhost' }),
    engine.createConnection(server, { isServer: true }),
  ];
}

/** Writes again and again, each time when the last write is through; returns a function that ends it. */
function writeEndlessly(pump, payload) {
  let going = true;
  const next = (error) => {
    if (!going) return;
    if (error) throw error;
    pump.write([payload], next);
  };
  next();
  return () => (going = false);
}

let engine;

export async function bulk(params) {
  const { createEngine } = require('../../dist/engine/engine.js');
  const { createPump } = require('../../dist/engine/pump.js');
  engine ??= createEngine({}, () => []);
  const meter = new Meter();
  const connections = createConnections(engine, params);
  const streams = streamPair();
  const pumps = await Promise.all(
    connections.map((connection, i) => startPump(createPump, connection, streams[i], (size) => meter.add(size))),
  );
  const stop = writeEndlessly(pumps[params.direction === 'up' ? 0 : 1], Buffer.alloc(params.chunk, 'x'));
  const value = await meter.rate(params);
  stop();
  const { name } = connections[0].cipher();
  for (const pump of pumps) pump.destroy();
  for (const stream of streams) stream.destroy();
  return { value, cipher: name };
}
