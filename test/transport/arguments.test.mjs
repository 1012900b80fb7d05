// Bad calls of net's functions: the same error as Node's, class, code and message.

import assert from 'node:assert/strict';
import nativeNet from 'node:net';

import { ourNet } from './support/nets.mjs';

const transport = ourNet.createMemoryTransport();

/** Each with the module. What goes through is destroyed. */
const calls = {
  'connect()': (net) => net.connect(),
  'connect({})': (net) => net.connect({}),
  'connect(null)': (net) => net.connect(null),
  'connect(undefined)': (net) => net.connect(undefined),
  'connect(70000)': (net) => net.connect(70_000),
  'connect(-1)': (net) => net.connect(-1),
  'connect(1.5)': (net) => net.connect(1.5),
  'connect(NaN)': (net) => net.connect(NaN),
  'connect(true)': (net) => net.connect(true),
  'connect({ port: "x" })': (net) => net.connect({ port: 'x' }),
  'connect({ port: "" })': (net) => net.connect({ port: '' }),
  'connect({ port: {} })': (net) => net.connect({ port: {} }),
  'connect({ port: null })': (net) => net.connect({ port: null }),
  'connect({ path: 1 })': (net) => net.connect({ path: 1 }),
  'connect({ path: {} })': (net) => net.connect({ path: {} }),
  'connect({ localAddress })': (net) => net.connect({ port: 1, localAddress: 'x' }),
  'connect({ localPort })': (net) => net.connect({ port: 1, localPort: '1' }),
  'connect({ lookup })': (net) => net.connect({ port: 1, host: 'a.test', lookup: 1 }),
  'connect({ family })': (net) => net.connect({ port: 1, host: 'a.test', family: 9 }),
  'connect({ autoSelectFamily })': (net) => net.connect({ port: 1, autoSelectFamily: 1 }),
  'connect({ autoSelectFamilyAttemptTimeout })': (net) => net.connect({ port: 1, autoSelectFamilyAttemptTimeout: 'a' }),
  'connect({ autoSelectFamilyAttemptTimeout: 0 })': (net) =>
    net.connect({ port: 1, autoSelectFamilyAttemptTimeout: 0 }),
  'connect({ timeout })': (net) => net.connect({ port: 1, timeout: 'x' }),
  'connect({ objectMode })': (net) => net.connect({ port: 1, objectMode: true }),
  'connect({ signal })': (net) => net.connect({ port: 1, signal: 1 }),
  'Socket({ objectMode })': (net) => new net.Socket({ objectMode: true }),
  'Socket({ readableObjectMode })': (net) => new net.Socket({ readableObjectMode: true }),
  'Socket({ writableObjectMode })': (net) => new net.Socket({ writableObjectMode: true }),
  'Socket({ keepAliveInitialDelay })': (net) => new net.Socket({ keepAliveInitialDelay: 'x' }),
  'Socket({ signal })': (net) => new net.Socket({ signal: {} }),
  'Socket({ highWaterMark })': (net) => new net.Socket({ highWaterMark: -1 }),
  'Socket().write()': (net) => new net.Socket().write(),
  'Socket().write(null)': (net) => new net.Socket().write(null),
  'Socket().write(1)': (net) => new net.Socket().write(1),
  'Socket().setTimeout("a")': (net) => new net.Socket().setTimeout('a'),
  'Socket().setTimeout(-1)': (net) => new net.Socket().setTimeout(-1),
  'Socket().setTimeout(1, "a")': (net) => new net.Socket().setTimeout(1, 'a'),
  'createServer(1)': (net) => net.createServer(1),
  'createServer({ highWaterMark })': (net) => net.createServer({ highWaterMark: '1' }),
  'createServer({ keepAliveInitialDelay })': (net) => net.createServer({ keepAliveInitialDelay: '1' }),
  'listen({})': (net) => net.createServer().listen({}),
  'listen(70000)': (net) => net.createServer().listen(70_000),
  'listen(true)': (net) => net.createServer().listen(true),
  'listen({ port: true })': (net) => net.createServer().listen({ port: true }),
  'listen({ signal })': (net) => net.createServer().listen({ port: 0, signal: 1 }),
  'listen({ host })': (net) => net.createServer().listen({ port: 0, host: 1 }),
  'setDefaultAutoSelectFamily(1)': (net) => net.setDefaultAutoSelectFamily(1),
  'setDefaultAutoSelectFamilyAttemptTimeout("a")': (net) => net.setDefaultAutoSelectFamilyAttemptTimeout('a'),
  'setDefaultAutoSelectFamilyAttemptTimeout(0)': (net) => net.setDefaultAutoSelectFamilyAttemptTimeout(0),
};

