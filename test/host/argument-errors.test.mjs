// The same wrong arguments to node:tls and here: the same class, code and message.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { errorOf, wrongCalls } from '../support/argument-cases.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { tls } from '../support/subject.mjs';

describe('wrong arguments', () => {
  useLeakCheck();
  let expected;

  before(() => {
    const program = fileURLToPath(new URL('../support/argument-cases.mjs', import.meta.url));
    expected = new Map(JSON.parse(execFileSync(process.execPath, [program], { maxBuffer: 1 << 24 })));
  });

  for (const [name, call] of wrongCalls) {
    it(name, () => {
      assert.notEqual(expected.get(name), null, 'Node takes it');
      assert.deepEqual(errorOf(call, tls), expected.get(name));
    });
  }

  it('certificate compression, which Node 24 has, is refused, never ignored', () => {
    assert.deepEqual(tls.getCertificateCompressionAlgorithms(), []);
    const refusals = [
      [['zlib'], Error, 'ERR_CRYPTO_OPERATION_FAILED', 'Failed to set certificate compression preference'],
      [['x'], TypeError, 'ERR_INVALID_ARG_VALUE',
        "The property 'options.certificateCompression[0]' must be 'zlib', 'brotli', or 'zstd'. Received 'x'"],
      ['zlib', TypeError, 'ERR_INVALID_ARG_TYPE', 'The "options.certificateCompression" property must be an instance ' +
        "of Array. Received type string ('zlib')"],
    ]; // prettier-ignore
    for (const [certificateCompression, constructor, code, message] of refusals) {
      const options = { certificateCompression };
      for (const make of [tls.createSecureContext, tls.createServer, (given) => tls.connect({ port: 1, ...given })]) {
        assert.throws(() => make(options), { constructor, code, message });
      }
    }
    for (const certificateCompression of [undefined, null, []]) tls.createServer({ certificateCompression });
  });

  it('engines are refused, never ignored', () => {
    const refused = { code: 'ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED' };
    const key = { privateKeyIdentifier: 'id', privateKeyEngine: 'engine' };
    assert.throws(() => tls.createSecureContext(key), refused);
    assert.throws(() => tls.createSecureContext({ clientCertEngine: 'engine' }), refused);
    assert.throws(() => tls.createServer(key), refused);
    assert.throws(() => tls.connect({ port: 1, ...key }), refused);
  });
});
