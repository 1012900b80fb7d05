// Peers that speak no TLS, break off, or cheat: the documented error, the socket destroyed, the rest untouched.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { proxy, rawClient, rawServer } from '../support/raw.mjs';
import { isNative } from '../support/subject.mjs';

describe('bad peers', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert };

  /** What a server reports of a client that sends `bytes` and then, if so, ends. */
  async function reported(bytes, { end = false, options = {} } = {}) {
    const server = await use(Server.start({ ...identity, ...options }));
    const bystander = await use(nativeClient({ port: server.port, ...trust }));
    const other = await server.nextConnection();
    const raw = await use(rawClient(server.port));
    const received = [];
    raw.on('data', (chunk) => received.push(chunk));
    const ended = once(raw, 'end');
    if (end) raw.end(bytes);
    else raw.write(bytes);
    const error = await server.errors.next();
    await ended;
    raw.destroy();
    if (!error.socket.closed) await once(error.socket, 'close');
    assert.equal(error.socket.destroyed, true);
    assert.equal(server.errors.length, 0);
    // The others have not noticed.
    other.write('all is well');
    assert.equal(String((await once(bystander, 'data'))[0]), 'all is well');
    return { error, received: Buffer.concat(received) };
  }

  describe('clients', () => {
    it('that speak HTTP', async () => {
      const { error } = await reported('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      assert.equal(error.code, 'ERR_SSL_HTTP_REQUEST');
      assert.equal(error.reason, 'http request');
      assert.equal(error.library, 'SSL routines');
    });

    it('that send garbage', async () => {
      const { error, received } = await reported(Buffer.alloc(200, 0x7f));
      assert.match(error.code, /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|BAD_RECORD_TYPE)$/);
      // An alert, if anything, in the clear.
      assert.ok(received.length === 0 || received[0] === 21);
    });

    it('that send a broken ClientHello', async () => {
      const { error } = await reported(Buffer.from('16030100060100000200ff', 'hex'));
      assert.match(error.code, /^ERR_SSL_(LENGTH_MISMATCH|LENGTH_TOO_SHORT|BAD_LENGTH|DECODE_ERROR)$/);
    });

    it('that speak SSLv3', async () => {
      // A ClientHello of version 3.0 with one cipher.
      const body = Buffer.concat([Buffer.from('0300', 'hex'), Buffer.alloc(32), Buffer.from('00000200050100', 'hex')]);
      const handshake = Buffer.concat([Buffer.from([1, 0, 0, body.length]), body]);
      const { error } = await reported(Buffer.concat([Buffer.from([22, 3, 0, 0, handshake.length]), handshake]));
      assert.match(error.code, /^ERR_SSL_(UNSUPPORTED_PROTOCOL|WRONG_VERSION_NUMBER|VERSION_TOO_LOW)$/);
    });

    it('that go without a word', async () => {
      const { error } = await reported('', { end: true });
      assert.equal(error.code, 'ECONNRESET');
      assert.equal(error.message, 'socket hang up');
    });

    it('that go in the middle of their ClientHello', async () => {
      const { error } = await reported(Buffer.from('16030100c8010000c4', 'hex'), { end: true });
      assert.equal(error.code, 'ECONNRESET');
    });

    it('that send much garbage, of every length', async () => {
      const server = await use(Server.start(identity));
      for (let length = 1; length < 4000; length = length * 2 + 1) {
        const raw = await rawClient(server.port);
        raw.end(randomBytes(length));
        raw.resume();
        const error = await server.errors.next();
        assert.match(error.code, /^(ECONNRESET|ERR_SSL_[A-Z0-9_]+)$/);
        raw.destroy();
      }
      await use(nativeClient({ port: server.port, ...trust }));
      await server.nextConnection();
    });
  });

  describe('servers', () => {
    /** The error of a client whose server does as it says. */
    async function clientError(onConnection, options = {}) {
      const server = await use(rawServer(onConnection));
      const client = await use(Client.start({ port: server.port, ...trust, ...options }));
      await assert.rejects(client.secure);
      await client.closed;
      assert.equal(client.socket.destroyed, true);
      assert.ok(client.error instanceof Error);
      return client.error;
    }

    it('that speak something else', async () => {
      const error = await clientError((socket) => socket.write('220 mail.test ESMTP ready\r\n'));
      assert.match(error.code, /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/);
    });

    it('that speak HTTP', async () => {
      const error = await clientError((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
      assert.equal(error.code, 'ERR_SSL_WRONG_VERSION_NUMBER');
      assert.equal(error.reason, 'wrong version number');
      assert.equal(error.library, 'SSL routines');
      assert.match(error.message, /SSL routines:.*:wrong version number/);
    });

    it('that refuse with an alert', async () => {
      const error = await clientError((socket) => socket.write(Buffer.from('15030300020228', 'hex')));
      assert.match(error.code, /HANDSHAKE_FAILURE$/);
    });

    it('that hang up at once', async () => {
      const error = await clientError((socket) => socket.end());
      assert.equal(error.code, 'ECONNRESET');
      assert.equal(error.message, 'Client network socket disconnected before secure TLS connection was established');
      assert.equal(error.host, '127.0.0.1');
      assert.equal(typeof error.port, 'number');
      assert.ok('path' in error && 'localAddress' in error);
    });

    it('that reset the connection', async () => {
      const error = await clientError((socket) => socket.once('data', () => socket.resetAndDestroy()));
      assert.equal(error.code, 'ECONNRESET');
      assert.equal(error.syscall, 'read');
    });

    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      it(`that hang up in every state of the handshake, ${version}`, async () => {
        const server = await use(nativeServer({ ...identity, ...only(version) }));
        // Byte counts at which the server's answer is cut off.
        for (const limit of [0, 1, 5, 6, 60, 130, 200, 500]) {
          let left = limit;
          const between = await use(
            proxy(server.port, (direction, chunk, { near }) => {
              if (direction === 'toServer') return chunk;
              const passed = chunk.subarray(0, left);
              left -= passed.length;
              if (left === 0) setImmediate(() => near.end());
              return passed;
            }),
          );
          const client = await use(Client.start({ port: between.port, ...trust }));
          await assert.rejects(client.secure, { code: 'ECONNRESET' }, `cut after ${limit} bytes`);
          await client.closed;
        }
      });
    }

    it('that send a chain of 16 MiB', async () => {
      const certificates = Buffer.alloc(16 << 20, 0x30);
      const records = [];
      const header = Buffer.from([11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
      const message = Buffer.concat([header, certificates]);
      for (let at = 0; at < message.length; at += 16384) {
        const fragment = message.subarray(at, at + 16384);
        const head = Buffer.from([22, 3, 3, 0, 0]);
        head.writeUInt16BE(fragment.length, 3);
        records.push(head, fragment);
      }
      const flood = Buffer.concat(records);
      // A ServerHello of TLS 1.2 first, so that the certificates are expected.
      const hello = Buffer.concat([Buffer.from('0303', 'hex'), Buffer.alloc(32, 1), Buffer.from('00c02b00', 'hex')]);
      const extensions = Buffer.from('0005ff01000100', 'hex');
      const body = Buffer.concat([hello, extensions]);
      const message2 = Buffer.concat([Buffer.from([2, 0, 0, body.length]), body]);
      const serverHello = Buffer.concat([Buffer.from([22, 3, 3, 0, message2.length]), message2]);
      const error = await clientError(
        (socket) => socket.once('data', () => socket.write(Buffer.concat([serverHello, flood]))),
        only('TLSv1.2'),
      );
      assert.equal(error.code, 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE');
    });

    it('whose certificate is for another name', async () => {
      const server = await use(nativeServer({ key: pki.wrongHost.key, cert: pki.wrongHost.cert }));
      const client = await use(Client.start({ port: server.port, ...trust }));
      await assert.rejects(client.secure, {
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
        reason: "Host: localhost. is not in the cert's altnames: DNS:wrong.example.com",
        host: 'localhost',
      });
      assert.equal(client.error.cert.subject.CN, 'wrong.example.com');
      assert.equal(client.socket.authorized, false);
      assert.equal(client.socket.authorizationError, 'ERR_TLS_CERT_ALTNAME_INVALID');
    });

    it('whose certificate does not verify', async () => {
      const server = await use(nativeServer({ key: pki.selfSigned.key, cert: pki.selfSigned.cert }));
      const client = await use(Client.start({ port: server.port, ...trust }));
      await assert.rejects(client.secure, { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' });
      assert.equal(client.socket.authorizationError, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    });

    it('with weak DH parameters', async () => {
      const dh = 'DHE-RSA-AES128-GCM-SHA256';
      const options = {
        key: pki.serverRsa.key,
        cert: pki.serverRsa.cert,
        ciphers: dh,
        dhparam: 'auto',
        ...only('TLSv1.2'),
      };
      const server = await use(nativeServer(options));
      const client = await use(Client.start({ port: server.port, ...trust, ciphers: dh, minDHSize: 4096 }));
      await assert.rejects(client.secure, { code: 'ERR_TLS_DH_PARAM_SIZE' });
      const strong = await use(Client.start({ port: server.port, ...trust, ciphers: dh, minDHSize: 2048 }));
      await strong.secure;
    });
  });

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    it(`a record that was tampered with, ${version}`, async () => {
      const server = await use(nativeServer({ ...identity, ...only(version) }, () => {}));
      let tamper = false;
      const between = await use(
        proxy(server.port, (direction, chunk) => {
          if (tamper && direction === 'toClient') chunk[chunk.length - 1] ^= 1;
          return chunk;
        }),
      );
      const client = await use(Client.start({ port: between.port, ...trust }));
      await client.secure;
      const peer = await server.connections.next();
      peer.write('first');
      await once(client.socket, 'data');
      tamper = true;
      peer.write('second');
      const [error] = await once(client.socket, 'error');
      assert.match(error.code, /^ERR_SSL_(DECRYPTION_FAILED_OR_BAD_RECORD_MAC|CIPHER_OPERATION_FAILED)$/);
      if (!isNative) await client.closed;
    });
  }
});
