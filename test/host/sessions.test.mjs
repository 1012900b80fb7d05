// Resumption: the session option and event, server-side stores, tickets and their keys.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeTls from 'node:tls';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative, tls } from '../support/subject.mjs';

const noTickets = 1 << 14; // SSL_OP_NO_TICKET

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  describe(`sessions, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ...only(version) };
    const trust = { ca: pki.ca.cert };

    // A ticket of TLS 1.2 is a session that nobody needs to store.
    const stateful = version === 'TLSv1.2' ? { ...identity, secureOptions: noTickets } : identity;

    /** Connects, and resolves with the socket and its first session. */
    async function connectFor(start, options) {
      const { socket, secure } = await start(options);
      const session = once(socket, 'session').then(([bytes]) => bytes);
      await secure;
      return { socket, session: await session };
    }

    const ours = async (options) => {
      const client = await use(Client.start({ ...trust, ...options }));
      return { socket: client.socket, secure: client.secure };
    };

    it('a client resumes with what the session event gave', async () => {
      const server = await use(nativeServer(identity));
      const first = await connectFor(ours, { port: server.port });
      assert.ok(Buffer.isBuffer(first.session));
      assert.equal(first.socket.isSessionReused(), false);
      const second = await ours({ port: server.port, session: first.session });
      await second.secure;
      assert.equal(second.socket.isSessionReused(), true);
      assert.equal(second.socket.authorized, true);
      await server.connections.next();
      assert.equal((await server.connections.next()).isSessionReused(), true);
    });

    it('a session that began where nobody looked at the name does not stand for it', async function test() {
      if (isNative) this.skip();
      const server = await use(nativeServer(identity));
      const options = { port: server.port, servername: 'other.test' };
      const { socket, session } = await connectFor(ours, { ...options, rejectUnauthorized: false });
      assert.equal(socket.authorizationError, 'ERR_TLS_CERT_ALTNAME_INVALID');
      const strict = await ours({ ...options, session });
      await assert.rejects(strict.secure, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
      const lax = await ours({ ...options, session, rejectUnauthorized: false });
      await lax.secure;
      assert.equal(lax.socket.isSessionReused(), true);
      assert.equal(lax.socket.authorized, false);
      let asked = 0;
      const own = await ours({ ...options, session, checkServerIdentity: () => void (asked += 1) });
      await own.secure;
      assert.deepEqual([own.socket.isSessionReused(), asked], [true, 0]);
    });

    it('a session does not stand for another name', async function test() {
      if (isNative) this.skip(); // newer versions of Node know this rule
      const server = await use(nativeServer(identity));
      const { session } = await connectFor(ours, { port: server.port });
      const other = await ours({ port: server.port, session, servername: 'other.test' });
      await assert.rejects(other.secure, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
      const set = await use(
        Client.start({ port: server.port, ...trust, servername: 'other.test' }, (socket) => socket.setSession(session)),
      );
      await assert.rejects(set.secure, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    });

    it('setSession() takes it as a latin1 string, too', async () => {
      const server = await use(nativeServer(identity));
      const { session } = await connectFor(ours, { port: server.port });
      const second = await use(
        Client.start({ port: server.port, ...trust }, (socket) => socket.setSession(session.toString('latin1'))),
      );
      await second.secure;
      assert.equal(second.socket.isSessionReused(), true);
    });

    it('the session event comes after secureConnect', async () => {
      const server = await use(nativeServer(identity));
      const order = [];
      const client = await use(
        Client.start({ port: server.port, ...trust }, (socket) => {
          for (const event of ['secure', 'secureConnect', 'session']) socket.on(event, () => order.push(event));
        }),
      );
      await once(client.socket, 'session');
      const late = version === 'TLSv1.3' ? ['secure', 'session'] : ['session', 'secure'];
      assert.deepEqual(order.slice(0, 3), ['secureConnect', ...late]);
    });

    it('a useless session means a full handshake', async () => {
      const server = await use(nativeServer(identity));
      for (const session of [Buffer.from('nonsense'), Buffer.alloc(5000, 0x30)]) {
        const client = await use(Client.start({ port: server.port, ...trust, session }));
        await client.secure;
        assert.equal(client.socket.isSessionReused(), false);
      }
    });

    it('getSession() and getTLSTicket()', async () => {
      const server = await use(nativeServer(identity));
      let newest;
      const { socket } = await connectFor(
        async (options) => {
          const client = await ours(options);
          client.socket.on('session', (session) => (newest = session));
          return client;
        },
        { port: server.port },
      );
      assert.ok(socket.getSession().equals(newest));
      assert.ok(socket.getTLSTicket().length > 0);
      socket.destroy();
      await once(socket, 'close');
      assert.equal(socket.getSession(), null);
      assert.equal(socket.getTLSTicket(), null);
    });

    const native = async (options) => {
      const socket = nativeTls.connect({
        host: '127.0.0.1',
        servername: 'localhost',
        ...trust,
        ...only(version),
        ...options,
      });
      await use({ stop: () => socket.destroy() });
      return { socket, secure: once(socket, 'secureConnect') };
    };

    /** Whether a native client that offers `session` resumes it at `port`. */
    async function resumes(port, session) {
      const { socket, secure } = await native({ port, session });
      await secure;
      return socket.isSessionReused();
    }

    it('a server resumes by ticket', async () => {
      const server = await use(Server.start(identity));
      const { session } = await connectFor(native, { port: server.port });
      assert.equal((await server.nextConnection()).isSessionReused(), false);
      assert.equal(await resumes(server.port, session), true);
      assert.equal((await server.nextConnection()).isSessionReused(), true);
    });

    it('servers share tickets when they share their keys', async () => {
      const one = await use(Server.start(identity));
      const two = await use(Server.start({ ...identity, ticketKeys: one.server.getTicketKeys() }));
      const { session } = await connectFor(native, { port: one.port });
      assert.equal(await resumes(two.port, session), true);
    });

    it('setTicketKeys() makes old tickets worthless', async () => {
      const server = await use(Server.start(identity));
      const { session } = await connectFor(native, { port: server.port });
      const keys = Buffer.alloc(48, 7);
      server.server.setTicketKeys(keys);
      assert.deepEqual(server.server.getTicketKeys(), keys);
      assert.equal(await resumes(server.port, session), false);
    });

    // In TLS 1.3 Node's own makes tickets after 'secureConnection', at a time that nobody is told.
    const describeHere = isNative && version === 'TLSv1.3' ? describe.skip : describe;
    describeHere('onticketkeycallback', () => {
      const keys = [Buffer.alloc(32, 'h'), Buffer.alloc(16, 'a')];

      /** A server whose callback notes its calls and gives `keys`, and `verdict` for tickets that come back. */
      async function start(verdict) {
        const server = await use(Server.start(identity));
        const calls = [];
        const { context } = server.server._sharedCreds;
        context.enableTicketKeyCallback();
        context.onticketkeycallback = function choose(name, iv, encrypt) {
          assert.equal(this, context);
          assert.ok(Buffer.isBuffer(name) && Buffer.isBuffer(iv) && name.length === 16 && iv.length === 16);
          calls.push(encrypt ? 'made' : String(name));
          return encrypt ? [1, ...keys, Buffer.from('name'.repeat(4)), Buffer.alloc(16, 'i')] : [verdict, ...keys];
        };
        return { calls, port: server.port, server };
      }

      for (const [name, verdict, expected] of [
        ['takes a ticket back', 1, true],
        ['takes it back and renews it', 2, true],
        ['does not know it', 0, false],
      ]) {
        it(name, async () => {
          const { calls, port, server } = await start(verdict);
          const { session } = await connectFor(native, { port });
          await server.nextConnection();
          const before = calls.length;
          assert.equal(await resumes(port, session), expected);
          await server.nextConnection();
          assert.equal(calls[before], 'name'.repeat(4));
          assert.equal(calls.slice(before + 1).includes('made'), verdict !== 1);
        });
      }

      it('fails the handshake with what is no answer', async () => {
        const answers = [undefined, [], ['1', ...keys], [-1]];
        if (!isNative) answers.push([1, keys[0]]); // Node's own ends the process.
        for (const answer of answers) {
          const { port, server } = await start(1);
          server.server._sharedCreds.context.onticketkeycallback = () => answer;
          await use(Client.start({ port, ...trust }));
          assert.equal((await server.errors.next()).code, 'ERR_SSL_CALLBACK_FAILED');
        }
      });
    });

    it('a ticket of node:tls is accepted with its keys', async () => {
      const theirs = await use(nativeServer(identity));
      const { session } = await connectFor(native, { port: theirs.port });
      const ticketKeys = theirs.server.getTicketKeys();
      // Sessions belong to a context; both of these processes' servers have the same one.
      const mine = await use(Server.start({ ...identity, ticketKeys }));
      assert.equal(await resumes(mine.port, session), true);
    });

    it('newSession: nothing reaches the client before the callback', async () => {
      const server = await use(Server.start(stateful));
      const callbacks = [];
      server.server.on('newSession', (id, data, callback) => {
        assert.ok(Buffer.isBuffer(id) && Buffer.isBuffer(data));
        callbacks.push(callback);
      });
      const happened = [];
      // TLS 1.3 makes sessions after the handshake, TLS 1.2 in it.
      if (version === 'TLSv1.2') server.server.on('secureConnection', () => happened.push('server'));
      const client = await use(Client.start({ port: server.port, ...trust }));
      client.socket.once('session', () => happened.push('session'));
      await once(server.server, 'newSession');
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      assert.deepEqual(happened, []);
      while (callbacks.length > 0) {
        const callback = callbacks.shift();
        callback();
        callback();
        await new Promise(setImmediate);
      }
      await server.nextConnection();
      await client.secure;
    });

    if (version === 'TLSv1.2') {
      it('newSession and resumeSession keep and find sessions, and the handshake waits', async () => {
        const store = new Map();
        const log = [];
        const server = await use(Server.start({ ...identity, secureOptions: noTickets }));
        server.server.on('newSession', (id, data, callback) => {
          store.set(id.toString('hex'), data);
          log.push('new');
          setImmediate(callback);
        });
        server.server.on('resumeSession', (id, callback) => {
          log.push('resume');
          setImmediate(callback, null, store.get(id.toString('hex')) ?? null);
        });
        server.server.on('secureConnection', () => log.push('secure'));

        const { session } = await connectFor(native, { port: server.port });
        await server.nextConnection();
        assert.deepEqual(log.splice(0), ['new', 'secure']);

        assert.equal(await resumes(server.port, session), true);
        assert.equal((await server.nextConnection()).isSessionReused(), true);
        assert.deepEqual(log.splice(0), ['resume', 'secure']);

        store.clear();
        assert.equal(await resumes(server.port, session), false);
        await server.nextConnection();
        assert.deepEqual(log.splice(0), ['resume', 'new', 'secure']);
      });

      it('newSession: the callback comes after the client has gone', async () => {
        const server = await use(Server.start(stateful));
        const asked = new Promise((resolve) => {
          server.server.on('newSession', (_id, _data, callback) => resolve(callback));
        });
        const client = Client.start({ port: server.port, ...trust });
        const callback = await asked;
        client.socket.destroy();
        assert.equal((await server.errors.next()).code, 'ECONNRESET');
        callback();
      });

      it('resumeSession: an error ends the handshake', async () => {
        const server = await use(Server.start({ ...identity, secureOptions: noTickets }));
        server.server.on('resumeSession', (_id, callback) => callback(new Error('no store')));
        const other = await use(nativeServer({ ...identity, secureOptions: noTickets }));
        const { session } = await connectFor(native, { port: other.port });
        nativeClient({ port: server.port, ...trust, session }).catch(() => {});
        assert.equal((await server.errors.next()).message, 'no store');
      });
    }

    it('sessionTimeout', async () => {
      const server = await use(Server.start({ ...identity, sessionTimeout: 100 }));
      const { session } = await connectFor(native, { port: server.port });
      const context = tls.createSecureContext({ sessionTimeout: 0 });
      assert.ok(context);
      assert.equal(await resumes(server.port, session), true);
    });
  });
}
