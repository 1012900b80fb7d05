// One WebSocket that is one connection: /HOST:PORT, with and without control messages.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { closedPort, RawClient, startEcho, startRelay, startTarget, until } from '../support/relay.mjs';

const long = Buffer.alloc(3_000_000, 'abcdefg');

/** Binary messages of a client until there are `size` bytes. */
async function read(client, size) {
  const chunks = [];
  for (let length = 0; length < size; ) {
    const chunk = await client.messages.next();
    assert.ok(Buffer.isBuffer(chunk), `text '${chunk}' after ${length} bytes`);
    chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks);
}

describe('the relay, one WebSocket for one connection', () => {
  const use = useCleanup();

  it('bytes both ways, closing is the end', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(RawClient.open(`${relay.url}127.0.0.1:${echo.port}`));
    const received = read(client, long.length);
    for (let at = 0; at < long.length; at += 100_000) client.send(long.subarray(at, at + 100_000));
    assert.ok((await received).equals(long));
    client.ws.close();
    await until(() => echo.sockets.size === 0);
    assert.equal(relay.metric('connections_total{form="tcp"}'), 1);
  });

  it('takes the subprotocol that clients of older proxies offer', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(RawClient.open(`${relay.url}127.0.0.1:${echo.port}`, ['base64', 'binary']));
    assert.equal(client.ws.protocol, 'binary');
  });

  it('a target’s end closes the WebSocket, behind its data', async () => {
    const relay = await use(startRelay());
    const target = await use(startTarget((socket) => socket.end(long)));
    const client = await use(RawClient.open(`${relay.url}127.0.0.1:${target.port}`));
    assert.ok((await read(client, long.length)).equals(long));
    assert.deepEqual(await client.closed, { code: 1000, reason: '' });
  });

  it('a slow target holds up the client, and nothing is lost', async () => {
    const relay = await use(startRelay());
    const target = await use(startTarget((socket) => socket.pause()));
    const client = await use(RawClient.open(`${relay.url}127.0.0.1:${target.port}`));
    const size = 40_000_000;
    for (let at = 0; at < size; at += 1_000_000) client.send(Buffer.alloc(1_000_000));
    const socket = await target.connections.next();
    let received = 0;
    socket.on('data', (chunk) => (received += chunk.length)).resume();
    await until(() => received === size);
  });

  it('without the subprotocol an error closes with its code', async () => {
    const relay = await use(startRelay());
    const client = await use(RawClient.open(`${relay.url}127.0.0.1:${await closedPort()}`));
    assert.deepEqual(await client.closed, { code: 1011, reason: 'ECONNREFUSED' });
  });
});

describe('the relay, control messages', () => {
  const use = useCleanup();

  async function connected(onConnection, options) {
    const relay = await use(startRelay(options));
    const target = await use(startTarget(onConnection));
    const client = await use(RawClient.open(`${relay.url}127.0.0.1:${target.port}`, ['wasm-tls-tcp']));
    assert.equal(client.ws.protocol, 'wasm-tls-tcp');
    assert.equal(await client.messages.next(), 'open');
    return { relay, client, socket: await target.connections.next() };
  }

  it('no byte before the first credit, then as many as granted', async () => {
    const { client } = await connected((socket) => socket.end(long));
    client.send('credit 10');
    assert.equal((await read(client, 10)).length, 10);
    client.send('credit 5');
    assert.equal((await read(client, 5)).length, 5);
    client.send(`credit ${long.length}`);
    assert.equal((await read(client, long.length - 15)).length, long.length - 15);
    assert.equal(await client.messages.next(), 'end');
  });

  it('end is an end of one direction', async () => {
    const { client, socket } = await connected();
    client.send('credit 100');
    client.send(Buffer.from('question'));
    client.send('end');
    const [question] = await once(socket, 'data');
    assert.equal(question.toString(), 'question');
    await once(socket, 'end');
    socket.end('answer');
    assert.equal((await read(client, 6)).toString(), 'answer');
    assert.equal(await client.messages.next(), 'end');
    assert.deepEqual(await client.closed, { code: 1000, reason: '' });
  });

  it('a reset is an error with its code', async () => {
    const { client, socket } = await connected();
    client.send('credit 1');
    socket.resetAndDestroy();
    assert.equal(await client.messages.next(), 'error ECONNRESET');
    assert.equal((await client.closed).code, 1011);
  });

  const lookup = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
  const options = { lookup, allow: ['127.0.0.1:*', 'nowhere.example:*'] };
  for (const [name, target, code] of [
    ['a port that nobody listens on', async () => `127.0.0.1:${await closedPort()}`, 'ECONNREFUSED'],
    ['a name that does not exist', () => 'nowhere.example:80', 'ENOTFOUND'],
    ['a target that is not allowed', () => '10.0.0.1:80', 'EACCES'],
    ['IPv6 in brackets, not allowed', () => '[::1]:80', 'EACCES'],
    ['what is no target', () => 'nowhere.example', 'EINVAL'],
    ['a port that does not exist', () => 'nowhere.example:70000', 'EINVAL'],
  ]) {
    it(`${name}: error ${code}`, async () => {
      const relay = await use(startRelay(options));
      const client = await use(RawClient.open(relay.url + (await target()), ['wasm-tls-tcp']));
      assert.equal(await client.messages.next(), `error ${code}`);
      const { code: status } = await client.closed;
      assert.equal(status, code === 'EACCES' ? 1008 : 1011);
      await until(() => relay.metric('streams') === 0);
    });
  }

  for (const messages of [['hello'], ['credit 0'], ['credit 2147483647', 'credit 1'], ['end', 'end'], ['open']]) {
    it(`'${messages.join("', '")}' ends it, counted`, async () => {
      const { relay, client } = await connected();
      for (const message of messages) client.send(message);
      assert.equal(await client.messages.next(), 'error EINVAL');
      await client.closed;
      await until(() => relay.metric('streams') === 0);
      assert.equal(relay.events('violation').length, 1);
    });
  }

  it('bytes after end are as bad', async () => {
    const { relay, client } = await connected();
    client.send('end');
    client.send(Buffer.from('late'));
    assert.equal(await client.messages.next(), 'error EINVAL');
    assert.equal(relay.metric('violations_total{kind="data-after-end"}'), 1);
  });

  it('text without the subprotocol is no control', async () => {
    const relay = await use(startRelay());
    const echo = await use(startEcho());
    const client = await use(RawClient.open(`${relay.url}127.0.0.1:${echo.port}`));
    client.send('end');
    assert.deepEqual(await client.closed, { code: 1011, reason: 'EINVAL' });
  });

  it('a WebSocket that is lost resets the target', async () => {
    const { client, socket } = await connected();
    const reset = once(socket.resume(), 'error').then(([error]) => error.code);
    client.ws.terminate();
    assert.equal(await reset, 'ECONNRESET');
  });
});
