// What OpenSSL 3.5 brought against quantum computers: ML-KEM in the key exchange, together with an elliptic curve, and ML-DSA
// in certificates. The toolchain's own OpenSSL is opposite; no other peer here knows either.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server } from '../support/endpoint.mjs';
import { NewOpensslClient, NewOpensslServer } from '../support/peers/index.mjs';
import { made } from '../support/peers/made.mjs';
import { runToEnd } from '../support/peers/process.mjs';
import { fixtures } from '../support/pki.mjs';

const hello = Buffer.from('hello\n');
/** What the hybrid groups of ECDH and ML-KEM are called on both sides. */
const hybrids = ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024'];
/** Key types, and what `s_client` calls their signatures. */
const signatures = { 'ML-DSA-44': 'mldsa44', 'ML-DSA-65': 'mldsa65', 'ML-DSA-87': 'mldsa87' };

/** A certificate that signs itself, as in pki.mjs, where an older OpenSSL makes them. */
function selfSigned(type) {
  const folder = made(type, [fileURLToPath(import.meta.url)], (target) => {
    const openssl = (...args) => runToEnd(...NewOpensslServer.command(args));
    const file = (name) => path.join(target, name);
    openssl('genpkey', '-algorithm', type, '-out', file('key.pem'));
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    openssl('req', '-x509', '-new', '-key', file('key.pem'), ...names, '-days', '7000', '-out', file('cert.pem'));
  });
  const [certPath, keyPath] = ['cert.pem', 'key.pem'].map((name) => path.join(folder, name));
  return { certPath, keyPath, cert: fs.readFileSync(certPath), key: fs.readFileSync(keyPath) };
}

describe('post-quantum algorithms', () => {
  const use = useCleanup();
  const pki = fixtures();

  for (const group of hybrids) {
    const expected = { type: 'TLSGroup', name: group };

    it(`as a client of openssl 3.5 s_server: ${group}`, async () => {
      const peer = await use(NewOpensslServer.start({ identity: pki.serverRsa, args: ['-groups', group] }));
      const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, ecdhCurve: group }));
      assert.deepEqual((await client.secure).getEphemeralKeyInfo(), expected);
      assert.deepEqual(await client.exchange(hello), peer.reply(hello));
    });

    it(`as a server of openssl 3.5 s_client: ${group}`, async () => {
      const options = { key: pki.serverRsa.key, cert: pki.serverRsa.cert, ecdhCurve: group };
      const server = await use(Server.start(options));
      const peer = await use(
        NewOpensslClient.start({ port: server.port, caPath: pki.ca.certPath, args: ['-groups', group] }),
      );
      (await server.nextConnection()).end();
      assert.equal((await peer.finished()).code, 0);
      assert.match(peer.describe(), new RegExp(`Negotiated TLS1.3 group: ${group}$`, 'm'));
    });
  }

  it('as a client of openssl 3.5 s_server: a hybrid group is the first choice of both', async () => {
    const peer = await use(NewOpensslServer.start({ identity: pki.serverRsa }));
    const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert }));
    assert.equal((await client.secure).getEphemeralKeyInfo().name, 'X25519MLKEM768');
  });

  it('as a server of openssl 3.5 s_client: a hybrid group is the first choice of both', async () => {
    const server = await use(Server.start({ key: pki.serverRsa.key, cert: pki.serverRsa.cert }));
    const peer = await use(NewOpensslClient.start({ port: server.port, caPath: pki.ca.certPath }));
    (await server.nextConnection()).end();
    await peer.finished();
    assert.match(peer.describe(), /Negotiated TLS1.3 group: X25519MLKEM768$/m);
  });

  it('as a server of openssl 3.5 s_client: a hello retry for a hybrid group', async () => {
    const options = { key: pki.serverRsa.key, cert: pki.serverRsa.cert, ecdhCurve: 'X25519MLKEM768' };
    const server = await use(Server.start(options));
    const args = ['-groups', 'X25519:X25519MLKEM768'];
    const peer = await use(NewOpensslClient.start({ port: server.port, caPath: pki.ca.certPath, args }));
    (await server.nextConnection()).end();
    assert.equal((await peer.finished()).code, 0);
    assert.match(peer.describe(), /Negotiated TLS1.3 group: X25519MLKEM768$/m);
  });

  for (const [type, signature] of Object.entries(signatures)) {
    it(`as a client of openssl 3.5 s_server: ${type}`, async () => {
      const identity = selfSigned(type);
      const peer = await use(NewOpensslServer.start({ identity }));
      const client = await use(Client.start({ port: peer.port, ca: identity.cert }));
      const socket = await client.secure;
      assert.equal(socket.authorized, true);
      assert.equal(socket.getPeerCertificate().subject.CN, 'localhost');
      assert.deepEqual(await client.exchange(hello), peer.reply(hello));
    });

    it(`as a server of openssl 3.5 s_client: ${type}`, async () => {
      const { key, cert, certPath } = selfSigned(type);
      const server = await use(Server.start({ key, cert }));
      const peer = await use(NewOpensslClient.start({ port: server.port, caPath: certPath }));
      (await server.nextConnection()).end();
      assert.equal((await peer.finished()).code, 0);
      assert.match(peer.describe(), new RegExp(`Signature type: ${signature}$`, 'm'));
    });
  }
});
