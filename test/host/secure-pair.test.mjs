// tls.createSecurePair(), which is deprecated: both roles, over sockets and in memory.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

import { useCleanup } from '../support/cleanup.mjs';
import { only, readBytes } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { rawServer } from '../support/raw.mjs';
import { isNative, tls } from '../support/subject.mjs';

/** What Node never had, or has no more. */
const ours = isNative ? it.skip : it;

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  describe(`createSecurePair(), ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const { key, cert } = pki.serverEcdsa;
    const limits = only(version);

    // The warning has a test of its own.
    const { noDeprecation } = process;
    before(() => (process.noDeprecation = true));
    after(() => (process.noDeprecation = noDeprecation));

    /** A pair over `socket`. */
    function over(socket, ...args) {
      const pair = tls.createSecurePair(...args);
      pair.encrypted.pipe(socket).pipe(pair.encrypted);
      use({ stop: () => (pair.destroy(), socket.destroy()) });
      return pair;
    }

    async function client(port, options = {}, ...args) {
      const socket = net.connect(port, '127.0.0.1');
      await once(socket, 'connect');
      const pair = over(socket, tls.createSecureContext({ ca: pki.ca.cert, ...limits, ...options }), false, ...args);
      return { pair, socket };
    }

    /** A server whose connections are pairs. */
    async function server(onPair, options = {}, ...args) {
      const context = tls.createSecureContext({ key, cert, ca: pki.ca.cert, ...limits, ...options });
      return use(rawServer((socket) => onPair(over(socket, context, true, ...args), socket)));
    }

    it('as a client', async () => {
      const { port } = await use(nativeServer({ key, cert, ...limits }));
      const { pair, socket } = await client(port);
      assert.equal(pair.cleartext instanceof tls.TLSSocket, true);
      const secure = once(pair, 'secure');
      const echo = readBytes(pair.cleartext, 5);
      pair.cleartext.write('hello');
      await secure;
      assert.equal(String(await echo), 'hello');
      assert.equal(pair.cleartext.getProtocol(), version);
      assert.equal(pair.cleartext.getPeerCertificate().subject.CN, 'localhost');
      const closed = once(socket, 'close');
      pair.cleartext.end();
      await closed;
    });

    it('as a server', async () => {
      const { port } = await server((pair) => {
        pair.on('secure', () => pair.cleartext.write('hello'));
        pair.cleartext.pipe(pair.cleartext);
      });
      const socket = await use(nativeClient({ port, ca: pki.ca.cert }));
      assert.equal(String(await readBytes(socket, 5)), 'hello');
      socket.end('again');
      assert.equal(String(await readBytes(socket, 5)), 'again');
      await once(socket, 'close');
    });

    it('a large body, both ways', async () => {
      const { port } = await server((pair) => pair.cleartext.pipe(pair.cleartext));
      const { pair } = await client(port);
      const body = Buffer.alloc(3 << 20, 'some bytes ');
      const echo = readBytes(pair.cleartext, body.length);
      pair.cleartext.end(body);
      assert.ok((await echo).equals(body));
    });

    it('two pairs facing each other', async () => {
      const near = tls.createSecurePair(tls.createSecureContext({ ca: pki.ca.cert, ...limits }));
      const far = over(near.encrypted, tls.createSecureContext({ key, cert, ...limits }), true);
      use({ stop: () => near.destroy() });
      const echo = readBytes(far.cleartext, 4);
      near.cleartext.write('ping');
      await Promise.all([once(near, 'secure'), once(far, 'secure')]);
      assert.equal(String(await echo), 'ping');
      const closed = Promise.all([near, far].map(({ cleartext }) => once(cleartext, 'close')));
      near.cleartext.resume().end();
      far.cleartext.resume().end();
      await closed;
    });

    it('the fifth argument is the options of the TLSSocket', async () => {
      const names = [];
      const SNICallback = (servername, callback) => (names.push(servername), callback(null, null));
      const options = { SNICallback, ALPNProtocols: ['a', 'b'] };
      const { port } = await server(() => {}, {}, false, false, options);
      const socket = await use(nativeClient({ port, ca: pki.ca.cert, ALPNProtocols: ['b'] }));
      assert.equal(socket.alpnProtocol, 'b');
      assert.deepEqual(names, ['localhost']);
    });

    it('a handshake that fails ends both streams', async () => {
      const { port } = await use(rawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
      const { pair, socket } = await client(port);
      const ended = once(socket, 'close');
      const failed = once(pair.cleartext, 'error');
      pair.cleartext.write('hello');
      assert.match((await failed)[0].code, isNative ? /^EPROTO$/ : /^ERR_SSL_/);
      if (!isNative) await ended;
    });

    ours('as a server: authorized, authorizationError, rejectUnauthorized', async () => {
      const seen = [];
      const onPair = (pair) => {
        pair.cleartext.on('error', (error) => seen.push(error.code));
        pair.on('secure', () => seen.push([pair.cleartext.authorized, pair.cleartext.authorizationError]));
        pair.on('secure', () => pair.cleartext.end('hello'));
      };
      const asking = await server(onPair, {}, true, false);
      const refusing = await server(onPair, {}, true, true);
      const good = { key: pki.client.key, cert: pki.client.cert };
      const bad = { key: pki.untrusted.key, cert: pki.untrusted.cert };
      for (const { port } of [asking, refusing]) {
        for (const identity of [good, bad]) {
          // Whom the pair refuses never has a finished handshake.
          const socket = await nativeClient({ port, ca: pki.ca.cert, ...identity }).catch(() => null);
          if (socket !== null) await new Promise((resolve) => socket.on('close', resolve).resume());
        }
      }
      const wrong = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
      assert.deepEqual(seen, [[true, null], [false, wrong], [true, null], wrong]); // prettier-ignore
    });

    ours('as a client: authorized; the session event', async () => {
      const { port } = await use(nativeServer({ key, cert, ...limits }));
      for (const [ca, expected] of [[pki.ca.cert, true], [pki.otherCa.cert, false]]) {
        const { pair } = await client(port, { ca });
        const session = once(pair.cleartext, 'session');
        pair.cleartext.write('x');
        await once(pair, 'secure');
        assert.equal(pair.cleartext.authorized, expected);
        assert.ok(Buffer.isBuffer((await session)[0]));
      } // prettier-ignore
    });

    ours('encrypted.bytesWritten counts what TLS adds', async () => {
      const { port } = await use(nativeServer({ key, cert, ...limits }));
      const { pair, socket } = await client(port);
      assert.ok(pair.encrypted instanceof tls.CryptoStream);
      assert.equal(pair.encrypted.bytesWritten, 0);
      pair.cleartext.write('hello');
      await once(pair.cleartext, 'data');
      assert.equal(pair.encrypted.bytesWritten, socket.bytesWritten);
      assert.ok(pair.encrypted.bytesWritten > 5 + 100);
      assert.equal(pair.cleartext.bytesWritten, 5);
    });

    it('destroy() in the middle of a handshake', async () => {
      const { port } = await server((pair) => pair.destroy());
      const { pair } = await client(port);
      const closed = once(pair.cleartext, 'close');
      pair.cleartext.on('error', () => {});
      pair.cleartext.write('hello');
      pair.destroy();
      await closed;
      assert.equal(pair.encrypted.destroyed, true);
    });
  });
}

describe('tls.SecurePair', () => {
  ours('is a class, with or without new', () => {
    for (const pair of [new tls.SecurePair(), tls.SecurePair()]) {
      assert.ok(pair instanceof tls.SecurePair);
      pair.destroy();
    }
  });

  it('warns once that it is deprecated', () => {
    const script = `
      const tls = require('${isNative ? 'node:tls' : 'wasm-tls'}');
      process.on('warning', ({ name, code, message }) => console.log(JSON.stringify({ name, code, message })));
      tls.createSecurePair().destroy();
      tls.createSecurePair().destroy();
    `;
    const output = execFileSync(process.execPath, ['--no-warnings', '-e', script], {
      cwd: new URL('.', import.meta.url),
    });
    assert.deepEqual(JSON.parse(output), {
      name: 'DeprecationWarning',
      code: 'DEP0064',
      message: 'tls.createSecurePair() is deprecated. Please use tls.TLSSocket instead.',
    });
  });
});
