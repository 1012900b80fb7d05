// A transport that a program brings: made as docs/net.md says, and one that keeps to nothing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeNet from 'node:net';

import { useCleanup } from '../support/cleanup.mjs';
import { ourNet as net, settled, until } from './support/nets.mjs';

/** Over node:net. */
const tcp = {
  connect({ host, port }, handler) {
    const pipe = nativeNet.connect({ host, port, allowHalfOpen: true }).pause();
    const { localAddress } = pipe;
    pipe.on('connect', () => handler.onOpen({ localAddress }));
    pipe.on('data', (bytes) => handler.onData(bytes) || pipe.pause());
    pipe.on('end', () => handler.onEnd());
    pipe.on('error', (error) => handler.onError(error));
    return {
      write: (chunks, done) => pipe.write(Buffer.concat(chunks), done),
      end: (done) => pipe.end(done),
      resume: () => pipe.resume(),
      pause: () => pipe.pause(),
      destroy: () => pipe.destroy(),
    };
  },
};

describe('a transport of a program’s own', () => {
  const use = useCleanup();

  it('carries connections', async () => {
    const server = nativeNet.createServer({ allowHalfOpen: true }, (peer) => peer.pipe(peer)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await use({ stop: () => server.close() });
    const options = { host: '127.0.0.1', port: server.address().port, transport: tcp };
    const socket = net.connect({ ...options, allowHalfOpen: true });
    const data = Buffer.alloc(2_000_000, 'abc');
    socket.end(data);
    const chunks = [];
    for await (const chunk of socket) chunks.push(chunk);
    assert.ok(Buffer.concat(chunks).equals(data));
    await assert.rejects(once(net.createServer({ transport: tcp }).listen(0), 'listening'), { code: 'EOPNOTSUPP' });
  });

  it('that calls too often and too late does no harm', async () => {
    let handler;
    const transport = {
      portless: true,
      connect: (_, given) => {
        handler = given;
        const nothing = () => {};
        return {
          write: (_chunks, done) => (done(), done()),
          end: nothing,
          resume: nothing,
          pause: nothing,
          destroy: nothing,
        };
      },
    };
    const socket = net.connect({ transport });
    const told = [];
    for (const event of ['connect', 'end', 'error', 'close']) socket.on(event, () => told.push(event));
    await until(() => handler !== undefined);
    handler.onOpen();
    handler.onOpen();
    let written = 0;
    socket.write('x', () => (written += 1));
    handler.onError(new Error('first'));
    handler.onError(new Error('second'));
    assert.equal(handler.onData(Buffer.from('late')), false);
    handler.onEnd();
    handler.onOpen();
    await until(() => told.includes('close'));
    await settled();
    assert.deepEqual(told, ['connect', 'error', 'close']);
    assert.equal(written, 1);
    assert.equal(socket.bytesRead, 0);
  });

  it('that throws is an error of the socket', async () => {
    const connect = () => {
      throw new Error('out of order');
    };
    const socket = net.connect({ port: 1, transport: { connect } });
    const [error] = await once(socket, 'error');
    assert.equal(error.message, 'out of order');
  });
});
