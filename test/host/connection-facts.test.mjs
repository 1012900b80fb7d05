// What a TLSSocket says about its connection, compared with the foreign peer's word for the same thing.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative } from '../support/subject.mjs';

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  describe(`facts of a connection, ${version}`, () => {
    const use = useCleanup();
    useLeakCheck();
    const pki = fixtures();
    const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ...only(version) };

    async function asClient() {
      const server = await use(nativeServer(identity));
      const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
      await client.secure;
      return [client.socket, await server.connections.next()];
    }

    async function asServer() {
      const server = await use(Server.start(identity));
      const theirs = await use(nativeClient({ port: server.port, ca: pki.ca.cert }));
      return [await server.nextConnection(), theirs];
    }

    for (const [role, connected] of Object.entries({ client: asClient, server: asServer })) {
      it(`as a ${role}: both ends agree`, async () => {
        const [ours, theirs] = await connected();
        assert.deepEqual(ours.getCipher(), theirs.getCipher());
        assert.equal(ours.getProtocol(), version);
        assert.equal(theirs.getProtocol(), version);
        assert.deepEqual(ours.getFinished(), theirs.getPeerFinished());
        assert.deepEqual(ours.getPeerFinished(), theirs.getFinished());
        const context = Buffer.from('context');
        for (const args of [[32, 'label'], [48, 'label', context], [16, 'label', Buffer.alloc(0)]]) {
          assert.deepEqual(ours.exportKeyingMaterial(...args), theirs.exportKeyingMaterial(...args));
        } // prettier-ignore
        assert.equal(ours.encrypted, true);
        assert.equal(ours.secureConnecting, false);
      });
    }

    it('getEphemeralKeyInfo() is for clients', async () => {
      const [client] = await asClient();
      assert.deepEqual(client.getEphemeralKeyInfo(), { type: 'ECDH', name: 'X25519', size: 253 });
      const [server] = await asServer();
      assert.equal(server.getEphemeralKeyInfo(), null);
    });

    it('exportKeyingMaterial() of any length ends no instance', async () => {
      const [client] = await asClient();
      const small = client.exportKeyingMaterial(32, 'label');
      for (const length of [2 ** 24 + 1, 2 ** 31 - 1, 2 ** 32 - 1]) {
        if (isNative) continue; // Of more than 31 bits it is the end of Node's process.
        const refusal = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
        assert.throws(() => client.exportKeyingMaterial(length, 'label'), refusal);
      }
      // RFC 8446, section 7.1: what HKDF can expand to; TLS 1.2 has no limit.
      if (version === 'TLSv1.3') {
        assert.throws(() => client.exportKeyingMaterial(2 ** 24, 'label'), { code: 'ERR_SSL_INTERNAL_ERROR' });
      } else {
        assert.equal(client.exportKeyingMaterial(2 ** 20, 'label').length, 2 ** 20);
      }
      assert.deepEqual(client.exportKeyingMaterial(32, 'label'), small);
    });

    it('getSharedSigalgs() is for servers', async () => {
      const [client] = await asClient();
      assert.deepEqual(client.getSharedSigalgs(), []);
      const [server] = await asServer();
      assert.ok(server.getSharedSigalgs().includes('ECDSA+SHA256'));
    });

    it('before the handshake and after the end', async () => {
      const server = await use(nativeServer(identity));
      const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
      const { socket } = client;
      assert.equal(socket.getCipher(), undefined);
      assert.equal(socket.getProtocol(), 'TLSv1.3');
      assert.equal(socket.getFinished(), undefined);
      assert.equal(socket.getSession(), undefined);
      assert.equal(socket.isSessionReused(), false);
      assert.equal(socket.secureConnecting, true);
      assert.equal(socket.authorized, false);
      assert.equal(socket.alpnProtocol, null);
      assert.throws(() => socket.exportKeyingMaterial(32, 'label'), { code: 'ERR_TLS_INVALID_STATE' });
      await client.secure;
      socket.destroy();
      await client.closed;
      for (const method of ['getCipher', 'getProtocol', 'getFinished', 'getPeerFinished', 'isSessionReused']) {
        assert.equal(socket[method](), null, method);
      }
    });

    it('each record comes as a chunk of its own, also when a listener throws at one', async () => {
      const [ours, theirs] = await asClient();
      ours.pause();
      theirs.setMaxSendFragment(512);
      const seen = [];
      const caught = [];
      const listeners = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => caught.push(error.message));
      try {
        ours.on('data', (chunk) => {
          seen.push(chunk.length);
          if (seen.length === 1) throw new Error('at the first');
        });
        ours.resume();
        theirs.end(Buffer.alloc(1500));
        await new Promise((resolve) => ours.once('end', resolve));
      } finally {
        process.removeAllListeners('uncaughtException');
        for (const listener of listeners) process.on('uncaughtException', listener);
      }
      assert.deepEqual(seen, [512, 512, 476]);
      assert.deepEqual(caught, ['at the first']);
    });

    it('setMaxSendFragment() makes smaller records', async () => {
      const [ours, theirs] = await asServer();
      assert.equal(ours.setMaxSendFragment(511), false);
      assert.equal(ours.setMaxSendFragment(16385), false);
      assert.equal(ours.setMaxSendFragment(512), true);
      const sizes = [];
      theirs.on('data', (chunk) => sizes.push(chunk.length));
      const data = Buffer.alloc(5000, 'x');
      ours.end(data);
      await new Promise((resolve) => theirs.once('end', resolve));
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        data.length,
      );
      assert.ok(Math.max(...sizes) <= 512);
    });
  });
}

describe('post-quantum key exchange', () => {
  const use = useCleanup();
  const pki = fixtures();

  it('is what two ends of this library agree on', async function () {
    if (isNative) this.skip();
    const server = await use(Server.start({ key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert }));
    const client = await use(Client.start({ port: server.port, ca: pki.ca.cert }));
    await client.secure;
    assert.deepEqual(client.socket.getEphemeralKeyInfo(), { type: 'TLSGroup', name: 'X25519MLKEM768' });
  });
});
