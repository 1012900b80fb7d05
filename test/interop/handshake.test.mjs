// Both roles against every peer, in every version, with every type of key: the handshake, what each end says of it, and
// data both ways.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, randomLines, serveExchange } from '../support/endpoint.mjs';
import { withGaps } from '../support/gaps.mjs';
import { clientPeers, serverPeers } from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';
import { handshakeGaps } from './known-gaps.mjs';

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** Off by default, as in Node; and their signatures need the lowest security level. */
const old = { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' };
const optionsFor = (version) => (version === 'TLSv1' || version === 'TLSv1.1' ? old : {});
const keys = {
  serverRsa: { modulus: true },
  serverRsaPss: {},
  serverEcdsa: { nistCurve: 'P-256' },
  serverEcdsaP384: { nistCurve: 'P-384' },
  serverEd25519: {},
};
const size = 100_000;

describe('handshake', () => {
  const use = useCleanup();
  const test = withGaps(handshakeGaps);
  const pki = fixtures();

  for (const Peer of serverPeers) {
    describe(`as a client of ${Peer.label}`, () => {
      for (const version of versions) {
        for (const key of Object.keys(keys)) {
          test(`${version}, ${key}`, { peer: Peer.label, version, key }, () => clientCase(Peer, version, key));
        }
      }
    });
  }

  for (const Peer of clientPeers) {
    describe(`as a server of ${Peer.label}`, () => {
      for (const version of versions) {
        for (const key of Object.keys(keys)) {
          test(`${version}, ${key}`, { peer: Peer.label, version, key }, () => serverCase(Peer, version, key));
        }
      }
    });
  }

  async function clientCase(Peer, version, key) {
    // Only the peer is told the version: ours must find its way to it.
    const peer = await use(Peer.start({ identity: pki[key], version }));
    const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, ...optionsFor(version) }));
    const socket = await client.secure;

    assert.equal(socket.authorized, true);
    assert.equal(socket.getProtocol(), version);
    const certificate = socket.getPeerCertificate();
    assert.equal(certificate.subject.CN, 'localhost');
    assert.equal(certificate.nistCurve, keys[key].nistCurve);
    assert.equal(certificate.modulus !== undefined, keys[key].modulus === true);
    const seen = await peer.negotiated();
    assert.equal(seen.protocol, version);
    // Not every program tells the name that it was asked for.
    assert.equal(seen.servername ?? 'localhost', 'localhost');

    const payload = randomLines(size);
    const reply = await client.exchange(payload);
    assert.ok(reply.equals(peer.reply(payload)), 'the data came back changed');
  }

  async function serverCase(Peer, version, key) {
    const server = await use(Server.start({ key: pki[key].key, cert: pki[key].cert, ...optionsFor(version) }));
    const upload = randomLines(size);
    const download = randomLines(size);
    const peer = await use(Peer.start({ port: server.port, version, caPath: pki.ca.certPath, upload }));
    const socket = await server.nextConnection();

    assert.equal(socket.getProtocol(), version);
    assert.equal(socket.servername, 'localhost');
    const received = await serveExchange(socket, Peer.protocol, size, download);
    assert.ok(received.equals(upload), 'the data arrived changed');

    const result = await peer.finished();
    assert.equal(result.code, 0);
    assert.ok(result.received.equals(download), 'the data arrived changed at the peer');
    assert.equal((await peer.negotiated()).protocol, version);
  }
});
