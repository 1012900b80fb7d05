// Pre-shared keys, both roles, against Node's own tls; and what callbacks may do wrong.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { tls } from '../support/subject.mjs';

const key = Buffer.from('d731ef57be09e5204f0b205b60627028', 'hex');
const protocols = {
  'TLSv1.2': { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' },
  'TLSv1.3': { ciphers: 'TLS_AES_128_GCM_SHA256:PSK', minVersion: 'TLSv1.3' },
};

for (const [version, limits] of Object.entries(protocols)) {
  describe(`PSK, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const clientOptions = { ...limits, checkServerIdentity() {}, servername: undefined };
    const offer = () => ({ psk: key, identity: 'user' });

    it('a client', async () => {
      const identities = [];
      const pskCallback = (_socket, identity) => {
        identities.push(identity);
        return key;
      };
      const server = await use(nativeServer({ ...limits, pskCallback, pskIdentityHint: 'hint' }));
      const hints = [];
      const client = await use(
        Client.start({
          port: server.port,
          ...clientOptions,
          pskCallback: (hint) => {
            hints.push(hint);
            return offer();
          },
        }),
      );
      await client.secure;
      assert.equal(client.socket.authorized, true);
      assert.deepEqual(client.socket.getPeerCertificate(), {});
      assert.deepEqual(identities, ['user']);
      assert.deepEqual(hints, [version === 'TLSv1.2' ? 'hint' : null]);
    });

    for (const [form, answer] of [['the key', key], ['an object', { psk: new Uint8Array(key) }]]) {
      it(`a server that answers with ${form}`, async () => {
        const asked = [];
        const pskCallback = (socket, identity) => {
          asked.push([socket instanceof tls.TLSSocket, identity]);
          return answer;
        };
        const server = await use(Server.start({ ...limits, pskCallback, pskIdentityHint: 'hint' }));
        const client = await use(nativeClient({ port: server.port, ...clientOptions, pskCallback: offer }));
        assert.equal(client.authorized, true);
        await server.nextConnection();
        assert.deepEqual(asked, [[true, 'user']]);
      });
    } // prettier-ignore

    it('different keys', async () => {
      const server = await use(Server.start({ ...limits, pskCallback: () => Buffer.alloc(16, 1) }));
      const client = await use(Client.start({ port: server.port, ...clientOptions, pskCallback: offer }));
      await assert.rejects(client.secure);
      assert.match(
        (await server.errors.next()).code,
        /^ERR_SSL_(CIPHER_OPERATION_FAILED|DECRYPTION_FAILED_OR_BAD_RECORD_MAC|BINDER_DOES_NOT_VERIFY)$/,
      );
    });

    it('an unknown identity', async () => {
      const server = await use(Server.start({ ...limits, pskCallback: () => null }));
      const client = await use(Client.start({ port: server.port, ...clientOptions, pskCallback: offer }));
      await assert.rejects(client.secure);
      const { code } = await server.errors.next();
      assert.match(code, /^ERR_SSL_(PSK_IDENTITY_NOT_FOUND|NO_SUITABLE_SIGNATURE_ALGORITHM|NO_SHARED_CIPHER)$/);
    });

    it('an identity hint of more than 256 bytes', async () => {
      const server = await use(Server.start({ ...limits, pskCallback: () => key, pskIdentityHint: 'x'.repeat(257) }));
      const client = await use(Client.start({ port: server.port, ...clientOptions, pskCallback: offer }));
      await assert.rejects(client.secure);
      const { code, message } = await server.errors.next();
      assert.deepEqual([code, message], ['ERR_TLS_PSK_SET_IDENTIY_HINT_FAILED', 'Failed to set PSK identity hint']);
    });

    const wrong = {
      'a number': [() => 5, 'ERR_INVALID_ARG_TYPE'],
      'no key': [() => ({ identity: 'a' }), 'ERR_INVALID_ARG_TYPE'],
      'no identity': [() => ({ psk: key }), 'ERR_INVALID_ARG_TYPE'],
      'a long key': [() => ({ psk: Buffer.alloc(1000), identity: 'a' }), 'ERR_INVALID_ARG_VALUE'],
      'a long identity': [() => ({ psk: key, identity: 'a'.repeat(1000) }), 'ERR_INVALID_ARG_VALUE'],
    };
    for (const [name, [pskCallback, code]] of Object.entries(wrong)) {
      it(`a client's callback returns ${name}`, async () => {
        const server = await use(nativeServer({ ...limits, pskCallback: () => key }));
        const client = await use(Client.start({ port: server.port, ...clientOptions, pskCallback }));
        await assert.rejects(client.secure, { code });
      });
    }

    it('a server’s callback returns nonsense', async () => {
      for (const [pskCallback, code] of [[() => 5, 'ERR_INVALID_ARG_TYPE'], [() => ({}), 'ERR_INVALID_ARG_TYPE']]) {
        const server = await use(Server.start({ ...limits, pskCallback }));
        nativeClient({ port: server.port, ...clientOptions, pskCallback: offer }).catch(() => {});
        assert.equal((await server.errors.next()).code, code);
      } // prettier-ignore
    });
  });
}
