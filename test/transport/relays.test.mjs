// Which relay a socket goes over, how its WebSocket comes and goes, and what is said when there is none.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';

import { useCleanup } from '../support/cleanup.mjs';
import {
  encodeClose, encodeContinue, encodeInfo, ExtensionId, fakeWebSocketClass, frames, greetingRelay,
} from './support/fake-web-socket.mjs'; // prettier-ignore
import { ourNet as net, settled, until } from './support/nets.mjs';
import { ourRelay, relayDefaults, wispJsRelay } from './support/transports.mjs';

const url = 'ws://relay.test/';
const failure = async (socket) => (await once(socket, 'error'))[0];

describe('relays', () => {
  const use = useCleanup();
  afterEach(() => net.setDefaultRelay(null));

  async function connect(options) {
    const socket = net.connect({ host: 'target.test', port: 7, ...options });
    await use({ stop: () => socket.destroy() });
    await once(socket, 'connect');
    return socket;
  }

  it('without one, the error says what to do', async () => {
    assert.equal(net.getDefaultRelay(), null);
    const error = await failure(net.connect(443, 'example.com'));
    assert.equal(error.code, 'ERR_WASM_TLS_NO_RELAY');
    assert.match(error.message, /setDefaultRelay/);
    assert.throws(() => net.createServer().listen(0), { code: 'ERR_WASM_TLS_NO_RELAY' });
  });

  it('without WebSockets, too', async () => {
    if (globalThis.WebSocket !== undefined) return;
    const error = await failure(net.connect({ port: 443, host: 'example.com', transport: url }));
    assert.equal(error.code, 'ERR_WASM_TLS_NO_WEBSOCKET');
    assert.match(error.message, /"WebSocket"/);
  });

  it('the default, as a URL, options or a transport', async () => {
    const WebSocket = greetingRelay();
    for (const relay of [{ url, WebSocket }, net.relayTransport({ url: new URL(url), WebSocket })]) {
      net.setDefaultRelay(relay);
      assert.equal(net.getDefaultRelay(), relay);
      await connect({});
    }
    assert.equal(WebSocket.all.length, 2);
    for (const bad of [1, true, {}, [], 'not a url', 'ftp://relay.test/', { url, unknown: 1 }]) {
      assert.throws(() => net.setDefaultRelay(bad), { name: 'TypeError' }, String(bad));
    }
  });

  it('the options are checked', () => {
    const bad = {
      protocol: ['tcp', 1], extensions: [1, 'yes'], token: [1], username: [1], password: [1], WebSocket: [1, 'x'],
      connectTimeout: [0, -1, 1.5, '1', Infinity], idleTimeout: [-1, '1', NaN], window: [0, 65_535, 2 ** 31, '1'],
      receiveLimit: [0, 2 ** 31], lingerTimeout: [-1], onMessageOfTheDay: [1], url: [undefined, 1, '', 'http://[', 'data:x'],
    }; // prettier-ignore
    for (const [name, values] of Object.entries(bad)) {
      for (const value of values) {
        const code = /^ERR_(INVALID_ARG_TYPE|INVALID_ARG_VALUE|OUT_OF_RANGE)$/;
        assert.throws(() => net.relayTransport({ url, [name]: value }), { code }, `${name}: ${String(value)}`);
      }
    }
    for (const credentials of [{ username: 'x'.repeat(256), password: '' }, { password: 'x'.repeat(65_536) }]) {
      assert.throws(() => net.relayTransport({ url, ...credentials }), { code: 'ERR_INVALID_ARG_VALUE' });
    }
    for (const name of ['username', 'password', 'idleTimeout', 'onMessageOfTheDay']) {
      const options = { url, protocol: 'websocket', [name]: name === 'idleTimeout' ? 1 : 'x' };
      if (name === 'onMessageOfTheDay') options[name] = () => {};
      assert.throws(() => net.relayTransport(options), { code: 'ERR_INVALID_ARG_VALUE' }, name);
    }
  });

  it('the same relay is one WebSocket, however it is named', async () => {
    const WebSocket = greetingRelay();
    await connect({ transport: { url, WebSocket } });
    await connect({ transport: { url: new URL(url), WebSocket } });
    net.setDefaultRelay({ WebSocket, url });
    await connect({});
    assert.equal(WebSocket.all.length, 1);
    await connect({ transport: { url, WebSocket, token: 'other' } });
    assert.equal(WebSocket.all.length, 2);
    assert.equal(WebSocket.all[1].url, `${url}?token=other`);
  });

  it('its WebSocket is opened at the first use, closed when idle, and opened again', async () => {
    const WebSocket = greetingRelay();
    const transport = net.relayTransport({ url, WebSocket, idleTimeout: 20 });
    assert.equal(WebSocket.all.length, 0);
    const first = await connect({ transport });
    const second = await connect({ transport });
    first.destroy();
    await settled();
    assert.equal(WebSocket.all[0].closed, null);
    second.destroy();
    await until(() => WebSocket.all[0].closed !== null);
    assert.equal(WebSocket.all[0].closed.code, 1000);
    await connect({ transport });
    assert.equal(WebSocket.all.length, 2);
  });

  it('a server keeps it open', async () => {
    const WebSocket = greetingRelay();
    const transport = net.relayTransport({ url, WebSocket, idleTimeout: 1 });
    const server = net.createServer({ transport }).listen(0);
    await use({ stop: () => server.close() });
    await settled();
    const [relay] = WebSocket.all;
    assert.equal(relay.packets('listen').length, 1);
    assert.equal(relay.closed, null);
  });

  it('a relay that refuses the subprotocol is asked without it', async () => {
    const WebSocket = greetingRelay({ accepts: ({ protocol }) => protocol === '' });
    const socket = await connect({ transport: { url, WebSocket } });
    assert.deepEqual(WebSocket.all.map(({ protocol }) => protocol), ['wisp-v2', '']); // prettier-ignore
    assert.equal(WebSocket.all[1].packets('info').length, 0);
    socket.destroy();
  });

  it('extensions: false offers none', async () => {
    const WebSocket = greetingRelay();
    await connect({ transport: { url, WebSocket, extensions: false } });
    assert.deepEqual(WebSocket.all.map(({ protocol }) => protocol), ['']); // prettier-ignore
  });

  it('one that cannot be reached is named', async () => {
    const server = http.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    for (const protocol of ['wisp', 'websocket']) {
      const transport = { url: `ws://127.0.0.1:${port}/`, ...relayDefaults, protocol };
      const error = await failure(net.connect({ host: 'target.test', port: 7, transport }));
      const { code, syscall, errno, address } = error;
      const expected = { code: 'ECONNREFUSED', syscall: 'connect', errno: -111, address: 'target.test' };
      assert.deepEqual({ code, syscall, errno, address }, expected);
      assert.match(error.message, new RegExp(`relay ws://127.0.0.1:${port}/ cannot be reached`));
    }
  });

  it('one that does not answer is ETIMEDOUT', async () => {
    const silent = fakeWebSocketClass();
    const transport = { url, WebSocket: silent, connectTimeout: 10 };
    const error = await failure(net.connect({ host: 'target.test', port: 7, transport }));
    assert.equal(error.code, 'ETIMEDOUT');
    assert.notEqual(silent.all[0].closed, null);
  });

  it('one that is lost is ECONNRESET on each socket, and on those that were connecting', async () => {
    const WebSocket = greetingRelay();
    const transport = net.relayTransport({ url, WebSocket });
    const sockets = [await connect({ transport }), await connect({ transport })];
    WebSocket.all[0].onPacket = () => {};
    const pending = net.connect({ host: 'target.test', port: 9, transport });
    await settled();
    const errors = Promise.all([...sockets, pending].map(failure));
    WebSocket.all[0].drop(1006);
    for (const error of await errors) {
      assert.equal(error.code, 'ECONNRESET');
      assert.match(error.message, /the relay ws:\/\/relay.test\/ is lost \(code 1006\)/);
    }
    await connect({ transport });
    assert.equal(WebSocket.all.length, 2);
  });

  it('close reasons are the codes that Node has', async () => {
    const table = [
      [0x41, 'EINVAL'], [0x42, 'ENOTFOUND'], [0x43, 'ETIMEDOUT'], [0x44, 'ECONNREFUSED'], [0x47, 'ETIMEDOUT'],
      [0x48, 'EACCES'], [0x49, 'EMFILE'], [0x02, 'ECONNRESET'], [0x03, 'ECONNRESET'], [0xc0, 'EACCES'], [0xee, 'ECONNRESET'],
    ]; // prettier-ignore
    for (const [reason, code] of table) {
      const WebSocket = greetingRelay({ confirm: false });
      const socket = net.connect({ host: 'target.test', port: 7, transport: { url, WebSocket } });
      const failed = failure(socket);
      await until(() => WebSocket.all[0]?.packets('connect').length);
      WebSocket.all[0].say(encodeClose(1, reason));
      const error = await failed;
      assert.equal(error.code, code, `reason ${reason}`);
      assert.ok(error.errno < 0);
      assert.equal(error.syscall, code === 'ENOTFOUND' ? 'getaddrinfo' : 'connect');
      assert.equal(code === 'ENOTFOUND' ? error.hostname : error.address, 'target.test');
    }
    const WebSocket = greetingRelay({ confirm: false });
    const socket = net.connect({ host: '192.0.2.1', port: 7, transport: { url, WebSocket } });
    const failed = failure(socket);
    await until(() => WebSocket.all[0]?.packets('connect').length);
    WebSocket.all[0].say(encodeClose(1, 0x42));
    const error = await failed;
    assert.equal(error.message, 'connect EHOSTUNREACH 192.0.2.1:7');
  });

  it('a password is given when it is asked for, and asked for when it is not given', async () => {
    const { url: guarded } = await use(ourRelay({ credentials: [{ username: 'me', password: 'pass' }] }));
    const target = http.createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    await once(target, 'listening');
    await use({ stop: () => target.close() });
    const attempt = (options) => {
      const transport = { url: guarded, ...relayDefaults, ...options };
      return net.connect({ host: '127.0.0.1', port: target.address().port, transport });
    };
    const good = attempt({ username: 'me', password: 'pass' });
    await once(good, 'connect');
    good.destroy();
    const missing = await failure(attempt({}));
    assert.equal(missing.code, 'EACCES');
    assert.match(missing.message, /wants a password/);
    const wrong = await failure(attempt({ username: 'me', password: 'wrong' }));
    assert.equal(wrong.code, 'EACCES');
  });

  it('a token opens the relay', async () => {
    const { url: guarded } = await use(ourRelay({ tokens: ['open-sesame'], allow: ['127.0.0.1:*'] }));
    const target = http.createServer().listen(0, '127.0.0.1');
    await once(target, 'listening');
    await use({ stop: () => target.close() });
    for (const protocol of ['wisp', 'websocket']) {
      const transport = { url: guarded, token: 'open-sesame', protocol, ...relayDefaults };
      const socket = net.connect({ host: '127.0.0.1', port: target.address().port, transport });
      await once(socket, 'connect');
      socket.destroy();
    }
  });

  it('tells its message of the day', async () => {
    const { url: chatty } = await use(ourRelay({ messageOfTheDay: 'Grüße' }));
    const told = [];
    const transport = { url: chatty, ...relayDefaults, onMessageOfTheDay: (text) => told.push(text) };
    const socket = net.connect({ host: '127.0.0.1', port: 1, transport });
    await failure(socket);
    assert.deepEqual(told, ['Grüße']);
  });

  it('what our relay refuses is EACCES', async () => {
    const { url: strict } = await use(ourRelay({ allow: ['127.0.0.1:1'] }));
    for (const options of [
      {},
      { extensions: false },
      { protocol: 'websocket', extensions: true },
      { protocol: 'websocket' },
    ]) {
      const transport = { url: strict, ...relayDefaults, ...options };
      const error = await failure(net.connect({ host: '127.0.0.1', port: 2, transport }));
      assert.equal(error.code, 'EACCES', JSON.stringify(options));
      assert.equal(error.syscall, 'connect');
    }
  });

  it('extensions that only one side knows are not in force', async () => {
    const unknown = [
      { id: 0xee, payload: new Uint8Array(9) },
      { id: ExtensionId.udp, payload: new Uint8Array(0) },
    ];
    const WebSocket = fakeWebSocketClass({
      onOpen: (socket) => socket.say(encodeInfo(unknown), encodeContinue(0, 5)),
    });
    const socket = await connect({ transport: { url, WebSocket, lingerTimeout: 0 } });
    assert.deepEqual(WebSocket.all[0].packets('info')[0].extensions, []);
    socket.resume().end('x');
    await once(socket, 'close');
    const types = WebSocket.all[0].sent.map((message) => frames.parsePacket(message).type);
    assert.deepEqual(types, ['info', 'connect', 'data', 'close']);
  });

  it('the silence after end() ends a connection where there is no half-close', async () => {
    const { url: foreign } = await use(wispJsRelay({ version: 1 }));
    const { createServer } = await import('node:net');
    let ended = 0;
    const server = createServer((peer) => peer.resume().on('end', () => (ended += 1))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await use({ stop: () => server.close() });
    const transport = { url: foreign, ...relayDefaults };
    const socket = net.connect({ host: '127.0.0.1', port: server.address().port, transport });
    socket.resume().end('bye');
    const [hadError] = await once(socket, 'close');
    assert.equal(hadError, false);
    await until(() => ended > 0);
  });
});
