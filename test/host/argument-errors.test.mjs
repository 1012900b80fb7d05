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

  it('engines are refused, never ignored', () => {
    const refused = { code: 'ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED' };
    const key = { privateKeyIdentifier: 'id', privateKeyEngine: 'engine' };
    assert.throws(() => tls.createSecureContext(key), refused);
    assert.throws(() => tls.createSecureContext({ clientCertEngine: 'engine' }), refused);
    assert.throws(() => tls.createServer(key), refused);
    assert.throws(() => tls.connect({ port: 1, ...key }), refused);
  });
});
