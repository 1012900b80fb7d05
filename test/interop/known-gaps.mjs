// What cannot work, with the reason. See test/support/gaps.mjs.

const beforeTls12 = ['TLSv1', 'TLSv1.1'];
const laterKeys = {
  serverRsaPss: 'RSA-PSS keys need signature_algorithms, which came with TLS 1.2 (RFC 5246, section 7.4.1.4.1)',
  serverEd25519: 'EdDSA is defined for TLS 1.2 and later (RFC 8422, section 5.10)',
};

const withoutPss = (peer) => ({
  peer,
  key: 'serverRsaPss',
  reason: "Go's crypto/x509 does not read RSA-PSS keys (golang/go#48314)",
});
const withoutEdDsa = (peer) => ({ peer, key: 'serverEd25519', reason: 'NSS 3.87 knows no EdDSA certificates' });

/** handshake.test.mjs: { version, key, peer }; what is not said is for all. */
export const handshakeGaps = [
  ...beforeTls12.flatMap((version) => Object.entries(laterKeys).map(([key, reason]) => ({ version, key, reason }))),
  ...['Go server', 'Go client'].map(withoutPss),
  withoutEdDsa('NSS tstclnt'),
];

/** matrix.test.mjs: { peer, version, key, identity }. What programs cannot tell is in their classes: `tells`. */
export const matrixGaps = [
  ...['Go server', 'Go client'].map(withoutPss),
  ...['NSS selfserv', 'NSS tstclnt'].map(withoutEdDsa),
];
