// What was secret is nowhere in the memory of an instance once its owner is gone: freed blocks, buffers, the stack.
//
// Secrets that are written into it are looked for as they are and as OpenSSL's numbers keep them, the last byte first; those
// that come about in it are known from the key log, or from the session that it gives away.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';

import { createEngine, Pair, readAll, tls12, tls13 } from '../../support/engine.mjs';
import { fixtures } from '../../support/pki.mjs';

/** The memories of the instances that are made while `work` runs. */
function memoriesOf(work) {
  const memories = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...args) {
      super(...args);
      memories.push(...Object.values(this.exports).filter((value) => value instanceof WebAssembly.Memory));
    }
  };
  try {
    return [work(), memories];
  } finally {
    WebAssembly.Instance = Instance;
  }
}

const reversed = (bytes) => Buffer.from(bytes).reverse();
const fromBase64Url = (text) => Buffer.from(text, 'base64url');

/** The secret numbers of a private key, each in both orders, and its DER. */
function secretsOfKey(name, pem) {
  const key = crypto.createPrivateKey(pem);
  const secrets = { [`${name}, PEM`]: Buffer.from(String(pem).split('\n')[1]) };
  const numbers = key.export({ format: 'jwk' });
  for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi']) {
    if (numbers[part] === undefined) continue;
    const bytes = fromBase64Url(numbers[part]);
    secrets[`${name}, ${part}`] = bytes;
    secrets[`${name}, ${part} as a number`] = reversed(bytes);
  }
  return secrets;
}

/** RFC 8446 §7.1: HKDF-Expand-Label() without a context. */
function expandLabel(secret, label, size) {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([0, size, name.length]), name, Buffer.from([0])]);
  const hmac = crypto
    .createHmac('sha256', secret)
    .update(info)
    .update(Buffer.from([1]));
  return hmac.digest().subarray(0, size);
}

/** The secrets that key log lines tell, and the keys that follow from them. */
function secretsOfLog(lines, keySize = 16) {
  const secrets = {};
  for (const line of lines) {
    const [label, , hex] = line.trim().split(' ');
    const secret = Buffer.from(hex, 'hex');
    secrets[label] = secret;
    if (label.includes('TRAFFIC')) secrets[`${label}, key`] = expandLabel(secret, 'key', keySize);
  }
  return secrets;
}

/** RFC 8439 §2.3: a block of ChaCha20, by rows: as it is given out, and before the key is added, of which it tells. */
function rowsOfBlock(key, nonce, counter) {
  const start = Buffer.concat([Buffer.from([counter, 0, 0, 0]), nonce]);
  const stream = crypto.createCipheriv('chacha20', key, start).update(Buffer.alloc(64));
  const added = Buffer.concat([Buffer.from('expand 32-byte k'), key, start]);
  const before = Buffer.alloc(64);
  for (let at = 0; at < 64; at += 4) before.writeUInt32LE((stream.readUInt32LE(at) - added.readUInt32LE(at)) >>> 0, at);
  const rows = {};
  for (let row = 0; row < 4; ++row) {
    rows[`row ${row}`] = stream.subarray(16 * row, 16 * row + 16);
    rows[`row ${row} of the last round`] = before.subarray(16 * row, 16 * row + 16);
  }
  return rows;
}

/** What the first records of a connection by ChaCha20-Poly1305 were protected with: the key of the tag, and the text's. */
function streamsOfLog(lines) {
  const streams = {};
  for (const line of lines) {
    const [label, , hex] = line.trim().split(' ');
    if (!label.includes('TRAFFIC')) continue;
    const secret = Buffer.from(hex, 'hex');
    const nonce = expandLabel(secret, 'iv', 12);
    for (const record of [0, 1]) {
      for (const counter of [0, 1, 2]) {
        const rows = rowsOfBlock(expandLabel(secret, 'key', 32), nonce, counter);
        for (const row in rows) streams[`${label}, record ${record}, block ${counter}, ${row}`] = rows[row];
      }
      nonce[11] ^= 1;
    }
  }
  return streams;
}

/** The fifth element of SSL_SESSION, which ssl/ssl_asn1.c of OpenSSL defines: what a resumption proves knowledge of. */
function secretOfSession(der) {
  const lengthAt = (at) => (der[at] < 0x80 ? [at + 1, der[at]] : [at + 1 + (der[at] & 0x7f), readLength(at)]);
  const readLength = (at) => der.readUIntBE(at + 1, der[at] & 0x7f);
  let [at] = lengthAt(1);
  for (let skipped = 0; skipped < 4; ++skipped) {
    const [start, size] = lengthAt(at + 1);
    at = start + size;
  }
  const [start, size] = lengthAt(at + 1);
  assert.equal(der[at], 0x04);
  return der.subarray(start, start + size);
}

