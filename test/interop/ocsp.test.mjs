// OCSP stapling: a real response, given to programs that read it, and taken from programs that send one.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, serveExchange } from '../support/endpoint.mjs';
import { CurlClient, GnutlsServer, NssClient, OpensslClient, OpensslServer } from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';

const hello = Buffer.from('hello\n');

/** How each client is told to ask, and what it prints of a good and of a bad answer, and of none. */
const clients = [
  {
    Peer: OpensslClient,
    options: { verbose: true, args: ['-status'] },
    says: { good: /Cert Status: good/, revoked: /Cert Status: revoked/, nothing: /OCSP response: no response sent/ },
  },
  {
    Peer: CurlClient,
    options: { args: ['--cert-status'] },
    says: {
      good: /SSL certificate status: good/,
      revoked: /SSL certificate status: revoked/,
      nothing: /No OCSP response received/,
    },
  },
  {
    Peer: NssClient,
    options: { args: ['-T'] },
    // It counts them, and makes nothing of what they say.
    says: { good: /Received 1 Cert/, revoked: /Received 1 Cert/, nothing: /Received 0 Cert/ },
  },
];
const servers = [
  { Peer: OpensslServer, args: (file) => ['-status', '-status_file', file] },
  { Peer: GnutlsServer, args: (file) => [`--ocsp-response=${file}`] },
];

describe('OCSP', () => {
  const use = useCleanup();
  const pki = fixtures();

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    for (const { Peer, args } of servers) {
      it(`as a client of ${Peer.label}, ${version}`, async () => {
        const { ocsp, ocspPath } = pki.serverEcdsa;
        const peer = await use(Peer.start({ identity: pki.serverEcdsa, version, args: args(ocspPath) }));
        const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, requestOCSP: true }));
        const [response] = await once(client.socket, 'OCSPResponse');
        assert.deepEqual(response, ocsp);
        await client.secure;
        assert.deepEqual(await client.exchange(hello), peer.reply(hello));
      });

      it(`as a client of ${Peer.label}, ${version}: it has none`, async () => {
        const peer = await use(Peer.start({ identity: pki.serverEcdsa, version }));
        const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, requestOCSP: true }));
        assert.deepEqual(await once(client.socket, 'OCSPResponse'), [null]);
      });
    }

    for (const { Peer, options, says } of clients) {
      for (const [status, pattern] of Object.entries(says)) {
        it(`as a server of ${Peer.label}, ${version}: ${status}`, async () => {
          const { key, cert, ocsp } = status === 'revoked' ? pki.revoked : pki.serverEcdsa;
          const response = status === 'nothing' ? null : ocsp;
          // curl looks for the issuer in what the server sends.
          const server = await use(Server.start({ key, cert: Buffer.concat([cert, pki.ca.cert]) }));
          server.server.on('OCSPRequest', (certificate, issuer, answer) => setImmediate(answer, null, response));
          const peer = await use(
            Peer.start({ port: server.port, version, caPath: pki.ca.certPath, upload: hello, ...options }),
          );
          const socket = await server.nextConnection();
          // Who does not like what it hears hangs up.
          serveExchange(socket, Peer.protocol, hello.length, hello).catch(() => {});
          await peer.finished();
          assert.match(peer.output(), pattern);
        });
      }
    }
  }
});
