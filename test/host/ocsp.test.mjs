// OCSP stapling: what is asked of the server, and what the client hears.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  describe(`OCSP, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ...only(version) };
    const staple = Buffer.from('not a real response');

    /** The response that a native client gets; `responder` answers. */
    async function stapled(responder, options = {}) {
      const server = await use(Server.start({ ...identity, ...options }));
      server.server.on('OCSPRequest', responder);
      const heard = [];
      const socket = Client.start({ port: server.port, ca: pki.ca.cert, requestOCSP: true }, (client) =>
        client.on('OCSPResponse', (response) => heard.push(response)),
      );
      await use(socket);
      await socket.secure;
      return heard;
    }

    it('a client hears the response, or null', async () => {
      const server = await use(nativeServer(identity));
      let response = staple;
      server.server.on('OCSPRequest', (_certificate, _issuer, callback) => callback(null, response));
      for (response of [staple, null]) {
        const client = await use(Client.start({ port: server.port, ca: pki.ca.cert, requestOCSP: true }));
        const heard = once(client.socket, 'OCSPResponse');
        await client.secure;
        assert.deepEqual((await heard)[0], response);
      }
    });

    it('a client that did not ask hears nothing', async () => {
      const server = await use(nativeServer(identity));
      server.server.on('OCSPRequest', (_certificate, _issuer, callback) => callback(null, staple));
      const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
      client.socket.on('OCSPResponse', () => assert.fail('a response'));
      await client.secure;
    });

    it('a server is given its certificate and the issuer, and answers later', async () => {
      const asked = [];
      const responder = (certificate, issuer, callback) => {
        asked.push(new X509Certificate(certificate).subject, issuer && new X509Certificate(issuer).subject);
        setImmediate(callback, null, staple);
      };
      assert.deepEqual(await stapled(responder, { ca: pki.ca.cert }), [staple]);
      assert.match(asked[0], /CN=localhost/);
      assert.match(asked[1], /CN=Test Root/);
      assert.deepEqual(await stapled(responder), [staple]);
      assert.equal(asked[3], null);
    });

    it('a server may have no response', async () => {
      assert.deepEqual(await stapled((_certificate, _issuer, callback) => callback(null, null)), [null]);
    });

    it('a native client gets it, too', async () => {
      const server = await use(Server.start(identity));
      server.server.on('OCSPRequest', (_certificate, _issuer, callback) => callback(null, staple));
      const socket = await use(nativeClient({ port: server.port, ca: pki.ca.cert, requestOCSP: true }));
      assert.equal(socket.authorized, true);
    });

    it('an error of the responder ends the handshake', async () => {
      const server = await use(Server.start(identity));
      server.server.on('OCSPRequest', (_certificate, _issuer, callback) => callback(new Error('unreachable')));
      nativeClient({ port: server.port, ca: pki.ca.cert, requestOCSP: true }).catch(() => {});
      assert.equal((await server.errors.next()).message, 'unreachable');
    });

    it('nobody is asked when the client does not want it', async () => {
      const server = await use(Server.start(identity));
      server.server.on('OCSPRequest', () => assert.fail('asked'));
      await use(nativeClient({ port: server.port, ca: pki.ca.cert }));
      await server.nextConnection();
    });
  });
}
