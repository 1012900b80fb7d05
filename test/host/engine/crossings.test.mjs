// How often the border is crossed, and what is allocated on this side of it: that goes by the volume of data, not by the
// number of records or of writes.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

import { useCleanup } from '../../support/cleanup.mjs';
import { Pair, PumpPair, readAll, tls12, tls13, withInstance, write } from '../../support/engine.mjs';
import { fixtures } from '../../support/pki.mjs';
import { duplexPair } from '../../support/raw.mjs';
import { isNative, tls } from '../../support/subject.mjs';

const recordSize = 16_384;
/** Crosses at once: `clearInLimit` in host/engine/connection.ts, and `clear_out_limit` in src/connection.h. */
const blockSize = 4 * recordSize;
const mebibyte = Buffer.alloc(1 << 20, 'wasm');
const blocks = mebibyte.length / blockSize;
const smallPieces = Array.from({ length: 100 }, (_, i) => Buffer.alloc(64, i));

/** Counts the calls of some functions, until `stop()`. */
class Calls {
  #counts = {};
  #restore = [];

  watch(target, names = Object.keys(target)) {
    for (const name of names) {
      const descriptor = Object.getOwnPropertyDescriptor(target, name);
      const count = () => (this.#counts[name] = (this.#counts[name] ?? 0) + 1);
      const value = function (...args) {
        count();
        return descriptor.value.apply(this, args);
      };
      Object.defineProperty(target, name, { ...descriptor, value });
      this.#restore.push(() => Object.defineProperty(target, name, descriptor));
    }
    return this;
  }

  /** By name, since the last time. */
  take() {
    const counts = this.#counts;
    this.#counts = {};
    return counts;
  }

  stop() {
    for (const restore of this.#restore.reverse()) restore();
  }
}

const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);

(isNative ? describe.skip : describe)('crossings of the border', () => {
  const use = useCleanup();

  /** What `make` makes, and the calls that the connections of its `engine` get. */
  async function observed(make) {
    const { made, instance } = withInstance(make);
    return { made, calls: await use(new Calls().watch(instance.module.Connection.prototype)) };
  }

  for (const [version, context] of [
    ['TLSv1.2', tls12],
    ['TLSv1.3', tls13],
  ]) {
    describe(version, () => {
      async function startPumps() {
        const { made, calls } = await observed(() => {
          const pumps = new PumpPair({ pair: { context } });
          return { engine: pumps.pair.engine, pumps };
        });
        await use(made.pumps);
        await made.pumps.start();
        await setImmediate();
        calls.take();
        return { pumps: made.pumps, calls };
      }

      async function received(owner, size) {
        while (owner.data.length < size && owner.error === null) await setImmediate();
      }

      async function startConnections() {
        const { made: pair, calls } = await observed(() => new Pair({ context }));
        await use({ stop: () => pair.dispose() });
        pair.run();
        calls.take();
        return { pair, calls };
      }

      /** As records, in `size` bytes at a time. */
      function encrypt({ client }, bytes) {
        const chunks = [];
        for (let at = 0; at < bytes.length; ) {
          at += client.write([bytes], at);
          client.advance();
          chunks.push(client.takeEncrypted());
        }
        return Buffer.concat(chunks);
      }

      it('a large write: three calls of the writer and three of the reader for each 64 KiB', async () => {
        const { pumps, calls } = await startPumps();
        await write(pumps.client, mebibyte);
        await received(pumps.serverOwner, mebibyte.length);
        assert.deepEqual(calls.take(), {
          extendClearIn: blocks,
          advance: 2 * blocks,
          consumeEncOut: blocks,
          extendEncIn: blocks,
          consumeClearOut: blocks,
        });
        assert.ok(pumps.serverOwner.data.equals(mebibyte));
        assert.equal(pumps.serverOwner.chunks.length, mebibyte.length / recordSize);
      });

      it('a write in a hundred pieces: as one, in one record', async () => {
        const { pumps, calls } = await startPumps();
        pumps.client.write(smallPieces, () => {});
        const bytes = Buffer.concat(smallPieces);
        await received(pumps.serverOwner, bytes.length);
        assert.equal(total(calls.take()), 6);
        assert.deepEqual(pumps.serverOwner.chunks, [bytes]);
      });

      it('pieces of any size come in order, however they lie to what crosses at once', async () => {
        const { pumps, calls } = await startPumps();
        const sizes = [1, blockSize - 1, 1, 0, blockSize, 3 * blockSize + 5, 7, 2 * blockSize - 12, 0];
        const pieces = sizes.map((size, i) => Buffer.alloc(size, i + 1));
        const bytes = Buffer.concat(pieces);
        pumps.client.write(pieces, () => {});
        await received(pumps.serverOwner, bytes.length);
        assert.ok(pumps.serverOwner.data.equals(bytes));
        assert.equal(calls.take().extendClearIn, Math.ceil(bytes.length / blockSize));
      });

      it('what arrives in one chunk goes in by one call, and comes out by 64 KiB', async () => {
        const { pair, calls } = await startConnections();
        const records = encrypt(pair, mebibyte);
        calls.take();
        pair.server.feed(records);
        pair.server.advance();
        assert.ok(readAll(pair.server).equals(mebibyte));
        const { extendEncIn, consumeClearOut, advance, ...others } = calls.take();
        assert.deepEqual(others, {});
        assert.deepEqual({ extendEncIn, consumeClearOut }, { extendEncIn: 1, consumeClearOut: blocks });
        assert.ok(advance <= blocks + 1);
      });

      it('what arrives in many chunks: three calls for each, however many records it has', async () => {
        const { pair, calls } = await startConnections();
        const records = encrypt(pair, mebibyte);
        calls.take();
        const chunkSize = 50_000;
        const received = [];
        for (let at = 0; at < records.length; at += chunkSize) {
          pair.server.feed(records.subarray(at, at + chunkSize));
          pair.server.advance();
          received.push(...pair.server.takeCleartext());
        }
        assert.ok(Buffer.concat(received).equals(mebibyte));
        assert.equal(total(calls.take()), 3 * Math.ceil(records.length / chunkSize));
      });

      it('one buffer for each block that comes out, and of a record nothing but the view that its reader gets', async () => {
        const { pair } = await startConnections();
        const records = encrypt(pair, mebibyte);
        pair.server.feed(records);
        pair.server.advance();
        const made = await use(
          new Calls()
            .watch(Buffer, ['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'concat', 'from'])
            .watch(Buffer.prototype, ['slice', 'subarray']),
        );
        const received = [];
        for (let some; (some = pair.server.takeCleartext()).length > 0; pair.server.advance()) received.push(...some);
        assert.deepEqual(made.take(), { allocUnsafe: blocks, subarray: received.length });
        assert.equal(new Set(received.map(({ buffer }) => buffer)).size, blocks);
        assert.equal(received.length, mebibyte.length / recordSize);
      });
    });
  }

  it('of a socket: a hundred writes under cork() are one, in one record and one write to the transport', async () => {
    const { made: engine, calls } = await observed(() => tls.createTls());
    const { ca, serverEcdsa } = fixtures();
    const [near, far] = duplexPair();
    const server = new engine.TLSSocket(far, {
      isServer: true,
      secureContext: engine.createSecureContext({ key: serverEcdsa.key, cert: serverEcdsa.cert }),
    });
    const client = engine.connect({ socket: near, ca: ca.cert, servername: 'localhost' });
    await use({ stop: () => (client.destroy(), server.destroy()) });
    server.resume();
    await once(client, 'secureConnect');
    await setImmediate();

    const transport = await use(new Calls().watch(Object.getPrototypeOf(near), ['_write']));
    const joined = await use(new Calls().watch(Buffer, ['concat']));
    const chunks = [];
    server.on('data', (chunk) => chunks.push(chunk));
    calls.take();
    client.cork();
    for (const piece of smallPieces) client.write(piece);
    client.uncork();
    while (chunks.length === 0) await setImmediate();
    assert.equal(total(calls.take()), 6);
    assert.deepEqual(transport.take(), { _write: 1 });
    assert.deepEqual(joined.take(), {});
    assert.deepEqual(chunks, [Buffer.concat(smallPieces)]);
  });
});
