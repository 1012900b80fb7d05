// The client of wisp-js, which we did not write, on our relay: both versions of the protocol.

import assert from 'node:assert/strict';

import { client, extensions } from '@mercuryworkshop/wisp-js/client';

import { CloseReason } from '../../dist/transport/wisp/frames.js';
import { useCleanup } from '../support/cleanup.mjs';
import { closedPort, gone, startEcho, startRelay, startTarget, until } from '../support/relay.mjs';

for (const version of [1, 2]) {
  describe(`wisp-js as the client, version ${version}`, () => {
    const use = useCleanup();

    async function connect(relay, options) {
      const connection = new client.ClientConnection(relay.url, { wisp_version: version, ...options });
      await new Promise((resolve, reject) => {
        connection.onopen = resolve;
        connection.onclose = () => reject(new Error('closed'));
      });
      return use({ connection, stop: () => connection.close() });
    }

    const closeReason = (stream) => new Promise((resolve) => (stream.onclose = resolve));

    it('agrees on the version', async () => {
      const relay = await use(startRelay({ messageOfTheDay: 'welcome' }));
      const { connection } = await connect(relay);
      assert.equal(connection.wisp_version, version);
      assert.equal(connection.max_buffer_size, 64);
      assert.equal(connection.server_motd ?? null, version === 2 ? 'welcome' : null);
      assert.equal(relay.metric(`connections_total{form="wisp${version}"}`), 1);
    });

    it('carries 8 MB both ways, more packets than the window', async () => {
      const relay = await use(startRelay());
      const echo = await use(startEcho());
      const { connection } = await connect(relay);
      const stream = connection.create_stream('127.0.0.1', echo.port);
      const data = Buffer.alloc(8_000_000, 'abcdefghijk');
      const chunks = [];
      let length = 0;
      const received = new Promise((resolve) => {
        stream.onmessage = (chunk) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length === data.length) resolve();
        };
      });
      for (let at = 0; at < data.length; at += 20_000) stream.send(data.subarray(at, at + 20_000));
      await received;
      assert.ok(Buffer.concat(chunks).equals(data));
      assert.equal(relay.events('violation').length, 0);
    });

    it('fifty streams at once', async () => {
      const relay = await use(startRelay());
      const echo = await use(startEcho());
      const { connection } = await connect(relay);
      const answers = Array.from({ length: 50 }, (_, index) => {
        const stream = connection.create_stream('127.0.0.1', echo.port);
        stream.send(new TextEncoder().encode(`stream ${index}`));
        return new Promise((resolve) => {
          stream.onmessage = (chunk) => resolve(Buffer.from(chunk).toString());
        });
      });
      assert.deepEqual(
        await Promise.all(answers),
        answers.map((_, index) => `stream ${index}`),
      );
    });

    it('is told why a stream ends', async () => {
      const relay = await use(startRelay());
      const target = await use(startTarget((socket) => socket.end()));
      const { connection } = await connect(relay);
      const ended = connection.create_stream('127.0.0.1', target.port);
      assert.equal(await closeReason(ended), CloseReason.voluntary);
      const refused = connection.create_stream('127.0.0.1', await closedPort());
      assert.equal(await closeReason(refused), CloseReason.refused);
      const blocked = connection.create_stream('192.0.2.1', 80);
      assert.equal(await closeReason(blocked), CloseReason.blocked);
    });

    it('is refused UDP', async () => {
      const relay = await use(startRelay());
      const { connection } = await connect(relay);
      if (version === 2) {
        assert.throws(() => connection.create_stream('127.0.0.1', 53, 'udp'));
      } else {
        assert.equal(await closeReason(connection.create_stream('127.0.0.1', 53, 'udp')), CloseReason.blocked);
      }
    });

    it('its close ends the target, its end all of them', async () => {
      const relay = await use(startRelay());
      const target = await use(startTarget());
      const { connection } = await connect(relay);
      const stream = connection.create_stream('127.0.0.1', target.port);
      const socket = await target.connections.next();
      stream.close(CloseReason.voluntary);
      socket.on('end', () => socket.end());
      await gone(socket);
      connection.create_stream('127.0.0.1', target.port);
      const other = await target.connections.next();
      connection.close();
      await gone(other);
      await until(() => relay.metric('streams') === 0);
    });
  });
}

describe('wisp-js as the client, with a password', () => {
  const use = useCleanup();

  for (const [password, streams] of [
    ['secret', 1],
    ['wrong', 0],
  ]) {
    it(`${password}: ${streams ? 'let in' : 'shut out'}`, async () => {
      const relay = await use(startRelay({ credentials: [{ username: 'me', password: 'secret' }] }));
      const target = await use(startTarget());
      const { PasswordAuthExtension } = extensions;
      const connection = new client.ClientConnection(relay.url, {
        wisp_version: 2,
        wisp_extensions: [new PasswordAuthExtension({ client_config: { username: 'me', password } })],
      });
      await use({ stop: () => connection.close() });
      await new Promise((resolve) => (connection.onopen = resolve));
      const ended = new Promise((resolve) => (connection.onclose = resolve));
      connection.create_stream('127.0.0.1', target.port);
      if (streams) await target.connections.next();
      else await ended;
      assert.equal(relay.metric('streams_total{kind="connect"}'), streams);
    });
  }
});
