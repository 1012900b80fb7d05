// Certificates as objects: the same as Node makes of the same connection's other end or of the same server.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';

/** Certificates link in circles; the first visit of each is kept, with what it links to by name. */
function unrolled(certificate, seen = new Map()) {
  if (seen.has(certificate)) return `circle to ${seen.get(certificate)}`;
  seen.set(certificate, `certificate ${seen.size}`);
  const { issuerCertificate, ...rest } = certificate;
  return issuerCertificate === undefined ? rest : { ...rest, issuerCertificate: unrolled(issuerCertificate, seen) };
}

describe('certificate objects', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const names = [
    'serverRsa',
    'serverEcdsa',
    'serverEcdsaP384',
    'serverEd25519',
    'serverRsaPss',
    'sniB',
    'selfSigned',
    'chain',
  ];

  async function bothClients(name, options) {
    const { key, cert } = pki[name];
    const server = await use(nativeServer({ key, cert }));
    const common = { port: server.port, rejectUnauthorized: false, ...options };
    const theirs = await use(nativeClient(common));
    const client = await use(Client.start(common));
    await client.secure;
    return [client.socket, theirs];
  }

  for (const name of names) {
    it(`${name}: the same as Node’s`, async () => {
      const [ours, theirs] = await bothClients(name, { ca: pki.ca.cert });
      assert.deepEqual(ours.getPeerCertificate(), theirs.getPeerCertificate());
      assert.deepEqual(unrolled(ours.getPeerCertificate(true)), unrolled(theirs.getPeerCertificate(true)));
      assert.equal('issuerCertificate' in ours.getPeerCertificate(), false);
    });
  }

  it('without a trusted root the chain is what the server sent', async () => {
    const [ours, theirs] = await bothClients('chain', {});
    assert.deepEqual(unrolled(ours.getPeerCertificate(true)), unrolled(theirs.getPeerCertificate(true)));
  });

  it('as X509Certificate', async () => {
    const [ours, theirs] = await bothClients('serverEcdsa', {});
    assert.ok(ours.getPeerX509Certificate().raw.equals(theirs.getPeerX509Certificate().raw));
    assert.equal(ours.getX509Certificate(), undefined);
  });

  it('{} before there is one, null when the socket is closed', async () => {
    const server = await use(nativeServer({ key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert }));
    const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
    assert.deepEqual(client.socket.getPeerCertificate(), {});
    assert.deepEqual(client.socket.getCertificate(), {});
    await client.secure;
    assert.deepEqual(client.socket.getCertificate(), {});
    client.socket.destroy();
    await client.closed;
    assert.equal(client.socket.getPeerCertificate(), null);
    assert.equal(client.socket.getPeerCertificate(true), null);
    assert.equal(client.socket.getCertificate(), null);
    assert.equal(client.socket.getPeerX509Certificate(), undefined);
  });

  it('of a client, and of the server itself', async () => {
    const { key, cert } = pki.serverEcdsa;
    const server = await use(Server.start({ key, cert, ca: pki.ca.cert, requestCert: true }));
    const identity = { key: pki.client.key, cert: pki.client.cert };
    const client = await use(nativeClient({ port: server.port, ca: pki.ca.cert, ...identity }));
    const socket = await server.nextConnection();
    assert.deepEqual(unrolled(socket.getPeerCertificate(true)).subject, client.getCertificate().subject);
    const theirs = client.getPeerCertificate();
    assert.deepEqual(socket.getCertificate(), theirs);
    assert.ok(socket.getX509Certificate().raw.equals(theirs.raw));
  });
});
