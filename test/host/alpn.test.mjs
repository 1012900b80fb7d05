// ALPN: every form of the option, the server's preference, the callback, and disagreement.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative, tls } from '../support/subject.mjs';

const wire = Buffer.from('\x02h2\x08http/1.1');
const forms = {
  strings: ['h2', 'http/1.1'],
  Buffers: [Buffer.from('h2'), Buffer.from('http/1.1')],
  'a Buffer': wire,
  'a Uint8Array': new Uint8Array(wire),
  'a DataView': new DataView(Uint8Array.from(wire).buffer),
  'a Uint16Array': new Uint16Array(Uint8Array.from([...wire]).slice(0, 12).buffer),
};

describe('ALPN', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert };

  for (const [name, ALPNProtocols] of Object.entries(forms)) {
    it(`converts ${name}`, () => {
      const out = {};
      tls.convertALPNProtocols(ALPNProtocols, out);
      assert.ok(Buffer.isBuffer(out.ALPNProtocols));
      assert.deepEqual(out.ALPNProtocols, wire);
      out.ALPNProtocols[0] = 9;
      assert.equal(wire[0], 2);
    });

    it(`a client offers ${name}`, async () => {
      const server = await use(nativeServer({ ...identity, ALPNProtocols: ['http/1.1'] }));
      const client = await use(Client.start({ port: server.port, ...trust, ALPNProtocols }));
      await client.secure;
      assert.equal(client.socket.alpnProtocol, 'http/1.1');
    });
  }

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    describe(version, () => {
      /** What both ends say was chosen. */
      async function chosen(serverOptions, offer) {
        const server = await use(Server.start({ ...identity, ...only(version), ...serverOptions }));
        const client = await use(nativeClient({ port: server.port, ...trust, ALPNProtocols: offer }));
        const socket = await server.nextConnection();
        assert.equal(socket.alpnProtocol, client.alpnProtocol);
        return socket.alpnProtocol;
      }

      it('a server prefers its own order', async () => {
        assert.equal(await chosen({ ALPNProtocols: ['b', 'a'] }, ['a', 'b']), 'b');
      });

      it('is false when one side does not take part', async () => {
        assert.equal(await chosen({}, ['a']), false);
        assert.equal(await chosen({ ALPNProtocols: ['a'] }, undefined), false);
      });

      it('a server that has none of them refuses', async () => {
        const server = await use(Server.start({ ...identity, ...only(version), ALPNProtocols: ['c'] }));
        const refused = nativeClient({ port: server.port, ...trust, ALPNProtocols: ['a'] });
        await assert.rejects(refused, { code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
        assert.equal((await server.errors.next()).code, 'ERR_SSL_NO_APPLICATION_PROTOCOL');
      });

      it('ALPNCallback chooses', async () => {
        const asked = [];
        const ALPNCallback = function (argument) {
          asked.push([argument, this instanceof tls.TLSSocket]);
          return 'b';
        };
        assert.equal(await chosen({ ALPNCallback }, ['a', 'b']), 'b');
        assert.deepEqual(asked, [[{ servername: 'localhost', protocols: ['a', 'b'] }, true]]);
      });

      it('ALPNCallback rejects with undefined', async () => {
        const server = await use(Server.start({ ...identity, ...only(version), ALPNCallback: () => undefined }));
        const refused = nativeClient({ port: server.port, ...trust, ALPNProtocols: ['a'] });
        await assert.rejects(refused, { code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
        assert.equal((await server.errors.next()).code, 'ERR_SSL_NO_APPLICATION_PROTOCOL');
      });

      const wrong = {
        'a protocol that was not offered': [() => 'x', 'ERR_TLS_ALPN_CALLBACK_INVALID_RESULT'],
        'an exception': [
          () => {
            throw Object.assign(new Error('no'), { code: 'ERR_MINE' });
          },
          'ERR_MINE',
        ],
      };
      for (const [name, [ALPNCallback, code]] of Object.entries(wrong)) {
        it(`ALPNCallback: ${name} ends the handshake`, async () => {
          const server = await use(Server.start({ ...identity, ...only(version), ALPNCallback }));
          const refused = nativeClient({ port: server.port, ...trust, ALPNProtocols: ['a'] });
          await assert.rejects(refused);
          assert.equal((await server.errors.next()).code, code);
        });
      }

      it('ALPNCallback may destroy the connection that it is asked for', async function () {
        // Node frees the connection under OpenSSL's feet there.
        if (isNative) this.skip();
        const ALPNCallback = function () {
          this.destroy();
          return 'a';
        };
        const server = await use(Server.start({ ...identity, ...only(version), ALPNCallback }));
        await assert.rejects(nativeClient({ port: server.port, ...trust, ALPNProtocols: ['a'] }));
        assert.equal((await server.errors.next()).code, 'ECONNRESET');
      });
    });
  }
});
