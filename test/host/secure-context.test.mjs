// createSecureContext(): every option has its effect on a handshake with Node's own tls.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import nativeTls from 'node:tls';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { tls } from '../support/subject.mjs';

describe('tls.createSecureContext()', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const { passphrase } = pki;
  const trust = { ca: pki.ca.cert };
  const rsa = { key: pki.serverRsa.key, cert: pki.serverRsa.cert };
  const ecdsa = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };

  /** What a native client sees of a server with `options`. */
  async function seen(options, clientOptions = {}) {
    const server = await use(Server.start(options));
    const socket = await use(nativeClient({ port: server.port, ...trust, ...clientOptions }));
    await server.nextConnection();
    return {
      protocol: socket.getProtocol(),
      cipher: socket.getCipher().name,
      key: socket.getPeerCertificate().asn1Curve ?? socket.getPeerCertificate().bits,
      group: socket.getEphemeralKeyInfo(),
      socket,
    };
  }

  describe('identities', () => {
    const { cert } = pki.serverRsa;
    const forms = {
      'strings': { key: String(rsa.key), cert: String(rsa.cert) },
      'Uint8Arrays': { key: new Uint8Array(rsa.key), cert: new Uint8Array(rsa.cert) },
      'arrays': { key: [rsa.key], cert: [rsa.cert] },
      'a key with a passphrase': { key: pki.encryptedKey, passphrase, cert },
      'a key object with its own passphrase': { key: [{ pem: pki.encryptedKey, passphrase }], passphrase: 'no', cert },
      'a key object that takes the common passphrase': { key: [{ pem: pki.encryptedTraditionalKey }], passphrase, cert },
      'a traditional key': { key: pki.traditionalKey, cert },
      'a PFX': { pfx: pki.pfx, passphrase },
      'a PFX object': { pfx: [{ buf: pki.pfx, passphrase }] },
      'an old PFX': { pfx: [pki.legacyPfx], passphrase },
      'a PFX without a passphrase': { pfx: pki.emptyPassphrasePfx },
    }; // prettier-ignore
    for (const [name, options] of Object.entries(forms)) {
      it(name, async () => assert.equal((await seen(options)).key, 2048));
    }

    it('of several types, and the client chooses', async () => {
      const both = { key: [rsa.key, ecdsa.key], cert: [rsa.cert, ecdsa.cert] };
      assert.equal((await seen(both, { sigalgs: 'RSA-PSS+SHA256' })).key, 2048);
      assert.equal((await seen(both, { sigalgs: 'ECDSA+SHA256' })).key, 'prime256v1');
    });

    it('with their chain', async () => {
      const { socket } = await seen({ key: pki.chain.key, cert: pki.chain.cert });
      assert.equal(socket.authorized, true);
      assert.equal(socket.getPeerCertificate(true).issuerCertificate.subject.CN, 'Test Intermediate');
    });
  });

  describe('trust', () => {
    async function judged(serverIdentity, options) {
      const server = await use(nativeServer({ key: serverIdentity.key, cert: serverIdentity.cert }));
      const client = await use(Client.start({ port: server.port, rejectUnauthorized: false, ...options }));
      await client.secure;
      const { authorized, authorizationError } = client.socket;
      return authorized ? 'authorized' : authorizationError;
    }

    it('is Mozilla’s by default', async () => {
      assert.equal(await judged(pki.serverEcdsa, {}), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    });

    it('is what ca says', async () => {
      assert.equal(await judged(pki.serverEcdsa, { ca: pki.ca.cert }), 'authorized');
      assert.equal(await judged(pki.serverEcdsa, { ca: [String(pki.otherCa.cert), pki.ca.cert] }), 'authorized');
      assert.equal(await judged(pki.serverEcdsa, { ca: Buffer.concat([pki.otherCa.cert, pki.ca.cert]) }), 'authorized');
      assert.equal(await judged(pki.serverEcdsa, { ca: pki.otherCa.cert }), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
      assert.equal(await judged(pki.selfSigned, { ca: pki.ca.cert }), 'DEPTH_ZERO_SELF_SIGNED_CERT');
      assert.equal(await judged(pki.selfSigned, { ca: pki.selfSigned.cert }), 'authorized');
    });

    it('reads the other PEM labels', async () => {
      const x509 = String(pki.ca.cert).replaceAll(' CERTIFICATE', ' X509 CERTIFICATE');
      assert.equal(await judged(pki.serverEcdsa, { ca: x509 }), 'authorized');
    });

    it('is withdrawn by a crl', async () => {
      const crl = { ca: pki.ca.cert, crl: pki.crl };
      assert.equal(await judged(pki.revoked, crl), 'CERT_REVOKED');
      assert.equal(await judged(pki.revoked, { ca: pki.ca.cert }), 'authorized');
      assert.equal(await judged(pki.serverEcdsa, { ...crl, crl: [pki.crl] }), 'authorized');
    });

    it('may stop at an intermediate with allowPartialTrustChain', async () => {
      const ca = pki.intermediate.cert;
      assert.equal(await judged(pki.chain, { ca }), 'UNABLE_TO_GET_ISSUER_CERT');
      assert.equal(await judged(pki.chain, { ca, allowPartialTrustChain: true }), 'authorized');
    });

    it('looks at the validity', async () => {
      assert.equal(await judged(pki.expired, trust), 'CERT_HAS_EXPIRED');
      assert.equal(await judged(pki.notYetValid, trust), 'CERT_NOT_YET_VALID');
    });
  });

  describe('protocol', () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      it(`minVersion and maxVersion ${version}`, async () => {
        assert.equal((await seen({ ...ecdsa, ...only(version) })).protocol, version);
      });
    }

    for (const version of ['TLSv1', 'TLSv1.1']) {
      it(`${version}, on request and at security level 0`, async () => {
        const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
        assert.equal((await seen({ ...rsa, ...old }, old)).protocol, version);
      });
    }

    it('secureProtocol', async () => {
      const expected = {
        TLSv1_2_method: 'TLSv1.2', TLSv1_2_server_method: 'TLSv1.2', SSLv23_method: 'TLSv1.2', TLS_method: 'TLSv1.3',
        TLS_server_method: 'TLSv1.3',
      }; // prettier-ignore
      for (const [secureProtocol, version] of Object.entries(expected)) {
        assert.equal((await seen({ ...ecdsa, secureProtocol })).protocol, version, secureProtocol);
      }
    });

    it('ciphers of both kinds in one list', async () => {
      const ciphers = 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384';
      assert.equal((await seen({ ...ecdsa, ciphers })).cipher, 'TLS_AES_128_GCM_SHA256');
      assert.equal((await seen({ ...ecdsa, ciphers }, only('TLSv1.2'))).cipher, 'ECDHE-ECDSA-AES256-GCM-SHA384');
    });

    it('suites of TLS 1.3 alone mean TLS 1.3', async () => {
      const server = await use(Server.start({ ...ecdsa, ciphers: 'TLS_AES_128_GCM_SHA256' }));
      await assert.rejects(nativeClient({ port: server.port, ...trust, ...only('TLSv1.2') }), /alert protocol version/);
      assert.equal((await server.errors.next()).code, 'ERR_SSL_UNSUPPORTED_PROTOCOL');
    });

    it('suites for TLS 1.2 alone leave TLS 1.3 without any', async () => {
      const ciphers = 'ECDHE-ECDSA-AES256-GCM-SHA384';
      assert.equal((await seen({ ...ecdsa, ciphers, ...only('TLSv1.2') }, only('TLSv1.2'))).cipher, ciphers);
    });

    it('honorCipherOrder, which a server has by default', async () => {
      const [first, second] = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'];
      const server = { ...ecdsa, ciphers: `${first}:${second}`, ...only('TLSv1.2') };
      const client = { ciphers: `${second}:${first}`, ...only('TLSv1.2') };
      assert.equal((await seen(server, client)).cipher, first);
      assert.equal((await seen({ ...server, honorCipherOrder: false }, client)).cipher, second);
    });

    it('ecdhCurve', async () => {
      const info = async (ecdhCurve) => (await seen({ ...ecdsa, ecdhCurve })).group.name;
      assert.equal(await info('P-384'), 'secp384r1');
      assert.equal(await info('P-521:P-384'), 'secp521r1');
      assert.equal(await info('auto'), 'X25519');
    });

    it('sigalgs', async () => {
      const server = await use(nativeServer(rsa));
      const client = await use(Client.start({ port: server.port, ...trust, sigalgs: 'RSA-PSS+SHA512' }));
      await client.secure;
      const peer = await server.connections.next();
      assert.deepEqual(peer.getSharedSigalgs(), ['RSA-PSS+SHA512']);
    });

    it('dhparam', async () => {
      const ciphers = 'DHE-RSA-AES128-GCM-SHA256';
      const client = { ciphers, ...only('TLSv1.2') };
      const { group } = await seen({ ...rsa, ciphers, dhparam: 'auto', ...only('TLSv1.2') }, client);
      assert.deepEqual(group, { type: 'DH', size: 2048 });
    });

    it('secureOptions', async () => {
      const { SSL_OP_NO_TLSv1_3 } = (await import('node:crypto')).constants;
      assert.equal((await seen({ ...ecdsa, secureOptions: SSL_OP_NO_TLSv1_3 })).protocol, 'TLSv1.2');
    });
  });

  it('is one object for many connections, and may be used by clients', async () => {
    const server = await use(nativeServer(ecdsa));
    const secureContext = tls.createSecureContext(trust);
    for (let round = 0; round < 3; round++) {
      const client = await use(Client.start({ port: server.port, secureContext }));
      await client.secure;
      assert.equal(client.socket.authorized, true);
    }
  });

  it('reads DEFAULT_… values anew each time', async () => {
    const server = await use(nativeServer(ecdsa));
    const before = tls.DEFAULT_MAX_VERSION;
    tls.DEFAULT_MAX_VERSION = 'TLSv1.2';
    try {
      const client = await use(Client.start({ port: server.port, ...trust }));
      await client.secure;
      assert.equal(client.socket.getProtocol(), 'TLSv1.2');
    } finally {
      tls.DEFAULT_MAX_VERSION = before;
    }
  });

  it('refuses the context of another implementation', () => {
    const stranger = nativeTls.createSecureContext();
    assert.throws(() => tls.connect({ port: 1, secureContext: stranger }), { code: 'ERR_TLS_INVALID_CONTEXT' });
  });

  it('can be replaced in a running server', async () => {
    const server = await use(Server.start(rsa));
    const first = await use(nativeClient({ port: server.port, ...trust }));
    const old = await server.nextConnection();
    server.server.setSecureContext(ecdsa);
    const second = await use(nativeClient({ port: server.port, ...trust }));
    await server.nextConnection();
    assert.equal(first.getPeerCertificate().bits, 2048);
    assert.equal(second.getPeerCertificate().asn1Curve, 'prime256v1');
    // The connection that began with the old one goes on.
    old.write('still here');
    assert.equal(String((await once(first, 'data'))[0]), 'still here');
  });
});
