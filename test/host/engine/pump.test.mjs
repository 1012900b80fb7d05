import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';

import { Pair, PumpPair, Recorder, createPump, duplexPair, end, tls12, tls13, write } from '../../support/engine.mjs';

const big = Buffer.alloc(3_000_000);
for (let i = 0; i < big.length; i++) big[i] = (i * 31 + (i >> 11)) & 0xff;

/** Both ends of a TCP connection of this machine. */
async function socketPair() {
  const server = net.createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true });
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
  server.close();
  return [client, accepted];
}

describe('engine: the pump', () => {
  let open = [];
  const make = (options) => {
    const pumps = new PumpPair(options);
    open.push(pumps);
    return pumps;
  };
  const start = (options) => make(options).start();
  afterEach(() => {
    for (const pumps of open) {
      pumps.stop();
      assert.equal(pumps.pair.engine.liveObjects(), 0);
    }
    open = [];
  });

  for (const [version, context] of [
    ['TLSv1.2', tls12],
    ['TLSv1.3', tls13],
  ]) {
    for (const [kind, transports] of [
      ['streams in memory', () => duplexPair()],
      ['streams that pass one byte at a time', () => duplexPair({ highWaterMark: 1 })],
      ['sockets', socketPair],
    ]) {
      it(`carries data both ways and ends in order: ${version}, ${kind}`, async () => {
        const pumps = await start({ pair: { context }, transports: await transports() });
        await Promise.all([write(pumps.client, big), write(pumps.server, big)]);
        await Promise.all([end(pumps.client), end(pumps.server)]);
        await Promise.all([pumps.clientOwner.until('end'), pumps.serverOwner.until('end')]);
        assert.ok(pumps.clientOwner.data.equals(big));
        assert.ok(pumps.serverOwner.data.equals(big));
        for (const owner of [pumps.clientOwner, pumps.serverOwner]) {
          assert.equal(owner.log[0], 'handshakeStart');
          assert.equal(owner.log.filter((name) => name === 'end').length, 1);
          assert.ok(!owner.log.includes('failure') && !owner.log.includes('endOfData'));
          assert.ok(owner.log.indexOf('handshakeDone') < owner.log.indexOf('data'));
          assert.ok(owner.log.lastIndexOf('data') < owner.log.indexOf('end'));
        }
      });
    }
  }

  describe('backpressure', () => {
    it('stops reading when the owner does, with bounded memory, and goes on when it does', async () => {
      const full = { onData: () => false };
      const pumps = await start({ server: full });
      let written = false;
      const writing = write(pumps.client, big).then(() => (written = true));
      for (let i = 0; i < 20; i++) await setImmediate();
      const { chunks } = pumps.serverOwner;
      assert.equal(chunks.length, 1);
      assert.equal(written, false);
      assert.equal(pumps.serverTransport.isPaused(), true);
      assert.ok(pumps.pair.engine.memoryBytes() < 8 * 1024 * 1024);

      while (!written) {
        pumps.server.resume();
        await setImmediate();
      }
      await writing;
      while (pumps.serverOwner.data.length < big.length) {
        pumps.server.resume();
        await setImmediate();
      }
      assert.ok(pumps.serverOwner.data.equals(big));
      assert.ok(Math.max(...chunks.map((chunk) => chunk.length)) <= 256 * 1024);
    });

    it('takes a resume() inside onData() for the last word', async () => {
      const pumps = make({
        server: {
          onData() {
            pumps.server.resume();
            return false;
          },
        },
      });
      await pumps.start();
      await write(pumps.client, big);
      while (pumps.serverOwner.data.length < big.length) await setImmediate();
    });

    it('stops encrypting when the transport is full, and calls back only after it has drained', async () => {
      const pumps = await start();
      pumps.serverTransport.removeAllListeners('data');
      pumps.serverTransport.pause();
      let called = false;
      pumps.client.write([big], () => (called = true));
      for (let i = 0; i < 20; i++) await setImmediate();
      assert.equal(called, false);
      assert.ok(pumps.clientTransport.writableLength < 256 * 1024);
    });

    it('still tells the other side of a failure when the transport is full', async () => {
      const pumps = await start();
      pumps.serverTransport.removeAllListeners('data');
      pumps.serverTransport.pause();
      pumps.client.write([big], () => {});
      await setImmediate();
      const before = pumps.clientTransport.writableLength;
      pumps.clientTransport.push(Buffer.from('no TLS record at all'));
      await pumps.clientOwner.until('failure');
      assert.ok(pumps.clientTransport.writableLength > before, 'an alert');
    });

    it('stops listening to a peer that asks for answers and does not read them', async () => {
      const pumps = await start({ pair: { context: tls13 } });
      pumps.client.destroy();
      const { engine, clientContext } = pumps.pair;
      const client = engine.createConnection(clientContext, { isServer: false });
      const [near, far] = duplexPair();
      const server = engine.createConnection(pumps.pair.serverContext, { isServer: true });
      const pump = createPump(server, far, new Recorder());
      pump.start();
      while (!server.established) {
        client.advance();
        const bytes = client.takeEncrypted();
        if (bytes !== null) near.write(bytes);
        await setImmediate();
        const answer = near.read();
        if (answer !== null) client.feed(answer);
      }
      const largest = 512 * 1024;
      let asked = 0;
      while (!far.isPaused() && far.writableLength < largest) {
        for (let i = 0; i < 500; i++, asked++) {
          client.keyUpdate();
          client.advance();
        }
        near.write(client.takeEncrypted());
        await setImmediate();
      }
      assert.equal(far.isPaused(), true);
      assert.ok(far.writableLength < largest, `${far.writableLength} bytes after ${asked} questions`);
      while (far.isPaused()) {
        near.read();
        await setImmediate();
      }
      pump.destroy();
      client.dispose();
    });

    it('lets others run during a long burst', async () => {
      const pumps = await start();
      const order = [];
      const writing = write(pumps.client, Buffer.concat([big, big, big])).then(() => order.push('written'));
      setImmediate().then(() => order.push('another'));
      await writing;
      assert.deepEqual(order, ['another', 'written']);
    });

    it('lets others run while a writer goes on from its callbacks', async () => {
      const pumps = await start();
      let others = false;
      setImmediate().then(() => (others = true));
      const chunk = Buffer.alloc(16_384);
      for (let volume = 0; !others && volume < 20e6; volume += chunk.length) await write(pumps.client, chunk);
      assert.equal(others, true);
    });
  });

  describe('re-entrancy', () => {
    it('does not recurse, whatever an owner calls in its callbacks', async () => {
      let depth = 0;
      let replies = 0;
      const nest = (pumps) => {
        assert.equal(depth, 0, 'called inside another callback');
        depth++;
        pumps.server.kick();
        pumps.server.resume();
        if (replies < 50) {
          replies++;
          pumps.server.write([Buffer.from('reply')], () => {});
        }
        depth--;
      };
      const pumps = make({
        server: {
          onEvent: () => nest(pumps),
          onData: () => (nest(pumps), true),
          onEnd: () => nest(pumps),
        },
      });
      await pumps.start();
      for (let i = 0; i < 60; i++) await write(pumps.client, Buffer.from('question'));
      await end(pumps.client);
      await pumps.serverOwner.until('end');
      await end(pumps.server);
      await pumps.clientOwner.until('end');
      assert.equal(pumps.clientOwner.data.length, 50 * 'reply'.length);
      assert.equal(replies, 50);
    });

    for (const [callback, provoke] of [
      ['onEvent', () => {}],
      ['onActivity', () => {}],
      ['onData', (pumps) => pumps.client.write([Buffer.from('x')], () => {})],
      ['onEnd', (pumps) => pumps.client.end(() => {})],
      ['onFailure', (pumps) => pumps.clientTransport.write('no TLS record at all')],
      ['onTransportClose', (pumps) => pumps.serverTransport.destroy(new Error('gone'))],
    ]) {
      it(`may be destroyed in ${callback}()`, async () => {
        const destroyed = [];
        const early = callback === 'onEvent' || callback === 'onActivity';
        const pumps = make({
          server: {
            [callback]() {
              destroyed.push(pumps.serverOwner.log.length);
              pumps.server.destroy();
              pumps.server.destroy();
              return true;
            },
          },
        });
        if (early) {
          pumps.server.start();
          pumps.client.start();
        } else {
          await pumps.start();
          provoke(pumps);
        }
        while (destroyed.length === 0) await setImmediate();
        await setImmediate();
        assert.equal(destroyed.length, 1);
        assert.equal(pumps.serverOwner.log.length, destroyed[0], 'nothing is told afterwards');
        assert.equal(pumps.serverTransport.listenerCount('data'), 0);
      });
    }

    it('goes on after an exception of its owner', async () => {
      const failure = new Error('from user code');
      let thrown = 0;
      const pumps = make({
        server: {
          onEvent({ type }) {
            if (type !== 'handshakeStart') return;
            thrown++;
            throw failure;
          },
        },
      });
      // Mocha's own listeners would take the exception for a failure of the test.
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      const caught = once(process, 'uncaughtException');
      try {
        pumps.client.start();
        process.nextTick(() => pumps.server.start());
        assert.equal((await caught)[0], failure);
        await pumps.serverOwner.until('handshakeDone');
      } finally {
        for (const listener of others) process.on('uncaughtException', listener);
      }
      assert.equal(thrown, 1);
    });
  });

  describe('writes', () => {
    it('calls back in order, and never inside write()', async () => {
      const pumps = await start();
      const order = [];
      let inside = true;
      const all = [0, 1, 2, 3].map(
        (i) =>
          new Promise((resolve) => {
            pumps.client.write([Buffer.alloc(i * 50_000, i)], () => {
              assert.equal(inside, false);
              order.push(i);
              resolve();
            });
          }),
      );
      inside = false;
      await Promise.all(all);
      assert.deepEqual(order, [0, 1, 2, 3]);
    });

    it('takes writes before the handshake, and sends them after it', async () => {
      const pumps = make();
      const written = write(pumps.client, Buffer.from('early'));
      const ended = end(pumps.client);
      await pumps.start();
      await written;
      await ended;
      await pumps.serverOwner.until('end');
      assert.equal(pumps.serverOwner.data.toString(), 'early');
    });

    it('ends what is pending with an error when it is destroyed', async () => {
      const pumps = await start();
      pumps.serverTransport.removeAllListeners('data');
      pumps.serverTransport.pause();
      const pending = [write(pumps.client, big), end(pumps.client)];
      await setImmediate();
      pumps.client.destroy();
      for (const promise of pending) await assert.rejects(promise, { code: 'ERR_STREAM_DESTROYED' });
      await assert.rejects(write(pumps.client, big), { code: 'ERR_STREAM_DESTROYED' });
    });

    it('reads on after its own end', async () => {
      const pumps = await start();
      await end(pumps.client);
      await pumps.serverOwner.until('end');
      await write(pumps.server, Buffer.from('late'));
      await end(pumps.server);
      await pumps.clientOwner.until('end');
      assert.equal(pumps.clientOwner.data.toString(), 'late');
    });
  });

  describe('endings', () => {
    it('tells of a transport that ends before the handshake is done', async () => {
      const pumps = make();
      pumps.server.start();
      pumps.clientTransport.end();
      await pumps.serverOwner.until('close');
      assert.equal(pumps.serverOwner.error, null);
      assert.ok(!pumps.serverOwner.log.includes('end'));
    });

    it('takes an end without close_notify for an end', async () => {
      const pumps = await start();
      await write(pumps.client, Buffer.from('last'));
      pumps.clientTransport.end();
      await pumps.serverOwner.until('end');
      assert.equal(pumps.serverOwner.data.toString(), 'last');
      assert.equal(pumps.pair.server.truncated, true);
    });

    it('delivers everything before it tells that the transport closed', async () => {
      const pumps = await start({ server: { onData: () => false } });
      await write(pumps.client, big.subarray(0, 40_000));
      await end(pumps.client);
      pumps.serverTransport.push(null);
      pumps.serverTransport.emit('close');
      await setImmediate();
      assert.ok(!pumps.serverOwner.log.includes('close'));
      while (!pumps.serverOwner.log.includes('close')) {
        pumps.server.resume();
        await setImmediate();
      }
      assert.equal(pumps.serverOwner.data.length, 40_000);
      assert.deepEqual(pumps.serverOwner.log.slice(-2), ['end', 'close']);
    });

    it("passes the transport's own error on", async () => {
      const pumps = await start();
      const failure = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      pumps.serverTransport.destroy(failure);
      await pumps.serverOwner.until('close');
      assert.equal(pumps.serverOwner.error, failure);
      assert.equal(pumps.serverOwner.log.filter((name) => name === 'close').length, 1);
    });

    it('tells of what happened to the transport before it started', async () => {
      const [a, b] = duplexPair();
      const failure = new Error('early');
      a.on('error', () => {});
      a.destroy(failure);
      b.destroy();
      await setImmediate();
      const pair = new Pair();
      const owner = new Recorder();
      const pump = createPump(pair.client, a, owner);
      pump.start();
      await owner.until('close');
      assert.equal(owner.error, failure);
      pump.destroy();
      pair.dispose();
    });

    it('sends the alert before it tells of a failure', async () => {
      const pumps = make();
      pumps.server.start();
      pumps.client.start();
      const alerts = [];
      pumps.clientTransport.on('data', (chunk) => alerts.push(chunk));
      await pumps.clientOwner.until('handshakeDone');
      alerts.length = 0;
      pumps.clientTransport.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
      await pumps.serverOwner.until('failure');
      assert.equal(pumps.serverOwner.error.kind, 'ssl');
      while (alerts.length === 0) await setImmediate();
      await pumps.clientOwner.until('failure');
      assert.match(pumps.clientOwner.error.code, /^ERR_SSL_.*ALERT/);
    });

    it('keeps nothing that comes after the end', async () => {
      const pumps = await start();
      await end(pumps.client);
      await pumps.serverOwner.until('end');
      const before = pumps.pair.engine.memoryBytes();
      for (let i = 0; i < 20; i++) {
        pumps.serverTransport.push(Buffer.alloc(1024 * 1024));
        await setImmediate();
      }
      assert.equal(pumps.pair.engine.memoryBytes(), before);
    });
  });
});
