// requestCert and rejectUnauthorized of a server, against clients of Node's own; certificates of our clients.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  describe(`client certificates, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ca: pki.ca.cert, ...only(version) };
    const certificate = { key: pki.client.key, cert: pki.client.cert };
    const stranger = { key: pki.untrusted.key, cert: pki.untrusted.cert };

    it('are not asked for by default', async () => {
      const server = await use(Server.start(identity));
      await use(nativeClient({ port: server.port, ca: pki.ca.cert, ...certificate }));
      const socket = await server.nextConnection();
      assert.equal(socket.authorized, false);
      assert.equal(socket.authorizationError, null);
      assert.deepEqual(socket.getPeerCertificate(), {});
    });

    it('authorize a client', async () => {
      const server = await use(Server.start({ ...identity, requestCert: true }));
      await use(nativeClient({ port: server.port, ca: pki.ca.cert, ...certificate }));
      const socket = await server.nextConnection();
      assert.equal(socket.authorized, true);
      assert.equal(socket.getPeerCertificate().subject.CN, 'client');
      assert.equal(socket.getPeerCertificate(true).issuerCertificate.subject.CN, 'Test Root');
    });

    it('that are not trusted are told, when the server does not reject', async () => {
      const server = await use(Server.start({ ...identity, requestCert: true, rejectUnauthorized: false }));
      await use(nativeClient({ port: server.port, ca: pki.ca.cert, ...stranger }));
      const socket = await server.nextConnection();
      assert.equal(socket.authorized, false);
      assert.equal(socket.authorizationError, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    });

    it('that are missing are told, when the server does not reject', async () => {
      const server = await use(Server.start({ ...identity, requestCert: true, rejectUnauthorized: false }));
      await use(nativeClient({ port: server.port, ca: pki.ca.cert }));
      const socket = await server.nextConnection();
      assert.equal(socket.authorized, false);
      assert.equal(socket.authorizationError, 'UNABLE_TO_GET_ISSUER_CERT');
    });

    it('that are not trusted end the connection', async () => {
      const server = await use(Server.start({ ...identity, requestCert: true }));
      nativeClient({ port: server.port, ca: pki.ca.cert, ...stranger }).catch(() => {});
      const error = await server.errors.next();
      assert.equal(error.code, 'ECONNRESET');
      assert.equal(error.message, 'socket hang up');
      assert.equal(error.socket.authorizationError, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
      assert.equal(server.connections.length, 0);
    });

    it('that are missing end the handshake', async () => {
      const server = await use(Server.start({ ...identity, requestCert: true }));
      nativeClient({ port: server.port, ca: pki.ca.cert }).catch(() => {});
      const error = await server.errors.next();
      assert.equal(error.code, 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE');
      assert.equal(error.reason, 'peer did not return a certificate');
      assert.equal(error.library, 'SSL routines');
    });

    describe('that are missing in a session that is resumed', () => {
      /** A session of a client without certificate, to whom a lenient server has said something. */
      async function lenientSession(options) {
        const server = await use(Server.start({ ...identity, ...options, rejectUnauthorized: false }));
        const client = await use(nativeClient({ port: server.port, ca: pki.ca.cert }));
        const session = client.getSession();
        const told = version === 'TLSv1.3' ? once(client, 'session') : [session];
        (await server.nextConnection()).write('x');
        client.resume();
        return { server, session: (await told)[0] };
      }

      const asking = { requestCert: true, ticketKeys: randomBytes(48) };

      it('are told again', async () => {
        const { server, session } = await lenientSession(asking);
        await use(nativeClient({ port: server.port, ca: pki.ca.cert, session }));
        const socket = await server.nextConnection();
        assert.equal(socket.isSessionReused(), true);
        assert.equal(socket.authorized, false);
        assert.equal(socket.authorizationError, 'UNABLE_TO_GET_ISSUER_CERT');
      });

      // OpenSSL itself refuses to resume it with TLS 1.2.
      (version === 'TLSv1.3' ? it : it.skip)('end the connection to a server that rejects', async () => {
        const { session } = await lenientSession(asking);
        const strict = await use(Server.start({ ...identity, ...asking }));
        const client = await use(nativeClient({ port: strict.port, ca: pki.ca.cert, session }));
        assert.equal(client.isSessionReused(), true);
        const error = await strict.errors.next();
        assert.equal(error.code, 'ECONNRESET');
        assert.equal(error.socket.authorizationError, 'UNABLE_TO_GET_ISSUER_CERT');
        assert.equal(strict.connections.length, 0);
      });
    });

    it('are presented by a client that is asked', async () => {
      const server = await use(nativeServer({ ...identity, requestCert: true }));
      const client = await use(Client.start({ port: server.port, ca: pki.ca.cert, ...certificate }));
      await client.secure;
      const peer = await server.connections.next();
      assert.equal(peer.authorized, true);
      assert.equal(peer.getPeerCertificate().subject.CN, 'client');
      assert.equal(client.socket.getCertificate().subject.CN, 'client');
    });

    it('that are missing: the client hears of it', async () => {
      const server = await use(nativeServer({ ...identity, requestCert: true }));
      const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
      const [error] = await once(client.socket, 'error');
      const code = version === 'TLSv1.3' ? 'TLSV13_ALERT_CERTIFICATE_REQUIRED' : 'SSLV3_ALERT_HANDSHAKE_FAILURE';
      assert.equal(error.code, `ERR_SSL_${code}`);
      await client.closed;
    });
  });
}
