// The same connections over every transport.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { ourNet as net } from './support/nets.mjs';
import { transports } from './support/transports.mjs';

const mebibyte = 1024 * 1024;

/** Resolves with the hash and count of all that a socket gets until its end. */
async function readAll(socket) {
  const hash = crypto.createHash('sha256');
  let bytes = 0;
  for await (const chunk of socket) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, hash: hash.digest('hex') };
}

const hashOf = (data) => crypto.createHash('sha256').update(data).digest('hex');
const closed = (socket) => new Promise((resolve) => socket.once('close', resolve));
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

for (const [name, { start, ...limits }] of Object.entries(transports)) {
  describe(`sockets over ${name}`, () => {
    const use = useCleanup();
    const upload = limits.downloadOnly ? () => {} : it;

    async function connected(serverOptions, listener) {
      const transport = await use(start());
      const { port, server } = await use(transport.server(serverOptions, listener ?? (() => {})));
      const accepted = listener ? null : once(server, 'connection');
      const socket = net.connect({ port, ...transport.connectOptions, allowHalfOpen: true });
      await use({ stop: () => socket.destroy() });
      await once(socket, 'connect');
      return { socket, peer: accepted && (await accepted)[0], transport, port };
    }

    upload('carry bytes both ways', async () => {
      const { socket } = await connected({}, (peer) => peer.pipe(peer));
      const data = crypto.randomBytes(3 * mebibyte + 17);
      const received = [];
      let bytes = 0;
      const done = new Promise((resolve) =>
        socket.on('data', (chunk) => {
          received.push(chunk);
          bytes += chunk.length;
          if (bytes === data.length) resolve();
        }),
      );
      // Writes of many sizes, in bursts.
      for (let at = 0, size = 1; at < data.length; at += size, size = (size * 7) % 100_003) {
        socket.write(data.subarray(at, at + size));
      }
      await done;
      assert.ok(Buffer.concat(received).equals(data));
      assert.equal(socket.bytesRead, data.length);
      assert.equal(socket.bytesWritten, data.length);
      socket.destroy();
    });

    it('download to the end that the peer makes', async () => {
      const data = crypto.randomBytes(5 * mebibyte);
      const { socket } = await connected({}, (peer) => peer.end(data));
      assert.deepEqual(await readAll(socket), { bytes: data.length, hash: hashOf(data) });
      socket.end();
      if (!socket.destroyed) await closed(socket);
    });

    upload('upload, and say that it is all', async () => {
      const data = crypto.randomBytes(5 * mebibyte);
      const { socket, peer } = await connected({ allowHalfOpen: true });
      socket.resume();
      const all = readAll(peer);
      socket.end(data);
      // Without half-close the peer hears of the end when the connection ends.
      assert.deepEqual(await all, { bytes: data.length, hash: hashOf(data) });
      peer.destroy();
      if (!socket.destroyed) await closed(socket);
    });

    // Where nothing bounds what a relay sends, there is a limit to what is held: flow.test.mjs.
    const stops = limits.noHalfClose ? () => {} : it;
    stops('stop the peer while the socket is paused, and lose nothing', async () => {
      const total = 48 * mebibyte;
      const block = Buffer.alloc(mebibyte, 'x');
      let sent = 0;
      const { socket } = await connected({}, (peer) => {
        const fill = () => {
          while (sent < total && peer.writable) {
            sent += block.length;
            if (!peer.write(block)) return void peer.once('drain', fill);
          }
          peer.end();
        };
        fill();
      });
      socket.once('data', () => socket.pause());
      await once(socket, 'data');
      let before;
      do {
        before = sent;
        await pause(300);
      } while (sent > before);
      assert.ok(sent < total, 'the peer was stopped');
      assert.ok(socket.readableLength < 2 * mebibyte);
      let { bytesRead } = socket;
      bytesRead -= socket.readableLength;
      const rest = await readAll(socket.resume());
      assert.ok(rest.bytes <= total);
      assert.equal(socket.bytesRead, total);
      assert.ok(bytesRead > 0);
    });

    upload('are stopped by a peer that does not read', async () => {
      const { socket, peer } = await connected({ pauseOnConnect: true });
      const block = Buffer.alloc(256 * 1024);
      let written = 0;
      const most = 256 * mebibyte;
      let full = false;
      while (written < most) {
        written += block.length;
        if (socket.write(block)) continue;
        full = await Promise.race([once(socket, 'drain').then(() => false), pause(1000).then(() => true)]);
        if (full) break;
      }
      assert.ok(full, 'the writer had to wait');
      let bytes = 0;
      const all = new Promise((resolve) => {
        peer.on('data', (chunk) => (bytes += chunk.length) === written && resolve());
      });
      peer.resume();
      await all;
      socket.destroy();
    });

    if (!limits.noHalfClose) {
      it('go on in one direction when the other has ended', async () => {
        const { socket, peer } = await connected({ allowHalfOpen: true });
        let question = '';
        peer.on('data', (chunk) => (question += chunk));
        socket.end('question');
        await once(peer, 'end');
        peer.write('ans');
        await pause(20);
        peer.end('wer');
        let answer = '';
        for await (const chunk of socket) answer += chunk;
        assert.deepEqual([question, answer], ['question', 'answer']);
      });
    }

    it('are told of a port where nobody listens', async () => {
      const transport = await use(start());
      const { port, stop } = await transport.server({}, () => {});
      await stop();
      const socket = net.connect({ port, ...transport.connectOptions });
      let error = null;
      socket.on('error', (told) => (error = told));
      socket.resume();
      if (limits.refusal === null) socket.on('end', () => socket.destroy());
      await closed(socket);
      const { refusal = 'ECONNREFUSED' } = limits;
      assert.equal(error?.code ?? null, refusal);
      // A relay that cannot say why just hangs up.
      if (refusal === null) return;
      assert.equal(error.syscall, 'connect');
      assert.equal(error.port, port);
      assert.equal(error.errno, refusal === 'ECONNREFUSED' ? -111 : -104);
    });

    const resets = limits.noReset ? () => {} : upload;
    resets('are told of a peer that resets the connection', async () => {
      const { socket, peer } = await connected({});
      const errors = [];
      socket.on('error', (error) => errors.push(error.code)).resume();
      socket.write('x');
      await once(peer.resume(), 'data');
      peer.resetAndDestroy();
      const hadError = await closed(socket);
      assert.deepEqual([errors, hadError], [['ECONNRESET'], true]);
    });

    if (limits.resets) {
      it('tell the peer of a reset', async () => {
        const { socket, peer } = await connected({});
        const errors = [];
        peer.on('error', (error) => errors.push(error.code)).resume();
        socket.write('x');
        await once(peer, 'data');
        socket.resetAndDestroy();
        await closed(peer);
        assert.deepEqual(errors, ['ECONNRESET']);
      });
    }

    upload('may be destroyed at any time, and the peer hears of it', async () => {
      const { socket, peer, transport, port } = await connected({});
      const gone = closed(peer);
      peer.on('error', () => {}).resume();
      socket.write('x');
      socket.destroy();
      await gone;
      const other = net.connect({ port, ...transport.connectOptions });
      other.on('connect', () => assert.fail('a destroyed socket connected')).destroy();
      await closed(other);
    });

    upload('are many at a time', async () => {
      const { transport, port } = await connected({}, (peer) => peer.pipe(peer));
      const texts = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const socket = net.connect({ port, ...transport.connectOptions });
          const text = `${index} `.repeat(1000);
          let echo = '';
          socket.write(text);
          for await (const chunk of socket) {
            echo += chunk;
            if (echo.length === text.length) break;
          }
          return echo === text;
        }),
      );
      assert.ok(texts.every(Boolean));
    });
  });
}
