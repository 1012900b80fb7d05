// The four questions at which a server's handshake stops: an answer may come at any time, in any order, twice, with an
// error, or when nobody waits for it any more. The peer is Node's own tls.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeTls from 'node:tls';

import { useCleanup } from '../support/cleanup.mjs';
import { only, readBytes, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { Mailbox } from '../support/mailbox.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative, tls } from '../support/subject.mjs';

const noTickets = 1 << 14; // SSL_OP_NO_TICKET
const staple = Buffer.from('not a real response');

const turns = async (count = 20) => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
};

/**
 * How each is asked, and answered: `ask(callback)` is for the server to call, `good` are the arguments of an answer.
 * A second answer and an error of 'newSession' are of no effect: its callback takes no arguments.
 */
const questions = {
  SNICallback: { good: () => [null, null], options: (ask) => ({ SNICallback: (_name, callback) => ask(callback) }) },
  OCSPRequest: {
    good: () => [null, staple],
    client: { requestOCSP: true },
    listen: (server, ask) => server.on('OCSPRequest', (_certificate, _issuer, callback) => ask(callback)),
  },
  newSession: {
    forgiving: true,
    good: () => [],
    listen: (server, ask) => server.on('newSession', (_id, _data, callback) => ask(callback)),
  },
  // With TLS 1.3 a client's sessions are tickets.
  resumeSession: {
    versions: ['TLSv1.2'],
    needsSession: true,
    good: (store) => [null, store.data],
    listen: (server, ask) => server.on('resumeSession', (_id, callback) => ask(callback)),
  },
};

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  for (const [name, question] of Object.entries(questions)) {
    if (question.versions?.includes(version) === false) continue;

    describe(`${name}, ${version}`, () => {
      const use = useCleanup();
      useLeakCheck();
      const pki = fixtures();
      const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ...only(version) };

      // Node's own server of TLS 1.3 is secure before it asks, and may leave a connection open that took too long.
      const early = isNative && name === 'newSession' && version === 'TLSv1.3' ? it.skip : it;
      const ours = isNative ? it.skip : it;

      /** How often a connection asks. */
      const times = name === 'newSession' && version === 'TLSv1.3' ? 2 : 1;
      const stateful = version === 'TLSv1.2' ? { secureOptions: noTickets } : {};

      /** Connects with Node's own client; `secure` and `closed` tell what became of it. */
      async function connect(port, options = {}) {
        const { ca } = pki;
        const socket = nativeTls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: ca.cert, ...options });
        const closed = once(socket, 'close').catch(() => {});
        socket.on('error', () => {});
        const secure = new Promise((resolve, reject) => {
          socket.once('secureConnect', () => resolve(socket));
          socket.once('close', () => reject(new Error('closed')));
        });
        secure.catch(() => {});
        await use({ stop: () => (socket.destroy(), closed) });
        return { socket, secure, closed };
      }

      /** A session of a server with the same identity: what the client keeps and what the server does. */
      async function makeSession() {
        const server = await use(Server.start({ ...identity, ...stateful }));
        const store = {};
        server.server.on('newSession', (_id, data, callback) => ((store.data = data), callback()));
        const { socket, secure } = await connect(server.port);
        const session = once(socket, 'session');
        await secure;
        [store.session] = await session;
        socket.destroy();
        return store;
      }

      /** A server that asks; each question arrives in `asked`, or goes to `onAsk`. */
      async function start({ onAsk, ...options } = {}) {
        const store = question.needsSession ? await makeSession() : {};
        const asked = new Mailbox();
        const good = () => question.good(store);
        const ask = (callback) => (onAsk ? onAsk(callback, good) : asked.put(callback));
        const server = await use(Server.start({ ...identity, ...stateful, ...question.options?.(ask), ...options }));
        question.listen?.(server.server, ask);
        const client = () => connect(server.port, { ...question.client, session: store.session });
        return { server, client, asked, good };
      }

      /** The answers to all questions of a connection, as one. */
      async function allAsked(asked) {
        const callbacks = [];
        while (callbacks.length < times) callbacks.push(await asked.next());
        return (...answer) => callbacks.forEach((callback) => callback(...answer));
      }

      /** A connection that was asked about, and whose time was up then; a busy machine may need more of it to ask. */
      async function startTooLate() {
        for (let handshakeTimeout = 30; ; handshakeTimeout *= 4) {
          const { server, client, asked, good } = await start({ handshakeTimeout });
          const one = await client();
          assert.equal((await server.errors.next()).code, 'ERR_TLS_HANDSHAKE_TIMEOUT');
          if (asked.length === times) return { server, one, asked, good };
        }
      }

      /** Both ends can talk. */
      async function works(server, { secure }) {
        const [socket, peer] = await Promise.all([secure, server.nextConnection()]);
        peer.write('to the client');
        socket.write('to the server');
        const [there, back] = await Promise.all([readBytes(peer, 13), readBytes(socket, 13)]);
        assert.deepEqual([String(there), String(back)], ['to the server', 'to the client']);
        return peer;
      }

      const moments = {
        'at once': (answer) => answer(),
        'in the next tick': (answer) => process.nextTick(answer),
        'in the next turn': (answer) => setImmediate(answer),
        'many turns later': (answer) => turns().then(answer),
      };
      for (const [moment, later] of Object.entries(moments)) {
        it(`an answer ${moment}`, async () => {
          const { server, client } = await start({ onAsk: (callback, good) => later(() => callback(...good())) });
          await works(server, await client());
        });
      }

      early('until the answer neither end is secure for its user', async () => {
        const { server, client, asked, good } = await start();
        const one = await client();
        const callback = await allAsked(asked);
        await turns();
        // In TLS 1.3 a client is done before the server makes a session.
        assert.equal(one.socket.listenerCount('secureConnect'), times === 2 ? 0 : 1);
        assert.equal(server.connections.length, 0);
        callback(...good());
        await works(server, one);
      });

      early('answers in another order than the questions', async () => {
        const { server, client, asked, good } = await start();
        const first = await client();
        const firstCallback = await allAsked(asked);
        const second = await client();
        const secondCallback = await allAsked(asked);
        secondCallback(...good());
        await works(server, second);
        firstCallback(...good());
        await works(server, first);
      });

      it('an answer after the server was closed to others', async () => {
        const { server, client, asked, good } = await start();
        const one = await client();
        const callback = await allAsked(asked);
        server.server.close();
        callback(...good());
        await works(server, one);
      });

      it('a second answer at once', async () => {
        const onAsk = (callback, good) => (callback(...good()), callback(...good()));
        const { server, client } = await start({ onAsk });
        const one = await client();
        if (question.forgiving) return void (await works(server, one));
        assert.equal((await server.errors.next()).code, 'ERR_MULTIPLE_CALLBACK');
        await one.closed;
      });

      it('a second answer while the first is on its way', async () => {
        const { server, client, asked, good } = await start();
        const one = await client();
        const callback = await allAsked(asked);
        callback(...good());
        process.nextTick(callback, ...good());
        if (question.forgiving) return void (await works(server, one));
        assert.equal((await server.errors.next()).code, 'ERR_MULTIPLE_CALLBACK');
        await one.closed;
      });

      it('a second answer long after the handshake', async () => {
        const { server, client, asked, good } = await start();
        const one = await client();
        const callback = await allAsked(asked);
        callback(...good());
        const peer = await works(server, one);
        const failed = new Promise((resolve) => peer.once('error', resolve));
        callback(...good());
        if (question.forgiving) {
          const echo = readBytes(one.socket, 2);
          peer.write('ok');
          return void (await echo);
        }
        assert.equal((await failed).code, 'ERR_MULTIPLE_CALLBACK');
        await one.closed;
      });

      for (const [moment, later] of Object.entries(moments)) {
        it(`an error ${moment}`, async () => {
          const mine = new Error('my own');
          const { server, client } = await start({ onAsk: (callback) => later(() => callback(mine)) });
          const one = await client();
          if (question.forgiving) return void (await works(server, one));
          assert.equal(await server.errors.next(), mine);
          await assert.rejects(one.secure);
        });
      }

      const late = {
        'an answer': (callback, good) => callback(...good()),
        'an error': (callback) => callback(new Error('late')),
        'two answers': (callback, good) => (callback(...good()), callback(...good())),
      };
      for (const [what, answer] of Object.entries(late)) {
        early(`${what} after the client has gone`, async () => {
          const { server, client, asked, good } = await start();
          const one = await client();
          const callback = await allAsked(asked);
          one.socket.destroy();
          assert.equal((await server.errors.next()).code, 'ECONNRESET');
          answer(callback, good);
          await turns();
          assert.equal(server.errors.length, 0);
        });

        ours(`${what} after the handshake took too long`, async () => {
          const { server, one, asked, good } = await startTooLate();
          answer(await allAsked(asked), good);
          await one.closed;
          assert.equal(server.errors.length, 0);
          assert.equal(server.connections.length, 0);
        });
      }

      early('what is thrown instead of an answer', async () => {
        const mine = new Error('thrown');
        const thrown = new Mailbox();
        const held = new Mailbox();
        let throwing = false;
        const onAsk = (callback, good) => {
          if (throwing) throw mine;
          held.put(() => callback(...good()));
        };
        const { server, client } = await start({ onAsk });
        const other = await client();
        const answerOther = await allAsked(held);
        throwing = true;
        // What a listener of 'newSession' throws, or with Node 20 of any question, ends a process that does not care.
        process.setUncaughtExceptionCaptureCallback((error) => thrown.put(error));
        try {
          const one = await client();
          const [mailbox, error] = await Mailbox.any(thrown, server.errors);
          assert.equal(error, mine);
          const forTheServer = isNative ? name === 'SNICallback' : name !== 'newSession';
          assert.equal(mailbox, forTheServer ? server.errors : thrown);
          one.socket.destroy();
          if (mailbox === thrown) assert.equal((await server.errors.next()).code, 'ECONNRESET');
        } finally {
          process.setUncaughtExceptionCaptureCallback(null);
        }
        answerOther();
        await works(server, other);
      });
    });
  }

  describe(`several questions in one handshake, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ...only(version) };

    (isNative && version === 'TLSv1.3' ? it.skip : it)('each waits for the one before', async () => {
      const log = [];
      const answer = (what, callback, ...args) => {
        log.push(what);
        turns(5).then(() => (log.push(`/${what}`), callback(...args)));
      };
      let data = null;
      const server = await use(
        Server.start({
          ...identity,
          secureOptions: version === 'TLSv1.2' ? noTickets : 0,
          SNICallback: (_name, callback) => answer('name', callback, null, tls.createSecureContext(identity)),
        }),
      );
      server.server.on('resumeSession', (_id, callback) => answer('resume', callback, null, data));
      server.server.on('OCSPRequest', (_certificate, _issuer, callback) => answer('staple', callback, null, staple));
      server.server.on('newSession', (_id, made, callback) => ((data ??= made), answer('new', callback)));
      server.server.on('secureConnection', () => log.push('secure'));
      const options = { port: server.port, host: '127.0.0.1', servername: 'localhost', ca: pki.ca.cert };
      const visit = async (session, makesSession = true) => {
        const socket = nativeTls.connect({ ...options, requestOCSP: true, session });
        await use({ stop: () => socket.destroy() });
        const made = makesSession ? once(socket, 'session') : null;
        await Promise.all([once(socket, 'secureConnect'), server.nextConnection()]);
        return { reused: socket.isSessionReused(), session: (await made)?.[0] };
      };

      // A client that may speak TLS 1.3 always has a session ID, and TLS 1.3 gives two sessions at once.
      const before = ['resume', '/resume', 'name', '/name', 'staple', '/staple'];
      const sessions = version === 'TLSv1.3' ? ['new', 'new', '/new', '/new'] : ['new', '/new'];
      const { session } = await visit();
      assert.deepEqual(log.splice(0), [...before, ...sessions, 'secure']);
      if (version === 'TLSv1.3') return;
      // Whoever resumes needs no certificate.
      assert.equal((await visit(session, false)).reused, true);
      assert.deepEqual(log.splice(0), ['resume', '/resume', 'secure']);
      data = null;
      assert.equal((await visit(session)).reused, false);
      assert.deepEqual(log, [...before, ...sessions, 'secure']);
    });

    const protocols = ['h2', 'http/1.1'];
    const chosen =
      (given) =>
      ({ servername, protocols: offered }) => {
        given.push([servername, offered]);
        return offered.find((protocol) => protocols.includes(protocol));
      };
    for (const [moment, later] of [['at once', (answer) => answer()], ['later', (answer) => turns(5).then(answer)]]) {
      for (const form of ['ALPNProtocols', 'ALPNCallback']) {
        it(`SNICallback ${moment}, with ${form}`, async () => {
          const given = [];
          const alpn = form === 'ALPNProtocols' ? { ALPNProtocols: protocols } : { ALPNCallback: chosen(given) };
          const { key, cert } = pki.sniA;
          const SNICallback = (servername, callback) => {
            const context = servername === 'a.example.com' ? tls.createSecureContext({ key, cert }) : null;
            later(() => callback(null, context));
          };
          const server = await use(Server.start({ ...identity, ...alpn, SNICallback }));
          for (const [servername, name] of [['a.example.com', 'a.example.com'], ['other.test', 'localhost']]) {
            for (const [ALPNProtocols, expected] of [[['x', 'http/1.1'], 'http/1.1'], [['h2'], 'h2'], [undefined, false]]) {
              const options = { port: server.port, host: '127.0.0.1', rejectUnauthorized: false };
              const socket = nativeTls.connect({ ...options, servername, ALPNProtocols });
              await use({ stop: () => socket.destroy() });
              const [peer] = await Promise.all([server.nextConnection(), once(socket, 'secureConnect')]);
              assert.equal(socket.alpnProtocol, expected);
              assert.equal(peer.alpnProtocol, expected);
              assert.equal(peer.servername, servername);
              assert.equal(socket.getPeerCertificate().subject.CN, name);
              if (form === 'ALPNCallback' && ALPNProtocols) assert.deepEqual(given.pop(), [servername, ALPNProtocols]);
            }
          }
          const socket = nativeTls.connect({ port: server.port, host: '127.0.0.1', servername: 'a.example.com',
            rejectUnauthorized: false, ALPNProtocols: ['neither'] });
          const [error] = await once(socket, 'error');
          assert.equal(error.code, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
          assert.equal((await server.errors.next()).code, 'ERR_SSL_NO_APPLICATION_PROTOCOL');
        }); // prettier-ignore
      }
    } // prettier-ignore
  });
}
