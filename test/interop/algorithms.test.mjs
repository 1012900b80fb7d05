// Cipher suites, groups and key updates, each against a program that supports nothing else.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server, randomLines, readBytes } from '../support/endpoint.mjs';
import { GnutlsClient, OpensslClient, OpensslServer } from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';

const hello = Buffer.from('hello\n');

/** [version, OpenSSL's name, IANA's name, the server's key] */
const suites = [
  ['TLSv1.3', 'TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256', 'serverRsa'],
  ['TLSv1.3', 'TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384', 'serverRsa'],
  ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256', 'serverRsa'],
  ['TLSv1.3', 'TLS_AES_128_CCM_SHA256', 'TLS_AES_128_CCM_SHA256', 'serverRsa'],
  ['TLSv1.3', 'TLS_AES_128_CCM_8_SHA256', 'TLS_AES_128_CCM_8_SHA256', 'serverRsa'],
  ['TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'serverRsa'],
  ['TLSv1.2', 'ECDHE-RSA-CHACHA20-POLY1305', 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'serverRsa'],
  ['TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'serverEcdsa'],
  ['TLSv1.2', 'ECDHE-ECDSA-AES128-CCM', 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM', 'serverEcdsa'],
  ['TLSv1.2', 'ECDHE-ECDSA-AES256-CCM', 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM', 'serverEcdsa'],
  ['TLSv1.2', 'ECDHE-ECDSA-AES128-CCM8', 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', 'serverEcdsa'],
  ['TLSv1.2', 'DHE-RSA-AES128-GCM-SHA256', 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', 'serverRsa'],
  ['TLSv1.2', 'DHE-RSA-AES256-CCM', 'TLS_DHE_RSA_WITH_AES_256_CCM', 'serverRsa'],
  ['TLSv1.2', 'DHE-RSA-CHACHA20-POLY1305', 'TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'serverRsa'],
  ['TLSv1.2', 'DHE-RSA-AES256-SHA256', 'TLS_DHE_RSA_WITH_AES_256_CBC_SHA256', 'serverRsa'],
  ['TLSv1.2', 'ECDHE-RSA-AES256-SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'serverRsa'],
  ['TLSv1.2', 'AES256-GCM-SHA384', 'TLS_RSA_WITH_AES_256_GCM_SHA384', 'serverRsa'],
  ['TLSv1.2', 'AES128-SHA', 'TLS_RSA_WITH_AES_128_CBC_SHA', 'serverRsa'],
];

/** What ecdhCurve takes, and what getEphemeralKeyInfo() then says. */
const groups = [
  ['X25519', { type: 'ECDH', name: 'X25519', size: 253 }],
  ['X448', { type: 'ECDH', name: 'X448', size: 448 }],
  ['P-256', { type: 'ECDH', name: 'prime256v1', size: 256 }],
  ['P-384', { type: 'ECDH', name: 'secp384r1', size: 384 }],
  ['P-521', { type: 'ECDH', name: 'secp521r1', size: 521 }],
];

/** OpenSSL counts the short tags of CCM8 as 64 bits of security, too few for its default level. */
const suitesOf = (name) => (/CCM_?8/.test(name) ? `${name}:DEFAULT:@SECLEVEL=0` : name);

function peerArguments(version, name) {
  if (version === 'TLSv1.2') return ['-cipher', suitesOf(name)];
  return ['-ciphersuites', name, '-cipher', suitesOf(name) === name ? 'DEFAULT' : 'DEFAULT:@SECLEVEL=0'];
}

describe('algorithms', () => {
  const use = useCleanup();
  const pki = fixtures();

  for (const [version, name, standardName, key] of suites) {
    const args = peerArguments(version, name);
    const ciphers = suitesOf(name);
    const expected = { name, standardName };

    it(`as a client of openssl s_server: ${name}`, async () => {
      const peer = await use(OpensslServer.start({ identity: pki[key], version, args }));
      const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, ciphers }));
      const { version: since, ...cipher } = (await client.secure).getCipher();
      assert.deepEqual(cipher, expected);
      assert.match(since, /^TLSv1\.[023]$|^SSLv3$/);
      assert.equal((await peer.negotiated()).cipher, name);
      assert.deepEqual(await client.exchange(hello), peer.reply(hello));
    });

    it(`as a server of openssl s_client: ${name}`, async () => {
      const options = { key: pki[key].key, cert: pki[key].cert, ciphers, dhparam: 'auto' };
      const server = await use(Server.start(options));
      const peer = await use(
        OpensslClient.start({ port: server.port, version, caPath: pki.ca.certPath, upload: hello, args }),
      );
      const socket = await server.nextConnection();
      assert.equal(socket.getCipher().name, name);
      assert.deepEqual(await readBytes(socket, hello.length), hello);
      socket.end(hello);
      assert.deepEqual(await peer.finished(), { code: 0, received: hello });
      assert.equal((await peer.negotiated()).cipher, name);
    });
  }

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    for (const [group, expected] of groups) {
      it(`as a client of openssl s_server, ${version}: ${group}`, async () => {
        const peer = await use(OpensslServer.start({ identity: pki.serverRsa, version, args: ['-groups', group] }));
        const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, ecdhCurve: group }));
        assert.deepEqual((await client.secure).getEphemeralKeyInfo(), expected);
        assert.deepEqual(await client.exchange(hello), peer.reply(hello));
      });

      it(`as a server of openssl s_client, ${version}: ${group}`, async () => {
        const options = { key: pki.serverRsa.key, cert: pki.serverRsa.cert, ecdhCurve: group };
        const server = await use(Server.start(options));
        const peer = await use(OpensslClient.start({ port: server.port, version, caPath: pki.ca.certPath }));
        (await server.nextConnection()).end();
        assert.equal((await peer.finished()).code, 0);
        assert.match(peer.describe(), new RegExp(`Server Temp Key: .*${expected.size} bits`));
      });
    }
  }

  it('as a client: a hello retry for a group that is only second choice', async () => {
    const peer = await use(
      OpensslServer.start({ identity: pki.serverRsa, version: 'TLSv1.3', args: ['-groups', 'P-384'] }),
    );
    const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, ecdhCurve: 'X25519:P-384' }));
    assert.equal((await client.secure).getEphemeralKeyInfo().name, 'secp384r1');
    assert.deepEqual(await client.exchange(hello), peer.reply(hello));
  });

  it('as a server: a hello retry for a group that is only second choice', async () => {
    const options = { key: pki.serverRsa.key, cert: pki.serverRsa.cert, ecdhCurve: 'P-384' };
    const server = await use(Server.start(options));
    const peer = await use(
      OpensslClient.start({ port: server.port, caPath: pki.ca.certPath, args: ['-groups', 'X25519:P-384'] }),
    );
    (await server.nextConnection()).end();
    assert.equal((await peer.finished()).code, 0);
    assert.match(peer.describe(), /Server Temp Key: ECDH, secp384r1, 384 bits/);
  });

  it('no group in common', async () => {
    const options = { key: pki.serverRsa.key, cert: pki.serverRsa.cert, ecdhCurve: 'P-384', minVersion: 'TLSv1.3' };
    const server = await use(Server.start(options));
    const peer = await use(
      OpensslClient.start({ port: server.port, caPath: pki.ca.certPath, args: ['-groups', 'X25519'] }),
    );
    assert.equal((await server.errors.next()).code, 'ERR_SSL_NO_SUITABLE_KEY_SHARE');
    assert.notEqual((await peer.finished()).code, 0);
  });

  it('no cipher suite in common', async () => {
    const options = { key: pki.serverRsa.key, cert: pki.serverRsa.cert, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' };
    const server = await use(Server.start({ ...options, maxVersion: 'TLSv1.2' }));
    const args = ['-cipher', 'ECDHE-RSA-AES256-GCM-SHA384'];
    const peer = await use(
      OpensslClient.start({ port: server.port, version: 'TLSv1.2', caPath: pki.ca.certPath, args }),
    );
    assert.equal((await server.errors.next()).code, 'ERR_SSL_NO_SHARED_CIPHER');
    assert.notEqual((await peer.finished()).code, 0);
  });

  it('no version in common', async () => {
    const peer = await use(OpensslServer.start({ identity: pki.serverRsa, version: 'TLSv1.2' }));
    const client = await use(Client.start({ port: peer.port, ca: pki.ca.cert, minVersion: 'TLSv1.3' }));
    await client.closed;
    assert.equal(client.error.code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });

  it('as a server of gnutls-cli, TLSv1.3: keys are updated between data', async () => {
    const server = await use(Server.start({ key: pki.serverRsa.key, cert: pki.serverRsa.cert }));
    const args = ['--inline-commands'];
    const peer = await use(
      GnutlsClient.start({ port: server.port, version: 'TLSv1.3', caPath: pki.ca.certPath, args }),
    );
    const socket = await server.nextConnection();
    for (let round = 0; round < 3; round += 1) {
      const lines = randomLines(10_000);
      const received = readBytes(socket, lines.length);
      // A command must come alone: what it reads at once it takes for one line.
      peer.stdin.write(lines);
      assert.ok((await received).equals(lines));
      peer.stdin.write('^rekey^\n');
    }
    socket.end(hello);
    assert.deepEqual((await peer.finished()).received, hello);
  });
});
