// How tls.connect() judges a server: the name that it checks, checkServerIdentity, rejectUnauthorized.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { tls } from '../support/subject.mjs';

describe('verification', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert };

  /** The host name that checkServerIdentity is asked about. */
  async function checkedName(options) {
    const asked = [];
    const client = await use(
      Client.start({
        ...trust,
        servername: undefined,
        checkServerIdentity(host, certificate) {
          asked.push([host, certificate.subject.CN, typeof certificate.issuerCertificate]);
        },
        ...options,
      }),
    );
    await client.secure;
    assert.equal(client.socket.authorized, true);
    assert.equal(asked.length, 1);
    assert.deepEqual(asked[0].slice(1), ['localhost', 'object']);
    return asked[0][0];
  }

  it('checks the servername, or the host, or the host of the socket, or localhost', async () => {
    const { port } = await use(nativeServer(identity));
    assert.equal(await checkedName({ port, servername: 'name.test' }), 'name.test');
    assert.equal(await checkedName({ port, host: '127.0.0.1' }), '127.0.0.1');
    assert.equal(await checkedName({ port, host: undefined, family: 4 }), 'localhost');
    const lookup = (_host, _options, callback) => callback(null, '127.0.0.1', 4);
    const named = net.connect({ port, host: 'some.test', lookup, family: 4 });
    await once(named, 'connect');
    assert.equal(await checkedName({ host: undefined, socket: named }), 'some.test');
    const plain = net.connect(port, '127.0.0.1');
    await once(plain, 'connect');
    assert.equal(await checkedName({ host: undefined, socket: plain }), 'localhost');
  });

  it('an address is looked for among the addresses', async () => {
    const { port } = await use(nativeServer(identity));
    const client = await use(Client.start({ port, ...trust, servername: undefined }));
    await client.secure;
    assert.equal(client.socket.authorized, true);
    const other = await use(nativeServer({ key: pki.commonNameOnly.key, cert: pki.commonNameOnly.cert }));
    const refused = await use(Client.start({ port: other.port, ...trust, servername: undefined }));
    await assert.rejects(refused.secure, {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      reason: "IP: 127.0.0.1 is not in the cert's list: ",
    });
    const byName = await use(Client.start({ port: other.port, ...trust }));
    await byName.secure;
  });

  it('an error of checkServerIdentity ends the connection, unchanged', async () => {
    const { port } = await use(nativeServer(identity));
    const own = new Error('not this one');
    const client = await use(Client.start({ port, ...trust, checkServerIdentity: () => own }));
    await assert.rejects(client.secure, (error) => error === own);
    assert.equal(client.socket.authorized, false);
    assert.equal(client.socket.authorizationError, 'not this one');
  });

  it('checkServerIdentity accepts with any false value', async () => {
    const { port } = await use(nativeServer(identity));
    const client = await use(Client.start({ port, ...trust, checkServerIdentity: () => false }));
    await client.secure;
    assert.equal(client.socket.authorized, true);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    for (const [name, options] of [
      ['is not trusted', { ca: pki.otherCa.cert }],
      ['is another one', { ...trust, servername: 'other.test' }],
    ]) {
      it(`${version}: what was written at once does not reach a server that ${name}`, async () => {
        let received = '';
        const server = await use(nativeServer(identity, (socket) => socket.on('data', (data) => (received += data))));
        // Whether it hears of the client's end when it writes is a matter of time.
        const connection = once(server.server, 'connection');
        const closed = connection.then(([socket]) => new Promise((resolve) => socket.on('close', resolve)));
        const client = await use(Client.start({ port: server.port, ...only(version), ...options }));
        client.socket.write('a secret');
        await assert.rejects(client.secure);
        await closed;
        assert.equal(received, '');
      });
    }
  }

  it('rejectUnauthorized: false only notes it', async () => {
    const { port } = await use(nativeServer(identity));
    for (const [error, noted] of [[new Error('words'), 'words'], [Object.assign(new Error(), { code: 'CODE' }), 'CODE']]) {
      const client = await use(
        Client.start({ port, ...trust, rejectUnauthorized: false, checkServerIdentity: () => error }),
      );
      await client.secure;
      assert.equal(client.socket.authorized, false);
      assert.equal(client.socket.authorizationError, noted);
    } // prettier-ignore
  });

  it('rejectUnauthorized: undefined means true', async () => {
    const { port } = await use(nativeServer({ key: pki.selfSigned.key, cert: pki.selfSigned.cert }));
    const client = await use(Client.start({ port, ...trust, rejectUnauthorized: undefined }));
    await assert.rejects(client.secure, { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('takes the function that the module has at the time', async () => {
    const { port } = await use(nativeServer(identity));
    const before = tls.checkServerIdentity;
    const asked = [];
    tls.checkServerIdentity = (...args) => void asked.push(args[0]);
    try {
      const client = await use(Client.start({ port, ...trust, servername: 'any.test' }));
      await client.secure;
    } finally {
      tls.checkServerIdentity = before;
    }
    assert.deepEqual(asked, ['any.test']);
  });

  it('a context for the other role fails, as OpenSSL says', async () => {
    const { port } = await use(nativeServer(identity));
    const client = await use(Client.start({ port, ...trust, secureProtocol: 'TLSv1_2_server_method' }));
    await assert.rejects(client.secure, {
      code: 'ERR_SSL_CALLED_A_FUNCTION_YOU_SHOULD_NOT_CALL',
      reason: 'called a function you should not call',
    });
    const right = await use(Client.start({ port, ...trust, secureProtocol: 'TLSv1_2_client_method' }));
    await right.secure;
  });
});
