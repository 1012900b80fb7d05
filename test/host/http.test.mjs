// Node's http on top: servers that are handed our sockets, and clients that make theirs with our connect().

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

import { useCleanup } from '../support/cleanup.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { fixtures } from '../support/pki.mjs';
import { tls } from '../support/subject.mjs';

describe('http', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert, host: '127.0.0.1', servername: 'localhost' };
  const body = Buffer.alloc(1 << 20, 'body');

  /** An application behind our tls.Server; echoes request bodies and tells what it sees. */
  async function application() {
    const app = http.createServer((request, response) => {
      response.setHeader('x-encrypted', String(request.socket.encrypted));
      request.pipe(response);
    });
    const server = tls.createServer(identity, (socket) => app.emit('connection', socket));
    const sockets = new Set();
    server.on('connection', (socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const stop = () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    };
    return use({ port: server.address().port, stop });
  }

  async function collect(stream) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async function send(options, data = body) {
    const request = (options.module ?? http).request({ method: 'POST', path: '/', ...options });
    const answered = once(request, 'response');
    request.end(data);
    const [response] = await answered;
    return { response, received: await collect(response), request };
  }

  it('a server’s sockets carry http', async () => {
    const { port } = await application();
    const { response, received } = await send({ module: https, port, ...trust });
    assert.equal(response.headers['x-encrypted'], 'true');
    assert.ok(received.equals(body));
  });

  it('https clients keep such a connection alive', async () => {
    const { port } = await application();
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    await use({ stop: () => agent.destroy() });
    const first = await send({ module: https, port, agent, ...trust });
    const second = await send({ module: https, port, agent, ...trust }, Buffer.from('two'));
    assert.ok(first.received.equals(body));
    assert.equal(String(second.received), 'two');
    assert.equal(second.request.reusedSocket, true);
  });

  for (const [name, otherPort] of [['our server', null], ['a server of Node’s own', 'native']]) {
    it(`createConnection: () => tls.connect(), to ${name}`, async () => {
      const { port } = otherPort === null ? await application() : await nativeApplication();
      const { received } = await send({ createConnection: () => tls.connect({ port, ...trust }) });
      assert.ok(received.equals(body));
    });
  } // prettier-ignore

  it('an agent of http over tls.connect() keeps connections alive', async () => {
    const { port } = await nativeApplication();
    class TlsAgent extends http.Agent {
      createConnection() {
        return tls.connect({ port, ...trust });
      }
    }
    const agent = new TlsAgent({ keepAlive: true, maxSockets: 1 });
    await use({ stop: () => agent.destroy() });
    const first = await send({ agent, port });
    const second = await send({ agent, port }, Buffer.from('two'));
    assert.ok(first.received.equals(body));
    assert.equal(String(second.received), 'two');
    assert.equal(second.request.reusedSocket, true);
    assert.ok(second.request.socket instanceof tls.TLSSocket);
  });

  it('a request that is aborted ends its socket', async () => {
    const { port } = await application();
    const socket = tls.connect({ port, ...trust });
    const request = http.request({ createConnection: () => socket, method: 'POST' });
    request.on('error', () => {});
    await once(socket, 'secureConnect');
    request.write('some');
    request.destroy();
    if (!socket.closed) await once(socket, 'close');
  });

  it('an upgrade hands the socket over', async () => {
    const app = http.createServer();
    app.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
    });
    const server = tls.createServer(identity, (socket) => app.emit('connection', socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    const headers = { Connection: 'Upgrade', Upgrade: 'echo' };
    const request = http.request({ createConnection: () => tls.connect({ port, ...trust }), headers });
    request.end();
    const [, socket] = await once(request, 'upgrade');
    socket.write('hello');
    assert.equal(String((await once(socket, 'data'))[0]), 'hello');
    const closed = new Promise((resolve) => server.close(resolve));
    socket.destroy();
    await closed;
  });

  async function nativeApplication() {
    const server = https.createServer(identity, (request, response) => void request.pipe(response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const stop = () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    };
    return use({ port: server.address().port, stop });
  }
});
