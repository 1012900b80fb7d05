// Certificates that must not be trusted, named by OpenSSL's error: ours refuses the peer's, the peer refuses ours.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server } from '../support/endpoint.mjs';
import {
  CurlClient,
  GnutlsClient,
  GoClient,
  JavaClient,
  NativeClient,
  OpensslClient,
  PythonClient,
  serverPeers,
} from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';

const versions = ['TLSv1.2', 'TLSv1.3'];

describe('verification', () => {
  const use = useCleanup();
  const pki = fixtures();

  /** What the server shows, what the client is told, and the error that must come of it. */
  const refused = [
    { identity: 'expired', code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' },
    { identity: 'notYetValid', code: 'CERT_NOT_YET_VALID', message: 'certificate is not yet valid' },
    { identity: 'selfSigned', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' },
    {
      identity: 'untrusted',
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      message: 'unable to verify the first certificate',
    },
    {
      identity: 'wrongHost',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      message:
        "Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: " +
        'DNS:wrong.example.com',
    },
    { identity: 'revoked', options: { crl: pki.crl }, code: 'CERT_REVOKED', message: 'certificate revoked' },
    {
      identity: 'serverEcdsa',
      options: { ca: undefined },
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      message: 'unable to verify the first certificate',
      title: 'with the default roots',
    },
  ];
  const accepted = [
    { identity: 'serverEcdsa', options: { crl: pki.crl }, title: 'not on the list of revoked ones' },
    {
      identity: 'chain',
      chainPath: pki.intermediate.certPath,
      title: 'through an intermediate that the server sends',
    },
    { identity: 'selfSigned', options: { ca: pki.selfSigned.cert }, title: 'self-signed, and trusted by itself' },
    { identity: 'commonNameOnly', title: 'a common name, and no alternative one' },
    { identity: 'wrongHost', options: { checkServerIdentity: () => undefined }, title: 'a check of its own' },
  ];

  for (const Peer of serverPeers) {
    describe(`as a client of ${Peer.label}`, () => {
      for (const { identity, options, code, message, title } of refused) {
        it(`refuses ${[identity, title].filter(Boolean).join(', ')}: ${code}`, async () => {
          const peer = await use(Peer.start({ identity: pki[identity] }));
          const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, ...options }));
          const failure = await client.secure.catch((error) => error);
          assert.equal(failure.code, code);
          assert.equal(failure.message, message);
          assert.equal(client.socket.authorized, false);
          assert.equal(await client.closed, true);
        });
      }

      it('rejectUnauthorized: false connects and says what is wrong', async () => {
        const peer = await use(Peer.start({ identity: pki.expired }));
        const options = { ca: pki.ca.cert, rejectUnauthorized: false };
        const client = await use(Client.start({ port: peer.port, ...options }));
        const socket = await client.secure;
        assert.equal(socket.authorized, false);
        assert.equal(socket.authorizationError, 'CERT_HAS_EXPIRED');
        const hello = Buffer.from('hello\n');
        assert.deepEqual(await client.exchange(hello), peer.reply(hello));
      });

      for (const { identity, chainPath, options, title } of accepted) {
        it(`accepts ${identity}: ${title}`, async () => {
          const peer = await use(Peer.start({ identity: pki[identity], chainPath }));
          const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, ...options }));
          assert.equal((await client.secure).authorized, true);
        });
      }
    });
  }

  describe('as a server whose certificate is refused', () => {
    for (const version of versions) {
      it(`by curl, ${version}`, async () => {
        const { result, error } = await refusedBy(CurlClient, version, 'expired');
        // "The peer's SSL certificate or SSH MD5 fingerprint was not OK"
        assert.equal(result.code, 60);
        assert.equal(error.code, 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED');
      });

      it(`by openssl s_client, ${version}`, async () => {
        const { peer, result, error } = await refusedBy(OpensslClient, version, 'untrusted');
        assert.equal(result.code, 1);
        assert.match(peer.describe(), /unable to get local issuer certificate/);
        assert.equal(error.code, 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA');
      });

      for (const Peer of [GoClient, JavaClient, PythonClient]) {
        for (const identity of ['untrusted', 'expired', 'wrongHost']) {
          it(`by ${Peer.label}, ${version}: ${identity}`, async () => {
            const { result, error } = await refusedBy(Peer, version, identity);
            assert.equal(result.code, 1);
            // Which of these alerts is a matter of taste.
            assert.match(error.code, /^ERR_SSL_\w+_ALERT_(BAD_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA)$/);
          });
        }
      }

      it(`by node:tls, ${version}: after the handshake, which the server completes`, async () => {
        const server = await use(Server.start({ key: pki.untrusted.key, cert: pki.untrusted.cert }));
        const peer = await use(NativeClient.start({ port: server.port, version, caPath: pki.ca.certPath }));
        assert.equal((await peer.finished()).error.code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
      });

      it(`by gnutls-cli, ${version}: after the handshake as well`, async () => {
        const server = await use(Server.start({ key: pki.expired.key, cert: pki.expired.cert }));
        const peer = await use(GnutlsClient.start({ port: server.port, version, caPath: pki.ca.certPath }));
        assert.equal((await peer.finished()).code, 1);
        assert.match((await peer.negotiated()).verification, /expired/);
      });
    }
  });

  /** A client that looks at the certificate in the middle of the handshake and refuses it with an alert. */
  async function refusedBy(Peer, version, identity) {
    const server = await use(Server.start({ key: pki[identity].key, cert: pki[identity].cert }));
    const peer = await use(Peer.start({ port: server.port, version, caPath: pki.ca.certPath }));
    const [result, error] = await Promise.all([peer.finished(), server.errors.next()]);
    return { peer, result, error };
  }
});
