// wasm-tls/https: both ends of it, and each against Node's own https.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import nodeHttps from 'node:https';
import net from 'node:net';

import { useCleanup } from '../support/cleanup.mjs';
import { liveObjects, useLeakCheck } from '../support/leaks.mjs';
import { fixtures } from '../support/pki.mjs';
import { https, isNative, tls } from '../support/subject.mjs';

const pki = fixtures();
const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
const trust = { ca: pki.ca.cert, host: '127.0.0.1', servername: 'localhost' };

const echo = (request, response) => request.pipe(response);

const closed = (socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve));

/** A listening server of `module`; its sockets are destroyed when it stops. */
async function serve(options = {}, onRequest = echo, module = https) {
  const server = module.createServer({ ...identity, ...options }, onRequest);
  const sockets = new Set();
  const keep = (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  server.on('connection', keep).on('secureConnection', keep);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    const stopped = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await Promise.all([stopped, ...[...sockets].map(closed)]);
  };
  return { server, port: server.address().port, stop };
}

async function finish(request, body) {
  const answered = once(request, 'response');
  request.end(body);
  const [response] = await answered;
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return { response, request, text: Buffer.concat(chunks).toString() };
}

const send = (options, { body = 'hello', module = https } = {}) =>
  finish(module.request({ method: 'POST', path: '/', ...trust, ...options }), body);

/** An agent of the test's own. */
function agentOf(options, module = https) {
  const agent = new module.Agent(options);
  const stop = () => {
    const sockets = [agent.sockets, agent.freeSockets].flatMap((lists) => Object.values(lists).flat());
    agent.destroy();
    return Promise.all(sockets.map(closed));
  };
  return { agent, stop };
}