describe('secrets in the memory of the engine', () => {
  let engine;
  let memory;

  beforeEach('make an instance', () => {
    const [made, memories] = memoriesOf(() => {
      const one = createEngine({}, () => []);
      one.createContext({}).dispose(); // the first use makes the instance
      return one;
    });
    assert.equal(memories.length, 1);
    [engine, memory] = [made, memories[0]];
  });

  const found = (secrets) => {
    const bytes = Buffer.from(memory.buffer);
    return Object.keys(secrets).filter((name) => bytes.includes(secrets[name]));
  };

  /** A handshake, data both ways, and the end of both; the secrets that came about. */
  function connect(options) {
    const pair = new Pair({ engine, ...options });
    pair.run();
    for (const [from, to] of [
      [pair.client, pair.server],
      [pair.server, pair.client],
    ]) {
      from.write([Buffer.from('some data')], 0);
      pair.run();
      assert.equal(String(readAll(to)), 'some data');
    }
    return pair;
  }

  function close(pair) {
    pair.client.shutdown();
    pair.server.shutdown();
    pair.run();
    pair.dispose();
  }

  for (const identity of ['serverEcdsa', 'serverRsa']) {
    for (const [version, range] of Object.entries({ tls12, tls13 })) {
      it(`${version}, ${identity}: private key and ticket keys`, () => {
        const { cert, key } = fixtures()[identity];
        const ticketKeys = crypto.randomBytes(48);
        const secrets = {
          ...secretsOfKey('key', key),
          'ticket keys, HMAC': ticketKeys.subarray(16, 32),
          'ticket keys, AES': ticketKeys.subarray(32),
        };
        const server = { context: { cert: [cert], key: [{ pem: key }], ticketKeys } };
        const pair = connect({ server, context: range });
        assert.ok(found(secrets).includes('key, d as a number'), 'the search finds what is there');
        assert.ok(found(secrets).includes('ticket keys, AES'), 'the search finds what is there');
        close(pair);
        assert.deepEqual(found(secrets), []);
      });
    }
  }

  for (const [version, range] of Object.entries({ tls12, tls13 })) {
    it(`${version}: traffic secrets, and the secret of a session that is resumed`, () => {
      const connection = { keylog: true, sessions: true };
      const first = connect({ context: range, client: { connection }, server: { connection } });
      const lines = first.eventsOf('client', 'keylog').map(({ line }) => line);
      const [session] = first.eventsOf('client', 'newSession');
      const ticketKeys = first.serverContext.ticketKeys();
      const second = connect({
        context: range,
        client: { connection: { ...connection, session: session.data } },
        server: { context: { ticketKeys }, connection },
      });
      assert.equal(second.client.sessionReused(), true);
      lines.push(...second.eventsOf('client', 'keylog').map(({ line }) => line));
      const secrets = { ...secretsOfLog(lines), 'resumption secret': secretOfSession(Buffer.from(session.data)) };
      assert.ok(found(secrets).length > 0, 'the search finds what is there');
      close(first);
      close(second);
      assert.deepEqual(found(secrets), []);
    });

    if (version === 'tls13')
      it(`${version}: keys and key streams of ChaCha20-Poly1305`, () => {
        const connection = { keylog: true };
        const context = { ...range, cipherSuites: 'TLS_CHACHA20_POLY1305_SHA256' };
        const pair = connect({ context, client: { connection }, server: { connection } });
        const lines = pair.eventsOf('client', 'keylog').map(({ line }) => line);
        const secrets = { ...secretsOfLog(lines, 32), ...streamsOfLog(lines) };
        assert.ok(found(secrets).some((name) => name.includes('record 0, block 1')));
        close(pair);
        assert.deepEqual(found(secrets), []);
      });

    it(`${version}: a pre-shared key`, () => {
      const key = crypto.randomBytes(32);
      const psk = () => ({ identity: 'somebody', key });
      const context = { ...range, ciphers: 'PSK+AESGCM' };
      const server = { context: { cert: [], key: [] }, connection: { psk } };
      const pair = connect({ context, server, client: { connection: { psk } } });
      const secrets = { 'pre-shared key': key };
      close(pair);
      assert.deepEqual(found(secrets), []);
    });
  }
});
