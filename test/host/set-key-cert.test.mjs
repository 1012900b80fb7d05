// setKeyCert(): another certificate for one socket of a server. Clients are Node's own.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeTls from 'node:tls';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { tls } from '../support/subject.mjs';

describe('setKeyCert()', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const pem = ({ key, cert }) => ({ key, cert });
  const identity = pem(pki.serverEcdsa);
  const trust = { ca: pki.ca.cert, checkServerIdentity: () => undefined };

  const forms = {
    options: () => pem(pki.wrongHost),
    'a SecureContext': () => tls.createSecureContext(pem(pki.wrongHost)),
  };
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    for (const [name, other] of Object.entries(forms)) {
      it(`in ALPNCallback, with ${name}, ${version}`, async () => {
        const server = await use(
          Server.start({
            ...identity,
            ...only(version),
            ALPNCallback({ protocols }) {
              assert.equal(this.setKeyCert(other()), undefined);
              return protocols[0];
            },
          }),
        );
        const client = await use(nativeClient({ port: server.port, ...trust, ALPNProtocols: ['acme-tls/1'] }));
        assert.equal(client.getPeerCertificate().subject.CN, 'wrong.example.com');
        assert.equal((await server.nextConnection()).getCertificate().subject.CN, 'wrong.example.com');
        assert.equal(client.alpnProtocol, 'acme-tls/1');
        // The others are as before.
        const next = await use(nativeClient({ port: server.port, ...trust }));
        assert.notEqual(next.getPeerCertificate().subject.CN, 'wrong.example.com');
      });
    }
  }

  it('before the handshake', async () => {
    const server = await use(Server.start(identity));
    server.server.removeAllListeners('connection');
    server.server.on('connection', (transport) => {
      const socket = new tls.TLSSocket(transport, { isServer: true, ...identity });
      socket.setKeyCert(pem(pki.wrongHost));
      socket.resume().on('end', () => socket.end());
    });
    const client = await use(nativeClient({ port: server.port, ...trust }));
    assert.equal(client.getPeerCertificate().subject.CN, 'wrong.example.com');
    client.end();
    await once(client, 'close');
  });

  it('for a renegotiation', async () => {
    const server = await use(Server.start({ ...identity, ...only('TLSv1.2') }));
    const client = await use(nativeClient({ port: server.port, ...trust }));
    client.resume();
    const socket = await server.nextConnection();
    socket.resume();
    socket.setKeyCert(pem(pki.wrongHost));
    const secure = once(client, 'secure');
    client.renegotiate({});
    await secure;
    assert.equal(client.getPeerCertificate().subject.CN, 'wrong.example.com');
  });

  it('fails as Node’s does', async () => {
    const wrong = [undefined, null, {}, 'text', 1, { cert: pki.serverRsa.cert }, { key: 'text' }, { context: {} }];
    const [ours, native] = await Promise.all(
      [tls, nativeTls].map(async (module) => {
        const server = module.createServer(identity);
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        await use({ stop: () => new Promise((resolve) => server.close(resolve)) });
        const connected = once(server, 'secureConnection');
        const client = await use(nativeClient({ port: server.address().port, ...trust }));
        client.resume();
        const [socket] = await connected;
        socket.on('error', () => {});
        const errors = wrong.map((value) => {
          try {
            return socket.setKeyCert(value);
          } catch ({ name, code, message }) {
            return { name, code, message };
          }
        });
        socket.destroy();
        assert.equal(socket.setKeyCert(1), undefined);
        return errors;
      }),
    );
    assert.deepEqual(ours, native);
  });

  it('does nothing for a client', async () => {
    const server = await use(Server.start(identity));
    const client = await use(Client.start({ port: server.port, ...trust }));
    await client.secure;
    assert.equal(client.socket.setKeyCert({}), undefined);
    assert.throws(() => client.socket.setKeyCert({ key: 'text' }));
  });
});
