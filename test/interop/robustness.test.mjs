// Peers that send nonsense, too much, or not enough. Whatever they do: the documented error, that socket destroyed, the
// process alive, and the connection beside it none the wiser.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { Client, Server, randomLines } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { CurlClient, NativeClient, NativeServer, OpensslServer } from '../support/peers/index.mjs';
import { paddedCertificate } from '../support/padded-certificate.mjs';
import { fixtures } from '../support/pki.mjs';
import { proxy, rawClient, rawServer } from '../support/raw.mjs';
import { isNative, tls } from '../support/subject.mjs';
import { certificateOfZeros, clientHello, clientKeyExchange, records, serverHello } from '../support/wire.mjs';

// OpenSSL 3.2 and later look at the length later, and call it something else.
const tooLong = isNative ? 'PACKET_LENGTH_TOO_LONG' : 'DATA_LENGTH_TOO_LONG';

const record = (hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const zeros = '00'.repeat(16);

/** First bytes instead of a hello, and the error at each end. Null: that end would wait for more. */
const nonsense = [
  ['a banner', Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian\r\n'), 'WRONG_VERSION_NUMBER', 'WRONG_VERSION_NUMBER'],
  ['an HTTP response', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'WRONG_VERSION_NUMBER', 'WRONG_VERSION_NUMBER'],
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'HTTP_REQUEST', 'HTTP_REQUEST'],
  ['an HTTP proxy request', Buffer.from('CONNECT a:1 HTTP/1.1\r\n\r\n'), 'HTTPS_PROXY_REQUEST', 'HTTPS_PROXY_REQUEST'],
  ['zeros', Buffer.alloc(1000), 'WRONG_VERSION_NUMBER', 'WRONG_VERSION_NUMBER'],
  ['ones', Buffer.alloc(1000, 0xff), 'WRONG_VERSION_NUMBER', 'WRONG_VERSION_NUMBER'],
  ['application data', record(`17 0303 0010 ${zeros}`), 'UNEXPECTED_MESSAGE', 'UNEXPECTED_MESSAGE'],
  ['a ChangeCipherSpec', record('14 0303 0001 01'), 'UNEXPECTED_MESSAGE', 'UNEXPECTED_MESSAGE'],
  ['a fatal alert', record('15 0303 0002 02 28'), 'SSLV3_ALERT_HANDSHAKE_FAILURE', 'UNEXPECTED_MESSAGE'],
  ['a record that is too long', record(`16 0303 ffff ${zeros}`), tooLong, tooLong],
  ['a message of 16 MiB', record('16 0303 0004 01ffffff'), 'UNEXPECTED_MESSAGE', 'EXCESSIVE_MESSAGE_SIZE'],
  ['an empty hello', record('16 0303 0004 01000000'), 'UNEXPECTED_MESSAGE', 'LENGTH_TOO_SHORT'],
];

describe('robustness', () => {
  const use = useCleanup();
  afterEach(() => {
    server = bystander = undefined;
  });
  useLeakCheck();
  const pki = fixtures();
  const own = { key: pki.serverRsa.key, cert: pki.serverRsa.cert };
  const trusted = { ca: pki.ca.cert };
  let server;
  let bystander;

  beforeEach('a connection that nothing may disturb', async () => {
    // Both of its ends are ours, in the same wasm memory as the one that is attacked.
    server = await use(Server.start({ ...own, requestCert: true, rejectUnauthorized: false }));
    bystander = await use(Client.start({ ...trusted, port: server.port }));
    const socket = await server.nextConnection();
    socket.pipe(socket);
    await undisturbed();
  });

  /** Mocha's `it`, with a look at the connection beside it when the attack is over. */
  function attack(title, body) {
    it(title, async () => {
      await body();
      await undisturbed();
    });
  }

  async function undisturbed() {
    const lines = randomLines(40_000);
    assert.ok((await bystander.exchange(lines)).equals(lines));
  }

  /** The error that the server reports, once that connection is gone for good. */
  async function refusal(peer) {
    const closed = once(peer.resume(), 'close');
    // A raw socket does not close by itself when the other end does.
    peer.once('end', () => peer.destroy());
    const error = await server.errors.next();
    await closed;
    assert.equal(error.socket.destroyed, true);
    return error;
  }

  /** The error of a client whose server says `bytes` to its hello. */
  async function disappointed(answer, options) {
    const peer = await use(rawServer((socket) => socket.once('data', () => answer(socket))));
    const client = await use(Client.start({ ...trusted, ...options, port: peer.port }));
    assert.equal(await client.closed, true);
    assert.equal(client.socket.destroyed, true);
    return client.error;
  }

  describe('nonsense', () => {
    for (const [name, bytes, clientCode, serverCode] of nonsense) {
      attack(`${name} to the server: ${serverCode}`, async () => {
        const peer = await use(rawClient(server.port));
        peer.write(bytes);
        assert.equal((await refusal(peer)).code, `ERR_SSL_${serverCode}`);
      });

      attack(`${name} to the client: ${clientCode}`, async () => {
        const error = await disappointed((socket) => socket.write(bytes));
        assert.equal(error.code, `ERR_SSL_${clientCode}`);
      });
    }

    attack('plain HTTP by curl', async () => {
      const peer = await use(CurlClient.start({ scheme: 'http', port: server.port }));
      assert.equal((await server.errors.next()).code, 'ERR_SSL_HTTP_REQUEST');
      // 'Empty reply from server', or the reset that follows it.
      assert.match(String((await peer.finished()).code), /^(52|56)$/);
    });

    attack('a connection that says nothing and goes', async () => {
      const peer = await use(rawClient(server.port));
      peer.end();
      const error = await refusal(peer);
      assert.equal(error.code, 'ECONNRESET');
      assert.equal(error.message, 'socket hang up');
    });

    attack('a server that says nothing and goes', async () => {
      const error = await disappointed((socket) => socket.end());
      assert.equal(error.code, 'ECONNRESET');
      assert.equal(error.message, 'Client network socket disconnected before secure TLS connection was established');
      assert.equal(error.host, '127.0.0.1');
    });

    attack('a server that resets the connection', async () => {
      const error = await disappointed((socket) => socket.resetAndDestroy());
      assert.equal(error.code, 'ECONNRESET');
      assert.equal(error.syscall, 'read');
    });
  });

  describe('a certificate chain of 16 MiB', () => {
    const chain = records(certificateOfZeros(0xffffff));

    attack('to the client in TLS 1.2, by a server that writes it in the clear', async () => {
      const error = await disappointed((socket) => {
        socket.write(records(serverHello()));
        socket.write(chain);
      });
      assert.equal(error.code, 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE');
    });

    attack('to the client in TLS 1.3, by openssl s_server', async () => {
      const file = (await use(temporaryDirectory())).file('chain.pem');
      // As long as a message can be, less the certificate that it begins with.
      fs.writeFileSync(file, paddedCertificate(pki.ca.cert, 0xffffff - 10_000));
      const peer = await use(OpensslServer.start({ identity: pki.serverRsa, chainPath: file, version: 'TLSv1.3' }));
      const client = await use(Client.start({ ...trusted, port: peer.port }));
      assert.equal(await client.closed, true);
      assert.equal(client.error.code, 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE');
    });

    attack('to the server in TLS 1.2, by a client that writes it in the clear', async () => {
      const peer = await use(rawClient(server.port));
      peer.write(records(clientHello()));
      await once(peer, 'data');
      peer.write(chain);
      assert.equal((await refusal(peer)).code, 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE');
    });

    if (!isNative) {
      attack('over and over, without taking memory', async () => {
        const answer = (socket) => socket.write(Buffer.concat([records(serverHello()), chain]));
        for (let round = 0; round < 5; round += 1) await disappointed(answer);
        const before = tls.engine.memoryBytes();
        for (let round = 0; round < 10; round += 1) await disappointed(answer);
        assert.equal(tls.engine.memoryBytes(), before);
      });
    }
  });

  describe('out of order', () => {
    attack('a key exchange before the hello', async () => {
      const peer = await use(rawClient(server.port));
      peer.write(records(clientKeyExchange()));
      assert.equal((await refusal(peer)).code, 'ERR_SSL_UNEXPECTED_MESSAGE');
    });

    attack('a hello twice', async () => {
      const peer = await use(rawClient(server.port));
      peer.write(records(clientHello()));
      await once(peer, 'data');
      peer.write(records(clientHello()));
      assert.equal((await refusal(peer)).code, 'ERR_SSL_UNEXPECTED_MESSAGE');
    });
  });

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    describe(`a record changed on its way, ${version}`, () => {
      // The record that OpenSSL lists first; TLS 1.2 decrypts by another way.
      const code =
        version === 'TLSv1.2' ? 'ERR_SSL_CIPHER_OPERATION_FAILED' : 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC';

      /** The error of an established connection, once it is gone. */
      async function brokenBy(socket) {
        const closed = new Promise((resolve) => socket.on('close', resolve));
        const error = await new Promise((resolve) => socket.on('error', resolve));
        // Node's own sockets stay open after that, which helps nobody.
        if (!isNative) assert.equal(await closed, true);
        return error;
      }

      /** Flips a bit of the last byte of each chunk in `direction`, once told to. */
      async function meddler(port, direction) {
        const state = { active: false };
        const tunnel = await use(
          proxy(port, (where, chunk) => {
            if (!state.active || where !== direction) return chunk;
            const changed = Buffer.from(chunk);
            changed[changed.length - 1] ^= 1;
            return changed;
          }),
        );
        return Object.assign(state, { port: tunnel.port });
      }

      attack('to the client', async () => {
        const peer = await use(NativeServer.start({ identity: pki.serverEcdsa, version }));
        const tunnel = await meddler(peer.port, 'toClient');
        const client = await use(Client.start({ ...trusted, port: tunnel.port }));
        await client.exchange(randomLines(100));
        tunnel.active = true;
        const broken = brokenBy(client.socket);
        client.socket.write('more');
        assert.equal((await broken).code, code);
      });

      attack('to the server', async () => {
        const tunnel = await meddler(server.port, 'toServer');
        const peer = await use(NativeClient.start({ port: tunnel.port, version, caPath: pki.ca.certPath }));
        const socket = await server.nextConnection();
        await peer.negotiated();
        tunnel.active = true;
        const broken = brokenBy(socket);
        const told = new Promise((resolve) => peer.socket.on('error', resolve));
        peer.socket.write('more');
        assert.equal((await broken).code, code);
        assert.equal((await told).code, 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC');
      });
    });
  }
});
