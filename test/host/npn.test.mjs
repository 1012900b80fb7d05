// NPN: every form of the option, what both ends say was chosen, and that ALPN goes first.

import assert from 'node:assert/strict';

import { useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative, tls } from '../support/subject.mjs';

(isNative ? describe.skip : describe)('NPN', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const trust = { ca: pki.ca.cert };

  /** What [server, client] say was chosen. */
  async function chosen(serverOptions, clientOptions, version = 'TLSv1.2') {
    const server = await use(Server.start({ ...identity, ...only(version), ...serverOptions }));
    const client = await use(Client.start({ port: server.port, ...trust, ...clientOptions }));
    assert.equal(client.socket.npnProtocol, null);
    await client.secure;
    return [(await server.nextConnection()).npnProtocol, client.socket.npnProtocol];
  }

  const wire = Buffer.from('\x02h2\x08http/1.1');
  const forms = {
    strings: ['h2', 'http/1.1'],
    Buffers: [Buffer.from('h2'), Buffer.from('http/1.1')],
    'a Buffer': wire,
    'a DataView': new DataView(Uint8Array.from(wire).buffer),
  };
  for (const [name, NPNProtocols] of Object.entries(forms)) {
    it(`of ${name}`, async () => {
      assert.deepEqual(await chosen({ NPNProtocols: ['http/1.1'] }, { NPNProtocols }), ['http/1.1', 'http/1.1']);
      assert.deepEqual(await chosen({ NPNProtocols }, { NPNProtocols: ['http/1.1'] }), ['http/1.1', 'http/1.1']);
    });
  }

  it('the first of the server’s that the client knows', async () => {
    assert.deepEqual(await chosen({ NPNProtocols: ['a', 'b', 'c'] }, { NPNProtocols: ['c', 'b', 'e'] }), ['b', 'b']);
  });

  it('nothing in common: the client chooses its first', async () => {
    assert.deepEqual(await chosen({ NPNProtocols: ['a'] }, { NPNProtocols: ['first', 'x'] }), ['first', false]);
  });

  it('only one of the two knows it', async () => {
    assert.deepEqual(await chosen({ NPNProtocols: ['a'] }, {}), [false, false]);
    assert.deepEqual(await chosen({}, { NPNProtocols: ['a'] }), [false, false]);
    assert.deepEqual(await chosen({ NPNProtocols: [] }, { NPNProtocols: ['a'] }), [false, false]);
  });

  it('TLS 1.3 has no NPN', async () => {
    assert.deepEqual(await chosen({ NPNProtocols: ['a'] }, { NPNProtocols: ['a'] }, 'TLSv1.3'), [false, false]);
  });

  it('ALPN goes first', async () => {
    const both = { NPNProtocols: ['a'], ALPNProtocols: ['h2'] };
    const server = await use(Server.start({ ...identity, ...only('TLSv1.2'), ...both }));
    const client = await use(Client.start({ port: server.port, ...trust, ...both }));
    await client.secure;
    const socket = await server.nextConnection();
    for (const end of [socket, client.socket]) {
      assert.equal(end.alpnProtocol, 'h2');
      assert.equal(end.npnProtocol, false);
    }
  });

  it('clients with one context and different wishes', async () => {
    const server = await use(Server.start({ ...identity, ...only('TLSv1.2'), NPNProtocols: ['a'] }));
    const secureContext = tls.createSecureContext(trust);
    const wishes = [['a'], undefined, ['b', 'a'], undefined];
    const clients = await Promise.all(
      wishes.map((NPNProtocols) => use(Client.start({ port: server.port, secureContext, NPNProtocols }))),
    );
    await Promise.all(clients.map(({ secure }) => secure));
    assert.deepEqual(
      clients.map(({ socket }) => socket.npnProtocol),
      ['a', false, 'a', false],
    );
  });

  it('a list that is none is refused', () => {
    for (const NPNProtocols of [Buffer.from([5, 1]), Buffer.from([0]), ['']]) {
      assert.throws(() => new tls.TLSSocket(undefined, { NPNProtocols }), { code: 'ERR_INVALID_ARG_VALUE' });
    }
    assert.throws(() => tls.createServer({ NPNProtocols: ['a'.repeat(256)] }), { code: 'ERR_OUT_OF_RANGE' });
  });

  it('Node’s own tls knows nothing of it, and does not mind', async () => {
    const server = await use(nativeServer({ ...identity, ...only('TLSv1.2') }));
    const client = await use(Client.start({ port: server.port, ...trust, NPNProtocols: ['a'] }));
    await client.secure;
    assert.equal(client.socket.npnProtocol, false);
    const own = await use(Server.start({ ...identity, ...only('TLSv1.2'), NPNProtocols: ['a'] }));
    await use(nativeClient({ port: own.port, ...trust }));
    assert.equal((await own.nextConnection()).npnProtocol, false);
  });
});
