// The same wrong arguments to node:tls and here: the same class, code and message.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { errorOf, wrongCalls } from '../support/argument-cases.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { isNative, tls } from '../support/subject.mjs';

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

  (isNative ? it.skip : it)('Node 24 names some of them otherwise, and so does this library there', () => {
    const program = `
      Object.defineProperty(process.versions, 'node', { value: '24.0.0' });
      const tls = require('wasm-tls');
      const codeOf = (call) => {
        try {
          call();
        } catch ({ name, code, message }) {
          return [name, code, message];
        }
      };
      console.log(JSON.stringify([
        codeOf(() => tls.connect({ checkServerIdentity: 1 })),
        codeOf(() => tls.connect({ minDHSize: '1' })),
        codeOf(() => tls.connect({ minDHSize: NaN })),
        codeOf(() => tls.convertALPNProtocols(['a', ''], {})),
        codeOf(() => tls.convertALPNProtocols(Buffer.of(1, 97, 0), {})),
        codeOf(() => tls.createServer({ ALPNProtocols: Buffer.of(2, 97) })),
        codeOf(() => tls.convertALPNProtocols(Buffer.of(1, 97), {})) ?? null,
      ]));`;
    const printed = execFileSync(process.execPath, ['-e', program], { cwd: new URL('.', import.meta.url) });
    assert.deepEqual(JSON.parse(printed), [
      ['TypeError', 'ERR_INVALID_ARG_TYPE', 'The "options.checkServerIdentity" property must be of type function. ' +
        'Received type number (1)'],
      ['TypeError', 'ERR_INVALID_ARG_TYPE', 'The "options.minDHSize" property must be of type number. ' +
        "Received type string ('1')"],
      ['RangeError', 'ERR_OUT_OF_RANGE', 'The value of "options.minDHSize" is out of range. It must be >= 1. Received NaN'],
      ['TypeError', 'ERR_INVALID_ARG_VALUE', "The argument 'protocols[1]' must be a non-empty string. Received ''"],
      ['TypeError', 'ERR_INVALID_ARG_VALUE', "The argument 'ALPNProtocols' must not contain zero-length protocol. " +
        'Received <Buffer 01 61 00>'],
      ['TypeError', 'ERR_INVALID_ARG_VALUE', "The argument 'ALPNProtocols' contains truncated protocol. " +
        'Received <Buffer 02 61>'],
      null,
    ]); // prettier-ignore
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
