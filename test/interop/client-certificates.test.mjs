// The client shows a certificate as well: asked for, insisted on, refused, left out.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, serveExchange } from '../support/endpoint.mjs';
import {
  GnutlsServer,
  GoServer,
  JavaServer,
  OpensslClient,
  OpensslServer,
  clientPeers,
  serverPeers,
} from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';

const versions = ['TLSv1.2', 'TLSv1.3'];
const identities = { client: 'client', clientRsa: 'client-rsa' };
const hello = Buffer.from('hello\n');

describe('client certificates', () => {
  const use = useCleanup();
  const pki = fixtures();
  const own = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ca: pki.ca.cert };

  for (const version of versions) {
    for (const [identity, commonName] of Object.entries(identities)) {
      for (const Peer of serverPeers) {
        it(`as a client of ${Peer.label}, ${version}, ${identity}`, async () => {
          const peer = await use(Peer.start({ identity: pki.serverEcdsa, version, clientCaPath: pki.ca.certPath }));
          const client = await use(
            Client.start({ port: peer.port, ca: pki.ca.cert, key: pki[identity].key, cert: pki[identity].cert }),
          );
          // In TLS 1.3 the client is done before the server has judged; an answer to data is the proof.
          assert.deepEqual(await client.exchange(hello), peer.reply(hello));
          assert.equal((await peer.negotiated()).peerName, commonName);
          assert.equal(client.socket.getCertificate().subject.CN, commonName);
        });
      }

      for (const Peer of clientPeers) {
        it(`as a server of ${Peer.label}, ${version}, ${identity}`, async () => {
          const server = await use(Server.start({ ...own, requestCert: true, rejectUnauthorized: true }));
          const peer = await use(
            Peer.start({
              port: server.port, version, caPath: pki.ca.certPath, identity: pki[identity], upload: hello,
            }), // prettier-ignore
          );
          const socket = await server.nextConnection();
          assert.equal(socket.authorized, true);
          assert.equal(socket.getPeerCertificate().subject.CN, commonName);
          assert.deepEqual(await serveExchange(socket, Peer.protocol, hello.length, hello), hello);
          assert.equal((await peer.finished()).code, 0);
        });
      }
    }

    it(`as a server, ${version}: requested only, and none is sent`, async () => {
      const server = await use(Server.start({ ...own, requestCert: true, rejectUnauthorized: false }));
      await use(OpensslClient.start({ port: server.port, version, caPath: pki.ca.certPath }));
      const socket = await server.nextConnection();
      assert.equal(socket.authorized, false);
      assert.equal(socket.authorizationError, 'UNABLE_TO_GET_ISSUER_CERT');
      assert.deepEqual(socket.getPeerCertificate(), {});
    });

    it(`as a server, ${version}: insisted on, and none is sent`, async () => {
      const server = await use(Server.start({ ...own, requestCert: true, rejectUnauthorized: true }));
      const peer = await use(OpensslClient.start({ port: server.port, version, caPath: pki.ca.certPath }));
      assert.equal((await server.errors.next()).code, 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE');
      await peer.finished();
      assert.match(peer.describe(), version === 'TLSv1.3' ? /alert certificate required/ : /alert handshake failure/);
    });

    it(`as a server, ${version}: from an authority that it does not trust`, async () => {
      const options = { ...own, requestCert: true, rejectUnauthorized: false };
      const server = await use(Server.start({ ...options, ca: pki.otherCa.cert }));
      await use(OpensslClient.start({ port: server.port, version, caPath: pki.ca.certPath, identity: pki.client }));
      const socket = await server.nextConnection();
      assert.equal(socket.authorized, false);
      // s_client sends the whole chain, its root included.
      assert.equal(socket.authorizationError, 'SELF_SIGNED_CERT_IN_CHAIN');
    });

    it(`as a client, ${version}: the server refuses ours`, async () => {
      const peer = await use(
        OpensslServer.start({ identity: pki.serverEcdsa, version, clientCaPath: pki.otherCa.certPath }),
      );
      const client = await use(
        Client.start({ port: peer.port, ca: pki.ca.cert, key: pki.client.key, cert: pki.client.cert }),
      );
      await client.closed;
      assert.equal(client.error.code, 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA');
    });

    for (const Peer of [GnutlsServer, GoServer, JavaServer]) {
      it(`as a client of ${Peer.label}, ${version}: refused, whatever alert it takes for that`, async () => {
        const foreign = { key: pki.client.key, cert: pki.client.cert };
        const peer = await use(Peer.start({ identity: pki.serverEcdsa, version, clientCaPath: pki.otherCa.certPath }));
        for (const identity of [foreign, undefined]) {
          const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, ...identity }));
          await client.closed;
          assert.match(client.error.code, /^ERR_SSL_\w+_ALERT_/);
        }
      });
    }

    it(`as a client, ${version}: the server insists and we have none`, async () => {
      const peer = await use(
        OpensslServer.start({ identity: pki.serverEcdsa, version, clientCaPath: pki.ca.certPath }),
      );
      const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert }));
      await client.closed;
      const expected = {
        'TLSv1.2': 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
        'TLSv1.3': 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      };
      assert.equal(client.error.code, expected[version]);
    });
  }
});
