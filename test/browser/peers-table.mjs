// Peers that we did not write, and what a client is told by them: a row each. `peer()` starts one; `client` are options of
// `tls.connect()` and of test/browser/in-page/connect.mjs; `outcome` is what comes of it there, and with node:tls.

import { NativeServer, NewOpensslServer, OpensslServer } from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';
import { nginx } from '../support/services/index.mjs';

const pki = fixtures();
const pem = (bytes) => bytes.toString();
const trust = { ca: pem(pki.ca.cert) };
const identity = pki.serverEcdsa;
const only = (version) => ({ minVersion: version, maxVersion: version });
const versions = ['TLSv1.2', 'TLSv1.3'];
const say = 'hello\n';

const opensslPeers = [OpensslServer, NewOpensslServer];
const linePeers = [NativeServer, ...opensslPeers];
/** What each of them makes of it. */
const reply = (Peer) => (Peer === NativeServer ? say : 'olleh\n');

const handshakes = [
  ...linePeers.flatMap((Peer) =>
    versions.map((version) => ({
      title: `${Peer.label}, ${version}`,
      peer: () => Peer.start({ identity, version, alpn: ['h2', 'other'] }),
      client: { ...trust, say, ALPNProtocols: ['other', 'http/1.1'] },
      outcome: { protocol: version, authorized: true, alpnProtocol: 'other', reply: reply(Peer), name: 'localhost' },
    })),
  ),
  ...versions.map((version) => ({
    title: `nginx, ${version}`,
    peer: () => nginx('content'),
    client: {
      ...trust,
      ...only(version),
      say: 'GET /tls HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      ALPNProtocols: ['http/1.1'],
    },
    outcome: {
      protocol: version,
      authorized: true,
      alpnProtocol: 'http/1.1',
      reply: new RegExp(`\r\n\r\n${version} `),
    },
  })),
  {
    title: `${NativeServer.label} that knows none of the protocols`,
    peer: () => NativeServer.start({ identity, alpn: ['h2'] }),
    client: { ...trust, say, ALPNProtocols: ['other'] },
    outcome: { code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' },
  },
];

const clientCertificates = linePeers.flatMap((Peer) =>
  versions.flatMap((version) => {
    const peer = () => Peer.start({ identity, version, clientCaPath: pki.ca.certPath });
    const { cert, key } = pki.client;
    const missing =
      version === 'TLSv1.2'
        ? ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'ECONNRESET']
        : ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ECONNRESET'];
    return [
      {
        title: `${Peer.label} that asks for a certificate, ${version}`,
        peer,
        client: { ...trust, say, cert: pem(cert), key: pem(key) },
        outcome: { protocol: version, authorized: true, reply: reply(Peer) },
      },
      {
        title: `${Peer.label} that is given none, ${version}`,
        peer,
        client: { ...trust, say },
        outcome: { code: missing },
      },
    ];
  }),
);

const psk = { identity: 'a page', key: '00112233445566778899aabbccddeeff' };
const preshared = opensslPeers.flatMap((Peer) =>
  versions.map((version) => ({
    title: `${Peer.label} with a pre-shared key, ${version}`,
    peer: () => Peer.start({ version, args: ['-nocert', '-psk', psk.key, '-psk_identity', psk.identity] }),
    client: { psk, say, ciphers: 'PSK+AES128:TLS_AES_128_GCM_SHA256' },
    outcome: { protocol: version, reply: reply(Peer) },
  })),
);

const resumptions = linePeers.flatMap((Peer) =>
  versions.map((version) => ({
    title: `${Peer.label}, resumed, ${version}`,
    peer: () => Peer.start({ identity, version }),
    client: { ...trust, say, again: true },
    outcome: { protocol: version, authorized: true, reused: true, reply: reply(Peer) },
  })),
);

const renegotiations = [
  ...linePeers.map((Peer) => ({
    title: `${Peer.label}, renegotiated`,
    peer: () =>
      Peer.start({ identity, version: 'TLSv1.2', ...(Peer !== NativeServer && { args: ['-client_renegotiation'] }) }),
    client: { ...trust, say, renegotiate: true },
    outcome: { protocol: 'TLSv1.2', renegotiated: true, reply: reply(Peer) },
  })),
];

const staples = opensslPeers.flatMap((Peer) =>
  versions.map((version) => ({
    title: `${Peer.label} with an OCSP response, ${version}`,
    peer: () => Peer.start({ identity, version, args: ['-status_file', identity.ocspPath] }),
    client: { ...trust, say, requestOCSP: true },
    outcome: { ocsp: identity.ocsp.toString('base64'), reply: reply(Peer) },
  })),
);

const untrusted = [
  { title: 'another host', identity: pki.wrongHost, outcome: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } },
  { title: 'another name than asked for', identity, client: { servername: 'a.example.com' }, outcome: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } },
  { title: 'a certificate that has expired', identity: pki.expired, outcome: { code: 'CERT_HAS_EXPIRED' } },
  { title: 'a certificate of the future', identity: pki.notYetValid, outcome: { code: 'CERT_NOT_YET_VALID' } },
  { title: 'a certificate of its own', identity: pki.selfSigned, outcome: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } },
  { title: 'an authority that nobody trusts', identity: pki.untrusted, outcome: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } },
  { title: 'a revoked certificate', identity: pki.revoked, client: { crl: pem(pki.crl) }, outcome: { code: 'CERT_REVOKED' } },
  {
    title: 'an expired certificate that is put up with',
    identity: pki.expired,
    client: { rejectUnauthorized: false },
    outcome: { authorized: false, authorizationError: 'CERT_HAS_EXPIRED', reply: 'olleh\n' },
  },
  { title: 'a version that it does not speak', identity, version: 'TLSv1.2', client: only('TLSv1.3'), outcome: { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' } },
].map(({ title, identity: shown, version, client, outcome }) => ({
  title: `${OpensslServer.label} with ${title}`,
  peer: () => OpensslServer.start({ identity: shown, version }),
  client: { ...trust, say, ...client },
  outcome,
})); // prettier-ignore

export const rows = [
  ...handshakes,
  ...clientCertificates,
  ...preshared,
  ...resumptions,
  ...renegotiations,
  ...staples,
  ...untrusted,
];
