// ALPN and SNI: what the client asks for, what the server chooses, and that both ends agree on it.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, only, serveExchange } from '../support/endpoint.mjs';
import { CurlClient, OpensslClient, OpensslServer, clientPeers, serverPeers } from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';
import { tls } from '../support/subject.mjs';

const versions = ['TLSv1.2', 'TLSv1.3'];
const hello = Buffer.from('hello\n');

describe('names', () => {
  const use = useCleanup();
  const pki = fixtures();
  const own = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };

  describe('ALPN', () => {
    for (const Peer of serverPeers) {
      for (const version of versions) {
        it(`as a client of ${Peer.label}, ${version}`, async () => {
          const peer = await use(Peer.start({ identity: pki.serverEcdsa, version, alpn: ['two'] }));
          const client = await use(
            Client.start({ port: peer.port, ca: pki.ca.cert, ALPNProtocols: ['one', 'two', 'three'] }),
          );
          assert.equal((await client.secure).alpnProtocol, 'two');
          // s_server tells nobody what it chose.
          if (Peer.tells.includes('alpn')) assert.equal((await peer.negotiated()).alpn, 'two');
        });
      }
    }

    for (const Peer of clientPeers.filter((each) => each !== CurlClient && !each.withoutAlpn)) {
      for (const version of versions) {
        it(`as a server of ${Peer.label}, ${version}: the server's order decides`, async () => {
          const server = await use(Server.start({ ...own, ALPNProtocols: ['three', 'two'] }));
          const peer = await use(
            Peer.start({
              port: server.port, version, caPath: pki.ca.certPath, alpn: ['one', 'two', 'three'], verbose: true,
            }), // prettier-ignore
          );
          const socket = await server.nextConnection();
          assert.equal(socket.alpnProtocol, 'three');
          socket.end();
          await peer.finished();
          assert.equal((await peer.negotiated()).alpn, 'three');
        });
      }
    }

    it('as a server of curl: HTTP/1.1 out of h2 and http/1.1', async () => {
      const server = await use(Server.start({ ...own, ALPNProtocols: ['http/1.1'] }));
      const peer = await use(CurlClient.start({ port: server.port, caPath: pki.ca.certPath, upload: hello }));
      const socket = await server.nextConnection();
      assert.equal(socket.alpnProtocol, 'http/1.1');
      await serveExchange(socket, CurlClient.protocol, hello.length, hello);
      assert.equal((await peer.finished()).code, 0);
      assert.equal((await peer.negotiated()).alpn, 'http/1.1');
    });

    it('no protocol in common: the server says so and both give up', async () => {
      const server = await use(Server.start({ ...own, ALPNProtocols: ['ours'] }));
      const peer = await use(
        OpensslClient.start({ port: server.port, caPath: pki.ca.certPath, alpn: ['theirs'], verbose: true }),
      );
      const error = await server.errors.next();
      assert.equal(error.code, 'ERR_SSL_NO_APPLICATION_PROTOCOL');
      assert.notEqual((await peer.finished()).code, 0);
      assert.match(peer.describe(), /alert no application protocol/);
    });

    it('a callback chooses, and sees the server name', async () => {
      const asked = [];
      const ALPNCallback = (question) => {
        asked.push(question);
        return question.protocols.at(-1);
      };
      const server = await use(Server.start({ ...own, ALPNCallback }));
      await use(
        OpensslClient.start({ port: server.port, caPath: pki.ca.certPath, alpn: ['one', 'two'], verbose: true }),
      );
      assert.equal((await server.nextConnection()).alpnProtocol, 'two');
      assert.deepEqual(asked, [{ servername: 'localhost', protocols: ['one', 'two'] }]);
    });
  });

  describe('SNI', () => {
    const credentials = (name) => ({ key: pki[name].key, cert: pki[name].cert });
    const names = { 'a.example.com': 'sniA', 'b.example.org': 'sniB', 'deep.b.example.org': 'sniB' };

    for (const Peer of clientPeers) {
      for (const version of versions) {
        it(`as a server of ${Peer.label}, ${version}: addContext() chooses the certificate`, async () => {
          const server = await use(Server.start({ ...own, ...only(version) }));
          server.server.addContext('a.example.com', credentials('sniA'));
          server.server.addContext('*.example.org', credentials('sniB'));
          server.server.addContext('*.b.example.org', credentials('sniB'));
          for (const servername of Object.keys(names)) {
            const peer = await use(
              Peer.start({ port: server.port, caPath: pki.ca.certPath, servername, upload: hello }),
            );
            const socket = await server.nextConnection();
            assert.equal(socket.servername, servername);
            await serveExchange(socket, Peer.protocol, hello.length, hello);
            // It checks the certificate against the name: this is the proof that it got the right one.
            assert.equal((await peer.finished()).code, 0);
          }
        });
      }
    }

    it('as a server: SNICallback answers later, for known names only', async () => {
      const SNICallback = (name, done) =>
        setImmediate(() => done(null, name === 'a.example.com' ? tls.createSecureContext(credentials('sniA')) : null));
      const server = await use(Server.start({ ...own, SNICallback }));
      for (const [servername, expected] of [
        ['a.example.com', 'a.example.com'],
        ['localhost', 'localhost'],
      ]) {
        const peer = await use(OpensslClient.start({ port: server.port, caPath: pki.ca.certPath, servername }));
        (await server.nextConnection()).end();
        await peer.finished();
        assert.equal((await peer.negotiated()).peerName, expected);
      }
    });

    it('as a server: a failing SNICallback fails that handshake', async () => {
      const refusal = new Error('no such tenant');
      const server = await use(Server.start({ ...own, SNICallback: (name, done) => done(refusal) }));
      const peer = await use(OpensslClient.start({ port: server.port, caPath: pki.ca.certPath }));
      assert.equal(await server.errors.next(), refusal);
      assert.notEqual((await peer.finished()).code, 0);
    });

    for (const version of versions) {
      it(`as a client of openssl s_server, ${version}: it chooses by our name`, async () => {
        const second = { servername: 'b.example.org', identity: pki.sniB };
        const peer = await use(OpensslServer.start({ identity: pki.serverEcdsa, second, version }));
        for (const [servername, expected] of [
          ['b.example.org', 'b.example.org'],
          ['localhost', 'localhost'],
        ]) {
          const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, servername }));
          assert.equal((await client.secure).getPeerCertificate().subject.CN, expected);
          await client.stop();
        }
      });
    }
  });
});
