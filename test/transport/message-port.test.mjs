// Connections between threads, and a thread that says what it may not say.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';

import { useCleanup } from '../support/cleanup.mjs';
import { ourNet as net } from './support/nets.mjs';

const module = fileURLToPath(new URL('../../dist/transport/net.js', import.meta.url));
const program = `
  const { workerData: { port, module } } = require('node:worker_threads');
  const net = require(module);
  const transport = net.messagePortTransport(port);
  net.createServer({ transport, allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(7);
`;

describe('sockets over a MessagePort', () => {
  const use = useCleanup();

  it('reach a server in another thread', async () => {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(program, { eval: true, workerData: { port: port2, module }, transferList: [port2] });
    await use({ stop: () => worker.terminate() });
    await once(worker, 'online');
    const transport = net.messagePortTransport(port1);
    const data = Buffer.alloc(3_000_000, 'abc');
    const socket = net.connect({ port: 7, transport, allowHalfOpen: true });
    socket.end(data);
    const chunks = [];
    for await (const chunk of socket) chunks.push(chunk);
    assert.ok(Buffer.concat(chunks).equals(data));
    assert.ok(
      data.every((byte, index) => byte === 97 + (index % 3)),
      'what was written is still there',
    );
    const refused = net.connect({ port: 8, transport });
    const [error] = await once(refused, 'error');
    assert.equal(error.code, 'ECONNREFUSED');
    port1.close();
  });

  it('are reset when the thread is gone', async () => {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(program, { eval: true, workerData: { port: port2, module }, transferList: [port2] });
    await once(worker, 'online');
    const socket = net.connect({ port: 7, transport: net.messagePortTransport(port1) });
    await once(socket, 'connect');
    const failed = once(socket, 'error');
    await worker.terminate();
    assert.equal((await failed)[0].code, 'ECONNRESET');
    port1.close();
  });

  for (const [name, lie] of Object.entries({
    'bytes beyond the credits': [new Uint8Array((1 << 20) + 1)],
    'a credit of nothing': [{ credit: 0 }],
    'a credit that is no number': [{ credit: 'many' }],
    'a second open': [{ open: {} }],
    'bytes behind the end': [{ end: true }, new Uint8Array(1)],
    'a text': ['hello'],
    nothing: [null],
    'an object of no known kind': [{ other: 1 }],
  })) {
    // prettier-ignore
    it(`end with EPROTO for ${name}`, async () => {
      const { port1, port2 } = new MessageChannel();
      const socket = net.connect({ port: 7, transport: net.messagePortTransport(port1) });
      const errors = [];
      socket.on('error', (error) => errors.push(error.code)).pause();
      const [{ channel }] = await once(port2, 'message');
      channel.on('message', () => {});
      channel.postMessage({ open: {} });
      await once(socket, 'connect');
      for (const message of lie) channel.postMessage(message);
      await new Promise((resolve) => socket.once('close', resolve));
      assert.deepEqual(errors, ['EPROTO']);
      port1.close();
    });
  }

  it('ignore what is no connection', async () => {
    const { port1, port2 } = new MessageChannel();
    net.createServer({ transport: net.messagePortTransport(port1) }, () => assert.fail('connected')).listen(7);
    for (const message of [
      null,
      1,
      'x',
      {},
      { connect: 1 },
      { connect: ['a', 7] },
      { connect: ['a', 7], channel: {} },
    ]) {
      port2.postMessage(message);
    }
    const socket = net.connect({ port: 8, transport: net.messagePortTransport(port2) });
    assert.equal((await once(socket, 'error'))[0].code, 'ECONNREFUSED');
    port1.close();
  });

  it('of duplexPair() need no port', async () => {
    const [first, second] = net.duplexPair({ allowHalfOpen: true });
    assert.ok(first instanceof net.Socket);
    assert.equal(first.connecting, false);
    second.pipe(second);
    first.end('hello');
    let text = '';
    for await (const chunk of first) text += chunk;
    assert.equal(text, 'hello');
  });
});
