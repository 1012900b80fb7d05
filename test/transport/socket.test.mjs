// net.Socket and net.Server over a transport against Node's own over TCP: the same program, the same events.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { memoryNet, settled, tcpNet, until } from './support/nets.mjs';
import { record } from './support/record.mjs';

/** socket → its first 'close', however early that was. */
const ends = new WeakMap();
const watch = (socket) => ends.set(socket, new Promise((resolve) => socket.once('close', resolve)));
const closed = (socket) => ends.get(socket) ?? (watch(socket), ends.get(socket));

/** name → async ({ net, connect, listen }) => what is compared */
const cases = {
  async 'a request and an answer'({ pair, log }) {
    const [client, server] = await pair({}, {});
    record(client, log, 'client ');
    server.on('data', (data) => server.end(`you said ${data}`));
    client.setEncoding('utf8');
    let text = '';
    client.on('data', (data) => (text += data));
    client.write('hello');
    await Promise.all([closed(client), closed(server)]);
    return [text, client.bytesRead, client.bytesWritten, server.bytesRead, server.bytesWritten];
  },

  async 'events of a connection that is made and ended'({ connect, listen, log }) {
    const { port, sockets } = await listen({}, (socket) => socket.resume());
    const client = connect({ port });
    record(client, log);
    log.push(`connecting ${client.connecting} ${client.pending} ${client.readyState}`);
    client.on('connect', () => {
      log.push(`connected ${client.connecting} ${client.pending} ${client.readyState}`);
      client.resume().end('all');
    });
    await once(client, 'close');
    log.push(`destroyed ${client.destroyed} ${client.pending} ${client.readyState}`);
    await closed(sockets[0]);
    return [client.bytesWritten, sockets[0].bytesRead];
  },

  async 'writes before the connection is there'({ connect, listen, log }) {
    const chunks = [];
    const { port, sockets } = await listen({}, (socket) => socket.on('data', (chunk) => chunks.push(chunk)));
    const client = connect({ port });
    log.push(client.write('one '), client.write(Buffer.from('two ')), client.bytesWritten);
    client.end('thrée');
    log.push(client.bytesWritten, client.writableLength);
    client.resume();
    await Promise.all([once(client, 'close'), once(client, 'connect').then(() => settled())]);
    await closed(sockets[0]);
    return [Buffer.concat(chunks).toString(), client.bytesWritten];
  },

  async 'nobody listens'({ connect, freePort, log }) {
    const client = connect({ port: await freePort() });
    record(client, log);
    client.write('lost', (error) => log.push(`write ${error.code}`));
    await closed(client);
    return [client.connecting, client.destroyed, client.pending];
  },

  async 'destroy() while connecting'({ connect, listen, log }) {
    const { port } = await listen({});
    const client = connect({ port });
    record(client, log);
    client.write('lost', (error) => log.push(`write ${error.code}`));
    client.destroy();
    await once(client, 'close');
    await settled();
  },

  async 'destroy(error) of a connected socket'({ pair, log }) {
    const [client, server] = await pair({}, {});
    record(client, log, 'client ');
    server.resume();
    client.destroy(Object.assign(new Error('why'), { code: 'WHY' }));
    await Promise.all([closed(client), closed(server)]);
    return [client.readyState, server.readyState];
  },

  async 'destroy() without a connection'({ net, log }) {
    const socket = new net.Socket();
    record(socket, log);
    log.push(socket.pending, socket.connecting, socket.readyState, socket.bufferSize, socket.bytesRead);
    socket.destroy();
    await once(socket, 'close');
  },

  async 'resetAndDestroy()'({ pair, log }) {
    const [client, server] = await pair({}, {});
    record(server, log, 'server ');
    server.resume();
    client.resetAndDestroy();
    await Promise.all([closed(client), closed(server)]);
  },

  async 'resetAndDestroy() without a connection'({ net, log }) {
    const socket = record(new net.Socket(), log) && new net.Socket();
    record(socket, log);
    socket.resetAndDestroy();
    await closed(socket);
  },

  async 'an end without allowHalfOpen ends both directions'({ pair, log }) {
    const [client, server] = await pair({}, {});
    record(client, log, 'client ');
    client.resume();
    server.resume().end('bye');
    await Promise.all([closed(client), closed(server)]);
    return [client.writableEnded, client.readableEnded];
  },

  async 'a half-open connection goes on'({ pair }) {
    const [client, server] = await pair({ allowHalfOpen: true }, { allowHalfOpen: true });
    let text = '';
    client.on('data', (data) => (text += data));
    client.end('question');
    await once(server.resume(), 'end');
    server.write('the ');
    await settled();
    server.end('answer');
    await Promise.all([closed(client), closed(server)]);
    return [text];
  },

  async 'a write after the own end'({ pair, log }) {
    const [client, server] = await pair({}, { allowHalfOpen: true });
    record(client, log);
    client.resume().end('x');
    client.write('y', (error) => log.push(`write ${error.code}`));
    await closed(client);
    server.destroy();
  },

  async 'destroySoon() writes everything first'({ pair }) {
    const [client, server] = await pair({}, {});
    let bytes = 0;
    server.on('data', (data) => (bytes += data.length));
    client.write(Buffer.alloc(300_000));
    client.destroySoon();
    await Promise.all([closed(client), closed(server)]);
    return [bytes];
  },

  async 'what was written arrives before a destroy()'({ pair }) {
    const [client, server] = await pair({}, {});
    let text = '';
    server.on('data', (data) => (text += data));
    client.write('last words');
    client.destroy();
    await Promise.all([closed(client), closed(server)]);
    return [text];
  },

  async 'bytes that nobody read are told of by a reset'({ pair, log }) {
    const [client, server] = await pair({}, { pauseOnConnect: true });
    record(client, log);
    client.write('unread');
    client.resume();
    await settled();
    server.destroy();
    await closed(client);
  },

  async 'a timeout, and none once there is none'({ pair, log }) {
    const [client] = await pair({}, {});
    record(client, log);
    const listener = () => log.push('callback');
    client.setTimeout(20, listener);
    log.push(client.timeout);
    await once(client, 'timeout');
    client.setTimeout(0, listener);
    log.push(client.timeout, client.listenerCount('timeout'));
  },

  async 'the option timeout'({ connect, listen, log }) {
    const { port } = await listen({});
    const client = connect({ port, timeout: 20 });
    log.push(client.timeout);
    await once(client, 'timeout');
    client.destroy();
  },

  async 'a signal that is aborted'({ connect, listen, log }) {
    const { port } = await listen({});
    const abort = new AbortController();
    const client = connect({ port, signal: abort.signal });
    record(client, log);
    await once(client, 'connect');
    abort.abort();
    await closed(client);
  },

  async 'a signal that was aborted before'({ connect, listen, log }) {
    const { port } = await listen({});
    const client = connect({ port, signal: AbortSignal.abort() });
    record(client, log);
    await closed(client);
  },

  async 'onread with one buffer'({ connect, listen }) {
    const { port } = await listen({}, (socket) => socket.end('0123456789'.repeat(10)));
    const parts = [];
    const buffer = Buffer.alloc(32);
    const callback = (size, target) => {
      parts.push(target.toString('latin1', 0, size));
      return true;
    };
    const client = connect({ port, onread: { buffer, callback } });
    await once(client, 'close');
    return [parts.join(''), client.bytesRead, parts.every((part) => part.length <= 32)];
  },

  async 'onread that pauses'({ connect, listen, log }) {
    const { port } = await listen({}, (socket) => socket.end('0123456789'.repeat(10)));
    let text = '';
    const callback = (size, target) => {
      text += target.toString('latin1', 0, size);
      return false;
    };
    const client = connect({ port, onread: { buffer: () => Buffer.alloc(64), callback } });
    await until(() => text.length === 64);
    await settled();
    log.push(text.length);
    client.resume();
    await until(() => text.length === 100);
    client.resume();
    await closed(client);
    return [text.length];
  },

  async 'a socket that is connected again'({ connect, listen, log }) {
    const { port } = await listen({}, (socket) => socket.resume().end('hello'));
    const client = connect({ port });
    client.resume();
    await once(client, 'close');
    client.connect({ port, ...client.testOptions });
    record(client, log);
    let text = '';
    client.on('data', (data) => (text += data));
    await once(client, 'close');
    return [text];
  },

  async 'a callable class, with and without new'({ net }) {
    const plain = net.Socket();
    class Derived extends net.Socket {}
    const derived = new Derived();
    function Old() {
      net.Socket.call(this, { allowHalfOpen: true });
    }
    Object.setPrototypeOf(Old.prototype, net.Socket.prototype);
    const old = new Old();
    const server = net.Server();
    return [
      plain instanceof net.Socket, derived instanceof net.Socket, derived.constructor.name, old.allowHalfOpen,
      old.pending, old.bytesWritten, net.Stream === net.Socket, net.Socket.name, server instanceof net.Server,
      net.Server.name,
    ]; // prettier-ignore
  },

  async 'a server: its address, its connections, its end'({ net, pair, server: made, log }) {
    const [client, accepted] = await pair({}, {});
    const server = made();
    const { port, ...rest } = server.address();
    log.push(rest, port > 0, server.listening, client.remotePort === port, accepted.localPort === port);
    log.push(client.remoteAddress, client.remoteFamily, client.localFamily, client.localPort === accepted.remotePort);
    log.push(accepted.server === server, accepted instanceof net.Socket);
    log.push(await new Promise((resolve) => server.getConnections((_, count) => resolve(count))));
    server.on('close', () => log.push('server close'));
    server.close(() => log.push('closed'));
    log.push(server.listening, server.address());
    await settled();
    client.end();
    client.resume();
    accepted.resume();
    await once(server, 'close');
    server.close((error) => log.push(error.code));
    await settled();
  },

  async 'maxConnections drops what is too much'({ connect, listen, log }) {
    const { port, server } = await listen({});
    server.maxConnections = 1;
    server.on('drop', (data) => log.push(Object.keys(data).sort().join(), data.remoteFamily));
    const first = connect({ port });
    await once(first, 'connect');
    await settled();
    const second = connect({ port });
    second.on('error', () => {});
    second.resume();
    await closed(second);
    first.destroy();
  },

  async 'two listen on one port'({ net, listen, options, log }) {
    const { port } = await listen({});
    const other = net.createServer(options);
    const ready = once(other, 'error');
    other.listen({ port, host: '127.0.0.1', ...options });
    const [error] = await ready;
    log.push(error.code, error.syscall, error.errno, error.message.replaceAll(port, 'PORT'), error.port === port);
    log.push(other.listening);
  },

  async 'listen() again'({ net, options, log }) {
    const server = net.createServer(options);
    for (let times = 0; times < 2; ++times) {
      server.listen({ port: 0, ...options }, () => log.push('listening'));
      await once(server, 'listening');
      assert.throws(() => server.listen(0), { code: 'ERR_SERVER_ALREADY_LISTEN' });
      await new Promise((resolve) => server.close(resolve));
    }
  },

  async 'a server with a signal'({ net, options, log }) {
    const abort = new AbortController();
    const server = net.createServer(options).listen({ port: 0, signal: abort.signal, ...options });
    await once(server, 'listening');
    abort.abort();
    await once(server, 'close');
    log.push(server.listening);
  },

  async pauseOnConnect({ pair, log }) {
    const [client, server] = await pair({}, { pauseOnConnect: true });
    client.end('data');
    client.resume();
    await settled();
    log.push(server.isPaused(), server.bytesRead, server.readableFlowing);
    let text = '';
    server.on('data', (data) => (text += data)).resume();
    await closed(server);
    return [text];
  },

  async 'the options noDelay and keepAlive, and their methods, give the socket back'({ pair }) {
    const [client] = await pair({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 }, { keepAlive: true });
    return ['setNoDelay', 'setKeepAlive', 'ref', 'unref', 'pause', 'resume', 'cork'].map((name) => {
      const result = client[name]();
      return name === 'cork' ? result === undefined : result === client;
    });
  },
};

