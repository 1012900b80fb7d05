// renegotiate(), disableRenegotiation() and the limit on what clients may ask for; with Node's own tls at the other end,
// and with this library at both.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeTls from 'node:tls';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, readBytes, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { duplexPair } from '../support/raw.mjs';
import { isNative, tls } from '../support/subject.mjs';

const SSL_OP_NO_TICKET = 0x4000;
const SSL_OP_NO_RENEGOTIATION = 0x4000_0000;
const SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION = 0x1_0000;

const renegotiated = (socket, options = {}) =>
  new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('closed in the middle of a renegotiation')));
    assert.equal(
      socket.renegotiate(options, (error) => (error ? reject(error) : resolve())),
      true,
    );
  });

describe('renegotiation', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const limits = [tls.CLIENT_RENEG_LIMIT, tls.CLIENT_RENEG_WINDOW];
  afterEach(() => ([tls.CLIENT_RENEG_LIMIT, tls.CLIENT_RENEG_WINDOW] = limits));

  const identity = {
    ...{ key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ca: pki.ca.cert, maxVersion: 'TLSv1.2' },
    // Node's own server would otherwise resume its client's session, and see no certificate.
    secureOptions: SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION,
  };
  const trust = { ca: pki.ca.cert };

  /** { server, client }: both ends of a connection of TLS 1.2 over TCP. */
  const pairs = {
    async 'this library at both ends'(serverOptions = {}, clientOptions = {}) {
      const listening = await use(Server.start({ ...identity, ...serverOptions }));
      const { socket: client, secure } = await use(Client.start({ port: listening.port, ...trust, ...clientOptions }));
      await secure;
      return { server: await listening.nextConnection(), client };
    },
    async 'as a client of Node'(serverOptions = {}, clientOptions = {}) {
      const listening = await use(nativeServer({ ...identity, ...serverOptions }, () => {}));
      const { socket: client, secure } = await use(Client.start({ port: listening.port, ...trust, ...clientOptions }));
      await secure;
      return { server: await listening.connections.next(), client };
    },
    async 'as a server of Node'(serverOptions = {}, clientOptions = {}) {
      const listening = await use(Server.start({ ...identity, ...serverOptions }));
      const client = await use(nativeClient({ port: listening.port, ...trust, ...clientOptions }));
      return { server: await listening.nextConnection(), client };
    },
  };

  async function exchange({ server, client }) {
    const payload = Buffer.alloc(100_000, 'abc');
    const received = Promise.all([readBytes(server, payload.length), readBytes(client, payload.length)]);
    client.write(payload);
    server.write(payload);
    for (const bytes of await received) assert.ok(bytes.equals(payload));
  }

  for (const [name, connect] of Object.entries(pairs)) {
    describe(name, () => {
      for (const side of ['client', 'server']) {
        it(`begun by the ${side}`, async () => {
          const ends = await connect();
          ends.client.resume();
          ends.server.resume();
          const finished = ends.client.getFinished();
          const secure = Promise.all([once(ends.client, 'secure'), once(ends.server, 'secure')]);
          await renegotiated(ends[side]);
          await secure;
          assert.notDeepEqual(ends.client.getFinished(), finished);
          assert.deepEqual(ends.client.getFinished(), ends.server.getPeerFinished());
          assert.equal(ends.client.authorized, true);
          await exchange(ends);
        });
      }

      it('a client hears of it as of the first handshake', async () => {
        const { server, client } = await connect();
        server.resume();
        client.resume();
        const events = [];
        client.on('secure', () => events.push('secure'));
        client.on('secureConnect', () => events.push('secureConnect'));
        await renegotiated(client);
        assert.deepEqual(events.sort(), ['secure', 'secureConnect']);
      });

      it('a server asks for a certificate when it needs one', async () => {
        const { server, client } = await connect(
          { rejectUnauthorized: false },
          { key: pki.client.key, cert: pki.client.cert },
        );
        client.resume();
        server.resume();
        assert.equal(server.authorized, false);
        await renegotiated(server, { requestCert: true });
        assert.equal(server.getPeerCertificate().subject.CN, 'client');
        assert.equal(server.authorized, true);
      });
    });
  }

  it('data go on in both directions', async () => {
    if (isNative) return; // There they get into each other's way: "unexpected record".
    const { server, client } = await pairs['this library at both ends']();
    const payload = Buffer.alloc(3_000_000, 'abc');
    const received = Promise.all([readBytes(server, payload.length), readBytes(client, payload.length)]);
    const done = [];
    for (let at = 0; at < payload.length; at += 100_000) {
      client.write(payload.subarray(at, at + 100_000));
      server.write(payload.subarray(at, at + 100_000));
      if (at === 1_000_000) done.push(renegotiated(client));
      if (at === 2_000_000) done.push(renegotiated(server));
    }
    for (const bytes of await received) assert.ok(bytes.equals(payload));
    await Promise.all(done);
  });

  it('over any Duplex', async () => {
    const [near, far] = duplexPair();
    const server = new tls.TLSSocket(near, { isServer: true, ...identity });
    const client = tls.connect({ socket: far, ...trust, servername: 'localhost' });
    const secure = once(client, 'secureConnect');
    await use({ stop: () => (server.destroy(), client.destroy()) });
    await secure;
    server.resume();
    client.resume();
    await renegotiated(client);
    await renegotiated(server);
    await exchange({ server, client });
  });

  it('TLS 1.3 has none: the same error as in Node', async () => {
    const errors = [];
    for (const module of [tls, nativeTls]) {
      const listening = await use(nativeServer({ ...identity, maxVersion: 'TLSv1.3' }));
      const client = module.connect({ port: listening.port, host: '127.0.0.1', servername: 'localhost', ...trust });
      await use({ stop: () => client.destroy() });
      await once(client, 'secureConnect');
      errors.push(
        await new Promise((resolve) => {
          let returned = null;
          returned = client.renegotiate({}, (error) => resolve([returned, error]));
        }),
      );
    }
    const [[returned, error], [nativeReturned, nativeError]] = errors;
    assert.deepEqual([returned, nativeReturned], [false, false]);
    assert.equal(error.code, 'ERR_SSL_WRONG_SSL_VERSION');
    for (const name of ['code', 'message', 'library', 'reason']) assert.equal(error[name], nativeError[name], name);
  });

  it('is a question of an established connection', async () => {
    if (isNative) return;
    const socket = new tls.TLSSocket();
    const error = await new Promise((resolve) => assert.equal(socket.renegotiate({}, resolve), false));
    assert.equal(error.code, 'ERR_TLS_INVALID_STATE');
    socket.destroy();
    assert.equal(socket.renegotiate({}, assert.fail), undefined);
  });

  it('after end() it is an error, like a write', async () => {
    const { client } = await pairs['as a client of Node']();
    client.end();
    const failed = once(client, 'error');
    const error = await new Promise((resolve) => assert.equal(client.renegotiate({}, resolve), false));
    assert.ok(error instanceof Error);
    assert.equal((await failed)[0].code, 'ERR_STREAM_WRITE_AFTER_END');
  });

  for (const side of ['client', 'server']) {
    it(`fails when the ${side} refuses it`, async () => {
      const refusing = { secureOptions: SSL_OP_NO_RENEGOTIATION };
      const connect = side === 'client' ? pairs['as a server of Node'] : pairs['as a client of Node'];
      const ends = await (side === 'client' ? connect({}, refusing) : connect(refusing));
      const wishing = ends[side === 'client' ? 'server' : 'client'];
      wishing.resume();
      ends[side].resume();
      wishing.renegotiate({}, assert.fail);
      const [error] = await once(wishing, 'error');
      assert.equal(error.code, 'ERR_SSL_NO_RENEGOTIATION');
    });
  }

  describe('certificates', () => {
    const connect = pairs['this library at both ends'];

    it('that are missing end the connection without an error', async () => {
      const { server, client } = await connect();
      client.resume();
      server.resume();
      server.on('error', assert.fail);
      server.renegotiate({ requestCert: true, rejectUnauthorized: true }, assert.fail);
      assert.deepEqual(await once(server, 'close'), [false]);
    });

    it('that are not trusted do too', async () => {
      const { server, client } = await connect({}, { key: pki.untrusted.key, cert: pki.untrusted.cert });
      client.resume();
      server.resume();
      server.renegotiate({ requestCert: true });
      await once(server, 'close');
      assert.equal(server.authorizationError, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    });

    it('that are missing are told, when the server does not reject', async () => {
      const { server, client } = await connect();
      client.resume();
      server.resume();
      await renegotiated(server, { requestCert: true, rejectUnauthorized: false });
      assert.equal(server.authorized, false);
      assert.equal(server.authorizationError, 'UNABLE_TO_GET_ISSUER_CERT');
    });
  });

  describe('the limit', () => {
    for (const limit of [0, 1, 3]) {
      it(`of ${limit}`, async () => {
        tls.CLIENT_RENEG_LIMIT = limit;
        const { server, client } = await pairs['as a server of Node']();
        server.resume();
        client.resume();
        for (let i = 0; i < limit; i++) await renegotiated(client);
        client.renegotiate({}, isNative ? () => {} : assert.fail);
        const [error] = await once(server, 'error');
        assert.equal(error.code, 'ERR_TLS_SESSION_ATTACK');
        assert.equal(error.message, 'TLS session renegotiation attack detected');
        if (!isNative) await once(client, 'close');
      });
    }

    it('is over when the window is', async () => {
      tls.CLIENT_RENEG_LIMIT = 1;
      tls.CLIENT_RENEG_WINDOW = 0;
      const { server, client } = await pairs['as a server of Node']();
      server.resume();
      client.resume();
      for (let i = 0; i < 6; i++) await renegotiated(client);
    });

    it('is none for the server itself', async () => {
      if (isNative) return;
      const { server, client } = await pairs['as a server of Node']();
      server.resume();
      client.resume();
      for (let i = 0; i < 6; i++) await renegotiated(server);
    });

    it('is none for a client', async () => {
      const { server, client } = await pairs['this library at both ends']();
      server.resume();
      client.resume();
      tls.CLIENT_RENEG_LIMIT = 0;
      await renegotiated(server);
    });
  });

  describe('disableRenegotiation()', () => {
    it('keeps clients from it', async () => {
      const { server, client } = await pairs['as a server of Node']();
      server.resume();
      client.resume();
      await renegotiated(client);
      server.disableRenegotiation();
      client.renegotiate({});
      const [error] = await once(server, 'error');
      assert.equal(error.code, 'ERR_TLS_RENEGOTIATION_DISABLED');
      assert.equal(error.message, 'TLS session renegotiation disabled for this socket');
    });

    it('and the server too', async () => {
      const { server } = await pairs['as a server of Node']();
      server.resume();
      server.disableRenegotiation();
      const failed = once(server, 'error');
      assert.equal(server.renegotiate({}), true);
      assert.equal((await failed)[0].code, 'ERR_TLS_RENEGOTIATION_DISABLED');
    });

    it('of a client changes nothing', async () => {
      const { server, client } = await pairs['this library at both ends']();
      server.resume();
      client.resume();
      client.disableRenegotiation();
      await renegotiated(client);
      await renegotiated(server);
    });
  });

  it('a client that does not follow has the time of a handshake', async () => {
    if (isNative) return; // It is documented there, and has not been so for long.
    const [near, far] = duplexPair();
    const server = new tls.TLSSocket(near, { isServer: true, ...identity, handshakeTimeout: 1000 });
    const client = tls.connect({ socket: far, ...trust, servername: 'localhost' });
    const secure = once(client, 'secureConnect');
    await use({ stop: () => (server.destroy(), client.destroy()) });
    await secure;
    far._read = () => {};
    server.renegotiate({}, assert.fail);
    const [error] = await once(server, 'error');
    assert.equal(error.code, 'ERR_TLS_HANDSHAKE_TIMEOUT');
  });

  it('a transport that ends and then closes while a new session is being stored', async () => {
    if (isNative) return;
    const listening = tls.createServer(identity);
    let sessions = 0;
    const waiting = new Promise((resolve) => {
      listening.on('newSession', (id, data, callback) => (sessions++ === 0 ? callback() : resolve()));
    });
    const [near, far] = duplexPair();
    const connected = once(listening, 'secureConnection');
    listening.emit('connection', near);
    const client = nativeTls.connect({
      socket: far,
      ...trust,
      servername: 'localhost',
      secureOptions: SSL_OP_NO_TICKET,
    });
    await use({ stop: () => client.destroy() });
    const [[server]] = await Promise.all([connected, once(client, 'secureConnect')]);
    server.resume();
    client.renegotiate({});
    await waiting;
    const closed = once(server, 'close');
    near.push(null);
    await once(near, 'end');
    near.destroy();
    await closed;
  });

  it('questions of a first handshake are not asked again', async () => {
    const asked = [];
    const listening = await use(
      Server.start({
        ...identity,
        SNICallback(name, callback) {
          asked.push(name);
          callback(null, null);
        },
      }),
    );
    listening.server.on('OCSPRequest', (certificate, issuer, callback) => {
      asked.push('OCSP');
      callback(null, Buffer.from('staple'));
    });
    const { socket: client, secure } = await use(Client.start({ port: listening.port, ...trust, requestOCSP: true }));
    await secure;
    const server = await listening.nextConnection();
    client.resume();
    server.resume();
    await renegotiated(client);
    assert.deepEqual(asked, ['localhost', 'OCSP']);
    assert.equal(server.servername, 'localhost');
  });

  describe('a server that breaks off', () => {
    const limit = nativeTls.CLIENT_RENEG_LIMIT;
    before(() => (nativeTls.CLIENT_RENEG_LIMIT = 0));
    after(() => (nativeTls.CLIENT_RENEG_LIMIT = limit));

    async function start() {
      const { server, client } = await pairs['as a client of Node']();
      server.on('error', () => server.destroy());
      const closed = new Promise((resolve) => client.once('close', resolve));
      client.resume();
      client.renegotiate({}, () => {});
      return { client, closed };
    }

    it('ends its client', async () => {
      const { closed } = await start();
      assert.equal(await closed, false);
    });

    it('fails what its client has written since', async function test() {
      if (isNative) this.skip(); // Node's own waits forever
      const { client, closed } = await start();
      const written = new Promise((resolve) => client.write('too late', resolve));
      await closed;
      assert.ok((await written) instanceof Error);
    });
  });
});