describe('https', () => {
  const use = useCleanup();
  useLeakCheck();

  it('has the names of node:https', () => {
    const missing = Object.keys(nodeHttps).filter((name) => !(name in https));
    assert.deepEqual(missing, []);
    assert.ok(https.globalAgent instanceof https.Agent && https.globalAgent instanceof http.Agent);
    for (const name of ['keepAlive', 'scheduling', 'timeout']) {
      assert.equal(https.globalAgent.options[name], nodeHttps.globalAgent.options[name], name);
    }
  });

  describe('requests', () => {
    for (const [name, modules] of [
      ['ours to ours', { client: https, server: https }],
      ['Node’s to ours', { client: nodeHttps, server: https }],
      ['ours to Node’s', { client: https, server: nodeHttps }],
    ]) {
      it(name, async () => {
        const body = 'body'.repeat(100_000);
        const { port } = await use(serve({}, echo, modules.server));
        const { agent } = await use(agentOf({ keepAlive: true }, modules.client));
        const first = await send({ port, agent }, { body, module: modules.client });
        assert.ok(first.text === body);
        const second = await send({ port, agent }, { module: modules.client });
        assert.equal(second.text, 'hello');
        assert.equal(second.request.reusedSocket, true);
      });
    }

    it('take a URL, options, and both', async () => {
      const { port } = await use(serve({}, (request, response) => response.end(`${request.method} ${request.url}`)));
      const { agent } = await use(agentOf({ ca: pki.ca.cert }));
      const url = `https://localhost:${port}/some?query`;
      const options = { agent, family: 4 };
      const ask = async (...args) => (await finish(https.request(...args), '')).text;
      assert.equal(await ask(url, options), 'GET /some?query');
      assert.equal(await ask(new URL(url), { ...options, method: 'PUT' }), 'PUT /some?query');
      assert.equal(await ask({ ...options, port, path: '/path' }), 'GET /path');
      assert.equal(await ask({ href: url, protocol: 'https:', hostname: 'localhost', port, pathname: '/', search: '' }, options), 'GET /'); // prettier-ignore
      const [response] = await new Promise((resolve) => {
        https.get(url, options, (...args) => resolve(args));
      });
      assert.equal(response.statusCode, 200);
      response.resume();
      await once(response, 'end');
    });

    it('go through the global agent of the moment', async () => {
      const { port } = await use(serve());
      const { agent } = await use(agentOf({ maxSockets: 1, ...trust }));
      const before = https.globalAgent;
      https.globalAgent = agent;
      try {
        const { request } = await send({ port, ca: undefined });
        assert.equal(request.agent, agent);
      } finally {
        https.globalAgent = before;
      }
    });

    it('refuse another protocol, and arguments of another type', () => {
      const attempt = (module, ...args) => {
        try {
          module.request(...args);
        } catch (error) {
          return [error.code, error.message];
        }
        throw new Error('accepted');
      };
      for (const args of [
        ['http://localhost/'],
        ['no url'],
        [{ protocol: 'http:' }],
        [{ method: 7 }],
        [{ path: '\n' }],
      ]) {
        assert.deepEqual(attempt(https, ...args), attempt(nodeHttps, ...args));
      }
    });

    it('fail with the error of the handshake', async () => {
      const { port } = await use(serve());
      await assert.rejects(send({ port, ca: pki.otherCa.cert }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    });
  });

  describe('Agent', () => {
    /** What the sockets of requests one after the other say about their sessions. */
    async function reuses(agent, requests) {
      const seen = [];
      for (const options of requests) {
        const { request } = await send({ agent, ...options });
        seen.push(request.socket.isSessionReused());
        // A ticket may come after the response.
        await closed(request.socket);
      }
      return seen;
    }

    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      it(`resumes sessions, ${version}`, async () => {
        const { port } = await use(serve({ maxVersion: version }));
        const { agent } = await use(agentOf({}));
        const seen = await reuses(agent, [{ port }, { port }, { port, servername: 'b.localhost', checkServerIdentity: () => {} }]); // prettier-ignore
        assert.deepEqual(seen, [false, true, false]);
      });
    }

    it('keeps at most maxCachedSessions', async () => {
      const [one, two] = [await use(serve()), await use(serve())];
      const requests = [one, two, one, one].map(({ port }) => ({ port }));
      const { agent: single } = await use(agentOf({ maxCachedSessions: 1 }));
      assert.deepEqual(await reuses(single, requests), [false, false, false, true]);
      const { agent: none } = await use(agentOf({ maxCachedSessions: 0 }));
      assert.deepEqual(await reuses(none, requests), [false, false, false, false]);
    });

    it('forgets the session of a connection that failed', async () => {
      const { port } = await use(serve());
      const { agent } = await use(agentOf({}));
      await reuses(agent, [{ port }]);
      const [key] = Object.keys(agent._sessionCache.map);
      const request = https.request({ port, agent, ...trust });
      const [socket] = await once(request, 'socket');
      request.on('error', () => {});
      const told = new Promise((resolve) => socket.once('close', resolve));
      socket.destroy(new Error('broken'));
      await told;
      assert.equal(agent._getSession(key), undefined);
    });

    it('gives connections the names that Node gives them', () => {
      const ours = new https.Agent();
      const theirs = new nodeHttps.Agent();
      const bytes = Buffer.from('bytes');
      for (const options of [
        undefined,
        {},
        { host: 'a', port: 1, localAddress: '127.0.0.1', family: 4, socketPath: '/s' },
        { host: 'a', servername: 'a' },
        { host: 'a', servername: 'b', ca: [bytes, 'text'], cert: bytes, key: 'key', ciphers: 'c', crl: [bytes] },
        { rejectUnauthorized: false, honorCipherOrder: false, secureOptions: 0 },
        { pfx: bytes, clientCertEngine: 'e', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', secureProtocol: 'p' },
        { ecdhCurve: 'auto', dhparam: bytes, sessionIdContext: 'x', sigalgs: 'a:b' },
        { privateKeyIdentifier: 'id', privateKeyEngine: 'engine', ca: '', key: null },
      ]) {
        assert.equal(ours.getName(options), theirs.getName(options));
      }
    });

    it('tells keys of different passphrases apart', function test() {
      if (isNative) this.skip();
      const { agent } = agentOf({});
      const names = ['one', 'two'].map((passphrase) => agent.getName({ pfx: [{ buf: pki.pfx, passphrase }] }));
      assert.notEqual(names[0], names[1]);
    });

    it('shares nothing that only one request’s checkServerIdentity has accepted', async function test() {
      if (isNative) this.skip();
      const { port } = await use(serve());
      const { agent } = await use(agentOf({ keepAlive: true }));
      const lax = { port, agent, servername: 'other.test', checkServerIdentity: () => undefined };
      await send(lax);
      await assert.rejects(send({ port, agent, servername: 'other.test' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
      const again = https.request({ ...trust, ...lax });
      const [socket] = await once(again, 'socket');
      let reused;
      socket.on('secureConnect', () => (reused = socket.isSessionReused()));
      await finish(again);
      assert.equal(reused, false);
    });

    it('lets everything be shared under its own checkServerIdentity', async () => {
      const { port } = await use(serve());
      const { agent } = await use(agentOf({ keepAlive: true, checkServerIdentity: () => undefined }));
      await send({ port, agent, servername: 'other.test' });
      const { request } = await send({ port, agent, servername: 'other.test' });
      assert.equal(request.reusedSocket, true);
    });

    it('is inherited from in every way', async () => {
      function Old(options) {
        https.Agent.call(this, options);
      }
      Object.setPrototypeOf(Old.prototype, https.Agent.prototype);
      class New extends https.Agent {}
      class Borrower extends http.Agent {
        constructor(options) {
          super(options);
          Object.assign(this, { defaultPort: 443, protocol: 'https:', maxCachedSessions: 1 });
          this._sessionCache = { map: {}, list: [] };
        }
      }
      for (const name of ['createConnection', 'getName', '_getSession', '_cacheSession', '_evictSession']) {
        Borrower.prototype[name] = https.Agent.prototype[name];
      }
      const { port } = await use(serve());
      for (const agent of [new Old({}), new New({}), https.Agent({}), new Borrower({})]) {
        await use({ stop: () => agent.destroy() });
        assert.deepEqual(await reuses(agent, [{ port }, { port }]), [false, true], agent.constructor.name);
      }
    });

    it('createConnection() takes a port and a host as well', async () => {
      const { port } = await use(serve());
      const agent = new https.Agent();
      const options = { ca: trust.ca, servername: 'localhost' };
      for (const args of [
        [{ ...options, port, host: '127.0.0.1' }],
        [port, { ...options, host: '127.0.0.1' }],
        [port, '127.0.0.1', options],
      ]) {
        // prettier-ignore
        const socket = agent.createConnection(...args);
        await once(socket, 'secureConnect');
        assert.equal(socket.authorized, true);
        socket.destroy();
        await once(socket, 'close');
      }
    });

    it('refuses proxies, which it does not know', function test() {
      if (isNative) this.skip();
      assert.throws(() => new https.Agent({ proxyEnv: {} }), { code: 'ERR_METHOD_NOT_IMPLEMENTED' });
    });
  });

  describe('Server', () => {
    it('is a tls.Server, with the properties of an http.Server', () => {
      const server = https.Server({ ...identity, keepAliveTimeout: 7, maxHeaderSize: 9000 });
      assert.ok(server instanceof https.Server && server instanceof tls.Server && server instanceof net.Server);
      const theirs = new nodeHttps.Server({ ...identity, keepAliveTimeout: 7, maxHeaderSize: 9000 });
      const names = ['timeout', 'headersTimeout', 'requestTimeout', 'keepAliveTimeout', 'maxHeadersCount',
        'maxHeaderSize', 'httpAllowHalfOpen', 'connectionsCheckingInterval', 'requireHostHeader', 'noDelay']; // prettier-ignore
      for (const name of names) assert.equal(server[name], theirs[name], name);
    });

    it('checks options in the words of Node', () => {
      const attempt = (module, options) => {
        try {
          module.createServer(options);
        } catch (error) {
          return [error.code, error.message];
        }
        return 'accepted';
      };
      for (const options of [
        'text',
        7,
        { requestTimeout: 'x' },
        { headersTimeout: 9, requestTimeout: 5 },
        { insecureHTTPParser: 1 },
        { maxHeaderSize: -1 },
        { handshakeTimeout: 'x' },
        { ALPNProtocols: ['x'], ALPNCallback: () => 'x' },
      ]) {
        // prettier-ignore
        assert.deepEqual(attempt(https, options), attempt(nodeHttps, options));
      }
    });

    it('offers http/1.1, or what it is told', async () => {
      const alpnOf = async (options) => {
        const { port } = await use(serve(options));
        const { request } = await send({ port, agent: false, ALPNProtocols: ['h2', 'http/1.1'] });
        return request.socket.alpnProtocol;
      };
      assert.equal(await alpnOf({}), 'http/1.1');
      assert.equal(await alpnOf({ ALPNProtocols: ['h2'] }), 'h2');
      assert.equal(await alpnOf({ ALPNCallback: ({ protocols }) => protocols[0] }), 'h2');
    });

    it('makes messages of the classes that it was given', async () => {
      class Request extends http.IncomingMessage {}
      class Response extends http.ServerResponse {}
      let kinds;
      const onRequest = (request, response) => {
        kinds = [request instanceof Request, response instanceof Response];
        response.end();
      };
      const { port } = await use(serve({ IncomingMessage: Request, ServerResponse: Response }, onRequest));
      await send({ port });
      assert.deepEqual(kinds, [true, true]);
    });

    it('tells a failed handshake and a bad request as clientError', async () => {
      const { server, port } = await use(serve());
      const failed = once(server, 'clientError');
      net.connect(port, '127.0.0.1').on('error', () => {}).end('plain text\r\n\r\n'); // prettier-ignore
      assert.equal((await failed)[0].code, 'ERR_SSL_WRONG_VERSION_NUMBER');
      const bad = once(server, 'clientError');
      tls.connect({ port, ...trust }).on('error', () => {}).end('no http\r\n\r\n'); // prettier-ignore
      const [error, socket] = await bad;
      assert.equal(error.code, 'HPE_INVALID_METHOD');
      socket.destroy();
    });

    it('close() ends idle connections and waits for the others', async () => {
      let answer;
      const onRequest = (request, response) => {
        if (request.url === '/wait') answer = () => response.end('at last');
        else response.end();
        if (answer) server.emit('asked');
      };
      const { server, port } = await use(serve({}, onRequest));
      const { agent } = await use(agentOf({ keepAlive: true }));
      const { request: idle } = await send({ port, agent, path: '/' });
      const busy = send({ port, agent: false, path: '/wait' });
      await once(server, 'asked');
      const ended = once(server, 'close');
      server.close();
      await closed(idle.socket);
      answer();
      assert.equal((await busy).text, 'at last');
      await ended;
    });

    it('closeAllConnections() ends busy ones too', async () => {
      const { server, port } = await use(serve({}, () => server.emit('asked')));
      const busy = send({ port, agent: false });
      await once(server, 'asked');
      server.closeAllConnections();
      await assert.rejects(busy, { code: 'ECONNRESET' });
    });

    for (const [name, text] of [
      ['headersTimeout', 'GET / HTTP/1.1\r\nHost: a'],
      ['requestTimeout', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf'],
    ]) {
      it(`${name} answers 408`, async () => {
        const limits = { headersTimeout: 0, requestTimeout: 0, connectionsCheckingInterval: 10, [name]: 50 };
        const { port } = await use(serve(limits, (request) => request.resume()));
        const socket = tls.connect({ port, ...trust }, () => socket.write(text));
        socket.setEncoding('utf8');
        const [data] = await once(socket, 'data');
        assert.match(data, /^HTTP\/1\.1 408 /);
        await once(socket, 'close');
      });
    }

    it('setTimeout() and keepAliveTimeout end connections without traffic', async () => {
      const { server, port } = await use(serve({ keepAliveTimeout: 20 }, (request, response) => {
        if (request.url !== '/wait') response.end();
      })); // prettier-ignore
      const { agent } = await use(agentOf({ keepAlive: true }));
      const { request } = await send({ port, agent });
      await closed(request.socket);
      let timedOut;
      assert.equal(
        server.setTimeout(30, (socket) => (timedOut = socket).destroy()),
        server,
      );
      await assert.rejects(send({ port, path: '/wait', agent: false }), { code: 'ECONNRESET' });
      assert.ok(timedOut instanceof tls.TLSSocket);
    });
  });

  it('createHttps() is the module over an instance of one’s own', async function test() {
    if (isNative) this.skip();
    const instance = tls.createTls();
    const own = https.createHttps(instance);
    const { server, port } = await use(serve({}, echo, own));
    assert.ok(server instanceof instance.Server && !(server instanceof tls.Server));
    const { agent } = await use(agentOf({}, own));
    const { request } = await send({ port, agent }, { module: own });
    assert.ok(request.socket instanceof instance.TLSSocket);
    assert.equal(tls.engine.liveObjects(), 0);
    await closed(request.socket);
    assert.equal(await liveObjects(), 0);
  });
});
