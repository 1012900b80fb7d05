// Names that no documentation has, and that programs know of Node's tls all the same.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import net from 'node:net';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { Mailbox } from '../support/mailbox.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { tls } from '../support/subject.mjs';

describe('names that programs know of Node', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const { key, cert } = pki.serverEcdsa;

  /** A listening net.Server whose connections `onConnection` gets. */
  async function rawServer(onConnection) {
    const server = net.createServer(onConnection).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return use({ port: server.address().port, stop: () => new Promise((resolve) => server.close(resolve)) });
  }

  it('context.addCACert() adds to what a context trusts', async () => {
    const { port } = await use(nativeServer({ key, cert }));
    const secureContext = tls.createSecureContext({ ca: pki.otherCa.cert });
    const before = await use(Client.start({ port, secureContext }));
    await assert.rejects(before.secure, { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    secureContext.context.addCACert(pki.ca.cert);
    const after = await use(Client.start({ port, secureContext }));
    await after.secure;
    secureContext.context.close();
  });

  it('context.addCRL() turns on the check', async () => {
    const { port } = await use(nativeServer({ key, cert }));
    const secureContext = tls.createSecureContext({ ca: pki.ca.cert });
    secureContext.context.addCRL(pki.crl);
    const client = await use(Client.start({ port, secureContext, rejectUnauthorized: false }));
    await client.secure;
    assert.equal(client.socket.authorized, true);
    const revoked = await use(nativeServer({ key: pki.revoked.key, cert: pki.revoked.cert }));
    const refused = await use(Client.start({ port: revoked.port, secureContext }));
    await assert.rejects(refused.secure, { code: 'CERT_REVOKED' });
    secureContext.context.close();
  });

  it('context.setCiphers() is for connections to come', async () => {
    const { port } = await use(nativeServer({ key, cert, ...only('TLSv1.2') }));
    const secureContext = tls.createSecureContext({ ca: pki.ca.cert });
    secureContext.context.setCiphers('ECDHE-ECDSA-AES128-GCM-SHA256');
    const client = await use(Client.start({ port, secureContext }));
    await client.secure;
    assert.equal(client.socket.getCipher().name, 'ECDHE-ECDSA-AES128-GCM-SHA256');
    secureContext.context.close();
  });

  it('ssl.verifyError() tells what is wrong with the peer; ssl is null after the end', async () => {
    const { port } = await use(nativeServer({ key, cert }));
    const wrong = await use(Client.start({ port, ca: pki.otherCa.cert, rejectUnauthorized: false }));
    await wrong.secure;
    assert.equal(wrong.socket.ssl.verifyError().code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    const right = await use(Client.start({ port, ca: pki.ca.cert }));
    await right.secure;
    assert.equal(right.socket.ssl.verifyError(), null);
    right.socket.destroy();
    await right.closed;
    assert.equal(right.socket.ssl, null);
  });

  it('a socket that nobody answers for tells its errors by _tlsError', async () => {
    const seen = [];
    const closed = new Mailbox();
    const { port } = await rawServer((raw) => {
      const socket = new tls.TLSSocket(raw, { isServer: true, secureContext: tls.createSecureContext({ key, cert }) });
      socket.on('_tlsError', (error) => seen.push(error.code));
      socket.on('close', (hadError) => closed.put(hadError));
    });
    const peer = net.connect(port, '127.0.0.1', () => peer.write('this is no TLS, by any means'));
    peer.on('error', () => {});
    await use({ stop: () => peer.destroy() });
    await closed.next();
    assert.deepEqual(seen, ['ERR_SSL_WRONG_VERSION_NUMBER']);
  });

  it('setOptions() warns and sets the properties', async () => {
    const warned = once(process, 'warning');
    const server = tls.createServer({ key, cert });
    server.setOptions({ requestCert: true, ciphers: 'AES128-SHA', sessionTimeout: 7, ALPNProtocols: ['a'] });
    assert.equal((await warned)[0].code, 'DEP0122');
    const { requestCert, ciphers, sessionTimeout, ALPNProtocols } = server;
    assert.deepEqual([requestCert, ciphers, sessionTimeout], [true, 'AES128-SHA', 7]);
    assert.deepEqual(ALPNProtocols, Buffer.from('\x01a'));
  });

  it('what is no stream is refused', () => {
    assert.throws(() => new tls.TLSSocket(new EventEmitter()), { name: 'TypeError' });
  });

  it("an X509Certificate of the peer's leads to its issuer", async () => {
    const { port } = await use(nativeServer({ key: pki.chain.key, cert: pki.chain.cert }));
    const client = await use(Client.start({ port, ca: pki.ca.cert }));
    await client.secure;
    const certificate = client.socket.getPeerX509Certificate();
    assert.ok(certificate.checkIssued(certificate.issuerCertificate));
  });

  it('TLS 1.0 and 1.1 need no more than minVersion where no SHA-1 signature does', async () => {
    for (const version of ['TLSv1', 'TLSv1.1']) {
      const rsa = { key: pki.serverRsa.key, cert: pki.serverRsa.cert };
      const { port } = await use(nativeServer({ ...rsa, ...only(version), ciphers: 'AES128-SHA:@SECLEVEL=0' }));
      const client = await use(Client.start({ port, ca: pki.ca.cert, ciphers: 'AES128-SHA', ...only(version) }));
      await client.secure;
      assert.equal(client.socket.getProtocol(), version);
      const two = Client.start({ port, ca: pki.ca.cert, ciphers: 'AES128-SHA:@SECLEVEL=2', ...only(version) });
      await assert.rejects((await use(two)).secure);
    }
  });

  it('a context without a certificate, chosen for a name, changes nothing, or is named as the reason', async () => {
    const SNICallback = (_name, callback) => callback(null, tls.createSecureContext());
    const named = await use(Server.start({ SNICallback, key, cert }));
    await use(nativeClient({ port: named.port, ca: pki.ca.cert }));
    const server = await use(Server.start({ SNICallback }));
    const failed = server.errors.next();
    await assert.rejects(nativeClient({ port: server.port, ca: pki.ca.cert }));
    assert.match((await failed).message, /passed a null parameter/);
  });

  it('a hint that is too long fails the handshake, not the server', async () => {
    const pskIdentityHint = 'h'.repeat(512);
    const server = await use(Server.start({ ciphers: 'PSK', pskCallback: () => null, pskIdentityHint }));
    const failed = server.errors.next();
    await assert.rejects(nativeClient({ port: server.port, ciphers: 'PSK', pskCallback: () => null }));
    assert.equal((await failed).code, 'ERR_TLS_PSK_SET_IDENTIY_HINT_FAILED');
  });

  it('a socket below a server that is destroyed finds its TLSSocket destroyed when it closes', async () => {
    const server = await use(Server.start({ key, cert }));
    const told = new Mailbox();
    const sockets = {};
    const { port } = await rawServer((raw) => {
      sockets.raw = raw;
      server.server.emit('connection', raw);
      raw.on('close', () => told.put(sockets.secured.destroyed));
    });
    await use(nativeClient({ port, ca: pki.ca.cert }));
    sockets.secured = await server.nextConnection();
    sockets.raw.destroy();
    assert.equal(await told.next(), true);
  });

  it('in a session event getSession() and getTLSTicket() give that session', async () => {
    const { port } = await use(nativeServer({ key, cert }));
    const seen = [];
    const client = await use(
      Client.start({ port, ca: pki.ca.cert }, (socket) =>
        socket.on('session', (session) => seen.push([session, socket.getSession(), socket.getTLSTicket()])),
      ),
    );
    await client.exchange(Buffer.from('x'));
    assert.equal(seen.length, 2);
    for (const [session, current, ticket] of seen) {
      assert.deepEqual(current, session);
      assert.ok(session.includes(ticket));
    }
    assert.notDeepEqual(seen[0][2], seen[1][2]);
  });

  it('a client that refuses an OCSP response has not finished the handshake', async () => {
    const server = await use(Server.start({ key, cert, ...only('TLSv1.3') }));
    server.server.on('OCSPRequest', (_certificate, _issuer, callback) => callback(null, Buffer.from('revoked')));
    const failed = server.errors.next();
    const client = tls.connect({ port: server.port, host: '127.0.0.1', ca: pki.ca.cert, requestOCSP: true });
    client.on('OCSPResponse', () => client.destroy());
    await once(client, 'close');
    assert.equal((await failed).code, 'ECONNRESET');
  });
});
