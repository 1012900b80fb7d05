// Which subprotocol of a WebSocket the relay answers with.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { WebSocket } from 'ws';
import { createRelay } from 'wasm-tls/relay';

describe('relay: subprotocols', () => {
  let relay;
  let url;

  before(async () => {
    relay = createRelay({ port: 0, logLevel: 'error' });
    const { port } = await relay.listen();
    url = `ws://127.0.0.1:${port}/`;
  });
  after(() => relay.close());

  /** What was agreed on, and the type of the first packet. */
  async function greet(offered) {
    const socket = new WebSocket(url, offered);
    const [packet] = await once(socket, 'message');
    socket.terminate();
    return { protocol: socket.protocol, type: packet[0] };
  }

  const info = 0x05;
  const proceed = 0x03;

  it('takes wisp-v2, wherever it stands in the list', async () => {
    assert.deepEqual(await greet(['other', 'wisp-v2']), { protocol: 'wisp-v2', type: info });
  });

  it('gives a name that it does not know back, and speaks version 1', async () => {
    assert.deepEqual(await greet(['3f2c', 'other']), { protocol: '3f2c', type: proceed });
  });

  it('speaks version 1 with who offers nothing', async () => {
    assert.deepEqual(await greet([]), { protocol: '', type: proceed });
  });
});
