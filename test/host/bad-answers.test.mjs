// What user code may give back that makes no sense, or throw: the documented error, for that connection alone.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeTls from 'node:tls';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, readBytes, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative, tls } from '../support/subject.mjs';

const noTickets = 1 << 14; // SSL_OP_NO_TICKET
const key = Buffer.alloc(16, 7);
const mine = { name: 'Error', message: 'my own' };
const throws = () => {
  throw new Error('my own');
};

const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const value = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
const notBytes = 'The "psk" argument must be an instance of Buffer, TypedArray, or DataView. Received ';

/** What a pskCallback gives back, and the error of it: on a client, on a server. Nothing means that it is good. */
const pskAnswers = {
  'a number': [() => 5, type, type],
  'true': [() => true, type, type],
  'a string': [() => 'key', type, type],
  'a bigint': [() => 1n, type, type],
  'a symbol': [() => Symbol('key'), type, type],
  'a function': [() => () => key, type, type],
  'an array': [() => [key], type, { ...type, message: `${notBytes}undefined` }],
  'a promise': [async () => ({ psk: key, identity: 'bad' }), type, { ...type, message: `${notBytes}undefined` }],
  'an empty object': [() => ({}), { ...type, message: `${notBytes}undefined` }, type],
  'a key that is a string': [() => ({ psk: 'key', identity: 'bad' }), { ...type, message: `${notBytes}type string ('key')` }, type],
  'a key that is an ArrayBuffer': [() => ({ psk: new ArrayBuffer(16), identity: 'bad' }), type, type],
  'a key that is null': [() => ({ psk: null, identity: 'bad' }), { ...type, message: `${notBytes}null` }, type],
  'no identity': [() => ({ psk: key }), type],
  'an identity that is a number': [() => ({ psk: key, identity: 5 }), type],
  'a key of 1000 bytes': [() => ({ psk: Buffer.alloc(1000), identity: 'bad' }), value, value],
  // OpenSSL has grown since the documentation said 128, and Node with it.
  'an identity of 129 bytes': [() => ({ psk: key, identity: 'é'.repeat(64) + 'x' }), value],
  'an exception': [throws, mine, mine],
  'a promise of nothing': [() => Promise.resolve(), type, type],
  'a DataView and more': [() => ({ psk: new DataView(key.buffer, key.byteOffset, 16), identity: 'bad', more: 1 })],
}; // prettier-ignore

