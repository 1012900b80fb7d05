// Server names: addContext(), SNICallback, and what both sides say of the name.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { rawClient } from '../support/raw.mjs';
import { isNative, tls } from '../support/subject.mjs';

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  describe(`SNI, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const identityOf = ({ key, cert }) => ({ key, cert });
    const options = { ...identityOf(pki.serverEcdsa), ...only(version) };

    /** The name on the certificate that a client asking for `servername` gets, and the server's idea of the name. */
    async function ask(server, servername) {
      const client = await use(nativeClient({ port: server.port, rejectUnauthorized: false, servername }));
      const socket = await server.nextConnection();
      return [client.getPeerCertificate().subject.CN, socket.servername];
    }

    it('addContext() with options or a context; exact names, wildcards, the default', async () => {
      const server = await use(Server.start(options));
      server.server.addContext('a.example.com', identityOf(pki.sniA));
      server.server.addContext('*.b.example.org', tls.createSecureContext(identityOf(pki.sniB)));
      assert.deepEqual(await ask(server, 'a.example.com'), ['a.example.com', 'a.example.com']);
      assert.deepEqual(await ask(server, 'www.b.example.org'), ['b.example.org', 'www.b.example.org']);
      assert.deepEqual(await ask(server, 'b.example.org'), ['localhost', 'b.example.org']);
      assert.deepEqual(await ask(server, 'a.b.b.example.org'), ['localhost', 'a.b.b.example.org']);
      assert.deepEqual(await ask(server, undefined), ['localhost', false]);
    });

    it('the context added last wins, and takes effect at once', async () => {
      const server = await use(Server.start(options));
      server.server.addContext('x.test', identityOf(pki.sniB));
      assert.deepEqual(await ask(server, 'x.test'), ['b.example.org', 'x.test']);
      server.server.addContext('x.test', identityOf(pki.sniA));
      assert.deepEqual(await ask(server, 'x.test'), ['a.example.com', 'x.test']);
    });

    it('an exact name comes before a wildcard, whichever was added first', async function order() {
      // Node takes the wildcard when it was added later.
      if (isNative) return this.skip();
      const server = await use(Server.start(options));
      server.server.addContext('x.test', identityOf(pki.sniA));
      server.server.addContext('*.test', identityOf(pki.sniB));
      assert.deepEqual(await ask(server, 'x.test'), ['a.example.com', 'x.test']);
      assert.deepEqual(await ask(server, 'y.test'), ['b.example.org', 'y.test']);
    });

    it('SNICallback answers later, with a context or none', async () => {
      const asked = [];
      const server = await use(
        Server.start({
          ...options,
          SNICallback(servername, callback) {
            asked.push([servername, this instanceof tls.TLSSocket, this.servername]);
            const context = servername === 'a.example.com' ? tls.createSecureContext(identityOf(pki.sniA)) : null;
            setImmediate(callback, null, context);
          },
        }),
      );
      assert.deepEqual(await ask(server, 'a.example.com'), ['a.example.com', 'a.example.com']);
      assert.deepEqual(await ask(server, 'other.test'), ['localhost', 'other.test']);
      assert.deepEqual(await ask(server, undefined), ['localhost', false]);
      assert.deepEqual(asked, [
        ['a.example.com', true, 'a.example.com'],
        ['other.test', true, 'other.test'],
      ]);
    });

    it('SNICallback may answer with the inner context', async () => {
      const { context } = tls.createSecureContext(identityOf(pki.sniA));
      const server = await use(Server.start({ ...options, SNICallback: (_name, callback) => callback(null, context) }));
      assert.deepEqual(await ask(server, 'any.test'), ['a.example.com', 'any.test']);
    });

    const failures = {
      'answers with an error': [(_name, callback) => callback(new Error('not today')), { message: 'not today' }],
      'answers with something else': [
        (_name, callback) => callback(null, {}),
        { name: 'TypeError', message: 'Invalid SNI context' },
      ],
      throws: [
        () => {
          throw new Error('broken');
        },
        { message: 'broken' },
      ],
    };
    for (const [name, [SNICallback, expected]] of Object.entries(failures)) {
      it(`SNICallback ${name}: the handshake ends with it`, async () => {
        const server = await use(Server.start({ ...options, SNICallback }));
        nativeClient({ port: server.port, rejectUnauthorized: false, servername: 'a.test' }).catch(() => {});
        const error = await server.errors.next();
        assert.equal(error.message, expected.message);
        if (expected.name) assert.equal(error.name, expected.name);
        assert.equal(error.socket.destroyed, true);
      });
    }

    it('SNICallback answers twice: an error, once', async () => {
      const SNICallback = (_name, callback) => {
        callback(null, null);
        callback(null, null);
      };
      const server = await use(Server.start({ ...options, SNICallback }));
      nativeClient({ port: server.port, rejectUnauthorized: false, servername: 'a.test' }).catch(() => {});
      assert.equal((await server.errors.next()).code, 'ERR_MULTIPLE_CALLBACK');
    });

    it('SNICallback answers after the client has gone: nothing happens', async () => {
      let answer;
      const asked = new Promise((resolve) => (answer = resolve));
      const server = await use(Server.start({ ...options, SNICallback: (_name, callback) => answer(callback) }));
      const raw = await use(rawClient(server.port));
      nativeClient({ socket: raw, rejectUnauthorized: false, servername: 'a.test' }).catch(() => {});
      const callback = await asked;
      raw.destroy();
      const { socket } = await server.errors.next();
      assert.equal(socket.destroyed, true);
      callback(null, null);
      callback(new Error('too late'));
    });

    it('a client sends the name it is told, and none otherwise', async () => {
      const server = await use(nativeServer(options));
      for (const servername of ['some.name.test', undefined]) {
        const client = await use(Client.start({ port: server.port, rejectUnauthorized: false, servername }));
        await client.secure;
        const peer = await server.connections.next();
        assert.equal(peer.servername, servername ?? false);
        assert.equal(client.socket.servername, servername ?? false);
      }
    });

    it('setServername() before the handshake', async () => {
      const server = await use(nativeServer(options));
      const client = await use(
        Client.start({ port: server.port, rejectUnauthorized: false, servername: undefined }, (socket) =>
          socket.setServername('late.test'),
        ),
      );
      await client.secure;
      assert.equal((await server.connections.next()).servername, 'late.test');
    });

    it('setServername() with an empty name takes one back', async () => {
      const server = await use(nativeServer(options));
      const client = await use(
        Client.start({ port: server.port, rejectUnauthorized: false, servername: 'some.test' }, (socket) =>
          socket.setServername(''),
        ),
      );
      await client.secure;
      assert.equal((await server.connections.next()).servername, false);
    });

    it('setServername(), setSession(): too late, too long', async function () {
      if (isNative) this.skip(); // The one ends Node's process, the other it ignores.
      const server = await use(nativeServer(options));
      const client = await use(Client.start({ port: server.port, rejectUnauthorized: false }));
      await once(client.socket, 'connect');
      assert.throws(() => client.socket.setServername('late.test'), { code: 'ERR_INVALID_STATE' });
      assert.throws(() => client.socket.setSession(Buffer.alloc(1)), { code: 'ERR_INVALID_STATE' });
      const servername = 'x'.repeat(256);
      assert.throws(() => tls.connect({ port: server.port, servername }), { code: 'ERR_INVALID_ARG_VALUE' });
    });

    it('warns of an address as a name', async function () {
      if (isNative && version === 'TLSv1.3') this.skip(); // It warns once in a process.
      const server = await use(nativeServer(options));
      const warned = once(process, 'warning');
      const instance = tls.createTls?.() ?? tls;
      const socket = instance.connect({ port: server.port, rejectUnauthorized: false, servername: '127.0.0.1' });
      const [warning] = await warned;
      assert.equal(warning.code, 'DEP0123');
      await once(socket, 'secureConnect');
      socket.destroy();
    });
  });
}
