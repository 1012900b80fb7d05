// What the default roots cost: nothing before somebody needs them, and then once.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import net from 'node:net';

import { inRepository } from '../../scripts/lib/paths.mjs';
import { useCleanup } from '../support/cleanup.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative } from '../support/subject.mjs';

const require = createRequire(import.meta.url);

(isNative ? describe.skip : describe)('the cost of the default roots', () => {
  const use = useCleanup();
  const { createTlsFor } = require(inRepository('dist/create-tls.js'));
  const { nodePlatform } = require(inRepository('dist/node-platform.js'));
  const { ca, serverEcdsa } = fixtures();

  /** Puts `replacement` into the place of a property until the end of the test. */
  function replace(object, name, replacement) {
    const original = object[name];
    object[name] = replacement(original);
    void use({ stop: () => (object[name] = original) });
  }

  /** As in a page, where they have to be fetched. */
  function platformWithRootsToCome() {
    let roots = null;
    return {
      ...nodePlatform(),
      rootCertificates: () => roots,
      async loadRootCertificates() {
        roots = [Buffer.from(String(ca.cert).replace(/-----.*-----|\s/g, ''), 'base64')];
      },
    };
  }

  it('loading them makes no engine; one that is made later has them', async () => {
    let instances = 0;
    replace(
      WebAssembly,
      'Instance',
      (Instance) =>
        function (...args) {
          instances += 1;
          return new Instance(...args);
        },
    );
    const tls = createTlsFor(platformWithRootsToCome(), net);
    await tls.loadRootCertificates();
    assert.equal(instances, 0);
    assert.equal(tls.rootCertificates.length, 1);
    tls.setDefaultCACertificates([]);
    assert.equal(instances, 0);

    const other = createTlsFor(platformWithRootsToCome(), net);
    await other.loadRootCertificates();
    const { port } = await use(nativeServer({ cert: serverEcdsa.cert, key: serverEcdsa.key }));
    const socket = other.connect({ port, host: 'localhost' });
    await new Promise((resolve, reject) => socket.on('error', reject).on('secureConnect', resolve));
    assert.equal(socket.authorized, true);
    assert.equal(instances, 1);
    socket.destroy();
  });

  it('sockets do not decode them anew', () => {
    let decoded = 0;
    replace(Buffer, 'from', (from) => (value, encoding, ...rest) => {
      if (encoding === 'base64') decoded += 1;
      return from(value, encoding, ...rest);
    });
    const tls = createTlsFor(nodePlatform(), net);
    const secureContext = tls.createSecureContext();
    const roots = decoded;
    assert.ok(roots > 100, `${roots} roots`);
    for (let i = 0; i < 5; ++i) new tls.TLSSocket(new net.Socket(), { secureContext }).destroy();
    tls.createSecureContext();
    assert.equal(decoded, roots);
  });
});
