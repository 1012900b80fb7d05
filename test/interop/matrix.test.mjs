// Everything with everything: each peer in each role, TLS 1.2 and 1.3, each type of key, with and without a client's of the
// same type; a full handshake and then one that resumes it; ALPN and SNI in all of them, and what each end says of it.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, keepSessions, randomLines, serveExchange } from '../support/endpoint.mjs';
import { withGaps } from '../support/gaps.mjs';
import { allServerPeers, clientPeers } from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';
import { matrixGaps } from './known-gaps.mjs';

const hello = Buffer.from('hello\n');
const servername = 'localhost';
/** What our server and the peers' choose; `h2` is on offer as well. */
const alpn = 'http/1.1';

/** The server's key, and the client's of the same type with the name that is in its certificate. */
const keys = {
  serverRsa: ['clientRsa', 'client-rsa'],
  serverRsaPss: ['clientRsaPss', 'client-rsa-pss'],
  serverEcdsa: ['client', 'client'],
  serverEd25519: ['clientEd25519', 'client-ed25519'],
};

function* cells() {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    for (const [key, [identity, peerName]] of Object.entries(keys)) {
      yield { version, key };
      yield { version, key, identity, peerName };
    }
  }
}

const describeCell = ({ version, key, identity }) => `${version}, ${key}${identity ? ', client certificate' : ''}`;

/** OpenSSL, and with it Node, knows the name no more when it has resumed a session of TLS 1.2. */
const forgetsName = (version, reused) => version === 'TLSv1.2' && reused;

/** What a peer says, as far as its kind tells it, must be what is true. */
function agree(Peer, said, facts) {
  const names = Peer.tells.filter((name) => name !== 'servername' || !forgetsName(facts.protocol, facts.reused));
  const told = (from) => Object.fromEntries(names.map((name) => [name, from[name]]));
  assert.deepEqual(told(said), told(facts));
}

/** Not every client gets as far as connecting. */
function nextConnection(server, peer) {
  const ended = peer.finished().then(({ code }) => {
    throw new Error(`the peer ended (${code}) without a connection`);
  });
  return Promise.race([server.nextConnection(), ended]);
}

describe('matrix', () => {
  const use = useCleanup();
  const test = withGaps(matrixGaps);
  const pki = fixtures();

  for (const Peer of allServerPeers) {
    describe(`as a client of ${Peer.label}`, () => {
      for (const cell of cells()) {
        test(describeCell(cell), { peer: Peer.label, ...cell }, () => clientCell(Peer, cell));
      }
    });
  }

  for (const Peer of clientPeers) {
    describe(`as a server of ${Peer.label}`, () => {
      for (const cell of cells()) {
        test(describeCell(cell), { peer: Peer.label, ...cell }, () => serverCell(Peer, cell));
      }
    });
  }

  async function clientCell(Peer, { version, key, identity, peerName }) {
    const peer = await use(
      Peer.start({ identity: pki[key], version, alpn: [alpn], clientCaPath: identity && pki.ca.certPath }),
    );
    const own = identity && { key: pki[identity].key, cert: pki[identity].cert };
    const options = { port: peer.port, ca: pki.ca.cert, servername, ALPNProtocols: ['h2', alpn], ...own };
    let session;
    for (const reused of [false, true]) {
      const client = await use(Client.start({ ...options, session }));
      const ticket = once(client.socket, 'session');
      const socket = await client.secure;
      assert.equal(socket.authorized, true);
      assert.equal(socket.getProtocol(), version);
      assert.equal(socket.alpnProtocol, alpn);
      assert.equal(socket.isSessionReused(), reused);

      const request = peer.request?.(hello) ?? hello;
      const reply = peer.reply(request);
      assert.deepEqual(await client.exchange(request, reply.length), reply);
      const facts = { protocol: version, alpn, servername, peerName, reused };
      agree(Peer, await peer.negotiated(Number(reused)), facts);
      if (!reused) [session] = await ticket;
      // A polite end: OpenSSL forgets the session of a connection that broke off.
      socket.end();
      await client.closed;
    }
  }

  async function serverCell(Peer, { version, key, identity, peerName }) {
    const mutual = identity && { ca: pki.ca.cert, requestCert: true, rejectUnauthorized: true };
    const server = await use(
      Server.start({ key: pki[key].key, cert: pki[key].cert, ALPNProtocols: [alpn], ...mutual }),
    );
    // curl takes no tickets of TLS 1.2.
    keepSessions(server);
    const peer = await use(
      Peer.start({
        port: server.port, version, caPath: pki.ca.certPath, servername, alpn: ['h2', alpn], identity: pki[identity],
        upload: hello, connections: 2,
      }), // prettier-ignore
    );
    const download = randomLines(1000);
    for (const reused of [false, true]) {
      const socket = await nextConnection(server, peer);
      assert.equal(socket.getProtocol(), version);
      assert.equal(socket.isSessionReused(), reused);
      assert.equal(socket.alpnProtocol, Peer.withoutAlpn ? false : alpn);
      assert.equal(socket.servername, forgetsName(version, reused) ? false : servername);
      assert.equal(socket.getPeerCertificate().subject?.CN, peerName);
      if (Peer.silentAtFirst && !reused) socket.on('end', () => socket.end()).resume();
      else assert.deepEqual(await serveExchange(socket, Peer.protocol, hello.length, download), hello);
    }
    const { code, received } = await peer.finished();
    assert.equal(code, 0);
    // Some print other things as well.
    assert.ok(received.includes(download), 'the data did not arrive');
    agree(Peer, await peer.negotiated(), { protocol: version, alpn, reused: true });
  }
});