async function run(subject, use, body) {
  const { net, options } = subject;
  const open = [];
  const log = [];
  let made = null;
  const connect = (given) => {
    const client = net.connect({ ...options, ...given });
    client.testOptions = options;
    watch(client);
    open.push(client);
    return client;
  };
  const listen = async (given, listener = () => {}) => {
    const sockets = [];
    const server = net.createServer({ ...options, ...given }, (socket) => {
      open.push(socket);
      sockets.push(socket);
      watch(socket);
      socket.on('error', () => {});
      listener(socket);
    });
    made = server;
    open.push({ destroy: () => server.close() });
    server.listen({ port: 0, ...options });
    await once(server, 'listening');
    return { server, port: server.address().port, sockets };
  };
  const pair = async (clientOptions, options) => {
    const { port, server } = await listen(options);
    const accepted = once(server, 'connection');
    const client = connect({ port, ...clientOptions });
    client.on('error', () => {});
    await once(client, 'connect');
    const [socket] = await accepted;
    return [client, socket];
  };
  const freePort = async () => {
    const { server, port } = await listen({});
    await new Promise((resolve) => server.close(resolve));
    return port;
  };
  await use({ stop: () => open.forEach((one) => one.destroy()) });
  const result = await body({ net, connect, listen, pair, freePort, options, log, server: () => made });
  return { result, log };
}

describe('sockets over a transport and over TCP', () => {
  const use = useCleanup();
  for (const [name, body] of Object.entries(cases)) {
    it(name, async () => {
      const expected = await run(tcpNet(), use, body);
      assert.deepEqual(await run(memoryNet(), use, body), expected);
    });
  }

  // How much a kernel takes is not to be foreseen, so that Node's has no part in it.
  it('a write behind the peer’s end, which became this side’s as well, is EPIPE', async () => {
    const body = async ({ pair, log }) => {
      const [client, server] = await pair({}, { allowHalfOpen: true });
      client.resume();
      client.write(Buffer.alloc(1 << 20));
      server.end();
      await once(client, 'end');
      await new Promise((resolve) => setImmediate(resolve));
      record(client, log);
      log.push(client.destroyed, client.writableEnded, client.writableFinished);
      log.push(client.write('x', (error) => log.push(`write ${error.code}`)));
      await closed(client);
    };
    const { log } = await run(memoryNet(), use, body);
    assert.deepEqual(log, [false, true, false, false, 'error EPIPE', 'write EPIPE', 'close true']);
  });
});