function outcome(call, net) {
  try {
    const made = call(net);
    made?.on?.('error', () => {});
    made?.destroy?.();
    made?.close?.();
    return 'no error';
  } catch (error) {
    return { name: error.constructor.name, code: error.code, message: error.message };
  }
}

describe('bad arguments', () => {
  before(() => ourNet.setDefaultRelay(transport));
  after(() => ourNet.setDefaultRelay(null));

  for (const [name, call] of Object.entries(calls)) {
    it(name, () => assert.deepEqual(outcome(call, ourNet), outcome(call, nativeNet)));
  }

  it('isIP(), isIPv4() and isIPv6() say what Node’s say', () => {
    const texts = [
      '127.0.0.1', '0.0.0.0', '255.255.255.255', '256.1.1.1', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.4 ', ' 1.2.3.4', '',
      '::', '::1', '1::', '1::8', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8',
      '1::2::3', ':::', ':1', '1:', '::ffff:1.2.3.4', '::1.2.3.4', '1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:7:1.2.3.4', '::ffff:1.2.3.400',
      '1.2.3.4::', 'fe80::1%eth0', 'fe80::1%', 'fe80::1%a b', '::g', '12345::', 'abcd::ABCD', '[::1]', 'localhost', '0x7f.1',
      '::1.2.3', '1:2:3:4:5:6:7:8::', '::1:2:3:4:5:6:7:8', '%eth0', '1.2.3.4%eth0', null, undefined, 1, {}, [], true,
    ]; // prettier-ignore
    for (const text of texts) {
      for (const name of ['isIP', 'isIPv4', 'isIPv6']) {
        assert.equal(ourNet[name](text), nativeNet[name](text), `${name}(${JSON.stringify(text)})`);
      }
    }
  });

  it('the defaults of family selection are kept', () => {
    for (const net of [ourNet, nativeNet]) {
      assert.equal(net.getDefaultAutoSelectFamily(), true);
      net.setDefaultAutoSelectFamily(false);
      assert.equal(net.getDefaultAutoSelectFamily(), false);
      net.setDefaultAutoSelectFamily(true);
      const before = net.getDefaultAutoSelectFamilyAttemptTimeout();
      net.setDefaultAutoSelectFamilyAttemptTimeout(1);
      assert.equal(net.getDefaultAutoSelectFamilyAttemptTimeout(), 10);
      net.setDefaultAutoSelectFamilyAttemptTimeout(before);
    }
  });

  it('what cannot be over a transport is an error that says so', async () => {
    const code = 'ERR_WASM_TLS_NOT_SUPPORTED';
    assert.throws(() => new ourNet.Socket({ fd: 1 }), { code });
    assert.throws(() => new ourNet.Socket(1), { code });
    assert.throws(() => new ourNet.BlockList(), { code });
    assert.throws(() => new ourNet.SocketAddress(), { code });
    for (const target of ['/tmp/socket', { path: '/tmp/socket' }, { fd: 1 }, { port: 0, handle: {} }]) {
      assert.throws(() => ourNet.createServer().listen(target), { code }, JSON.stringify(target));
    }
    for (const options of [
      { path: '/tmp/socket' },
      { port: 1, localPort: 5 },
      { port: 1, localAddress: '127.0.0.1' },
    ]) {
      const socket = ourNet.connect({ transport, ...options });
      const error = await new Promise((resolve) => socket.on('error', resolve));
      assert.equal(error.code, code);
      assert.match(error.message, /docs\/net\.md/);
    }
  });

  it('what differs is there', () => {
    const own = ['createMemoryTransport', 'default', 'duplexPair', 'getDefaultRelay', 'messagePortTransport', 'relayTransport',
      'setDefaultRelay', 'streamTransport']; // prettier-ignore
    const inner = ['_createServerHandle', '_normalizeArgs', '_setSimultaneousAccepts'];
    const expected = [...Object.keys(nativeNet).filter((name) => !inner.includes(name)), ...own].sort();
    assert.deepEqual(Object.keys(ourNet).sort(), expected);
    assert.deepEqual(Object.keys(ourNet.default).sort(), expected.filter((name) => name !== 'default')); // prettier-ignore
    for (const name of Object.keys(ourNet.default)) assert.equal(ourNet[name], ourNet.default[name], name);
  });
});