const pskProtocols = {
  'TLSv1.2': { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' },
  'TLSv1.3': { ciphers: 'TLS_AES_128_GCM_SHA256:PSK', minVersion: 'TLSv1.3' },
};

/** Whether both ends of a connection still talk. */
async function talks(socket, peer) {
  const there = readBytes(peer, 2);
  const back = readBytes(socket, 2);
  socket.write('to');
  peer.write('fr');
  return `${await there} ${await back}` === 'to fr';
}

for (const [version, limits] of Object.entries(pskProtocols)) {
  describe(`nonsense from pskCallback, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pskOf = (identity) => () => ({ psk: key, identity });
    const clientOptions = { ...limits, checkServerIdentity() {}, servername: undefined };

    for (const [name, [answer, ofClient, ofServer]] of Object.entries(pskAnswers)) {
      it(`on a client: ${name}`, async function () {
        if (isNative && name === 'an identity of 129 bytes') this.skip();
        const { port } = await use(nativeServer({ ...limits, pskCallback: () => key }));
        const client = await use(Client.start({ port, ...clientOptions, pskCallback: answer }));
        if (ofClient === undefined) return void (await client.secure);
        await assert.rejects(client.secure, ofClient);
      });

      it(`on a server: ${name}`, async () => {
        const pskCallback = (_socket, identity) => (identity === 'good' ? key : answer());
        const server = await use(Server.start({ ...limits, pskCallback }));
        const options = { port: server.port, ...clientOptions };
        const good = await use(nativeClient({ ...options, pskCallback: pskOf('good') }));
        const peer = await server.nextConnection();
        const bad = nativeClient({ ...options, pskCallback: pskOf('bad') });
        if (ofServer === undefined) {
          await use(bad);
        } else {
          await assert.rejects(bad);
          await assert.rejects(server.nextConnection(), ofServer);
        }
        assert.ok(await talks(good, peer));
      });
    }
  });
}

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  describe(`nonsense from other callbacks, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ...only(version) };
    const trust = { ca: pki.ca.cert };
    const connect = (port, options) => use(nativeClient({ port, ...trust, ...options }));

    /** The error of a server for the client `bad`, while another client of it goes on. */
    async function serverError(options, bad) {
      const server = await use(Server.start({ ...identity, ...options }));
      const good = await connect(server.port, { servername: 'good.test', checkServerIdentity() {} });
      const peer = await server.nextConnection();
      await assert.rejects(nativeClient({ port: server.port, ...trust, ...bad }));
      const { name, code, message } = await server.errors.next();
      assert.ok(await talks(good, peer));
      return { name, code, message };
    }

    const protocols = {
      'null': null, 'a number': 1, 'an empty string': '', 'another name': 'x', 'a name and more': 'ab', 'a list': ['a'],
      'an object': {}, 'a Buffer': Buffer.from('a'), 'a promise': Promise.resolve('a'),
    }; // prettier-ignore
    for (const [name, given] of Object.entries(protocols)) {
      it(`ALPNCallback: ${name}`, async () => {
        const { code, message } = await serverError({ ALPNCallback: () => given }, { ALPNProtocols: ['a', 'b'] });
        assert.equal(code, 'ERR_TLS_ALPN_CALLBACK_INVALID_RESULT');
        assert.match(
          message,
          /^ALPN callback returned a value \([^]*\) that did not match any of the client's offered /,
        );
      });
    }

    it('ALPNCallback: an exception', async () => {
      assert.deepEqual(await serverError({ ALPNCallback: throws }, { ALPNProtocols: ['a'] }), {
        ...mine,
        code: undefined,
      });
    });

    it('SNICallback: an exception', async () => {
      const SNICallback = (name, callback) => (name === 'good.test' ? callback(null, null) : throws());
      assert.deepEqual(await serverError({ SNICallback }, {}), { ...mine, code: undefined });
    });

    // Newer versions of Node know these, too.
    (isNative ? describe.skip : describe)('listeners that throw', () => {
      const stateful = { secureOptions: noTickets };
      const connectTo = ({ port }, options) => nativeClient({ port, ...trust, ...options });

      /** The error that is the client's, and a client afterwards. */
      async function lostClient(server, options) {
        await assert.rejects(connectTo(server, options));
        return server.errors.next();
      }

      it('OCSPRequest', async () => {
        const server = await use(Server.start(identity));
        server.server.on('OCSPRequest', throws);
        assert.equal((await lostClient(server, { requestOCSP: true })).message, mine.message);
        const client = await use(connectTo(server));
        assert.ok(await talks(client, await server.nextConnection()));
      });

      it('resumeSession', async () => {
        const server = await use(Server.start({ ...identity, ...stateful }));
        const first = await use(connectTo(server));
        const peer = await server.nextConnection();
        const session = version === 'TLSv1.3' ? once(first, 'session') : [first.getSession()];
        peer.write('x');
        first.resume();
        server.server.once('resumeSession', throws);
        assert.equal((await lostClient(server, { session: (await session)[0] })).message, mine.message);
      });

      it('newSession: an error of the server, and no session is stored', async () => {
        const server = await use(Server.start({ ...identity, ...stateful }));
        const errors = [];
        server.server.on('newSession', throws).on('error', (error) => errors.push(error.message));
        const client = await use(connectTo(server));
        assert.ok(await talks(client, await server.nextConnection()));
        assert.deepEqual(new Set(errors), new Set([mine.message]));
      });
    });

    const contexts = { 'a number': 1, 'a string': 'x', options: { ca: [] }, true: true, 'a function': () => {} };
    for (const [name, given] of Object.entries(contexts)) {
      it(`SNICallback: ${name} for a context`, async function () {
        // Node overlooks these, and goes on with the server's own.
        if (isNative && !['object', 'function'].includes(typeof given)) this.skip();
        const SNICallback = (asked, callback) => callback(null, asked === 'good.test' ? null : given);
        const error = await serverError({ SNICallback }, {});
        assert.deepEqual([error.name, error.message], ['TypeError', 'Invalid SNI context']);
      });
    }

    (isNative ? it.skip : it)('checkServerIdentity: an exception', async () => {
      const { port } = await use(nativeServer(identity));
      for (const rejectUnauthorized of [true, false]) {
        const client = await use(Client.start({ port, ...trust, checkServerIdentity: throws, rejectUnauthorized }));
        await assert.rejects(client.secure, mine);
        assert.equal(client.socket.authorized, false);
      }
      const vague = () => {
        throw 'a string';
      };
      const client = await use(Client.start({ port, ...trust, checkServerIdentity: vague }));
      await assert.rejects(client.secure, { name: 'Error', message: 'a string' });
    });

    const verdicts = { 'a string': 'no', true: true, 'a number': 1, 'an object': { code: 'MINE' } };
    for (const [name, verdict] of Object.entries(verdicts)) {
      it(`checkServerIdentity: ${name}`, async () => {
        const { port } = await use(nativeServer(identity));
        const client = await use(Client.start({ port, ...trust, checkServerIdentity: () => verdict }));
        await client.closed;
        assert.equal(client.error, verdict);
        assert.equal(client.socket.authorized, false);
      });
    }

    const sessions = {
      'a string': 'x', 'a number': 1, 'an object': {}, 'nothing': undefined, 'false': false, 'an empty Buffer': Buffer.alloc(0),
      'nonsense': Buffer.from('nonsense'), 'much nonsense': Buffer.alloc(100_000, 0x30),
    }; // prettier-ignore
    for (const [name, data] of Object.entries(sessions)) {
      it(`resumeSession: ${name} for a session`, async () => {
        const server = await use(Server.start({ ...identity, secureOptions: noTickets }));
        server.server.on('resumeSession', (_id, callback) => callback(null, data));
        const socket = await connect(server.port, {});
        assert.equal(socket.isSessionReused(), false);
        assert.ok(await talks(socket, await server.nextConnection()));
      });
    }

    for (const [name, response] of Object.entries({ 'a string': 'x', 'a number': 1, 'an object': {} })) {
      it(`OCSPRequest: ${name} for a response`, async () => {
        const server = await use(Server.start(identity));
        const refused = new Promise((resolve) => {
          server.server.on('OCSPRequest', (_certificate, _issuer, callback) => {
            try {
              callback(null, response);
            } catch (error) {
              resolve(error);
            }
          });
        });
        const client = nativeTls.connect({ port: server.port, host: '127.0.0.1', ...trust, requestOCSP: true });
        client.on('error', () => {});
        const { code, message } = await refused;
        assert.deepEqual([code, message], ['ERR_INVALID_ARG_TYPE', 'OCSP response must be a buffer']);
        client.destroy();
        assert.equal((await server.errors.next()).code, 'ECONNRESET');
      });
    }

    it('sessions of another context', async () => {
      const server = await use(Server.start(identity));
      const others = await Promise.all([
        use(Server.start(identity)),
        use(Server.start({ ...identity, ticketKeys: server.server.getTicketKeys(), sessionIdContext: 'another' })),
      ]);
      for (const other of others) {
        const first = nativeTls.connect({ port: other.port, host: '127.0.0.1', servername: 'localhost', ...trust });
        const [session] = await once(first, 'session');
        first.destroy();
        const socket = await connect(server.port, { session });
        assert.equal(socket.isSessionReused(), false);
        assert.ok(await talks(socket, await server.nextConnection()));
      }
    });

    it('ticket keys of another length', async () => {
      const server = await use(Server.start(identity));
      const before = server.server.getTicketKeys();
      for (const size of [0, 47, 49]) {
        const ticketKeys = Buffer.alloc(size);
        const refusal = {
          code: 'ERR_INVALID_ARG_VALUE',
          message: /'options.ticketKeys' must be exactly 48 bytes. Rec/,
        };
        assert.throws(() => tls.createServer({ ...identity, ticketKeys }), refusal);
        assert.throws(() => server.server.setTicketKeys(ticketKeys), { code: 'ERR_INTERNAL_ASSERTION' });
      }
      assert.deepEqual(server.server.getTicketKeys(), before);
      await connect(server.port, {});
    });

    for (const [crl, code] of [['expiredCrl', 'CRL_HAS_EXPIRED'], ['futureCrl', 'CRL_NOT_YET_VALID']]) {
      it(`a CRL out of date: ${code}`, async () => {
        const server = await use(nativeServer(identity));
        const strict = await use(Client.start({ port: server.port, ...trust, crl: pki[crl] }));
        await assert.rejects(strict.secure, { code });
        const lax = { port: server.port, ...trust, crl: pki[crl], rejectUnauthorized: false };
        const { socket, secure } = await use(Client.start(lax));
        await secure;
        assert.deepEqual([socket.authorized, socket.authorizationError], [false, code]);

        const asking = { requestCert: true, ca: pki.ca.cert, crl: pki[crl], rejectUnauthorized: false };
        const mine = await use(Server.start({ ...identity, ...asking }));
        await connect(mine.port, { key: pki.client.key, cert: pki.client.cert });
        const peer = await mine.nextConnection();
        assert.deepEqual([peer.authorized, peer.authorizationError], [false, code]);
      });
    } // prettier-ignore
  });
}
