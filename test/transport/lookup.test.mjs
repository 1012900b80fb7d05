// The option `lookup`: a resolver of the user's own, where otherwise the other end of the transport resolves.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { ourNet as net, settled, until } from './support/nets.mjs';

/** Connects everything, and keeps where to. */
function recordingTransport() {
  const targets = [];
  const inner = net.createMemoryTransport();
  net.createServer({ transport: inner }, (socket) => socket.resume()).listen(7);
  return { targets, connect: (target, handler) => (targets.push(target), inner.connect(target, handler)) };
}

describe('names', () => {
  const use = useCleanup();

  async function connect(options) {
    const transport = recordingTransport();
    const socket = net.connect({ port: 7, transport, ...options });
    await use({ stop: () => socket.destroy() });
    const told = [];
    for (const event of ['lookup', 'connectionAttempt', 'connectionAttemptFailed']) {
      socket.on(event, (...args) => told.push([event, ...args]));
    }
    return { socket, told, targets: transport.targets };
  }

  it('are left to the transport', async () => {
    const { socket, told, targets } = await connect({ host: 'a.test' });
    await once(socket, 'connect');
    assert.deepEqual(targets, [{ host: 'a.test', port: 7 }]);
    assert.deepEqual(told, []);
    assert.equal(socket._host, 'a.test');
  });

  it('are localhost when there is none', async () => {
    const { socket, targets } = await connect({});
    await once(socket, 'connect');
    assert.equal(targets[0].host, 'localhost');
  });

  it('that are addresses are not looked up, and attempts at them are told', async () => {
    const lookup = () => assert.fail('looked up');
    const { socket, told, targets } = await connect({ host: '::1', lookup });
    await once(socket, 'connect');
    assert.deepEqual(targets, [{ host: '::1', port: 7 }]);
    assert.deepEqual(told, [['connectionAttempt', '::1', 7, 6]]);
  });

  it('are looked up by a function of the user’s', async () => {
    const asked = [];
    const lookup = (host, options, callback) => {
      asked.push([host, options]);
      setTimeout(callback, 1, null, '192.0.2.9', 4);
    };
    const { socket, told, targets } = await connect({ host: 'a.test', lookup, family: 4, hints: 32 });
    await once(socket, 'connect');
    assert.deepEqual(asked, [['a.test', { family: 4, hints: 32, all: false }]]);
    assert.deepEqual(targets, [{ host: '192.0.2.9', port: 7 }]);
    assert.deepEqual(told, [
      ['lookup', null, '192.0.2.9', 4, 'a.test'],
      ['connectionAttempt', '192.0.2.9', 7, 4],
    ]);
  });

  it('that a function gives all addresses of are connected to by the first', async () => {
    const lookup = (_host, _options, callback) =>
      callback(null, [{ address: '2001:db8::1', family: 6 }, { address: '192.0.2.9', family: 4 }]); // prettier-ignore
    const { socket, targets } = await connect({ host: 'a.test', lookup });
    await once(socket, 'connect');
    assert.deepEqual(targets, [{ host: '2001:db8::1', port: 7 }]);
  });

  for (const [name, answer, code] of [
    ['fails', [Object.assign(new Error('none'), { code: 'ENOTFOUND' })], 'ENOTFOUND'],
    ['gives no address', [null, 'b.test', 4], 'ERR_INVALID_IP_ADDRESS'],
    ['gives nothing', [null, []], 'ERR_INVALID_IP_ADDRESS'],
    ['gives no family', [null, '192.0.2.9', 5], 'ERR_INVALID_ADDRESS_FAMILY'],
  ]) {
    it(`end in an error when the function ${name}`, async () => {
      const { socket, targets } = await connect({ host: 'a.test', lookup: (_host, _options, done) => done(...answer) });
      const [error] = await once(socket, 'error');
      assert.equal(error.code, code);
      assert.deepEqual(targets, []);
    });
  }

  it('of a socket that is destroyed meanwhile are forgotten', async () => {
    let done;
    const { socket, targets } = await connect({
      host: 'a.test',
      lookup: (_host, _options, callback) => (done = callback),
    });
    await until(() => done !== undefined);
    socket.destroy();
    await once(socket, 'close');
    done(null, '192.0.2.9', 4);
    await settled();
    assert.deepEqual(targets, []);
  });
});
